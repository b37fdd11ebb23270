"""Idempotency keys and the answers kept for them.

Every change names the fence it was decided on, so of two that begin at once one finds the row changed.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, CursorResult, delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from solegate.db.engine import insert_into
from solegate.db.tables import IdempotencyRow
from solegate.domain.idempotency import Answer, KeyRecord


class IdempotencyRepository:
    """Keys, inside the transaction of the given session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, scope: str, key: str) -> KeyRecord | None:
        """What is known of a key, expired or not."""
        row = await self._session.get(IdempotencyRow, (scope, key))
        return None if row is None else _record(row)

    async def begin(self, record: KeyRecord, *, instead_of: KeyRecord | None) -> bool:
        """Write a key down for whoever begins to work on it.

        Args:
            record: the key from now on.
            instead_of: as it was read; `None` when there was none.

        Returns:
            Whether it was written; if not, somebody else was faster.
        """
        values = _values(record)
        if instead_of is None:
            insert = insert_into(self._session, IdempotencyRow).values(values).on_conflict_do_nothing()
            return await self._session.scalar(insert.returning(IdempotencyRow.key)) is not None
        status = None if instead_of.answer is None else instead_of.answer.status
        as_read = (
            IdempotencyRow.lease_until == instead_of.lease_until,
            IdempotencyRow.status.is_not_distinct_from(status),
        )
        return await self._change(instead_of, values, *as_read)

    async def renew(self, record: KeyRecord, until: datetime) -> bool:
        """Hold a key longer; whether it is still held."""
        return await self._change(record, {"lease_until": until})

    async def keep(self, record: KeyRecord, answer: Answer) -> bool:
        """Keep an answer; whether the key was still held."""
        values = {"status": answer.status, "headers": dict(answer.headers), "body": answer.body}
        return await self._change(record, values)

    async def forget_expired(self, now: datetime) -> int:
        """Delete the keys whose time is over; how many."""
        gone = await self._session.execute(delete(IdempotencyRow).where(IdempotencyRow.expires_at <= now))
        return gone.rowcount if isinstance(gone, CursorResult) else 0

    async def _change(self, held: KeyRecord, values: dict[str, object], *more: ColumnElement[bool]) -> bool:
        this = (
            IdempotencyRow.scope == held.scope,
            IdempotencyRow.key == held.key,
            IdempotencyRow.fence == held.fence,
        )
        change = update(IdempotencyRow).where(*this, *more).values(values).returning(IdempotencyRow.key)
        return await self._session.scalar(change) is not None


def _record(row: IdempotencyRow) -> KeyRecord:
    answer = None if row.status is None else Answer(row.status, row.headers, row.body or b"")
    return KeyRecord(
        scope=row.scope,
        key=row.key,
        fingerprint=row.fingerprint,
        fence=row.fence,
        lease_until=row.lease_until,
        answer=answer,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )


def _values(record: KeyRecord) -> dict[str, object]:
    return {
        "scope": record.scope,
        "key": record.key,
        "fingerprint": record.fingerprint,
        "fence": record.fence,
        "lease_until": record.lease_until,
        "status": None,
        "headers": {},
        "body": None,
        "created_at": record.created_at,
        "expires_at": record.expires_at,
    }
