"""Brands, categories, sizes, products, variants and barcodes.

StockX's ids are opaque strings beside our own integer ids. Relations are read by explicit queries: there is no lazy
loading.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from solegate.db.tables.base import Base, OwnId


class BrandRow(Base):
    """A brand; `key` is its name without case and surplus spaces."""

    __tablename__ = "brands"

    id: Mapped[OwnId]
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]


class CategoryRow(Base):
    """A category: StockX's open set of product types."""

    __tablename__ = "categories"

    id: Mapped[OwnId]
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]


class SizeRow(Base):
    """A size in one system; `system` is empty for a size without one, such as `XL`."""

    __tablename__ = "sizes"
    __table_args__ = (UniqueConstraint("system", "value"),)

    id: Mapped[OwnId]
    system: Mapped[str]
    value: Mapped[str]


class ProductRow(Base):
    """A StockX product as of `enriched_at`. Most fields may be null (FACTS 1.9)."""

    __tablename__ = "products"

    id: Mapped[OwnId]
    stockx_id: Mapped[str] = mapped_column(unique=True)
    url_key: Mapped[str]
    style_id: Mapped[str | None]
    title: Mapped[str | None]
    brand_id: Mapped[int | None] = mapped_column(ForeignKey(BrandRow.id), index=True)
    category_id: Mapped[int | None] = mapped_column(ForeignKey(CategoryRow.id), index=True)
    gender: Mapped[str | None]
    season: Mapped[str | None]
    release_date: Mapped[date | None]
    retail_price: Mapped[Decimal | None]
    color: Mapped[str | None]
    colorway: Mapped[str | None]
    is_flex_eligible: Mapped[bool | None]
    is_direct_eligible: Mapped[bool | None]
    enriched_at: Mapped[datetime]


class StyleCodeRow(Base):
    """One normalised code of a product's `styleId`, which may hold several; two products may share a code."""

    __tablename__ = "product_style_codes"

    product_id: Mapped[int] = mapped_column(ForeignKey(ProductRow.id, ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True, index=True)


class VariantRow(Base):
    """One size of a product. It stays when StockX drops it, and `seen_at` then falls behind the product."""

    __tablename__ = "variants"

    id: Mapped[OwnId]
    stockx_id: Mapped[str] = mapped_column(unique=True)
    product_id: Mapped[int] = mapped_column(ForeignKey(ProductRow.id, ondelete="CASCADE"), index=True)
    position: Mapped[int]
    name: Mapped[str]
    value: Mapped[str | None]
    is_flex_eligible: Mapped[bool | None]
    is_direct_eligible: Mapped[bool | None]
    seen_at: Mapped[datetime]


class VariantSizeRow(Base):
    """A variant's size in one system, from its own chart; `note` tells apart what the chart's text tells apart."""

    __tablename__ = "variant_sizes"

    variant_id: Mapped[int] = mapped_column(ForeignKey(VariantRow.id, ondelete="CASCADE"), primary_key=True)
    size_id: Mapped[int] = mapped_column(ForeignKey(SizeRow.id), primary_key=True, index=True)
    note: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    is_default: Mapped[bool]


class GtinRow(Base):
    """A barcode of a variant."""

    __tablename__ = "gtins"

    variant_id: Mapped[int] = mapped_column(ForeignKey(VariantRow.id, ondelete="CASCADE"), primary_key=True)
    identifier: Mapped[str] = mapped_column(primary_key=True, index=True)
    kind: Mapped[str]
