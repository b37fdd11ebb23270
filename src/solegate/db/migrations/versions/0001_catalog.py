"""The catalog, market snapshots, accounts and quota."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from solegate.db.tables.base import ExactAmount, UtcDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    _create_masters()
    _create_products()
    _create_variants()
    _create_market_snapshots()
    _create_accounts_and_quota()


def downgrade() -> None:
    for table in (
        "quota", "accounts", "market_snapshots", "gtins", "variant_sizes", "variants", "product_style_codes",
        "products", "sizes", "categories", "brands",
    ):  # fmt: skip
        op.drop_table(table)


def _create_masters() -> None:
    for table in ("brands", "categories"):
        op.create_table(
            table,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("key", sa.String, nullable=False),
            sa.Column("name", sa.String, nullable=False),
            sa.UniqueConstraint("key", name=f"uq_{table}_key"),
        )
    op.create_table(
        "sizes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("system", sa.String, nullable=False),
        sa.Column("value", sa.String, nullable=False),
        sa.UniqueConstraint("system", "value", name="uq_sizes_system_value"),
    )


def _create_products() -> None:
    op.create_table(
        "products",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("stockx_id", sa.String, nullable=False),
        sa.Column("url_key", sa.String, nullable=False),
        sa.Column("style_id", sa.String),
        sa.Column("title", sa.String),
        sa.Column("brand_id", sa.Integer, sa.ForeignKey("brands.id", name="fk_products_brand_id")),
        sa.Column("category_id", sa.Integer, sa.ForeignKey("categories.id", name="fk_products_category_id")),
        sa.Column("gender", sa.String),
        sa.Column("season", sa.String),
        sa.Column("release_date", sa.Date),
        sa.Column("retail_price", ExactAmount),
        sa.Column("color", sa.String),
        sa.Column("colorway", sa.String),
        sa.Column("is_flex_eligible", sa.Boolean),
        sa.Column("is_direct_eligible", sa.Boolean),
        sa.Column("enriched_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("stockx_id", name="uq_products_stockx_id"),
    )
    op.create_index("ix_products_brand_id", "products", ["brand_id"])
    op.create_index("ix_products_category_id", "products", ["category_id"])
    op.create_table(
        "product_style_codes",
        _parent("product_id", "products.id", "fk_product_style_codes_product_id", primary_key=True),
        sa.Column("code", sa.String, primary_key=True),
    )
    op.create_index("ix_product_style_codes_code", "product_style_codes", ["code"])


def _create_variants() -> None:
    op.create_table(
        "variants",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("stockx_id", sa.String, nullable=False),
        _parent("product_id", "products.id", "fk_variants_product_id"),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("value", sa.String),
        sa.Column("is_flex_eligible", sa.Boolean),
        sa.Column("is_direct_eligible", sa.Boolean),
        sa.Column("seen_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("stockx_id", name="uq_variants_stockx_id"),
    )
    op.create_index("ix_variants_product_id", "variants", ["product_id"])
    op.create_table(
        "variant_sizes",
        _parent("variant_id", "variants.id", "fk_variant_sizes_variant_id", primary_key=True),
        sa.Column("size_id", sa.Integer, sa.ForeignKey("sizes.id", name="fk_variant_sizes_size_id"), primary_key=True),
        sa.Column("note", sa.String, primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("is_default", sa.Boolean, nullable=False),
    )
    op.create_index("ix_variant_sizes_size_id", "variant_sizes", ["size_id"])
    op.create_table(
        "gtins",
        _parent("variant_id", "variants.id", "fk_gtins_variant_id", primary_key=True),
        sa.Column("identifier", sa.String, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
    )
    op.create_index("ix_gtins_identifier", "gtins", ["identifier"])


def _create_market_snapshots() -> None:
    op.create_table(
        "market_snapshots",
        sa.Column("variant_id", sa.String, primary_key=True),
        sa.Column("currency", sa.String, primary_key=True),
        sa.Column("fetched_at", UtcDateTime, primary_key=True),
        sa.Column("product_id", sa.String, nullable=False),
        sa.Column("lowest_ask", ExactAmount),
        sa.Column("highest_bid", ExactAmount),
        sa.Column("sell_faster", ExactAmount),
        sa.Column("earn_more", ExactAmount),
        sa.Column("flex_lowest_ask", ExactAmount),
    )
    op.create_index(
        "ix_market_snapshots_product_id_currency_fetched_at",
        "market_snapshots",
        ["product_id", "currency", "fetched_at"],
    )


def _create_accounts_and_quota() -> None:
    op.create_table(
        "accounts",
        sa.Column("account", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("access_token", sa.String, nullable=False),
        sa.Column("refresh_token", sa.String, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("state", sa.String, nullable=False),
    )
    op.create_table(
        "quota",
        sa.Column("account", sa.String, primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("used", sa.Integer, nullable=False),
    )


def _parent(name: str, target: str, constraint: str, *, primary_key: bool = False) -> sa.Column[int]:
    return sa.Column(
        name,
        sa.Integer,
        sa.ForeignKey(target, name=constraint, ondelete="CASCADE"),
        primary_key=primary_key,
        nullable=False,
    )
