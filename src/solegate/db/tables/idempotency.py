"""Answers kept for requests that carry an `Idempotency-Key`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column

from solegate.db.tables.base import Base


class IdempotencyRow(Base):
    """One key and what came of it; no `status` while the request is being worked on."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index("ix_idempotency_keys_expires", "expires_at"),)

    scope: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    fence: Mapped[int]
    lease_until: Mapped[datetime]
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any]] = mapped_column(JSON)
    body: Mapped[bytes | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
