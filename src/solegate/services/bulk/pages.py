"""An account's bulk jobs, their rows and their chunks, page by page."""

from __future__ import annotations

from collections.abc import Collection

from solegate.db import Database, Session
from solegate.db.repositories.jobs import JobRepository
from solegate.domain.cursors import Page, cursor_of, numbered_page, read_cursor, read_number
from solegate.domain.jobs import Chunk, Job, JobItem, JobState, RowState
from solegate.errors import NoSuchRecordError


class JobPages:
    """The bulk jobs of one account. Reads only."""

    def __init__(self, database: Database, *, account: str) -> None:
        self._database = database
        self._account = account

    async def jobs(self, *, states: Collection[JobState] = (), cursor: str | None = None, limit: int) -> Page[Job]:
        """Jobs, newest first.

        Raises:
            NoSuchRecordError: the cursor is none of this list.
        """
        async with self._database.reading() as session:
            last = None if cursor is None else await self._job(session, read_cursor(cursor, 1)[0])
            found = await JobRepository(session).page(self._account, states=states, before=last, limit=limit + 1)
        return Page(found[:limit], cursor_of(found[limit - 1].id) if len(found) > limit else None)

    async def rows(
        self, job_id: str, *, states: Collection[RowState] = (), cursor: str | None = None, limit: int
    ) -> Page[JobItem]:
        """Rows of a job, by number.

        Raises:
            NoSuchRecordError: the account has no such job, or the cursor is none of this list.
        """
        after = 0 if cursor is None else read_number(cursor)
        async with self._database.reading() as session:
            await self._job(session, job_id)
            found = await JobRepository(session).items(job_id, states=states, after=after, limit=limit + 1)
        return numbered_page(found, lambda row: row.number, limit=limit)

    async def chunks(self, job_id: str, *, cursor: str | None = None, limit: int) -> Page[Chunk]:
        """Chunks of a job, by number.

        Raises:
            NoSuchRecordError: the account has no such job, or the cursor is none of this list.
        """
        after = 0 if cursor is None else read_number(cursor)
        async with self._database.reading() as session:
            await self._job(session, job_id)
            found = await JobRepository(session).chunks(job_id, after=after, limit=limit + 1)
        return numbered_page(found, lambda chunk: chunk.number, limit=limit)

    async def _job(self, session: Session, job_id: str) -> Job:
        job = await JobRepository(session).get(job_id)
        if job is None or job.account != self._account:
            raise NoSuchRecordError(f"There is no job {job_id}.")
        return job
