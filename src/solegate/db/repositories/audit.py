"""The audit trail: lines are added in the transaction of what they tell, and never changed."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from solegate.db.tables import AuditRow, IntentRow, JobItemRow
from solegate.domain.audit import AuditEntry

_FIELDS = ("at", "account", "intent_id", "listing_id", "job_id", "actor", "what", "why", "evidence", "result")
"""An entry and its row name everything alike."""


class AuditRepository:
    """The audit trail, inside the transaction of the given session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, entries: Sequence[AuditEntry]) -> None:
        """Keep entries. Evidence has to be JSON: amounts and times as text."""
        rows = [{name: getattr(entry, name) for name in _FIELDS} for entry in entries]
        if rows:
            await self._session.execute(insert(AuditRow), rows)

    async def of_intent(self, intent_id: str) -> tuple[AuditEntry, ...]:
        """What happened to an intent, oldest first; to a bulk job's also what happened to the chunk it went out in."""
        row = (IntentRow.job_id == JobItemRow.job_id) & (IntentRow.row == JobItemRow.number)
        item = select(JobItemRow.job_id, JobItemRow.chunk).join(IntentRow, row).where(IntentRow.id == intent_id)
        own, chunk = AuditRow.intent_id == intent_id, (await self._session.execute(item)).first()
        if chunk is None:
            return await self._entries(own)
        together = (AuditRow.job_id == chunk.job_id) & AuditRow.intent_id.is_(None)
        return await self._entries(own | (together & (AuditRow.evidence["chunk"].as_integer() == chunk.chunk)))

    async def _entries(self, condition: ColumnElement[bool]) -> tuple[AuditEntry, ...]:
        rows = await self._session.scalars(select(AuditRow).where(condition).order_by(AuditRow.id))
        return tuple(entry_of(row) for row in rows)


def entry_of(row: AuditRow) -> AuditEntry:
    """A line as a value."""
    return AuditEntry(**{name: getattr(row, name) for name in _FIELDS})
