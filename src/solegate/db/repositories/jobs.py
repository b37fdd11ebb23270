"""Bulk jobs with their rows and chunks (design 4.7). Every method works inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, bindparam, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from solegate.db.engine import insert_into
from solegate.db.tables import ChunkRow, JobItemRow, JobRow
from solegate.domain.jobs import IN_FLIGHT_CHUNKS, Chunk, ChunkState, Job, JobItem, JobKind, JobState, RowState
from solegate.domain.money import Money

T = TypeVar("T")

_AT_ONCE = 500
"""Rows in one INSERT: enough to be fast, few enough to keep memory flat."""


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How many rows of a job are in which state, and how many of its chunks."""

    rows: Mapping[RowState, int]
    chunks: Mapping[ChunkState, int]

    @property
    def ended(self) -> int:
        """Rows that have their result."""
        return sum(self.rows.get(state, 0) for state in (RowState.DONE, RowState.FAILED, RowState.SKIPPED))


class JobRepository:
    """The job tables, inside the transaction of the given session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def create(self, job: Job, items: Iterable[JobItem], chunks: Iterable[Chunk]) -> bool:
        """Write a job with everything below it; `items` and `chunks` are drawn as they are written.

        Returns:
            Whether it was written: `False` when the account has a job with this key (`find_by_key`).
        """
        insert = insert_into(self._session, JobRow).values(_job_values(job))
        unless = insert.on_conflict_do_nothing(index_elements=["account", "key"]).returning(JobRow.id)
        if (await self._session.scalars(unless)).one_or_none() is None:
            return False
        for chunk_rows in _portions(map(_chunk_values, chunks)):
            await self._session.execute(insert_into(self._session, ChunkRow), chunk_rows)
        for item_rows in _portions(map(_item_values, items)):
            await self._session.execute(insert_into(self._session, JobItemRow), item_rows)
        return True

    async def get(self, job_id: str, *, lock: bool = False) -> Job | None:
        """A job; with `lock` nobody else changes its state before the transaction ends."""
        query = select(JobRow).where(JobRow.id == job_id)
        row = await self._session.scalar(query.with_for_update() if lock else query)
        return None if row is None else _job(row)

    async def find_by_key(self, account: str, key: str) -> Job | None:
        """The job that was started with a key."""
        row = await self._session.scalar(select(JobRow).where(JobRow.account == account, JobRow.key == key))
        return None if row is None else _job(row)

    async def page(
        self,
        account: str,
        *,
        states: Collection[JobState] = (),
        before: Job | None = None,
        limit: int = 50,
    ) -> tuple[Job, ...]:
        """The account's jobs, newest first; the next page is `before` the last one of this."""
        query = select(JobRow).where(JobRow.account == account)
        if states:
            query = query.where(JobRow.state.in_(states))
        if before is not None:
            query = query.where(tuple_(JobRow.created_at, JobRow.id) < tuple_(*_position(before)))
        rows = await self._session.scalars(query.order_by(JobRow.created_at.desc(), JobRow.id.desc()).limit(limit))
        return tuple(map(_job, rows))

    async def change(
        self, job_id: str, state: JobState, *, expected: Collection[JobState], **changes: datetime | str | None
    ) -> bool:
        """Give a job a new state, and other columns with it, if it is in one of the expected ones; whether it was."""
        query = update(JobRow).where(JobRow.id == job_id, JobRow.state.in_(expected)).values(state=state, **changes)
        return await self._hit(query.returning(JobRow.id))

    async def annotate(self, job_id: str, note: str) -> None:
        """Say why a job stands still; empty when it goes on."""
        await self._session.execute(update(JobRow).where(JobRow.id == job_id, JobRow.note != note).values(note=note))

    async def started(self, job_id: str, at: datetime) -> None:
        """Something of a job was done: it does not stand still, and since when it goes is known."""
        first = func.coalesce(JobRow.started_at, bindparam(None, at, JobRow.started_at.type))
        idle = (JobRow.started_at.is_(None)) | (JobRow.note != "")
        await self._session.execute(update(JobRow).where(JobRow.id == job_id, idle).values(started_at=first, note=""))

    async def progress(self, job_id: str) -> JobProgress:
        """How far a job is: its rows and chunks, counted by state."""
        rows = select(JobItemRow.state, func.count()).where(JobItemRow.job_id == job_id).group_by(JobItemRow.state)
        chunks = select(ChunkRow.state, func.count()).where(ChunkRow.job_id == job_id).group_by(ChunkRow.state)
        return JobProgress(
            {RowState(state): count for state, count in await self._session.execute(rows)},
            {ChunkState(state): count for state, count in await self._session.execute(chunks)},
        )

    async def items(
        self, job_id: str, *, after: int = 0, limit: int = 100, states: Collection[RowState] = ()
    ) -> tuple[JobItem, ...]:
        """A page of rows by number; the next page is `after` the last number of this."""
        query = select(JobItemRow).where(JobItemRow.job_id == job_id, JobItemRow.number > after)
        if states:
            query = query.where(JobItemRow.state.in_(states))
        rows = await self._session.scalars(query.order_by(JobItemRow.number).limit(limit))
        return tuple(map(_item, rows))

    async def items_of(self, chunk: Chunk) -> tuple[JobItem, ...]:
        """The rows of a chunk, by number."""
        query = select(JobItemRow).where(JobItemRow.job_id == chunk.job_id, JobItemRow.chunk == chunk.number)
        return tuple(map(_item, await self._session.scalars(query.order_by(JobItemRow.number))))

    async def save_items(self, items: Sequence[JobItem]) -> None:
        """Write what a step learned of rows; what a row asks for is not changed."""
        if items:
            rows = [{name: getattr(item, name) for name in _LEARNED} for item in items]
            await self._session.execute(update(JobItemRow), rows)  # by primary key

    async def working_chunks(self, job_id: str) -> tuple[Chunk, ...]:
        """What the next step is chosen from: the chunks in flight, and the first that was not sent."""
        of_job = select(ChunkRow).where(ChunkRow.job_id == job_id).order_by(ChunkRow.number)
        flying = await self._session.scalars(of_job.where(ChunkRow.state.in_(IN_FLIGHT_CHUNKS)))
        ready = await self._session.scalars(of_job.where(ChunkRow.state == ChunkState.READY).limit(1))
        return (*map(_chunk, flying), *map(_chunk, ready))

    async def chunks(self, job_id: str, *, after: int = 0, limit: int | None = None) -> tuple[Chunk, ...]:
        """Chunks of a job, by number; the next page is `after` the last number of this."""
        query = select(ChunkRow).where(ChunkRow.job_id == job_id, ChunkRow.number > after).order_by(ChunkRow.number)
        return tuple(map(_chunk, await self._session.scalars(query.limit(limit))))

    async def move_chunk(self, chunk: Chunk, *, was: Chunk) -> bool:
        """Write a chunk as it is given, if it is still as it was seen; whether it was."""
        key = (ChunkRow.job_id == was.job_id, ChunkRow.number == was.number)
        same = (ChunkRow.state == was.state, ChunkRow.looks == was.looks)
        query = update(ChunkRow).where(*key, *same).values(_chunk_values(chunk)).returning(ChunkRow.number)
        return await self._hit(query)

    async def add_chunk(self, job_id: str, items: Sequence[JobItem], *, reason: str = "") -> Chunk:
        """A new chunk, the last of its job, of rows that lay in another one."""
        highest = select(func.max(ChunkRow.number)).where(ChunkRow.job_id == job_id)
        number = (await self._session.scalar(highest) or 0) + 1
        chunk = Chunk(job_id=job_id, number=number, size=len(items), reason=reason)
        await self._session.execute(insert_into(self._session, ChunkRow).values(_chunk_values(chunk)))
        numbers = [item.number for item in items]
        rows = (JobItemRow.job_id == job_id, JobItemRow.number.in_(numbers))
        await self._session.execute(update(JobItemRow).where(*rows).values(chunk=number))
        return chunk

    async def skip_unsent(self, job_id: str, at: datetime, reason: str) -> int:
        """Give up what was not sent: rows READY become SKIPPED, chunks READY are DONE; how many rows."""
        rows = update(JobItemRow).where(JobItemRow.job_id == job_id, JobItemRow.state == RowState.READY)
        skipped = rows.values(state=RowState.SKIPPED, reason=reason, updated_at=at).returning(JobItemRow.number)
        count = len((await self._session.scalars(skipped)).all())
        chunks = update(ChunkRow).where(ChunkRow.job_id == job_id, ChunkRow.state == ChunkState.READY)
        await self._session.execute(chunks.values(state=ChunkState.DONE))
        return count

    async def _hit(self, query: Any) -> bool:  # noqa: ANN401 - any UPDATE ... RETURNING
        return (await self._session.execute(query)).first() is not None


