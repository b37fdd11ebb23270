"""A database of an earlier version keeps what it knows."""

from __future__ import annotations

from datetime import UTC, datetime

from alembic import command
from sqlalchemy import Connection, insert, text

from solegate.db import Database
from solegate.db.engine import _alembic_config
from solegate.db.repositories import MarketDataRepository, SqlLimitStore
from solegate.db.tables import SnapshotRow
from solegate.domain.limits import Unit

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def migrate(connection: Connection, revision: str) -> None:
    command.upgrade(_alembic_config(connection), revision)


async def test_readings_are_taken_over_from_the_snapshots(database_url: str) -> None:
    async with Database(database_url) as database:
        async with database.transaction() as session:
            await (await session.connection()).run_sync(migrate, "0001")
            for variant in ("v1", "v2"):
                values = {"variant_id": variant, "product_id": "p1", "currency": "EUR", "fetched_at": NOON}
                await session.execute(insert(SnapshotRow).values(values))

        await database.upgrade()

        async with database.reading() as session:
            assert await MarketDataRepository(session).read_at("p1", "EUR") == NOON


async def test_what_is_used_of_the_day_stays_used_and_was_requests(database_url: str) -> None:
    async with Database(database_url) as database:
        async with database.transaction() as session:
            await (await session.connection()).run_sync(migrate, "0002")
            await session.execute(text("INSERT INTO quota VALUES ('default', '2026-01-01', 20000)"))

        await database.upgrade()

        store = SqlLimitStore(database)
        assert await store.used("default", NOON.date()) == 20_000
        assert await store.used("default", NOON.date(), Unit.ITEMS) == 0
        assert await store.take("default", NOON.date(), 9_999, 25_000) == 5_000
        assert await store.take("default", NOON.date(), 100, 50_000, Unit.ITEMS) == 100


async def test_a_step_back_keeps_the_requests_and_forgets_the_items(database_url: str) -> None:
    async with Database(database_url) as database:
        await database.upgrade()
        await SqlLimitStore(database).take("default", NOON.date(), 7, 10)
        await SqlLimitStore(database).take("default", NOON.date(), 8, 10, Unit.ITEMS)

        async with database.transaction() as session:
            await (await session.connection()).run_sync(lambda each: command.downgrade(_alembic_config(each), "0002"))
            rows = (await session.execute(text("SELECT account, used FROM quota"))).all()

        assert [tuple(row) for row in rows] == [("default", 7)]
