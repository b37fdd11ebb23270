"""What a step writes: a chunk, its rows, their intents and a line of the audit trail, together or not at all."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from solegate.db import Session
from solegate.db.repositories.audit import AuditRepository
from solegate.db.repositories.job_intents import JobIntents
from solegate.db.repositories.jobs import JobRepository
from solegate.domain.audit import AuditEntry
from solegate.domain.job_results import Entry
from solegate.domain.jobs import Chunk, Job, JobItem, RowState


class ChunkMovedError(Exception):
    """Raised when another worker has moved the chunk on: nothing of this step is written."""


class ChunkBook:
    """One job's chunks and their rows, inside the transaction of the given session.

    Args:
        session: whose transaction it is.
        job: whose chunks.
        now: by the database's clock.
    """

    def __init__(self, session: Session, job: Job, now: datetime) -> None:
        self.jobs = JobRepository(session)
        self.intents = JobIntents(session)
        self.now = now
        self._job = job
        self._audit = AuditRepository(session)

    async def entries(self, chunk: Chunk, *states: RowState) -> tuple[Entry, ...]:
        """The chunk's rows in these states that have an intent, with it."""
        items = [item for item in await self.jobs.items_of(chunk) if item.state in states and item.intent_id]
        intents = await self.intents.get([item.intent_id for item in items if item.intent_id])
        return tuple(Entry(item, intents[item.intent_id]) for item in items if item.intent_id in intents)

    async def write(
        self,
        was: Chunk,
        chunk: Chunk,
        entries: Sequence[Entry] = (),
        *,
        why: str = "",
        evidence: Mapping[str, object] | None = None,
        freed: Collection[str] = (),
    ) -> None:
        """Move a chunk, and write those of its rows that changed.

        Args:
            was: the chunk as this step saw it.
            chunk: as it is now.
            entries: rows that changed, with their intents.
            why: for the audit trail.
            evidence: for the audit trail.
            freed: listings that are not for sale any more.

        Raises:
            ChunkMovedError: it is no longer as this step saw it.
        """
        if not await self.jobs.move_chunk(chunk, was=was):
            raise ChunkMovedError
        await self.save(entries)
        if freed:
            await self.intents.release(self._job.account, freed, self.now)
        if chunk.state is not was.state:
            told = {"chunk": chunk.number, "rows": chunk.size, "batch": chunk.batch_id or "", **(evidence or {})}
            await self._audit.add([self._line(f"chunk {chunk.state}", why or chunk.reason, told)])
        failed = [each for each in entries if each.item.state is RowState.FAILED]
        await self._audit.add([self._row_line(each) for each in failed])

    async def save(self, entries: Sequence[Entry]) -> None:
        """Write rows and intents as they are given; the caller moves their chunk in the same transaction."""
        await self.jobs.save_items([each.item for each in entries])
        await self.intents.save([each.intent for each in entries])

    async def send_anew(self, entries: Sequence[Entry], reason: str) -> Chunk:
        """Put rows that surely did not arrive into a new chunk; they are PLANNED and READY again."""
        return await self.jobs.add_chunk(self._job.id, [each.item for each in entries], reason=reason)

    async def refuse(self, items: Sequence[JobItem]) -> None:
        """Write rows that failed before they had an intent."""
        await self.jobs.save_items(items)
        await self._audit.add([self._refusal(each) for each in items])

    async def note(self, what: str, why: str = "", evidence: Mapping[str, object] | None = None) -> None:
        """Tell the audit trail something about the job."""
        await self._audit.add([self._line(what, why, evidence or {})])

    def _line(self, what: str, why: str, evidence: Mapping[str, object]) -> AuditEntry:
        return AuditEntry(
            at=self.now,
            account=self._job.account,
            job_id=self._job.id,
            actor=self._job.actor,
            what=what,
            why=why,
            evidence=evidence,
        )

    def _row_line(self, entry: Entry) -> AuditEntry:
        return AuditEntry(
            at=self.now,
            account=self._job.account,
            intent_id=entry.intent.id,
            listing_id=entry.item.listing_id,
            job_id=self._job.id,
            actor=self._job.actor,
            what=entry.intent.state,
            why=entry.item.reason,
            evidence={"row": entry.item.number, "line": entry.item.line},
            result=entry.item.state,
        )

    def _refusal(self, item: JobItem) -> AuditEntry:
        return self._line("refused", item.reason, {"row": item.number, "line": item.line, "unit": item.unit})
