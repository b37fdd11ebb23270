"""Syncs and deadlines over HTTP."""

from __future__ import annotations

from decimal import Decimal

import pytest

from support.api import RunningApi
from support.selling import run_to_the_end, sell

SYNCS = ["orders-active", "orders-history", "listings", "market"]


async def test_every_sync_is_shown_before_and_after_it_ran(api: RunningApi) -> None:
    before = (await api.client.get("/api/v1/syncs")).json()["syncs"]
    number = sell(api)
    await run_to_the_end(api, "orders-active")
    api.clock.advance(90)

    after = (await api.client.get("/api/v1/syncs")).json()["syncs"]

    assert [each["run"]["name"] for each in before] == SYNCS
    assert {each["ageSeconds"] for each in before} == {None}
    assert {each["cost"]["known"] for each in before} == {False, True}  # that of the market is what is stale
    active = after[0]
    assert active["ageSeconds"] == pytest.approx(90, abs=1)
    assert (active["run"]["rows"], active["run"]["requests"], active["run"]["error"]) == (1, 2, None)
    assert active["cost"] == {"pages": 1, "details": 0, "budget": 100, "requests": 1, "known": True}
    assert number


async def test_deadlines_are_data(api: RunningApi) -> None:
    number = sell(api)
    await run_to_the_end(api, "orders-active")
    sent = api.requests_sent()

    whole = (await api.client.get("/api/v1/orders/deadlines")).json()
    near = (await api.client.get("/api/v1/orders/deadlines", params={"withinHours": 0.5})).json()
    far = (await api.client.get("/api/v1/orders/deadlines", params={"withinHours": 500})).json()

    assert api.requests_sent() == sent
    order = api.simulator.orders.get(number)
    assert order is not None
    (shown,) = whole["orders"]
    left = (order.ship_by - api.clock.now()).total_seconds() / 3_600
    assert (shown["orderNumber"], shown["urgency"]) == (number, "later")
    assert shown["hoursLeft"] == pytest.approx(left, abs=0.02)
    assert (Decimal(shown["price"]["amount"]), shown["price"]["currency"]) == (Decimal(150), "EUR")
    assert near["orders"] == []
    assert far["orders"][0]["urgency"] == "due"
    assert whole["syncedAt"] is not None


async def test_a_worker_is_told_to_run_a_sync(api: RunningApi) -> None:
    answer = await api.client.post("/api/v1/syncs/listings/runs")

    assert answer.status_code == 202
    assert (answer.json()["name"], answer.json()["state"]) == ("listings", "IDLE")
    after = (await api.client.get("/api/v1/syncs")).json()["syncs"][2]
    assert after["nextAt"] is not None or after["run"]["startedAt"] is not None


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/api/v1/syncs/everything/runs"), ("GET", "/api/v1/orders/deadlines?withinHours=-1")],
)
async def test_what_cannot_be_is_refused(idle_api: RunningApi, method: str, path: str) -> None:
    answer = await idle_api.client.request(method, path)

    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid_input"
