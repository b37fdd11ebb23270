"""The control endpoints do what the Python interface does, and are not part of the practice."""

from __future__ import annotations

import httpx2
import pytest

from solegate.simulator import Limits
from unit.simulator.helpers import headers, unlimited

SEARCH = "/v2/catalog/search?query=nike"


@pytest.fixture
def simulator():
    return unlimited()


@pytest.fixture
async def client(simulator):
    transport = httpx2.ASGITransport(app=simulator.app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://practice") as client:
        yield client


async def test_report(client, simulator):
    authorised = headers(simulator)
    await client.get(SEARCH, headers=authorised)
    await client.get(SEARCH)
    report = (await client.get("/_sim/report")).json()
    assert report["requests"] == {"Search": {"200": 1, "403": 1}}
    assert (report["total"], report["used_today"], report["refused"]) == (2, 1, 0)
    assert report["limits"]["per_second"] is None
    assert set(report) >= {"busiest_window_requests", "busiest_window_accepted", "refreshes", "refresh_token_reuse"}


async def test_events_name_operation_path_status_and_fault(client, simulator):
    await client.post("/_sim/faults", json={"kind": "empty_504", "operation": "Search"})
    await client.get(SEARCH, headers=headers(simulator))
    (event,) = (await client.get("/_sim/events")).json()
    assert event == {
        "seq": 1,
        "at": "2026-03-01T12:00:00Z",
        "operation": "Search",
        "method": "GET",
        "path": "/v2/catalog/search",
        "status": 504,
        "fault": "fault-1",
        "kind": "request",
        "detail": "",
    }


async def test_faults_are_injected_and_lifted(client, simulator):
    authorised = headers(simulator)
    created = await client.post("/_sim/faults", json={"kind": "throttle", "retry_after": "3", "times": 2})
    assert (created.status_code, created.json()) == (201, {"id": "fault-1"})
    assert (await client.get(SEARCH, headers=authorised)).headers["retry-after"] == "3"
    assert (await client.delete("/_sim/faults")).status_code == 204
    assert (await client.get(SEARCH, headers=authorised)).status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "reason"),
    [
        ("/_sim/faults", {"kind": "explode"}, "kind: Input should be 'status'"),
        ("/_sim/faults", {}, "kind: Field required"),
        ("/_sim/faults", {"kind": "drop", "time": 1}, "time: Unexpected keyword argument"),
        ("/_sim/faults", {"kind": "drop", "times": 0}, "times must be at least 1"),
        ("/_sim/faults", {"kind": "drop", "operation": "Nope"}, "unknown operation 'Nope'"),
        ("/_sim/faults", [], "Input should be an object"),
        ("/_sim/advance", {"seconds": -1}, "seconds: Input should be greater than or equal to 0"),
        ("/_sim/advance", {"minutes": 1}, "Unexpected keyword argument"),
        ("/_sim/limits", {"profile": "generous"}, "one of official, guide, off"),
        ("/_sim/limits", {"per_second": 0}, "per_second must be at least 1"),
        ("/_sim/limits", {"per_second": 1, "kind": "leaky"}, "'sliding' or 'fixed'"),
    ],
)
async def test_what_cannot_be_understood_is_a_400_with_the_reason(client, path, body, reason):
    answer = await client.post(path, json=body)
    assert answer.status_code == 400
    assert reason in answer.json()["error"]


async def test_no_json_at_all(client):
    answer = await client.post("/_sim/faults", content=b"kind=drop")
    assert answer.status_code == 400
    assert "Invalid JSON" in answer.json()["error"]


async def test_advance_moves_tokens_and_days(client, simulator):
    authorised = headers(simulator)
    assert (await client.post("/_sim/advance", json={"seconds": 43_200})).json() == {"now": "2026-03-02T00:00:00+00:00"}
    assert (await client.get(SEARCH, headers=authorised)).status_code == 401


@pytest.mark.parametrize(
    ("body", "limits"),
    [
        ({"profile": "official"}, Limits.official()),
        ({"profile": "guide"}, Limits.guide()),
        ({"profile": "off"}, Limits.off()),
        ({"per_second": 4, "kind": "fixed", "per_day": None}, Limits(per_second=4, kind="fixed", per_day=None)),
        ({"per_second": None, "count_refused": True}, Limits(per_second=None, count_refused=True)),
    ],
)
async def test_limits(client, simulator, body, limits):
    assert (await client.post("/_sim/limits", json=body)).status_code == 204
    assert simulator.report().limits == limits


async def test_tokens_expire_and_are_revoked(client, simulator):
    authorised = headers(simulator)
    assert (await client.post("/_sim/tokens/expire")).status_code == 204
    assert (await client.get(SEARCH, headers=authorised)).status_code == 401
    authorised = headers(simulator)
    assert (await client.post("/_sim/tokens/revoke")).status_code == 204
    assert (await client.get(SEARCH, headers=authorised)).status_code == 401


async def test_catalog_lists_the_landmarks_first(client):
    products = (await client.get("/_sim/catalog?limit=2")).json()["products"]
    assert [product["styleId"] for product in products] == ["DD1391-100", "555088-134"]
    assert set(products[0]) == {"styleId", "title", "productId"}
    assert (await client.get("/_sim/catalog?limit=all")).status_code == 400


async def test_control_is_neither_limited_nor_logged(client, simulator):
    simulator.set_limits(Limits(per_second=1, per_day=0))
    for _ in range(5):
        assert (await client.get("/_sim/health")).json() == {"status": "ok"}
    assert simulator.events() == ()
    assert simulator.report().total == 0


def test_time_does_not_run_backwards(simulator):
    with pytest.raises(ValueError, match="must not be negative"):
        simulator.advance(-1)
