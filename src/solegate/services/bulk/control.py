"""Bulk jobs as their owner sees them: start, watch, pause, resume, cancel, repeat what failed, take back what was done.

A job is started in one transaction with its rows, its chunks and the task that makes a worker advance it; so there is
never one without the other, and whichever process has a worker goes on with it (design 4.7). What the steps do stands
in `steps.py`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from solegate.clock import Clock
from solegate.db import Database, Session
from solegate.db.repositories.audit import AuditRepository
from solegate.db.repositories.jobs import JobRepository
from solegate.db.repositories.tasks import TaskRepository
from solegate.domain.job_rows import RawRow
from solegate.domain.jobs import FINISHED_JOBS, Job, JobItem, JobKind, JobState, RowState
from solegate.errors import InvalidInputError, NoSuchRecordError
from solegate.services.bulk.again import UNDOABLE, rows_to_repeat, rows_to_take_back
from solegate.services.bulk.plan import Draft, JobOptions, JobPlanner
from solegate.services.bulk.progress import JobProgress, progress_of
from solegate.services.bulk.rows import RowSource, Values, rows_of_values
from solegate.services.bulk.start import JobStarter, audit_of, task_of

POLL_SECONDS = 1.0
"""How often a waiter looks at a job that another process may be working on."""
_PAGE = 500
_STANDARD = JobOptions()


@dataclass(frozen=True, slots=True)
class Started:
    """A job that was started, or had been before; `is_new` tells which."""

    job: Job
    is_new: bool


class BulkJobs:
    """The bulk jobs of one account.

    Args:
        database: where they are.
        planner: drafts them.
        starter: stores them.
        tasks: what makes workers advance them.
        clock: measures the pauses of waiters.
        account: whose jobs.
        new_id: makes a text unlike any other.
    """

    def __init__(
        self,
        database: Database,
        planner: JobPlanner,
        starter: JobStarter,
        tasks: TaskRepository,
        *,
        clock: Clock,
        account: str,
        new_id: Callable[[], str],
    ) -> None:
        self._database = database
        self._planner = planner
        self._starter = starter
        self._tasks = tasks
        self._clock = clock
        self._account = account
        self._new_id = new_id

    async def draft(
        self,
        kind: JobKind,
        rows: RowSource | Iterable[Values],
        *,
        key: str | None = None,
        again: bool = False,
        name: str = "",
        options: JobOptions = _STANDARD,
    ) -> Draft:
        """Check rows and plan a job; nothing is stored.

        Args:
            kind: what the job does with each row.
            rows: a source, or the rows as values.
            key: under which the job is started once; unless given, the same rows make the same job.
            again: make another job of the same rows.
            name: for people.
            options: how they are checked.

        Raises:
            InvalidInputError: there are no rows, or the key belongs to other ones.
            StockXError: StockX could not be asked about a style code.
        """
        kind = JobKind(kind)
        source = rows if isinstance(rows, RowSource) else rows_of_values(rows, kind)
        key = self._new_id() if again and key is None else key
        return await self._planner.draft(kind, source, options, key=key, name=name)

    async def start(
        self,
        kind: JobKind,
        rows: RowSource | Iterable[Values],
        *,
        key: str | None = None,
        name: str = "",
        actor: str = "",
        options: JobOptions = _STANDARD,
    ) -> Started:
        """Check rows and start a job; see `draft` and `start_draft`."""
        return await self.start_draft(await self.draft(kind, rows, key=key, name=name, options=options), actor=actor)

    async def start_draft(self, draft: Draft, *, actor: str, parent: Job | None = None) -> Started:
        """Store a job; from then on it is worked on, in whichever process does.

        Args:
            draft: what was checked; what may have changed since is checked again.
            actor: who starts it.
            parent: the job whose rows it repeats or takes back.

        Returns:
            The new job, or the one that was started under its key before.

        Raises:
            InvalidInputError: rows cannot be done; nothing was stored.
            WritesStoppedError: every write of the account is stopped.
        """
        if draft.existing is not None:
            return Started(draft.existing, is_new=False)
        return Started(*await self._starter.start(draft, self._new_id(), actor=actor, parent=parent))

    async def get(self, job_id: str) -> Job:
        """A job.

        Raises:
            NoSuchRecordError: the account has no such job.
        """
        async with self._database.reading() as session:
            return await self._get(session, job_id)

    async def list(
        self, *, states: Collection[JobState] = (), before: str | None = None, limit: int = 50
    ) -> tuple[Job, ...]:
        """The account's jobs, newest first; the next page is `before` the last id of this.

        Raises:
            NoSuchRecordError: there is no such job.
        """
        async with self._database.reading() as session:
            last = None if before is None else await self._get(session, before)
            return await JobRepository(session).page(self._account, states=states, before=last, limit=limit)

    async def rows(
        self, job_id: str, *, states: Collection[RowState] = (), after: int = 0, limit: int = 100
    ) -> tuple[JobItem, ...]:
        """A page of rows by number; the next page is `after` the last number of this."""
        async with self._database.reading() as session:
            await self._get(session, job_id)
            return await JobRepository(session).items(job_id, after=after, limit=limit, states=states)

    async def each_row(self, job_id: str, *, states: Collection[RowState] = ()) -> AsyncIterator[JobItem]:
        """Every row by number, read in pages: a report of any length needs little memory."""
        after = 0
        while page := await self.rows(job_id, states=states, after=after, limit=_PAGE):
            for item in page:
                yield item
            after = page[-1].number

    async def progress(self, job_id: str) -> JobProgress:
        """How far a job is, and when it can be done at the earliest.

        Raises:
            NoSuchRecordError: the account has no such job.
        """
        async with self._database.reading() as session:
            job = await self._get(session, job_id)
            counts = await JobRepository(session).progress(job_id)
            now = await self._database.now(session)
        return progress_of(job, counts, self._planner.limits(), now)

    async def watch(self, job_id: str, *, every: float = POLL_SECONDS) -> AsyncIterator[JobProgress]:
        """How far a job is, again and again, until nothing more happens to it.

        It looks at the shared rows, so it does not matter which process does the work.
        """
        while not (progress := await self.progress(job_id)).has_stopped:
            yield progress
            await self._clock.sleep(every)
        yield progress

    async def wait(self, job_id: str, *, every: float = POLL_SECONDS) -> JobProgress:
        """Wait until every row has its result, or the job is paused and nothing of it is under way."""
        while not (progress := await self.progress(job_id)).has_stopped:
            await self._clock.sleep(every)
        return progress

    async def pause(self, job_id: str, *, actor: str = "") -> Job:
        """Send nothing more for now; what was sent is followed to its end. A paused job stays so.

        Raises:
            InvalidInputError: it has ended, or there is no such job.
        """
        return await self._change(job_id, JobState.PAUSED, actor)

    async def resume(self, job_id: str, *, actor: str = "") -> Job:
        """Go on with a paused job.

        Raises:
            InvalidInputError: it has ended, or there is no such job.
        """
        return await self._change(job_id, JobState.RUNNING, actor)

    async def cancel(self, job_id: str, *, actor: str = "") -> Job:
        """Give up what was not sent; what was sent is followed to its end.

        Raises:
            InvalidInputError: there is no such job, or it is done.
        """
        return await self._change(job_id, JobState.CANCELLED, actor)

    async def retry_failed(self, job_id: str, *, actor: str) -> Started:
        """Start a job of the rows that failed; the same rows are never repeated by two jobs at once.

        Rows that still cannot be done, such as a pair that is listed by now, are kept as failed ones with the reason.

        Raises:
            InvalidInputError: there is no such job, or nothing of it failed.
        """
        job = await self.get(job_id)
        failed = [item async for item in self.each_row(job_id, states=[RowState.FAILED])]
        if not failed:
            raise InvalidInputError(f"No row of job {job_id} failed.", hint="`jobs show` tells how far it is.")
        return await self._follow_up(
            job, job.kind, rows_to_repeat(job, failed), f"Retry of {job.name or job.id}", actor
        )

    async def undo(self, job_id: str, *, actor: str) -> Started:
        """Start a job that takes off sale what this one put up for sale.

        Raises:
            InvalidInputError: there is no such job, it still runs, or it put nothing up for sale.
        """
        progress = await self.progress(job_id)
        job = progress.job
        if job.kind not in UNDOABLE:
            raise InvalidInputError(f"A job of kind {job.kind} puts nothing up for sale that could be taken back.")
        if not progress.is_over:
            raise InvalidInputError(f"Job {job_id} is not over.", hint="Cancel it first, then wait for what was sent.")
        done = [item async for item in self.each_row(job_id, states=[RowState.DONE])]
        rows = rows_to_take_back(done)
        if not rows:
            raise InvalidInputError(f"Job {job_id} put nothing up for sale.")
        return await self._follow_up(job, JobKind.DEACTIVATE, rows, f"Undo of {job.name or job.id}", actor)

    async def _follow_up(self, job: Job, kind: JobKind, rows: Sequence[RawRow], name: str, actor: str) -> Started:
        """Start a job of rows of another one; the same rows make the same job."""
        source = RowSource(partial(iter, rows), name)
        draft = await self._planner.draft(kind, source, JobOptions(skip_invalid=True), salt=job.id)
        return await self.start_draft(draft, actor=actor, parent=job)

    async def _get(self, session: Session, job_id: str, *, lock: bool = False) -> Job:
        job = await JobRepository(session).get(job_id, lock=lock)
        if job is None or job.account != self._account:
            raise NoSuchRecordError(f"There is no job '{job_id}'.", hint="`solegate jobs list` shows them.")
        return job

    async def _change(self, job_id: str, state: JobState, actor: str) -> Job:
        async with self._database.transaction() as session:
            jobs = JobRepository(session)
            job = await self._get(session, job_id, lock=True)
            if job.state is state:
                return job
            if job.state in FINISHED_JOBS:
                raise InvalidInputError(f"Job {job_id} is {job.state}: it has ended.")
            now = await self._database.now(session)
            await jobs.change(job_id, state, expected=[job.state], note="")
            if state is JobState.CANCELLED:
                await jobs.skip_unsent(job_id, now, "The job was cancelled before it was sent.")
            await AuditRepository(session).add([audit_of(job, f"job {state}", now, actor=actor)])
            await self._tasks.put(session, task_of(job, now))
            return await self._get(session, job_id)
