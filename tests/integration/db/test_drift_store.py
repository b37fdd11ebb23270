"""What StockX has added is kept over restarts: counts add up, first and last time are right."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from solegate.db import Database
from solegate.db.repositories import SqlDriftStore
from solegate.domain.drift import Drift, DriftKind, Sighting

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
MOOD = Drift("GetProduct", DriftKind.FIELD, "Product.mood")
FROZEN = Drift("FindById", DriftKind.VALUE, "Listing.status=FROZEN")


async def test_nothing_is_kept_before_anything_was_seen(database: Database) -> None:
    assert await SqlDriftStore(database).all() == ()


async def test_counts_add_up_and_the_first_time_stays(database: Database, database_url: str) -> None:
    store = SqlDriftStore(database)
    await store.record([Sighting(MOOD, 2, NOON, NOON)])
    await store.record([Sighting(MOOD, 3, LATER, LATER), Sighting(FROZEN, 1, NOON, NOON)])

    async with Database(database_url) as reopened:
        kept = await SqlDriftStore(reopened).all()

    assert kept == (Sighting(MOOD, 5, NOON, LATER), Sighting(FROZEN, 1, NOON, NOON))


async def test_processes_that_see_the_same_lose_no_count(database: Database, database_url: str) -> None:
    async with Database(database_url) as other:
        stores = [SqlDriftStore(database), SqlDriftStore(other)] * 10
        await asyncio.gather(*(store.record([Sighting(MOOD, 1, NOON, NOON)]) for store in stores))

    (kept,) = await SqlDriftStore(database).all()
    assert kept.count == 20
