"""What happened to each account, and the prices that are watched."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from solegate.db.tables.base import Base


class EventRow(Base):
    """Something that happened; `seq` counts an account's events without gaps, in the order of their commits."""

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_id", "account", "id", unique=True),
        Index("ix_events_subject", "account", "subject", "seq"),
        Index("ix_events_recorded", "account", "recorded_at"),
    )

    account: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[str]
    type: Mapped[str]
    subject: Mapped[str]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    data: Mapped[dict[str, Any]] = mapped_column(JSON)


class EventCounterRow(Base):
    """The last number given to an event of an account. Whoever records locks it until the commit."""

    __tablename__ = "event_counters"

    account: Mapped[str] = mapped_column(primary_key=True)
    last_seq: Mapped[int] = mapped_column(BigInteger)


class PriceWatchRow(Base):
    """A price that is watched. `side` is where it was seen last: `below`, `above`, or empty before the first look."""

    __tablename__ = "price_watches"
    __table_args__ = (Index("ix_price_watches_product", "account", "product_id", "currency"),)

    account: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    product_id: Mapped[str]
    variant_id: Mapped[str | None]
    currency: Mapped[str]
    price: Mapped[str]
    direction: Mapped[str]
    amount: Mapped[Decimal]
    side: Mapped[str]
    crossings: Mapped[int]
    note: Mapped[str]
    created_at: Mapped[datetime]
    looked_at: Mapped[datetime | None]
