"""Faults about what was done and what was told: lost answers, half answers, double deliveries, stale reads."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from solegate.simulator import ConnectionDropped, Fault, FaultKind, Simulator, SimulatorConfig, running_server
from solegate.testing import SimulatorMount
from unit.simulator.helpers import START, HandClock, caller, headers, unlimited

SEARCH = "/catalog/search?query=nike"
DONE_BUT_LOST = {
    FaultKind.DROP_DURING: httpx2.RemoteProtocolError,
    FaultKind.DROP_AFTER: httpx2.RemoteProtocolError,
    FaultKind.HANG_AFTER: httpx2.RemoteProtocolError,
    FaultKind.RESET_DURING: httpx2.ReadError,
    FaultKind.RESET_AFTER: httpx2.ReadError,
}
NOT_DONE = {
    FaultKind.DROP: httpx2.RemoteProtocolError,
    FaultKind.HANG: httpx2.RemoteProtocolError,
    FaultKind.RESET: httpx2.ReadError,
}


def fault_of(kind: FaultKind, **changes) -> Fault:
    delay = 0.02 if kind in (FaultKind.HANG, FaultKind.HANG_AFTER) else 0.0
    return Fault(kind=kind, **{"delay": delay, "times": 1, **changes})


def refresh_form(simulator: Simulator) -> dict[str, str]:
    return {
        "grant_type": "refresh_token",
        "client_id": "practice-client",
        "client_secret": "practice-secret",
        "refresh_token": simulator.issue_tokens().refresh_token,
    }


@pytest.mark.parametrize(("kind", "error"), [*DONE_BUT_LOST.items(), *NOT_DONE.items()])
async def test_a_broken_connection_looks_in_process_as_on_a_socket(kind, error):
    simulator = unlimited()
    simulator.inject(fault_of(kind))
    mount = SimulatorMount(simulator.app)
    async with httpx2.AsyncClient(transport=mount, base_url="http://x/v2", headers=headers(simulator)) as client:
        with pytest.raises(error):
            await client.get(SEARCH)
        assert (await client.get(SEARCH)).status_code == 200
    assert simulator.events()[0].status == 0


@pytest.mark.parametrize("tls", [False, True], ids=["HTTP/1.1", "HTTP/2"])
@pytest.mark.parametrize("kind", [*DONE_BUT_LOST, *NOT_DONE])
async def test_a_connection_really_breaks_on_a_socket_and_the_next_one_works(kind, tls):
    simulator = Simulator(SimulatorConfig(limits=unlimited().config.limits, products=40))
    async with (
        running_server(simulator, tls=tls) as server,
        httpx2.AsyncClient(
            base_url=server.api_url, headers=headers(simulator), verify=_trust(server.ca_file), http2=True
        ) as client,
    ):
        assert (await client.get(SEARCH)).status_code == 200
        simulator.inject(fault_of(kind))
        error = {**DONE_BUT_LOST, **NOT_DONE}[kind]
        with pytest.raises((error, httpx2.RemoteProtocolError) if "during" in kind else error):
            await client.get(SEARCH)
        assert simulator.events()[-1].status == 0
        assert (await client.get(SEARCH)).status_code == 200


def _trust(ca_file: Path | None) -> ssl.SSLContext | bool:
    return ssl.create_default_context(cafile=str(ca_file)) if ca_file else False


@pytest.mark.parametrize("kind", [FaultKind.DROP_DURING, FaultKind.RESET_DURING])
async def test_half_of_the_answer_is_sent(kind):
    simulator = unlimited()
    whole = unlimited()
    simulator.inject(fault_of(kind))
    async with caller(whole) as client:
        expected = (await client.get(SEARCH)).content
    sent: list[Mapping[str, Any]] = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request", "body": b""}

    raw = [(name.encode(), value.encode()) for name, value in headers(simulator).items()]
    scope = {"type": "http", "method": "GET", "path": "/v2/catalog/search", "query_string": b"query=nike"}
    with pytest.raises(ConnectionDropped) as caught:
        await simulator.app({**scope, "headers": raw}, receive, send)
    assert caught.value.half
    assert caught.value.reset is (kind is FaultKind.RESET_DURING)
    assert sent[1]["body"] == expected[: len(expected) // 2]
    assert dict(sent[0]["headers"])[b"content-length"] == str(len(expected)).encode()


@pytest.mark.parametrize("kind", [*DONE_BUT_LOST, *NOT_DONE])
async def test_the_work_is_done_or_not(kind):
    simulator = unlimited()
    simulator.inject(fault_of(kind, operation="token"))
    async with caller(simulator) as client:
        with pytest.raises(ConnectionDropped):
            await client.post("http://practice/oauth/token", data=refresh_form(simulator))
    assert simulator.report().refreshes == (1 if kind in DONE_BUT_LOST else 0)


@pytest.mark.parametrize("kind", [FaultKind.HANG, FaultKind.HANG_AFTER])
async def test_a_hanging_request_ends_after_its_delay(kind):
    clock = HandClock()
    simulator = unlimited(clock)
    simulator.inject(fault_of(kind, delay=90))
    async with caller(simulator) as client:
        with pytest.raises(ConnectionDropped):
            await client.get(SEARCH)
    assert clock.now() == START + timedelta(seconds=90)


@pytest.mark.parametrize("status", [500, 504])
async def test_an_error_can_come_after_the_work(status):
    simulator = unlimited()
    simulator.inject(fault_of(FaultKind.COMMIT_THEN_STATUS, operation="token", status=status))
    async with caller(simulator) as client:
        answer = await client.post("http://practice/oauth/token", data=refresh_form(simulator))
    assert answer.status_code == status
    assert simulator.report().refreshes == 1


async def test_a_request_is_delivered_twice_and_answered_once():
    simulator = unlimited(rotate_refresh_tokens=True)
    simulator.inject(fault_of(FaultKind.DUPLICATE_DELIVERY, operation="token"))
    async with caller(simulator) as client:
        answer = await client.post("http://practice/oauth/token", data=refresh_form(simulator))
    report = simulator.report()
    assert answer.status_code == 200
    assert (report.refreshes, report.refresh_token_reuse, report.count("token")) == (1, 1, 1)


async def test_a_stale_read_is_the_last_answer_to_the_same_question():
    clock = HandClock()
    simulator = unlimited(clock)
    product = simulator.catalog.products[0].id
    market = f"/catalog/products/{product}/market-data?currencyCode="
    async with caller(simulator) as client:
        before = await client.get(market + "USD")
        clock.elapsed += 3600
        simulator.inject(Fault(kind=FaultKind.STALE_READ, times=2))
        assert (await client.get(market + "USD")).content == before.content
        assert (await client.get(market + "EUR")).json()[0]["currencyCode"] == "EUR"
        assert (await client.get(market + "USD")).content != before.content
