"""What searches look at: the catalog and its markets once more, as keys and whole numbers (domain/search).

It is written in the transaction of what it shows. The words are indexed in each database's own way (migration 0014):
on SQLite in the FTS5 table `search_text`, on PostgreSQL by a GIN index.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from solegate.db.tables.base import Base
from solegate.db.tables.catalog import ProductRow

Key = String().with_variant(String(collation="C"), "postgresql")
"""Text that sorts by its bytes on either database."""


ABOUT = ("brand", "gender", "color", "product_type", "released", "retail")
"""What products are filtered by; every index holds all of it, so that a walk along it need not look elsewhere."""
MARKET = ("ask", "bid", "spread", "spread_share", "seen_at")
"""What offers are filtered by."""


def _others(first: str, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if name != first)


class _About:
    """What a product is filtered and sorted by: `released` is a day's number, `retail` in units."""

    title: Mapped[str | None] = mapped_column(Key)
    brand: Mapped[str | None] = mapped_column(Key)
    product_type: Mapped[str | None] = mapped_column(Key)
    gender: Mapped[str | None] = mapped_column(Key)
    color: Mapped[str | None] = mapped_column(Key)
    released: Mapped[int | None]
    release_year: Mapped[int | None]
    retail: Mapped[int | None] = mapped_column(BigInteger)


class SearchProductRow(_About, Base):
    """A product as it is searched; its `words` are split by spaces."""

    __tablename__ = "search_products"
    __table_args__ = (
        *(Index(f"ix_search_products_{by}", by, "id", *_others(by, ABOUT)) for by in ("title", "released", "retail")),
        *(Index(f"ix_search_products_{by}", by, *_others(by, ABOUT)) for by in ("brand", "color")),
    )

    id: Mapped[int] = mapped_column(
        ForeignKey(ProductRow.id, ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    words: Mapped[str]


class SearchSizeRow(Base):
    """A size that a product has."""

    __tablename__ = "search_sizes"

    product_id: Mapped[int] = mapped_column(ForeignKey(SearchProductRow.id, ondelete="CASCADE"), primary_key=True)
    size: Mapped[str] = mapped_column(Key, primary_key=True, index=True)
    own: Mapped[bool]


_ANY_SIZE = text("size = ''")


def _walked(by: str, *ids: str) -> Index:
    """An index of the offers over all sizes."""
    columns = ("currency", by, *ids, *_others(by, ABOUT + MARKET))
    return Index(f"ix_search_offers_{by}", *columns, sqlite_where=_ANY_SIZE, postgresql_where=_ANY_SIZE)


class SearchOfferRow(_About, Base):
    """The market of a product in one size (empty: in any) and currency, in units; `seen_at` in microseconds.

    What the product is filtered and sorted by stands here as well.
    """

    __tablename__ = "search_offers"
    __table_args__ = (
        *(_walked(by, "product_id") for by in (*MARKET, "title", "released", "retail")),
        *(_walked(by) for by in ("brand", "color")),
        Index("ix_search_offers_size", "currency", "size", "ask", "product_id"),
    )

    product_id: Mapped[int] = mapped_column(ForeignKey(SearchProductRow.id, ondelete="CASCADE"), primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[str] = mapped_column(Key, primary_key=True)
    ask: Mapped[int | None] = mapped_column(BigInteger)
    bid: Mapped[int | None] = mapped_column(BigInteger)
    spread: Mapped[int | None] = mapped_column(BigInteger)
    spread_share: Mapped[int | None] = mapped_column(BigInteger)
    seen_at: Mapped[int] = mapped_column(BigInteger)


class SearchBacklogRow(Base):
    """A product that the search does not know yet, or not as it is: from before there was a search, or on demand."""

    __tablename__ = "search_backlog"

    product_id: Mapped[int] = mapped_column(
        ForeignKey(ProductRow.id, ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
