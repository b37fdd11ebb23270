"""The ledger and its audit trail page by page, newest first, from where the page before ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from solegate.db.repositories.audit import entry_of
from solegate.db.repositories.intent_reads import IntentQuery, intent_of
from solegate.db.tables import AuditRow, IntentRow
from solegate.domain.audit import AuditEntry
from solegate.domain.intents import Intent


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which lines are wanted; what is `None` does not matter."""

    intent_id: str | None = None
    listing_id: str | None = None
    job_id: str | None = None


class WritePages:
    """Pages of writes and of what happened to them, inside the transaction of the given session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def intents(
        self, query: IntentQuery, *, after: tuple[datetime, str] | None, limit: int
    ) -> tuple[Intent, ...]:
        """Intents after the one that was written down at that time under that id."""
        rows = select(IntentRow).where(*query.conditions())
        if after is not None:
            at, intent_id = after
            same_moment = and_(IntentRow.created_at == at, IntentRow.id < intent_id)
            rows = rows.where(or_(IntentRow.created_at < at, same_moment))
        rows = rows.order_by(IntentRow.created_at.desc(), IntentRow.id.desc()).limit(limit)
        return tuple(intent_of(row) for row in await self._session.scalars(rows))

    async def audit(
        self, account: str, wanted: AuditFilter, *, after: int | None, limit: int
    ) -> tuple[tuple[int, AuditEntry], ...]:
        """Lines of the audit trail with their numbers, after the one of that number."""
        lines = select(AuditRow).where(AuditRow.account == account)
        for name in ("intent_id", "listing_id", "job_id"):
            if (value := getattr(wanted, name)) is not None:
                lines = lines.where(getattr(AuditRow, name) == value)
        if after is not None:
            lines = lines.where(AuditRow.id < after)
        rows = await self._session.scalars(lines.order_by(AuditRow.id.desc()).limit(limit))
        return tuple((row.id, entry_of(row)) for row in rows)
