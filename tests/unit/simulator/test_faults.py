"""Each kind of fault in-process, and the rules that decide which request is hit."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from solegate.simulator import ConnectionDropped, Fault, FaultKind
from solegate.simulator.state.faults import FaultBook
from unit.simulator.helpers import START, HandClock, caller, unlimited

SEARCH = "/catalog/search?query=nike"


async def hit(fault: Fault, path: str = SEARCH, clock: HandClock | None = None):
    simulator = unlimited(clock)
    simulator.inject(fault)
    async with caller(simulator) as client:
        return await client.get(path)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"statusCode": 400, "message": "Bad Request"}),
        (401, {"statusCode": 401, "message": "Unauthorized"}),
        (403, {"statusCode": 403, "message": "Forbidden"}),
        (408, {"statusCode": 408, "message": "Request Timeout"}),
        (500, {"statusCode": 500, "errorMessage": "Failed to fetch flex market data"}),
        (503, {"statusCode": 503, "message": "Service Unavailable"}),
        (599, {"statusCode": 599, "message": "Error"}),
    ],
)
async def test_status_answers_as_stockx_was_seen_to(status, body):
    answer = await hit(Fault(kind=FaultKind.STATUS, status=status))
    assert (answer.status_code, answer.json()) == (status, body)


async def test_status_takes_another_body_and_retry_after():
    body = '{"statusCode":400,"message":"Set up billing and shipping first"}'
    answer = await hit(Fault(kind=FaultKind.STATUS, status=400, body=body, retry_after="7"))
    assert answer.text == body
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["retry-after"] == "7"


@pytest.mark.parametrize("text", ["5", "1.5", "Wed, 21 Oct 2026 07:28:00 GMT", "soon", "-1", "3600"])
async def test_throttle_writes_retry_after_as_it_is(text):
    answer = await hit(Fault(kind=FaultKind.THROTTLE, retry_after=text))
    assert (answer.status_code, answer.headers["retry-after"]) == (429, text)
    assert answer.text == "Too Many Requests"


async def test_throttle_without_retry_after():
    assert "retry-after" not in (await hit(Fault(kind=FaultKind.THROTTLE))).headers


async def test_delay_answers_as_usual_but_late():
    clock = HandClock()
    answer = await hit(Fault(kind=FaultKind.DELAY, delay=3), clock=clock)
    assert answer.status_code == 200
    assert clock.now() == START + timedelta(seconds=3)


async def test_any_fault_can_be_late():
    clock = HandClock()
    assert (await hit(Fault(kind=FaultKind.STATUS, status=503, delay=9), clock=clock)).status_code == 503
    assert clock.elapsed == 9


async def test_empty_504():
    answer = await hit(Fault(kind=FaultKind.EMPTY_504))
    assert (answer.status_code, answer.content) == (504, b"")


async def test_html_403():
    answer = await hit(Fault(kind=FaultKind.HTML_403))
    assert answer.status_code == 403
    assert answer.headers["content-type"].startswith("text/html")
    assert "PerimeterX" in answer.text


async def test_not_json():
    answer = await hit(Fault(kind=FaultKind.NOT_JSON))
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()


async def test_truncated_is_the_usual_answer_cut_short():
    answer = await hit(Fault(kind=FaultKind.TRUNCATED))
    assert answer.text.startswith('{"count":')
    with pytest.raises(json.JSONDecodeError):
        answer.json()


async def test_unauthorized():
    answer = await hit(Fault(kind=FaultKind.UNAUTHORIZED))
    assert (answer.status_code, answer.json()["statusCode"]) == (401, 401)


async def test_schema_drift_adds_fields_and_values_everywhere():
    body = (await hit(Fault(kind=FaultKind.SCHEMA_DRIFT))).json()
    assert "practiceDrift" in body
    assert all(product["productType"] == "PRACTICE_DRIFT" for product in body["products"])
    assert all("practiceDrift" in product["productAttributes"] for product in body["products"])


async def test_slow_body_pauses_in_the_middle_and_is_complete():
    clock = HandClock()
    answer = await hit(Fault(kind=FaultKind.SLOW_BODY, delay=5), clock=clock)
    assert answer.json()["count"] > 0
    assert clock.slept == [5]


@pytest.mark.parametrize("kind", [FaultKind.DROP, FaultKind.DROP_AFTER, FaultKind.RESET])
async def test_a_dropped_connection_raises_in_process_and_is_logged_without_status(kind):
    simulator = unlimited()
    fault_id = simulator.inject(Fault(kind=kind, times=1))
    async with caller(simulator) as client:
        with pytest.raises(ConnectionDropped) as caught:
            await client.get(SEARCH)
        assert caught.value.reset is (kind is FaultKind.RESET)
        assert (await client.get(SEARCH)).status_code == 200
    first, second = simulator.events()
    assert (first.status, first.fault, second.status, second.fault) == (0, fault_id, 200, None)


@pytest.mark.parametrize(
    ("kind", "usage"), [(FaultKind.DROP, 0), (FaultKind.DROP_AFTER, 1)], ids=["before the work", "after the work"]
)
async def test_drop_after_has_done_the_work(kind, usage):
    simulator = unlimited()
    simulator.inject(Fault(kind=kind, operation="token"))
    form = {
        "grant_type": "refresh_token",
        "client_id": "practice-client",
        "client_secret": "practice-secret",
        "refresh_token": simulator.issue_tokens().refresh_token,
    }
    async with caller(simulator) as client:
        with pytest.raises(ConnectionDropped):
            await client.post("http://practice/oauth/token", data=form)
    assert simulator.report().refreshes == usage


async def test_a_fault_of_the_token_endpoint_has_the_shape_of_oauth():
    simulator = unlimited()
    simulator.inject(Fault(kind=FaultKind.STATUS, operation="token", status=403, times=1))
    simulator.inject(Fault(kind=FaultKind.STATUS, operation="token", status=503, times=1))
    async with caller(simulator) as client:
        answers = [await client.post("http://practice/oauth/token", data={}) for _ in range(2)]
    assert [(a.status_code, a.json()["error"]) for a in answers] == [(403, "invalid_grant"), (503, "server_error")]


async def test_a_fault_of_every_operation_spares_the_login():
    simulator = unlimited()
    simulator.inject(Fault(kind=FaultKind.STATUS, status=503))
    async with caller(simulator) as client:
        assert (await client.get(SEARCH)).status_code == 503
        assert (await client.post("http://practice/oauth/token", data={})).status_code == 401


async def test_faults_hit_their_operation_only_and_can_be_cleared():
    simulator = unlimited()
    simulator.inject(Fault(kind=FaultKind.STATUS, operation="GetProduct"))
    product = f"/catalog/products/{simulator.catalog.products[0].id}"
    async with caller(simulator) as client:
        assert (await client.get(SEARCH)).status_code == 200
        assert (await client.get(product)).status_code == 500
        simulator.clear_faults()
        assert (await client.get(product)).status_code == 200
    assert simulator.report().faults_fired == {"fault-1": 1}


def hits(*faults: Fault, requests: int = 6, seed: int = 1) -> list[str | None]:
    book = FaultBook(seed)
    for fault in faults:
        book.inject(fault)
    matches = [book.match("Search", START) for _ in range(requests)]
    return [match.id if match else None for match in matches]


def test_after_and_times_bound_which_requests_are_hit():
    fault = Fault(kind=FaultKind.DROP, after=2, times=3)
    assert hits(fault) == [None, None, "fault-1", "fault-1", "fault-1", None]


def test_the_first_rule_that_hits_decides():
    first = Fault(kind=FaultKind.DROP, times=2)
    second = Fault(kind=FaultKind.DELAY)
    assert hits(first, second, requests=3) == ["fault-1", "fault-1", "fault-2"]


def test_chance_comes_from_the_seed():
    fault = Fault(kind=FaultKind.DROP, probability=0.3)
    drawn = hits(fault, requests=1000)
    assert 250 < sum(each is not None for each in drawn) < 350
    assert hits(fault, requests=1000) == drawn
    assert hits(fault, requests=1000, seed=2) != drawn


@pytest.mark.parametrize(
    "wrong",
    [{"times": 0}, {"after": -1}, {"probability": 1.1}, {"status": 200}, {"status": 600}, {"delay": -1}],
)
def test_faults_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Fault(kind=FaultKind.STATUS, **wrong)


def test_a_fault_of_an_unknown_operation_is_refused():
    with pytest.raises(ValueError, match=r"unknown operation 'GetMarketData'; one of .*GetProductMarketData"):
        unlimited().inject(Fault(kind=FaultKind.DROP, operation="GetMarketData"))
