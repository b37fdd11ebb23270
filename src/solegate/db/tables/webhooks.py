"""What comes in: its sources, the inbox, how far each thing in it is told, and the prices that others saw."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import JSON, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from solegate.db.tables.base import Base, OwnId

_RECEIVED = "state = 'received'"


class WebhookSourceRow(Base):
    """A source. Its name is part of the address that it calls, so no two accounts have the same; `secrets` are sealed.

    It is a source of webhooks, not their owner: what it sent stays when it is removed.
    """

    __tablename__ = "webhook_sources"
    __table_args__ = (Index("ix_webhook_sources_account", "account"),)

    name: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str]
    kind: Mapped[str]
    options: Mapped[dict[str, str]] = mapped_column(JSON)
    secrets: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class InboxRow(Base):
    """One webhook, as it came. The unique identity is why it has an effect once only."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("account", "source", "identity"),
        Index("ix_inbox_due", "account", "due_at", sqlite_where=text(_RECEIVED), postgresql_where=text(_RECEIVED)),
        Index("ix_inbox_page", "account", "id"),
        Index("ix_inbox_processed", "account", "processed_at"),
    )

    id: Mapped[OwnId]
    account: Mapped[str]
    source: Mapped[str]
    kind: Mapped[str]
    identity: Mapped[str]
    digest: Mapped[str]
    event_type: Mapped[str]
    subject: Mapped[str]
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime]
    body: Mapped[bytes]
    state: Mapped[str]
    attempts: Mapped[int]
    due_at: Mapped[datetime | None]
    reason: Mapped[str]
    processed_at: Mapped[datetime | None]


class WebhookMarkRow(Base):
    """The newest thing that a source has told about a subject: what is older is stale."""

    __tablename__ = "webhook_marks"

    account: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    occurred_at: Mapped[datetime]


class PriceSightingRow(Base):
    """A price on StockX as somebody else saw it, who may err: it is kept apart from what StockX itself has said."""

    __tablename__ = "price_sightings"
    __table_args__ = (Index("ix_price_sightings_product", "account", "product_id", "currency", "occurred_at"),)

    account: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    variant_id: Mapped[str] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    occurred_at: Mapped[datetime] = mapped_column(primary_key=True)
    product_id: Mapped[str]
    sku: Mapped[str]
    lowest_ask: Mapped[Decimal | None]
    asks: Mapped[int | None]
    identity: Mapped[str]
