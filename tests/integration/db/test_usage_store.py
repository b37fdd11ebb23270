"""What a day's requests were for is kept over restarts, for each account apart."""

from __future__ import annotations

import asyncio
from datetime import date

from solegate.db import Database
from solegate.db.repositories.usage import SqlUsageStore
from solegate.domain.usage import Use

DAY, NEXT = date(2026, 1, 1), date(2026, 1, 2)
SEARCH = Use(DAY, "direct", "interactive", "Search")
ORDERS = Use(DAY, "sync", "orders", "GetOrders")


async def test_counts_add_up_by_day_and_account(database: Database, database_url: str) -> None:
    store = SqlUsageStore(database)
    await store.add("eu", {SEARCH: 2, ORDERS: 1})
    await store.add("eu", {SEARCH: 3, Use(NEXT, "direct", "interactive", "Search"): 7})
    await store.add("us", {SEARCH: 11})

    async with Database(database_url) as reopened:
        kept = SqlUsageStore(reopened)
        assert await kept.of_day("eu", DAY) == {SEARCH: 5, ORDERS: 1}
        assert await kept.of_day("us", DAY) == {SEARCH: 11}
        assert await kept.of_day("us", NEXT) == {}


async def test_processes_that_count_the_same_lose_nothing(database: Database, database_url: str) -> None:
    async with Database(database_url) as other:
        stores = [SqlUsageStore(database), SqlUsageStore(other)] * 10
        orders = [{SEARCH: 1, ORDERS: 1}, {ORDERS: 1, SEARCH: 1}]
        await asyncio.gather(*(store.add("eu", orders[n % 2]) for n, store in enumerate(stores)))

    assert await SqlUsageStore(database).of_day("eu", DAY) == {SEARCH: 20, ORDERS: 20}
