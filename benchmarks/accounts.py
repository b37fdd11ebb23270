"""Fifty accounts on one database: what idle ones cost a worker, and what a saturated one costs the others."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

from benchmarks.databases import databases
from benchmarks.table import Row
from solegate.client.limiter import RateLimiter
from solegate.client.policy.call import Lane
from solegate.client.policy.rate import LimitProfile
from solegate.clock import SystemClock
from solegate.db import Database
from solegate.db.repositories import SqlLimitStore, SqlWindowStore
from solegate.db.repositories.tasks import TaskRepository
from solegate.domain.leases import Lease
from solegate.domain.tasks import Progress, Task
from solegate.jobs.local import LocalLoop
from solegate.jobs.roster import Everybody
from solegate.jobs.steps import StepRunner
from solegate.metrics import Metrics

ACCOUNTS, CROWD, CALLS = 50, 1_000, 20
IDLE_SECONDS = 10.0
PROFILE = LimitProfile("benchmark", capacity=1, per_day=None, items=None)
NAMES = tuple(f"a{number}" for number in range(ACCOUNTS))


class _Never:
    """The handler of tasks that are not due."""

    async def step(self, _task: Task, _lease: Lease) -> Progress:
        """There is nothing to do."""
        return Progress(None)


def jain(values: Sequence[float]) -> float:
    """Jain's index of fairness: 1 when all are equal, 1/n when one has everything."""
    return sum(values) ** 2 / (len(values) * sum(each * each for each in values))


async def _idle(url: str) -> tuple[float, float]:
    """CPU share of one core, and looks a second, of a worker for accounts in which nothing is due."""
    clock, later = SystemClock(), datetime.now(UTC) + timedelta(days=300)
    async with Database(url) as database:
        tasks = TaskRepository(database, clock=clock)
        async with database.transaction() as session:
            for account in NAMES:
                for lane in range(4):
                    for number in range(3):
                        await tasks.put(
                            session,
                            Task(account=account, kind="job", subject=f"{lane}-{number}", lane=lane, due_at=later),
                        )
        looks = 0

        async def names() -> Sequence[str]:
            return NAMES

        async def welcome(_account: str) -> None:
            return None

        class Counted(Everybody):
            async def accounts(self) -> Sequence[str]:
                nonlocal looks
                looks += 1
                return await super().accounts()

        runner = StepRunner(tasks, {"job": _Never()}, worker="w", clock=clock, metrics=Metrics())
        loop = LocalLoop(runner, roster=Counted(names, welcome=welcome, clock=clock), clock=clock)
        running = asyncio.create_task(loop.run())
        await asyncio.sleep(1)
        cpu, before = time.process_time(), looks
        await asyncio.sleep(IDLE_SECONDS)
        share, rate = (time.process_time() - cpu) / IDLE_SECONDS, (looks - before) / IDLE_SECONDS
        loop.drain()
        await running
    return share, rate


async def _fair(url: str) -> tuple[float, float]:
    """Jain's index of the times in which 49 accounts do equal work, and the p95 of their waits, in seconds."""
    clock = SystemClock()
    async with Database(url, pool=20) as database, AsyncExitStack() as stack:
        limiters = []
        for account in NAMES:
            store, windows = SqlLimitStore(database), SqlWindowStore(database, clock)
            limiter = RateLimiter(
                PROFILE, account=account, clock=clock, metrics=Metrics(), store=store, windows=windows
            )
            stack.push_async_callback(limiter.aclose)
            limiters.append(limiter)

        async def call(limiter: RateLimiter) -> float:
            asked = time.monotonic()
            slot = await limiter.acquire(Lane.INTERACTIVE, within=3_600)
            waited = time.monotonic() - asked
            limiter.answered(slot)
            return waited

        async def work(limiter: RateLimiter) -> tuple[float, list[float]]:
            began, waits = time.monotonic(), []
            for _ in range(CALLS):
                waits.append(await call(limiter))
                await asyncio.sleep(1.5)  # slower than its limit: what it waits, it waits for others
            return time.monotonic() - began, waits

        crowd = [asyncio.create_task(call(limiters[0])) for _ in range(CROWD)]
        done = await asyncio.gather(*(work(limiter) for limiter in limiters[1:]))
        for each in crowd:
            each.cancel()
        await asyncio.gather(*crowd, return_exceptions=True)
    waits = sorted(wait for _, its in done for wait in its)
    return jain([seconds for seconds, _ in done]), waits[int(0.95 * len(waits))]


def measure() -> list[Row]:
    """Idle cost and fairness, on either database."""
    rows = []
    with databases() as urls:
        for name, url in urls.items():
            share, looks = asyncio.run(_idle(url))
            rows.append(
                Row(
                    f"a worker for {ACCOUNTS} idle accounts on {name}",
                    f"{share:.1%} of a core",
                    f"{looks:.1f} queries a second for all of them",
                    "<= 5 %",
                    share <= 0.05,
                )
            )
            index, wait = asyncio.run(_fair(url))
            rows.append(
                Row(
                    f"{ACCOUNTS - 1} accounts do equal work beside one with {CROWD:,} calls, on {name}",
                    f"Jain's index {index:.4f}",
                    f"p95 of a call's wait {wait * 1000:.0f} ms",
                    ">= 0.95",
                    index >= 0.95,
                )
            )
    return rows
