"""Bulk jobs, their rows and their chunks (design 4.7)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from solegate.db.tables.base import Base


class JobRow(Base):
    """One bulk job; `key` makes starting the same job twice start it once."""

    __tablename__ = "jobs"
    __table_args__ = (UniqueConstraint("account", "key"), Index("ix_jobs_account_created", "account", "created_at"))

    id: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str]
    kind: Mapped[str]
    state: Mapped[str]
    key: Mapped[str]
    name: Mapped[str]
    actor: Mapped[str]
    parent_id: Mapped[str | None]
    options: Mapped[dict[str, Any]] = mapped_column(JSON)
    total: Mapped[int]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    note: Mapped[str]


class ChunkRow(Base):
    """Up to 100 rows that go out in one batch call. `next_at` is when to look at it again."""

    __tablename__ = "job_chunks"

    job_id: Mapped[str] = mapped_column(ForeignKey(JobRow.id, ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]
    size: Mapped[int]
    batch_id: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    next_at: Mapped[datetime | None]
    looks: Mapped[int]
    reason: Mapped[str]


class JobItemRow(Base):
    """One row of a job: what was asked for (`line` of the file), and what came of it. A quantity makes several."""

    __tablename__ = "job_items"
    __table_args__ = (Index("ix_job_items_state", "job_id", "state"), Index("ix_job_items_chunk", "job_id", "chunk"))

    job_id: Mapped[str] = mapped_column(ForeignKey(JobRow.id, ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    line: Mapped[int]
    chunk: Mapped[int | None]
    state: Mapped[str]
    unit: Mapped[str]
    sku: Mapped[str | None]
    size: Mapped[str | None]
    variant_id: Mapped[str | None]
    listing_id: Mapped[str | None]
    amount: Mapped[Decimal | None]
    currency: Mapped[str | None]
    expires_at: Mapped[datetime | None]
    intent_id: Mapped[str | None]
    reason: Mapped[str]
    advice: Mapped[str]
    updated_at: Mapped[datetime]
