"""Bulk jobs in tests: a practice market, a database, stored jobs, and a loop that does their steps until they end."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from solegate.client.policy.rate import LimitProfile
from solegate.client.service import StockXService
from solegate.clock import Clock, LoopClock
from solegate.db import Database, Session
from solegate.db.repositories.job_intents import JobIntents
from solegate.db.repositories.jobs import JobRepository
from solegate.db.repositories.tasks import TaskRepository
from solegate.domain.guard_rails import GuardRails
from solegate.domain.intents import Intent, unit_of_listing
from solegate.domain.jobs import Chunk, Job, JobItem, JobKind, RowState
from solegate.domain.leases import Lease
from solegate.domain.money import Money
from solegate.domain.tasks import Progress
from solegate.metrics import Metrics
from solegate.services.bulk.desk import BulkPolicy
from solegate.services.bulk.steps import BulkSteps
from solegate.services.catalog import StockXCatalogService
from solegate.services.events.log import EventLog
from solegate.services.guard import WriteGuard
from solegate.simulator import Limits, Pace, Simulator, SimulatorConfig
from solegate.simulator.world.sellable import is_sellable
from solegate.testing import UNLIMITED, practice_client, run_virtual

CALM = Pace(settle_failure=0.0, buyers_per_day=0.0)
"""Nothing happens by chance."""


class Crash(Exception):  # noqa: N818 - not an error of the product: the process is gone
    """The process was killed here."""


class MortalDatabase(Database):
    """A database whose process dies at commits: `dies(before)` is asked at each, before and after it."""

    dies: Callable[[bool], bool] = staticmethod(lambda _before: False)
    commits = 0
    has_died = False

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        async with super().transaction() as session:
            yield session
            self.commits += 1
            if self.dies(True):
                raise Crash
        if self.dies(False):
            raise Crash


@dataclass
class Yard:
    """A practice market, a database, and whatever does the steps."""

    stockx: StockXService
    simulator: Simulator
    clock: Clock
    database: MortalDatabase
    policy: BulkPolicy = field(default_factory=BulkPolicy)
    rails: GuardRails = field(default_factory=GuardRails)
    per_chunk: int = 100
    steps_done: int = 0

    def new_steps(self) -> BulkSteps:
        """What a freshly started process has: nothing but the database."""
        catalog = StockXCatalogService(self.stockx, self.database, clock=self.clock, metrics=Metrics())
        guard = WriteGuard(self.database, account="default", rails=self.rails)
        events = EventLog(self.database, TaskRepository(self.database, clock=self.clock), account="default")
        return BulkSteps(
            self.database, self.stockx, catalog, guard=guard, events=events, clock=self.clock, policy=self.policy
        )

    def lease(self, seconds: float = 600.0) -> Lease:
        until = self.clock.now() + timedelta(seconds=seconds)
        return Lease("worker", 1, until, self.clock.monotonic() + seconds)

    async def drive(self, job_id: str = "job", *, most_steps: int = 5_000, lease_seconds: float = 600.0) -> None:
        """Do steps until the job has nothing more to do; a crash is followed by a new process, at once."""
        steps = self.new_steps()
        for _ in range(most_steps):
            self.steps_done += 1
            try:
                progress = await steps.advance(job_id, self.lease(lease_seconds))
            except Crash:
                steps = self.new_steps()
                continue
            if progress.next_due is None:
                return
            await self.clock.sleep((progress.next_due - self.clock.now()).total_seconds())
        raise AssertionError(f"the job did not end in {most_steps} steps")

    async def step(self, job_id: str = "job") -> Progress:
        return await self.new_steps().advance(job_id, self.lease())

    async def rows(self, job_id: str = "job") -> tuple[JobItem, ...]:
        async with self.database.reading() as session:
            return await JobRepository(session).items(job_id, limit=1_000_000)

    async def chunks(self, job_id: str = "job") -> tuple[Chunk, ...]:
        async with self.database.reading() as session:
            return await JobRepository(session).chunks(job_id)

    async def job(self, job_id: str = "job") -> Job:
        async with self.database.reading() as session:
            job = await JobRepository(session).get(job_id)
        assert job is not None
        return job

    async def intents(self, job_id: str = "job") -> dict[str, Intent]:
        ids = [row.intent_id for row in await self.rows(job_id) if row.intent_id]
        async with self.database.reading() as session:
            return await JobIntents(session).get(ids)

    async def store(self, job: Job, items: Sequence[JobItem], *, in_chunks: bool = True) -> None:
        """Store a job; its rows are cut into chunks, or it sends no batches."""
        numbered = [
            replace(item, chunk=(item.number - 1) // self.per_chunk + 1 if in_chunks else None) for item in items
        ]
        sizes = Counter(item.chunk for item in numbered if item.chunk)
        chunks = [Chunk(job_id=job.id, number=number or 0, size=size) for number, size in sorted(sizes.items())]
        async with self.database.transaction() as session:
            await JobRepository(session).create(job, numbered, chunks)

    async def create_job(self, count: int, *, job_id: str = "job", variants: int = 50, **changes: Any) -> Job:
        """A stored job that lists `count` pairs of some sizes; the market knows how many pairs there are."""
        ids = self.variants(variants)
        now = self.clock.now()
        job = Job(id=job_id, account="default", kind=JobKind.CREATE, key=job_id, total=count, created_at=now)
        rows = [
            JobItem(
                job_id=job_id,
                number=number,
                line=number + 1,
                unit=f"{ids[number % variants]}#{number // variants + 1}",
                variant_id=ids[number % variants],
                price=Money(Decimal(150 + number % 90), "EUR"),
                updated_at=now,
            )
            for number in range(1, count + 1)
        ]
        self.simulator.declare_units(Counter(row.variant_id or "" for row in rows))
        await self.store(replace(job, **changes), rows)
        return job

    async def change_job(
        self, kind: JobKind, listing_ids: Iterable[str], *, job_id: str = "changes", price: Money | None = None
    ) -> None:
        """A stored job that changes listings."""
        now = self.clock.now()
        rows = [
            JobItem(
                job_id=job_id,
                number=number,
                line=number + 1,
                unit=unit_of_listing(listing_id),
                listing_id=listing_id,
                price=price,
                updated_at=now,
            )
            for number, listing_id in enumerate(listing_ids, start=1)
        ]
        job = Job(id=job_id, account="default", kind=kind, key=job_id, total=len(rows), created_at=now)
        await self.store(job, rows)

    def variants(self, count: int, *, sellable: bool = True) -> list[str]:
        """Sizes of the catalog that can be sold, or that cannot."""
        seed = self.simulator.config.seed
        return [
            variant.id
            for product in self.simulator.catalog.products
            for variant in product.variants
            if is_sellable(seed, product, variant) is sellable
        ][:count]

    def live(self) -> int:
        """Listings that a buyer can take now."""
        return sum(each.is_live(self.clock.now()) for each in self.simulator.listings.all())


@asynccontextmanager
async def yard(
    url: str,
    *,
    pace: Pace = CALM,
    limits: Limits | None = None,
    profile: LimitProfile = UNLIMITED,
    seed: int = 1,
    **changes: Any,
) -> AsyncIterator[Yard]:
    """A market and the database at `url`, on the event loop's time."""
    clock = LoopClock()
    simulator = Simulator(
        SimulatorConfig(seed=seed, limits=limits or Limits.off(), pace=pace, products=200), clock=clock
    )
    async with (
        practice_client(simulator=simulator, clock=clock, profile=profile) as market,
        MortalDatabase(url, clock=clock) as database,
    ):
        yield Yard(market.service, simulator, clock, database, **changes)


def states(rows: Iterable[JobItem]) -> dict[RowState, int]:
    """How many rows are in which state."""
    return dict(Counter(row.state for row in rows))


def killer(seed: int, chance: float) -> Callable[[bool], bool]:
    """Kills the process at random commits."""
    dice = Random(seed)
    return lambda _before: dice.random() < chance


def play(url: str, story: Callable[[Yard], Awaitable[None]], **changes: Any) -> None:
    """Run a story of bulk jobs in virtual time; `changes` are those of `yard`."""

    async def run() -> None:
        async with yard(url, **changes) as opened:
            await story(opened)

    run_virtual(run())
