"""Works a stored job off, one short step at a time, so that it can be killed at any moment (design 4.7).

A step reads the job as it is stored, chooses what to do (`domain.job_steps`), commits what is about to happen, calls
StockX, and commits what was learned. Nothing is remembered between two steps: any process may do the next one.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from solegate.client.service import StockXService
from solegate.clock import Clock
from solegate.db import Database
from solegate.db.repositories.jobs import JobRepository
from solegate.domain import job_chunks as moves
from solegate.domain.events.others import job_finished
from solegate.domain.job_steps import Enrich, JobAction, Look, ReadBack, Reconcile, Submit, Wait, next_action
from solegate.domain.jobs import Chunk, ChunkState, Job, JobState
from solegate.domain.leases import Lease
from solegate.domain.tasks import Progress
from solegate.errors import AuthenticationError, StockXError
from solegate.services.bulk.book import ChunkBook, ChunkMovedError
from solegate.services.bulk.desk import BulkPolicy, Desk
from solegate.services.bulk.enrichment import Enricher
from solegate.services.bulk.follow import Follower
from solegate.services.bulk.search import Searcher
from solegate.services.bulk.settle import Settler
from solegate.services.bulk.sightings import Sightings
from solegate.services.bulk.submit import Submitter
from solegate.services.catalog import StockXCatalogService
from solegate.services.events.log import EventLog
from solegate.services.guard import WriteGuard


class BulkSteps:
    """Does the steps of one account's bulk jobs.

    Args:
        database: where jobs are stored.
        stockx: the account's client.
        catalog: enriches SKUs.
        guard: is asked before anything is sent.
        events: where it is told what came of them.
        clock: asked by the gate, at the last byte.
        policy: how patient the steps are.
    """

    def __init__(
        self,
        database: Database,
        stockx: StockXService,
        catalog: StockXCatalogService,
        *,
        guard: WriteGuard,
        events: EventLog,
        clock: Clock,
        policy: BulkPolicy | None = None,
    ) -> None:
        desk = Desk(
            database=database,
            stockx=stockx,
            clock=clock,
            guard=guard,
            events=events,
            policy=policy or BulkPolicy(),
        )
        sightings = Sightings(stockx)
        self._desk = desk
        self._submitter = Submitter(desk)
        self._follower = Follower(desk, sightings)
        self._settler = Settler(desk, sightings)
        self._searcher = Searcher(desk, sightings, self._settler)
        self._enricher = Enricher(desk, catalog)

    async def advance(self, job_id: str, lease: Lease) -> Progress:
        """Do the next step of a job under the lease of its task.

        Returns:
            When the next step is due; `None` when the job ended, or is paused with nothing in flight.

        Raises:
            StockXError: StockX could not be asked; the step is to be tried again.
            DatabaseError: the database failed; what was not committed is done again.
        """
        database = self._desk.database
        async with database.reading() as session:
            now = await database.now(session)
            jobs = JobRepository(session)
            job = await jobs.get(job_id)
            chunks = await jobs.working_chunks(job_id) if job is not None else ()
        if job is None or job.finished_at is not None:
            return Progress(None)
        ready_at = now + timedelta(seconds=await self._items_ready_in(job, chunks))
        most = self._desk.policy.most_in_flight
        action = next_action(job, chunks, now, items_ready_at=ready_at, most_in_flight=most)
        try:
            return await self._do(job, action, lease)
        except ChunkMovedError:
            return Progress(now, "another worker was faster")
        except StockXError as error:
            if isinstance(action, Look | ReadBack | Reconcile):
                return await self._postponed(job, action.chunk, error)
            raise

    async def _postponed(self, job: Job, chunk: Chunk, error: StockXError) -> Progress:
        """StockX could not be asked about one chunk: the others are not to wait for it."""
        database = self._desk.database
        async with database.transaction() as session:
            now = await database.now(session)
            until = max(now + self._desk.policy.retry_after, error.retry_at or now)
            book = ChunkBook(session, job, now)
            with suppress(ChunkMovedError):
                await book.write(chunk, moves.postponed(chunk, until, error.message))
            if isinstance(error, AuthenticationError):
                await book.jobs.annotate(job.id, str(error))
        return Progress(now, f"chunk {chunk.number} could not be looked at: {error.message}")

    async def _do(self, job: Job, action: JobAction, lease: Lease) -> Progress:
        match action:
            case Submit(chunk):
                progress = await self._submitter.submit(job, chunk, lease)
            case Reconcile(chunk):
                progress = await self._searcher.search(job, chunk)
            case Look(chunk):
                progress = await self._follower.look(job, chunk)
            case ReadBack(chunk):
                progress = await self._settler.read_back(job, chunk, lease)
            case Enrich():
                progress = await self._enricher.enrich_next(job) or await self._finish(job)
            case Wait(until):
                progress = Progress(until)
            case _:
                progress = await self._finish(job)
        return progress

    async def _items_ready_in(self, job: Job, chunks: tuple[Chunk, ...]) -> float:
        """Seconds until the next chunk's items fit into StockX's window."""
        ready = next((each for each in chunks if each.state is ChunkState.READY), None)
        if ready is None or job.state is not JobState.RUNNING:
            return 0.0
        return await self._desk.stockx.items_ready_in(ready.size)

    async def _finish(self, job: Job) -> Progress:
        """Every row has its result; what a cancelled job did not send is given up."""
        database = self._desk.database
        async with database.transaction() as session:
            now = await database.now(session)
            book = ChunkBook(session, job, now)
            stored = await book.jobs.get(job.id, lock=True)
            if stored is None or stored.state is not job.state:
                return Progress(now, "another worker was faster")
            if job.state is JobState.CANCELLED:
                await book.jobs.skip_unsent(job.id, now, "The job was cancelled before this row was sent.")
                await book.intents.abandon(job.id, now)
            state = JobState.CANCELLED if job.state is JobState.CANCELLED else JobState.DONE
            await book.jobs.change(job.id, state, expected=[job.state], finished_at=now, note="")
            progress = await book.jobs.progress(job.id)
            counts = {str(each): count for each, count in progress.rows.items()}
            await book.note(f"job {state}", evidence=counts)
            await self._desk.events.record(session, [job_finished(job, state, progress.rows, now)])
        return Progress(None, f"job {state}")
