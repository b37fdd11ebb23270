"""Reading the audit trail of an account page by page, newest first."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from solegate.db.tables import AuditRow
from solegate.domain.audit import AuditEntry

_FIELDS = ("at", "account", "intent_id", "listing_id", "job_id", "actor", "what", "why", "evidence", "result")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which lines are wanted; what is `None` does not matter."""

    intent_id: str | None = None
    listing_id: str | None = None
    job_id: str | None = None


class AuditReads:
    """Pages of the trail, inside the transaction of the given session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def page(
        self, account: str, wanted: AuditFilter, *, before: int | None = None, limit: int
    ) -> tuple[tuple[int, AuditEntry], ...]:
        """Lines with their numbers, newest first.

        Args:
            account: whose trail.
            wanted: which lines.
            before: only lines older than the one of this number.
            limit: most lines.
        """
        query = select(AuditRow).where(AuditRow.account == account)
        for name in ("intent_id", "listing_id", "job_id"):
            if (value := getattr(wanted, name)) is not None:
                query = query.where(getattr(AuditRow, name) == value)
        if before is not None:
            query = query.where(AuditRow.id < before)
        rows = await self._session.scalars(query.order_by(AuditRow.id.desc()).limit(limit))
        return tuple((row.id, AuditEntry(**{name: getattr(row, name) for name in _FIELDS})) for row in rows)
