"""Steps of background tasks per second, by engine and database, in one process: the cost of claim, lease and record."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime

from benchmarks.databases import databases
from benchmarks.table import Row, median, spread
from solegate.clock import SystemClock
from solegate.db import Database
from solegate.db.repositories.tasks import TaskRepository
from solegate.db.repositories.workers import WorkerRepository
from solegate.domain.leases import Lease
from solegate.domain.tasks import Progress, Task
from solegate.jobs.engine import DbosEngine
from solegate.jobs.local import LocalLoop
from solegate.jobs.port import Engine
from solegate.jobs.presence import Presence
from solegate.jobs.roster import Only
from solegate.jobs.steps import StepRunner
from solegate.metrics import Metrics

ROUNDS, TASKS, STEPS, WAITING = 3, 30, 20, 10_000
LANES = 4


class _Counting:
    """A handler whose steps do nothing but count."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.cpu: list[float] = []
        self.done = asyncio.Event()
        self._steps: dict[str, int] = {}

    async def step(self, task: Task, _lease: Lease) -> Progress:
        """Note the time."""
        self.times.append(time.perf_counter())
        self.cpu.append(time.process_time())
        self._steps[task.subject] = self._steps.get(task.subject, 0) + 1
        if len(self.times) == TASKS * STEPS:
            self.done.set()
        return Progress(datetime.now(UTC) if self._steps[task.subject] < STEPS else None)

    @property
    def result(self) -> tuple[float, float]:
        """Steps per second between the first and the last, and milliseconds of CPU for each."""
        steps = len(self.times) - 1
        return steps / (self.times[-1] - self.times[0]), (self.cpu[-1] - self.cpu[0]) / steps * 1000


async def _rate(url: str, engine_name: str, number: int) -> tuple[float, float]:
    """Steps per second of one round, beside 10,000 tasks that wait for later."""
    clock, counting, worker, metrics = SystemClock(), _Counting(), f"bench-{number}", Metrics()
    async with Database(url) as database:
        tasks = TaskRepository(database, clock=clock)
        runner = StepRunner(tasks, {"job": counting}, worker=worker, clock=clock, metrics=metrics)
        engine: Engine = LocalLoop(runner, roster=Only("default"), clock=clock)
        if engine_name == "dbos":
            lanes = tuple(range(LANES))
            engine = DbosEngine(
                runner,
                database,
                url=url,
                roster=Only("default"),
                scope="default",
                worker=worker,
                clock=clock,
                metrics=metrics,
                lanes=lanes,
            )
        later = datetime(2999, 1, 1, tzinfo=UTC)
        async with database.transaction() as session:
            for waiting in range(WAITING if number == 0 else 0):
                await tasks.put(
                    session, Task(account="default", kind="job", subject=f"w{waiting}", lane=3, due_at=later)
                )
            for one in range(TASKS):
                lane, now = one % LANES, clock.now()
                await tasks.put(session, Task(account="default", kind="job", subject=str(one), lane=lane, due_at=now))
        presence = Presence(WorkerRepository(database), tasks, worker=worker, engine=engine_name, clock=clock)
        async with presence.kept():
            running = asyncio.create_task(engine.run())
            await asyncio.wait_for(counting.done.wait(), timeout=120)
            engine.drain()
            await running
    return counting.result


def measure() -> list[Row]:
    """Each engine on each database it is for."""
    rows = []
    with databases() as urls:
        for name, engine, goal in (("SQLite", "local", 100), ("PostgreSQL", "local", 100), ("PostgreSQL", "dbos", 50)):
            results = [asyncio.run(_rate(urls[name], engine, number)) for number in range(ROUNDS)]
            rates, cpu = [rate for rate, _ in results], median([cpu for _, cpu in results])
            rows.append(
                Row(
                    f"background steps per second, one process: {engine} on {name}",
                    f"{median(rates):,.0f}/s",
                    f"{spread(rates, '/s')}; {cpu:.1f} ms CPU each",
                    f">= {goal}/s",
                    median(rates) >= goal,
                )
            )
    return rows
