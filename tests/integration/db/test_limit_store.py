"""The day's quota is never passed, whoever takes from it at the same time."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import pytest

from solegate.db import Database
from solegate.db.repositories import SqlLimitStore
from solegate.domain.limits import Unit

TODAY = date(2026, 1, 1)


@pytest.fixture
def store(database: Database) -> SqlLimitStore:
    return SqlLimitStore(database)


async def test_what_is_left_is_granted(store: SqlLimitStore) -> None:
    assert await store.used("default", TODAY) == 0
    assert await store.take("default", TODAY, 7, 10) == 7
    assert await store.take("default", TODAY, 7, 10) == 3
    assert await store.take("default", TODAY, 1, 10) == 0
    assert await store.used("default", TODAY) == 10


async def test_days_and_accounts_are_counted_apart(store: SqlLimitStore) -> None:
    await store.take("default", TODAY, 5, 5)

    assert await store.take("other", TODAY, 5, 5) == 5
    assert await store.take("default", TODAY + timedelta(days=1), 5, 5) == 5


async def test_items_are_counted_apart_from_requests(store: SqlLimitStore) -> None:
    await store.take("default", TODAY, 5, 5)

    assert await store.take("default", TODAY, 9, 7, Unit.ITEMS) == 7
    await store.give_back("default", TODAY, 3, Unit.ITEMS)

    assert await store.used("default", TODAY, Unit.ITEMS) == 4
    assert await store.used("default", TODAY) == 5


async def test_what_is_given_back_can_be_taken_again(store: SqlLimitStore) -> None:
    await store.take("default", TODAY, 5, 5)
    await store.give_back("default", TODAY, 2)

    assert await store.used("default", TODAY) == 3
    assert await store.take("default", TODAY, 9, 5) == 2


async def test_more_than_was_taken_cannot_be_given_back(store: SqlLimitStore) -> None:
    await store.take("default", TODAY, 5, 5)
    await store.give_back("default", TODAY, 99)
    await store.give_back("default", TODAY, -3)
    await store.give_back("other", TODAY, 1)

    assert await store.used("default", TODAY) == 0
    assert await store.used("other", TODAY) == 0


@pytest.mark.parametrize(("wanted", "limit"), [(0, 5), (-1, 5), (1, 0), (5, 3)])
async def test_nothing_strange_is_granted(store: SqlLimitStore, wanted: int, limit: int) -> None:
    await store.take("default", TODAY, 4, 10)

    assert await store.take("default", TODAY, wanted, limit) == 0
    assert await store.used("default", TODAY) == 4


async def test_many_takers_in_two_processes_never_pass_the_limit(store: SqlLimitStore, database_url: str) -> None:
    async with Database(database_url) as other:
        stores = [store, SqlLimitStore(other)] * 30

        granted = await asyncio.gather(*(each.take("default", TODAY, 3, 100) for each in stores))

    assert sum(granted) == 100
    assert await store.used("default", TODAY) == 100
