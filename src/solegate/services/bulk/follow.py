"""Follows a batch until StockX has worked it off, and takes down what came of each item."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from solegate.client.models.batches import BatchRef
from solegate.client.policy.waiting import BATCH_PATIENCE, next_look
from solegate.domain import job_chunks as chunks
from solegate.domain.batches import BatchKind
from solegate.domain.intents import Action
from solegate.domain.job_intents import with_listing
from solegate.domain.job_results import Entry, Worked, decided, item_failed, match_changed, match_created
from solegate.domain.jobs import Chunk, Job, JobKind, RowState
from solegate.domain.tasks import Progress
from solegate.errors import NotFoundError
from solegate.services.bulk.book import ChunkBook
from solegate.services.bulk.desk import Desk
from solegate.services.bulk.sightings import Sightings

_GIVE_UP = timedelta(hours=24)
"""A batch that is not worked off by then never will be; what its listings say counts."""
_LOOKS_BEFORE_GONE = 5
"""Looks at a batch that StockX does not know before it counts as forgotten, and not as too new to be known."""


def batch_kind(kind: JobKind) -> BatchKind:
    """Which batches a job sends; activating is an update (FACTS 1.3)."""
    return {JobKind.CREATE: BatchKind.CREATE, JobKind.DELETE: BatchKind.DELETE}.get(kind, BatchKind.UPDATE)


class Follower:
    """Looks at the batches of one account's jobs."""

    def __init__(self, desk: Desk, sightings: Sightings) -> None:
        self._desk = desk
        self._sightings = sightings

    async def look(self, job: Job, chunk: Chunk) -> Progress:
        """Ask how far a batch is; once it is worked off, read its items as well.

        Raises:
            ChunkMovedError: another worker has moved the chunk on.
            StockXError: StockX could not be asked.
        """
        kind, batch_id = batch_kind(job.kind), chunk.batch_id or ""
        elapsed = (await self._desk.now() - (chunk.sent_at or job.created_at)).total_seconds()
        try:
            batch = await self._desk.stockx.get_batch(BatchRef(kind, batch_id))
            over = batch.is_settled or elapsed > _GIVE_UP.total_seconds()
            items = await self._sightings.worked(kind, batch_id) if over else None
            done = batch.done
        except NotFoundError:
            over, items, done = chunk.looks >= _LOOKS_BEFORE_GONE, (), 0.0
        if not over or items is None:
            wait = next_look(BATCH_PATIENCE, looks=chunk.looks + 1, elapsed=elapsed, done=done)
            return await self._still_working(job, chunk, wait)
        return await self._worked(job, chunk, items)

    async def _still_working(self, job: Job, chunk: Chunk, wait: float) -> Progress:
        database = self._desk.database
        async with database.transaction() as session:
            now = await database.now(session)
            later = chunks.looked_at(chunk, now + timedelta(seconds=wait))
            await ChunkBook(session, job, now).write(chunk, later)
        return Progress(now)

    async def _worked(self, job: Job, chunk: Chunk, items: tuple[Worked, ...]) -> Progress:
        database = self._desk.database
        async with database.transaction() as session:
            now = await database.now(session)
            book = ChunkBook(session, job, now)
            entries = await book.entries(chunk, RowState.SUBMITTED)
            match = match_created if job.kind is JobKind.CREATE else match_changed
            found: Mapping[str, Worked] = match([each.intent for each in entries], items)
            learned = []
            for entry in entries:
                item = found.get(entry.intent.id)
                if item is None:
                    continue
                if item.error and not _may_have_arrived_before(entry):
                    learned.append(decided(entry, item_failed(item.error), now))
                elif item.listing_id and not entry.item.listing_id:
                    learned.append(with_listing(entry, item.listing_id, now))
            failed = sum(each.item.state is RowState.FAILED for each in learned)
            over = chunks.worked(chunk, now) if failed < len(entries) else chunks.ended(chunk)
            await book.write(chunk, over, learned, evidence={"items": len(items), "failed": failed})
        return Progress(now, f"chunk {chunk.number}: batch {chunk.batch_id} is worked off")


def _may_have_arrived_before(entry: Entry) -> bool:
    """Whether a change that failed now may have been in effect since it was sent the first time: a read will tell."""
    return entry.intent.action is not Action.CREATE and entry.intent.attempts > 1
