"""Who is told what happened, and how far each is told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, BigInteger, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from solegate.db.tables.base import Base

_PENDING = "state = 'pending'"


class SubscriberRow(Base):
    """A subscriber. `url` and `secrets` are encrypted; `shown_url` is what may be seen of the address."""

    __tablename__ = "subscribers"

    account: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    url: Mapped[str]
    shown_url: Mapped[str]
    types: Mapped[list[str]] = mapped_column(JSON)
    secrets: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str]
    failures: Mapped[int]
    failing_since: Mapped[datetime | None]
    rests_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class DeliveryRow(Base):
    """One event for one subscriber; the key is why nobody is told the same thing twice."""

    __tablename__ = "deliveries"
    __table_args__ = (
        Index(
            "ix_deliveries_pending",
            "account",
            "subscriber_id",
            "number",
            sqlite_where=text(_PENDING),
            postgresql_where=text(_PENDING),
        ),
        Index("ix_deliveries_number", "account", "number"),
        Index("ix_deliveries_updated", "account", "state", "updated_at"),
    )

    account: Mapped[str] = mapped_column(primary_key=True)
    subscriber_id: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    type: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int]
    due_at: Mapped[datetime | None]
    tried_since: Mapped[datetime | None]
    last_status: Mapped[int | None]
    last_error: Mapped[str]
    created_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]
