"""What is used of the limits is told to the request: how much, by whom, and what the day will come to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from solegate.background import local_loop
from solegate.client.policy.call import Lane
from solegate.client.usage import CAUSE
from solegate.db.repositories.usage import SqlUsageStore
from solegate.domain.usage import Use
from support.api import SKU, JumpClock, RunningApi, running_api

START = datetime(2026, 1, 1, 12, tzinfo=UTC)


async def limits(api: RunningApi, **query: str) -> dict[str, Any]:
    answer = await api.client.get("/api/v1/limits", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_every_request_is_told_with_what_it_was_for(tmp_path: Path):
    async with running_api(tmp_path, clock=JumpClock(START, ticking=True), requests_per_day=1_000) as api:
        assert (await limits(api))["usedBy"] == {"cause": {}, "lane": {}, "operation": {}}
        await api.enrich(SKU)
        await api.get("/search-stockx", query="nike")
        await api.services.syncs.run_now("orders-active")
        await local_loop(api.services, "w", subject="orders-active").run(until_done=True)

        found = await limits(api)
        sent = api.requests_sent()

    assert found["day"] == "2026-01-01"
    assert found["requestsUsed"] == sent == sum(found["usedBy"]["operation"].values())
    assert found["usedBy"]["cause"] == {"direct": sent - 1, "sync": 1}
    assert found["usedBy"]["lane"]["orders"] == 1
    assert found["usedBy"]["operation"]["GetOrders"] == 1
    assert found["requests"]["left"] == 1_000 - sent
    assert (found["requests"]["perDay"], found["requests"]["reserve"]) == (1_000, 100)
    assert found["requests"]["waiting"] == {"orders": 0, "writes": 0, "interactive": 0, "background": 0}
    assert (found["items"]["room"], found["items"]["left"]) == (500, 50_000)


async def test_items_of_batches_are_told_for_the_window_and_the_day(tmp_path: Path):
    async with running_api(tmp_path, clock=JumpClock(START, ticking=True), items_window=300) as api:
        pipeline = api.services.stockx._pipeline
        slot = await pipeline.limiter.acquire(Lane.WRITES, within=1, items=120)
        pipeline.limiter.answered(slot)

        found = await limits(api)

    assert found["itemsUsed"] == 120
    assert (found["items"]["room"], found["items"]["left"]) == (380, 49_880)


async def test_the_forecast_says_when_the_day_runs_out(tmp_path: Path):
    async with running_api(
        tmp_path,
        clock=JumpClock(START, ticking=True),
        requests_per_day=40,
        background_reserve=0.25,
        orders_sync_interval=0,
        history_sync_interval=0,
        listings_sync_interval=0,
    ) as api:
        for number in range(20):
            await api.get("/search-stockx", query=f"nike {number}")

        found = await limits(api)

    assert found["requestsUsed"] == 20
    assert (found["forecast"]["expected"], found["forecast"]["bySchedules"]) == (40, 0)
    assert found["forecast"]["runsOutAt"] is None
    stops = datetime.fromisoformat(found["forecast"]["backgroundStopsAt"])
    assert abs(stops - (START + timedelta(hours=6))) < timedelta(minutes=5)


async def test_a_day_that_is_over_is_told_without_what_concerns_today(tmp_path: Path):
    async with running_api(tmp_path, clock=JumpClock(START, ticking=True)) as api:
        before = (START - timedelta(days=1)).date()
        store = SqlUsageStore(api.services.database)
        await store.add("default", {Use(before, "job", "writes", "CreateListings"): 7})
        await store.add("another", {Use(before, "job", "writes", "CreateListings"): 5})

        found = await limits(api, day="2025-12-31")

        assert found["usedBy"]["operation"] == {"CreateListings": 7}
        assert found["requests"] is found["items"] is found["forecast"] is None
        assert (await api.client.get("/api/v1/limits", params={"day": "yesterday"})).status_code == 422


async def test_what_was_counted_survives_a_restart(tmp_path: Path):
    async with running_api(tmp_path, clock=JumpClock(START, ticking=True)) as api:
        secret = api.settings.secret_key
        await api.get("/search-stockx", query="nike")
    clock = JumpClock(START, ticking=True)
    async with running_api(tmp_path, connected=False, clock=clock, secret_key=secret) as again:
        assert (await limits(again))["usedBy"]["operation"] == {"Search": 1}
    assert CAUSE.get() == "direct"
