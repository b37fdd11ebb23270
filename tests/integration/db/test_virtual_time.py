"""Stories in virtual time use a real database of either kind: no time passes while it works."""

from __future__ import annotations

import asyncio

from sqlalchemy import text

from solegate.db import Database
from solegate.testing import run_virtual

SECONDS = 1_000


async def tick(times: list[float]) -> None:
    for _ in range(SECONDS):
        times.append(asyncio.get_running_loop().time())
        await asyncio.sleep(1)


async def work(database: Database) -> float:
    """Virtual seconds that a transaction of several statements took."""
    started = asyncio.get_running_loop().time()
    async with database.transaction() as session:
        for _ in range(3):
            await session.execute(text("SELECT 1"))
    return asyncio.get_running_loop().time() - started


def test_a_transaction_takes_no_time_though_timers_wait(database_url: str) -> None:
    ticks: list[float] = []

    async def story() -> list[float]:
        ticking = asyncio.create_task(tick(ticks))
        async with Database(database_url) as database:
            await database.upgrade()
            took = []
            for _ in range(20):
                took.append(await work(database))
                await asyncio.sleep(10)
            took += await asyncio.gather(*(work(database) for _ in range(20)))
        await ticking
        return took

    assert run_virtual(story()) == [0.0] * 40
    assert ticks == [float(second) for second in range(SECONDS)]
