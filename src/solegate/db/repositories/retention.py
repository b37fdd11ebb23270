"""Deleting what is of no more use, a bounded number of rows at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from solegate.db.tables import (
    AuditRow,
    ChunkRow,
    DeliveryRow,
    IdempotencyRow,
    InboxRow,
    JobItemRow,
    JobRow,
    WebhookMarkRow,
)
from solegate.domain.deliveries.values import DeliveryState
from solegate.domain.jobs import FINISHED_JOBS
from solegate.domain.webhooks.values import EntryState


class RetentionRepository:
    """What one account has outlived, inside the transaction of the given session."""

    def __init__(self, session: AsyncSession, account: str) -> None:
        self._session = session
        self._account = account

    async def delete_keys(self, now: datetime, *, limit: int) -> int:
        """Idempotency keys that have expired, and whose request is not being worked on; of every account."""
        return await self._delete(
            IdempotencyRow,
            (IdempotencyRow.scope, IdempotencyRow.key),
            IdempotencyRow.expires_at < now,
            IdempotencyRow.lease_until < now,
            limit=limit,
        )

    async def delete_audit(self, before: datetime, *, limit: int) -> int:
        """Lines of the audit trail."""
        old = (AuditRow.account == self._account, AuditRow.at < before)
        return await self._delete(AuditRow, (AuditRow.id,), *old, limit=limit)

    async def delete_jobs(self, before: datetime, *, limit: int) -> int:
        """Rows and chunks of jobs that ended before a moment; then, when none are left, the jobs themselves."""
        ended = select(JobRow.id).where(
            JobRow.account == self._account,
            JobRow.state.in_([state.value for state in FINISHED_JOBS]),
            JobRow.finished_at < before,
        )
        rows = await self._delete(
            JobItemRow, (JobItemRow.job_id, JobItemRow.number), JobItemRow.job_id.in_(ended), limit=limit
        )
        if rows < limit:
            await self._session.execute(delete(ChunkRow).where(ChunkRow.job_id.in_(ended)))
            has_rows = exists().where(JobItemRow.job_id == JobRow.id)
            rows += await self._delete(JobRow, (JobRow.id,), JobRow.id.in_(ended), ~has_rows, limit=limit)
        return rows

    async def delete_webhooks(self, before: datetime, *, dead_before: datetime, limit: int) -> int:
        """Webhooks that were processed before a moment, dead ones before another; one that waits is kept."""
        dead = InboxRow.state == EntryState.DEAD.value
        old = or_(~dead & (InboxRow.processed_at < before), dead & (InboxRow.processed_at < dead_before))
        return await self._delete(InboxRow, (InboxRow.id,), InboxRow.account == self._account, old, limit=limit)

    async def delete_deliveries(self, before: datetime, *, limit: int) -> int:
        """Deliveries that came to their end before a moment; one that waits is kept."""
        key = (DeliveryRow.account, DeliveryRow.subscriber_id, DeliveryRow.event_id)
        ended = [state.value for state in DeliveryState if state is not DeliveryState.PENDING]
        old = (DeliveryRow.state.in_(ended), DeliveryRow.updated_at < before)
        return await self._delete(DeliveryRow, key, DeliveryRow.account == self._account, *old, limit=limit)

    async def delete_marks(self, before: datetime, *, limit: int) -> int:
        """How far sources were told about subjects of which nothing was heard since a moment."""
        key = (WebhookMarkRow.account, WebhookMarkRow.source, WebhookMarkRow.subject)
        old = (WebhookMarkRow.account == self._account, WebhookMarkRow.occurred_at < before)
        return await self._delete(WebhookMarkRow, key, *old, limit=limit)

    async def _delete(
        self,
        table: type[Any],
        key: tuple[InstrumentedAttribute[Any], ...],
        *conditions: ColumnElement[bool],
        limit: int,
    ) -> int:
        """Delete up to `limit` rows; returns how many there were."""
        keys = [tuple(row) for row in await self._session.execute(select(*key).where(*conditions).limit(limit))]
        for start in range(0, len(keys), 200):
            part = keys[start : start + 200]
            await self._session.execute(delete(table).where(tuple_(*key).in_(part)))
        return len(keys)
