"""The account's listings and orders as last seen, and how far each sync is."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column

from solegate.db.tables.base import Base


class ListingRow(Base):
    """A listing as StockX showed it at `seen_at`; `missing_since` is set when a whole sync no longer found it."""

    __tablename__ = "listings"
    __table_args__ = (
        Index("ix_listings_variant", "account", "variant_id"),
        Index("ix_listings_status", "account", "status"),
    )

    account: Mapped[str] = mapped_column(primary_key=True)
    listing_id: Mapped[str] = mapped_column(primary_key=True)
    variant_id: Mapped[str | None]
    product_id: Mapped[str | None]
    style_id: Mapped[str | None]
    variant_value: Mapped[str | None]
    amount: Mapped[Decimal | None]
    currency: Mapped[str | None]
    status: Mapped[str]
    inventory_type: Mapped[str | None]
    ask_expires_at: Mapped[datetime | None]
    order_number: Mapped[str | None]
    created_at: Mapped[datetime | None]
    updated_at: Mapped[datetime | None]
    seen_at: Mapped[datetime]
    run_at: Mapped[datetime | None]
    """Start of the sync run whose list held it last: a stopped run reads here what it has handed out."""
    missing_since: Mapped[datetime | None]
    finding: Mapped[str]
    """What a sync found about it: sold, missing, expired, amount not as intended; empty when nothing."""
    note: Mapped[str]
    """The finding in words."""


class OrderRow(Base):
    """An order as last seen. `ship_by` and what follows are known only from its detail, read at `detail_at`."""

    __tablename__ = "orders"
    __table_args__ = (
        Index("ix_orders_ship_by", "account", "is_active", "ship_by"),
        Index("ix_orders_created", "account", "created_at"),
    )

    account: Mapped[str] = mapped_column(primary_key=True)
    order_number: Mapped[str] = mapped_column(primary_key=True)
    is_active: Mapped[bool]
    status: Mapped[str]
    listing_id: Mapped[str | None]
    product_id: Mapped[str | None]
    product_name: Mapped[str | None]
    style_id: Mapped[str | None]
    variant_id: Mapped[str | None]
    variant_value: Mapped[str | None]
    amount: Mapped[Decimal | None]
    currency: Mapped[str | None]
    inventory_type: Mapped[str | None]
    created_at: Mapped[datetime | None]
    updated_at: Mapped[datetime | None]
    seen_at: Mapped[datetime]
    run_at: Mapped[datetime | None]
    """Start of the sync run whose list held it last: a stopped run reads here what it has handed out."""
    changed_at: Mapped[datetime]
    """When a sync last saw it changed; a detail read before that is out of date."""
    detail_at: Mapped[datetime | None]
    ship_by: Mapped[datetime | None]
    shipping_id: Mapped[str | None]
    tracking_number: Mapped[str | None]
    carrier: Mapped[str | None]
    payout: Mapped[Decimal | None]
    payout_currency: Mapped[str | None]


class SyncRow(Base):
    """How far a sync is and what its last run cost; `position` is where a stopped run goes on.

    `steps` counts the steps of all runs: two processes that do the same step at once are told apart by it.
    """

    __tablename__ = "syncs"

    account: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    position: Mapped[dict[str, Any]] = mapped_column(JSON)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    succeeded_at: Mapped[datetime | None]
    requests: Mapped[int]
    rows: Mapped[int]
    changed: Mapped[int]
    steps: Mapped[int]
    error: Mapped[str]
