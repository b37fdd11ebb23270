"""A task that is cancelled in the middle of a transaction leaves no lock behind."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from datetime import date

from sqlalchemy import text

from solegate.db import Database
from solegate.db.repositories import SqlLimitStore


async def write(database: Database) -> None:
    async with database.transaction() as session:
        for _ in range(3):
            await session.execute(text("UPDATE quota SET used = used + 1 RETURNING used"))


async def test_others_can_write_at_once_after_a_cancelled_transaction(database: Database) -> None:
    await SqlLimitStore(database).take("default", date(2026, 1, 1), 1, 100)
    await write(database)
    started = time.monotonic()
    await write(database)
    usual = time.monotonic() - started
    for share in range(40):
        cancelled = asyncio.create_task(write(database))
        await asyncio.sleep(usual * share / 40)
        cancelled.cancel()
        with suppress(asyncio.CancelledError):
            await cancelled

        async with asyncio.timeout(8):  # SQLite would wait ten seconds for the lock, and fail
            await write(database)
