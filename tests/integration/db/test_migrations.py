"""A database of an earlier version keeps what it knows."""

from __future__ import annotations

from datetime import UTC, datetime

from alembic import command
from sqlalchemy import Connection, insert

from solegate.db import Database
from solegate.db.engine import _alembic_config
from solegate.db.repositories import MarketDataRepository
from solegate.db.tables import SnapshotRow

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


async def test_readings_are_taken_over_from_the_snapshots(database_url: str) -> None:
    def migrate(connection: Connection) -> None:
        command.upgrade(_alembic_config(connection), "0001")

    async with Database(database_url) as database:
        async with database.transaction() as session:
            await (await session.connection()).run_sync(migrate)
            for variant in ("v1", "v2"):
                values = {"variant_id": variant, "product_id": "p1", "currency": "EUR", "fetched_at": NOON}
                await session.execute(insert(SnapshotRow).values(values))

        await database.upgrade()

        async with database.reading() as session:
            assert await MarketDataRepository(session).read_at("p1", "EUR") == NOON
