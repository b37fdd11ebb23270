"""Market snapshots: the price history is made of everything ever fetched."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from solegate.db.tables.base import Base


class SnapshotRow(Base):
    """The market of one variant in one currency at one moment.

    It holds StockX's ids without a foreign key: a market can be read before its product is enriched, and its history
    outlives the catalog.
    """

    __tablename__ = "market_snapshots"
    __table_args__ = (Index(None, "product_id", "currency", "fetched_at"),)

    variant_id: Mapped[str] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    fetched_at: Mapped[datetime] = mapped_column(primary_key=True)
    product_id: Mapped[str]
    lowest_ask: Mapped[Decimal | None]
    highest_bid: Mapped[Decimal | None]
    sell_faster: Mapped[Decimal | None]
    earn_more: Mapped[Decimal | None]
    flex_lowest_ask: Mapped[Decimal | None]


class MarketReadRow(Base):
    """One reading of a product's market in the currency asked for.

    It is kept beside the snapshots because a market may be empty, or be answered in another currency.
    """

    __tablename__ = "market_reads"

    product_id: Mapped[str] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    fetched_at: Mapped[datetime] = mapped_column(primary_key=True)