def _portions(rows: Iterator[T]) -> Iterator[list[T]]:
    while portion := list(islice(rows, _AT_ONCE)):
        yield portion


def _position(job: Job) -> tuple[ColumnElement[Any], ...]:
    return bindparam(None, job.created_at, JobRow.created_at.type), bindparam(None, job.id, JobRow.id.type)


def _job_values(job: Job) -> dict[str, object]:
    return {name: getattr(job, name) for name in _JOB_COLUMNS} | {"options": dict(job.options)}


def _chunk_values(chunk: Chunk) -> dict[str, object]:
    return {name: getattr(chunk, name) for name in _CHUNK_COLUMNS}


def _item_values(item: JobItem) -> dict[str, object]:
    price = {"amount": item.price and item.price.amount, "currency": item.price and item.price.currency}
    return {name: getattr(item, name) for name in _ITEM_COLUMNS} | price


_JOB_COLUMNS = (
    "id", "account", "kind", "state", "key", "name", "actor", "parent_id", "total", "created_at", "started_at",
    "finished_at", "note",
)  # fmt: skip
_CHUNK_COLUMNS = ("job_id", "number", "state", "size", "batch_id", "sent_at", "next_at", "looks", "reason")
_ITEM_COLUMNS = (
    "job_id", "number", "line", "chunk", "state", "unit", "sku", "size", "variant_id", "listing_id", "expires_at",
    "intent_id", "reason", "advice", "updated_at",
)  # fmt: skip
"""Columns that are named like the fields of their values."""

_LEARNED = ("job_id", "number", "state", "listing_id", "intent_id", "reason", "advice", "updated_at")


def _job(row: JobRow) -> Job:
    values = {name: getattr(row, name) for name in _JOB_COLUMNS}
    return Job(**values | {"kind": JobKind(row.kind), "state": JobState(row.state), "options": row.options})


def _chunk(row: ChunkRow) -> Chunk:
    return Chunk(**{name: getattr(row, name) for name in _CHUNK_COLUMNS} | {"state": ChunkState(row.state)})


def _item(row: JobItemRow) -> JobItem:
    price = None if row.amount is None or row.currency is None else Money(row.amount, row.currency)
    values = {name: getattr(row, name) for name in _ITEM_COLUMNS}
    return JobItem(**values | {"state": RowState(row.state), "price": price})
