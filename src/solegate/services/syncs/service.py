"""All syncs of an account by name: to be advanced, to be looked at, and to be run now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from solegate.client.policy.call import Lane
from solegate.clock import Clock
from solegate.db import Database, Session
from solegate.db.repositories.listings import ListingRepository
from solegate.db.repositories.syncs import SyncRepository
from solegate.db.repositories.tasks import TaskRepository
from solegate.domain.leases import Lease
from solegate.domain.listing_findings import USUAL, Finding, MirroredListing
from solegate.domain.sync import Cost, SyncName, SyncRun
from solegate.domain.tasks import Progress, Task
from solegate.errors import InvalidInputError
from solegate.metrics import Metrics
from solegate.services.syncs.stepped import SteppedSync


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """How a sync stands.

    Attributes:
        run: its last run, or the one under way.
        age: seconds since a run last ended well; `None` when none has.
        cost: requests that the next run takes, as far as is known.
        next_at: when a worker does its next step; `None` when none has it on its list.
    """

    run: SyncRun
    age: float | None
    cost: Cost
    next_at: datetime | None


class SyncService:
    """The syncs of one account.

    Args:
        syncs: all there are.
        database: holds mirror, state and tasks.
        account: whose.
        clock: for the leases of tasks.
        metrics: tell when each sync last succeeded.
    """

    def __init__(
        self, syncs: Sequence[SteppedSync], database: Database, *, account: str, clock: Clock, metrics: Metrics
    ) -> None:
        self._syncs = {str(each.name): each for each in syncs}
        self._database = database
        self._account = account
        self._tasks = TaskRepository(database, clock=clock)
        self._metrics = metrics

    @property
    def names(self) -> tuple[str, ...]:
        """Every sync there is."""
        return tuple(self._syncs)

    async def step(self, name: str, lease: Lease | None = None) -> Progress:
        """Do the next step of a sync; see `SteppedSync.step`.

        Raises:
            InvalidInputError: there is no such sync.
            StockXError, DatabaseError: as `SteppedSync.step` does.
        """
        return await self._get(name).step(lease)

    async def cost(self, name: str) -> Cost:
        """Requests that the next run of a sync takes, as far as the mirror tells.

        Raises:
            InvalidInputError: there is no such sync.
        """
        return await self._get(name).cost()

    async def run(self, name: str) -> SyncRun:
        """How a sync stands.

        Raises:
            InvalidInputError: there is no such sync.
        """
        return await self._get(name).status()

    async def status(self) -> tuple[SyncStatus, ...]:
        """How every sync stands. It sends no request, and tells the metrics what another process has synced."""
        async with self._database.reading() as session:
            syncs, now = SyncRepository(session, self._account), await self._database.now(session)
            runs = [await syncs.load(name) for name in self._syncs]
            tasks = await syncs.tasks()
        for run in runs:
            if run.succeeded_at is not None:
                self._metrics.sync_succeeded.labels(run.name).set(run.succeeded_at.timestamp())
        return tuple(
            [
                SyncStatus(run, run.age(now), await self._syncs[run.name].cost(), _due_at(tasks.get(task_of(run.name))))
                for run in runs
            ]
        )

    async def run_now(self, name: str) -> SyncRun:
        """Let a worker begin a run now, or go on with the one under way; returns how the sync stands.

        Raises:
            InvalidInputError: there is no such sync.
        """
        sync = self._get(name)
        async with self._database.transaction() as session:
            await self.hasten(session, name, await self._database.now(session))
        return await sync.status()

    async def hasten(self, session: Session, name: str, due_at: datetime) -> None:
        """Have a worker do the next step of a sync no later than then, in the caller's transaction."""
        planned = (await SyncRepository(session, self._account).tasks()).get(task_of(name))
        # Its interval stays as it is.
        await self._tasks.put(session, replace(planned or _task(self._account, name), due_at=due_at))

    async def findings(self, *, usual: bool = False) -> tuple[MirroredListing, ...]:
        """Listings that are not as they should be, as the last sync found them; with `usual`, those sold as well."""
        wanted = frozenset[Finding]() if usual else frozenset(Finding) - USUAL
        async with self._database.reading() as session:
            return await ListingRepository(session, self._account).with_findings(wanted)

    def _get(self, name: str) -> SteppedSync:
        sync = self._syncs.get(name)
        if sync is None:
            raise InvalidInputError(f"There is no sync '{name}'; one of {', '.join(self._syncs)}.")
        return sync


def _due_at(task: Task | None) -> datetime | None:
    return None if task is None else task.due_at


def task_of(name: str) -> str:
    """The id of the task by which workers know a sync."""
    return _task("", name).id


def _task(account: str, name: str) -> Task:
    """A sync as a task that is done once. The market refresh is a kind of its own (issue 4)."""
    lanes = list(Lane)
    if name == SyncName.MARKET:
        return Task(account=account, kind="market", lane=lanes.index(Lane.BACKGROUND), due_at=None)
    lane = Lane.ORDERS if name == SyncName.ORDERS_ACTIVE else Lane.BACKGROUND
    return Task(account=account, kind="sync", subject=name, lane=lanes.index(lane), due_at=None)
