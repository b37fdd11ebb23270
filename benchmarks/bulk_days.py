"""A bulk job in virtual time at StockX's official limits: hours pass in seconds, the database takes no time at all."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from solegate.client.policy.rate import OFFICIAL
from solegate.clock import LoopClock
from solegate.db import Database, Session
from solegate.db.repositories.jobs import JobRepository
from solegate.db.repositories.tasks import TaskRepository
from solegate.domain.batches import LARGEST_BATCH
from solegate.domain.guard_rails import GuardRails
from solegate.domain.jobs import Chunk, Job, JobItem, JobKind, RowState
from solegate.domain.money import Money
from solegate.domain.tasks import Task
from solegate.jobs.handlers import ForSubject
from solegate.jobs.local import LocalLoop
from solegate.jobs.roster import Only
from solegate.jobs.steps import StepRunner
from solegate.metrics import Metrics
from solegate.services.bulk.steps import BulkSteps
from solegate.services.catalog import StockXCatalogService
from solegate.services.events.log import EventLog
from solegate.services.guard import WriteGuard
from solegate.simulator import Limits, Report, Simulator, SimulatorConfig
from solegate.testing import VirtualTimeLoop, practice_client, run_virtual

SIZES = 500


class TimelessDatabase(Database):
    """A database that takes no virtual time: its thread would not hold it back."""

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        """See `Database.transaction`."""
        with _held():
            async with super().transaction() as session:
                yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Session]:
        """See `Database.reading`."""
        with _held():
            async with super().reading() as session:
                yield session

    async def close(self) -> None:
        """See `Database.close`."""
        with _held():
            await super().close()


@dataclass(frozen=True)
class Day:
    """How a job went: seconds of virtual time from its first to its last step, rows by state, and StockX's report."""

    seconds: float
    rows: dict[RowState, int]
    report: Report


def new_job(rows: int, variants: list[str], clock: LoopClock) -> tuple[Job, list[JobItem], list[Chunk]]:
    """A job that lists so many pairs."""
    now = clock.now()
    items = [
        JobItem(
            job_id="job",
            number=number,
            line=number + 1,
            chunk=(number - 1) // LARGEST_BATCH + 1,
            unit=f"pair {number}",
            variant_id=variants[number % len(variants)],
            price=Money(Decimal(150 + number % 90), "EUR"),
            updated_at=now,
        )
        for number in range(1, rows + 1)
    ]
    sizes = Counter(item.chunk or 0 for item in items)
    chunks = [Chunk(job_id="job", number=number, size=size) for number, size in sorted(sizes.items())]
    job = Job(id="job", account="default", kind=JobKind.CREATE, key="job", total=rows, created_at=now)
    return job, items, chunks


async def _day(rows: int, file: Path) -> Day:
    clock = LoopClock()
    simulator = Simulator(SimulatorConfig(limits=Limits.official(), products=200), clock=clock)
    variants = [each.id for product in simulator.catalog.products for each in product.variants][:SIZES]
    async with (
        TimelessDatabase(f"sqlite+aiosqlite:///{file}", clock=clock) as database,
        practice_client(simulator=simulator, clock=clock, profile=OFFICIAL) as market,
    ):
        await database.upgrade()
        job, items, chunks = new_job(rows, variants, clock)
        simulator.declare_units(Counter(item.variant_id or "" for item in items))
        tasks = TaskRepository(database, clock=clock)
        async with database.transaction() as session:
            await JobRepository(session).create(job, items, chunks)
            await tasks.put(session, Task(account="default", kind="job", subject="job", lane=1, due_at=clock.now()))
        catalog = StockXCatalogService(market.service, database, clock=clock, metrics=Metrics())
        guard = WriteGuard(database, account="default", rails=GuardRails())
        events = EventLog(database, tasks, account="default")
        steps = BulkSteps(database, market.service, catalog, guard=guard, events=events, clock=clock)
        runner = StepRunner(tasks, {"job": ForSubject(steps.advance)}, worker="w", clock=clock, metrics=Metrics())
        await LocalLoop(runner, roster=Only("default"), clock=clock).run(until_done=True)
        async with database.reading() as session:
            ended = await JobRepository(session).get("job")
            progress = await JobRepository(session).progress("job")
        if ended is None or ended.started_at is None or ended.finished_at is None:
            raise RuntimeError("the job did not end")
        seconds = (ended.finished_at - ended.started_at).total_seconds()
        return Day(seconds, dict(progress.rows), simulator.report())


def _held() -> AbstractContextManager[None]:
    loop = asyncio.get_running_loop()
    return loop.held() if isinstance(loop, VirtualTimeLoop) else nullcontext()


def day(rows: int) -> Day:
    """List so many pairs at the official limits."""
    with tempfile.TemporaryDirectory() as folder:
        return run_virtual(_day(rows, Path(folder) / "bulk.db"))
