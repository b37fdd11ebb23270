"""One step of a sync, whoever asks for it: what it read and how far it is are kept in one transaction.

A step first reads from StockX, then keeps. A process that dies in between has lost its requests and nothing else; of
two processes that do the same step at once, one keeps it (`SyncRepository.save`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime

from solegate.client.options import CallOptions
from solegate.client.policy.call import Lane, Reply
from solegate.client.service import StockXService
from solegate.clock import Clock
from solegate.db import Database, Session
from solegate.db.repositories.syncs import SyncRepository
from solegate.domain.leases import Lease
from solegate.domain.sync import Cost, SyncName, SyncRun
from solegate.domain.tasks import Progress
from solegate.errors import DatabaseError, SolegateError, StockXError
from solegate.metrics import Metrics

DETAILS_PER_STEP = 5
"""Single reads of one step: some seconds at StockX's official limit."""
PATIENCE = 100.0
"""Seconds a call may wait for its turn behind more urgent ones; a step of five is over before it counts as hanging."""

Keep = Callable[[Session, datetime], Awaitable[SyncRun]]
"""Keeps what a step read, at a time of the database, and says how far the run is."""


class Requests:
    """Counts the requests of a step and says how its calls are made."""

    def __init__(self, lane: Lane | None, may_go_on: Callable[[], bool]) -> None:
        self.sent = 0
        self.may_go_on = may_go_on
        self.options = CallOptions(lane=lane, deadline=PATIENCE, on_reply=self._replied)

    def _replied(self, reply: Reply) -> None:
        self.sent += reply.attempts


class SteppedSync:
    """A sync that is advanced step by step. What is read, and how it is kept, the syncs themselves know.

    Args:
        name: which one.
        stockx: the client.
        database: holds the mirror and the state of the sync.
        clock: tells whether a lease still holds.
        metrics: counts requests and runs.
        lane: priority of its calls; that of each operation unless given.
    """

    def __init__(
        self,
        name: SyncName,
        stockx: StockXService,
        database: Database,
        *,
        clock: Clock,
        metrics: Metrics,
        lane: Lane | None = None,
    ) -> None:
        self.name = name
        self._stockx = stockx
        self._database = database
        self._clock = clock
        self._metrics = metrics
        self._lane = lane

    @property
    def _account(self) -> str:
        return self._stockx.config.account

    async def cost(self) -> Cost:
        """Requests that the next run takes, as far as the mirror tells. It sends none."""
        raise NotImplementedError

    async def status(self) -> SyncRun:
        """How it stands."""
        async with self._database.reading() as session:
            return await SyncRepository(session, self._account).load(self.name)

    async def step(self, lease: Lease | None = None) -> Progress:
        """Do the next step of the run under way, or begin a run: one page, or a few details.

        Args:
            lease: the right to do so; between two requests it is asked whether it still holds.

        Returns:
            When the next step is due: at once, or never as the run has ended.

        Raises:
            StockXError: StockX could not be asked; the run goes on from here with the next step.
            DatabaseError: the database failed; nothing of this step was kept.
        """
        run = await self._under_way()
        requests = Requests(self._lane, lambda: lease is None or self._holds(lease))
        try:
            keep = await self._read(run, requests)
            async with self._database.transaction() as session:
                now = await self._database.now(session)
                kept = await SyncRepository(session, self._account).save(await keep(session, now))
                if kept is None:
                    raise _TakenError
        except _TakenError:
            return Progress(await self._now(), "another process did this step")
        except SolegateError as error:
            await self._keep_failure(run, error, requests.sent)
            raise
        self._count(run, kept)
        if kept.under_way:
            return Progress(now, f"{kept.rows} rows so far")
        return Progress(None, f"{kept.rows} rows, {kept.changed} changed, {kept.requests} requests")

    async def _begin(self, _session: Session, run: SyncRun, now: datetime) -> SyncRun:
        """A new run."""
        return run.begun(now)

    async def _read(self, run: SyncRun, requests: Requests) -> Keep:
        """Read what comes next of the run from StockX."""
        raise NotImplementedError

    async def _under_way(self) -> SyncRun:
        run = await self.status()
        while not run.under_way:
            async with self._database.transaction() as session:
                now = await self._database.now(session)
                syncs = SyncRepository(session, self._account)
                begun = await syncs.save(await self._begin(session, run, now))
                run = begun or await syncs.load(self.name)
        return run

    async def _keep_failure(self, run: SyncRun, error: SolegateError, sent: int) -> None:
        """Let the state of the sync tell why it does not go on; where even that fails, the error itself does."""
        sent += error.attempts if isinstance(error, StockXError) else 0
        self._metrics.sync_requests.labels(self.name).inc(sent)
        self._metrics.sync_runs.labels(self.name, "failed").inc()
        with suppress(DatabaseError):
            async with self._database.transaction() as session:
                await SyncRepository(session, self._account).save(run.failed(str(error), requests=sent))

    def _count(self, before: SyncRun, after: SyncRun) -> None:
        self._metrics.sync_requests.labels(self.name).inc(after.requests - before.requests)
        if not after.under_way and after.succeeded_at is not None:
            self._metrics.sync_runs.labels(self.name, "ok").inc()
            self._metrics.sync_succeeded.labels(self.name).set(after.succeeded_at.timestamp())

    def _holds(self, lease: Lease) -> bool:
        return lease.holds(self._clock.now(), self._clock.monotonic())

    async def _now(self) -> datetime:
        async with self._database.reading() as session:
            return await self._database.now(session)


class _TakenError(Exception):
    """Raised inside a step whose run another process has taken on meanwhile: nothing of it is kept."""
