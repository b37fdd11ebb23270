"""The account's listings and orders as last seen, and how far each sync is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from solegate.db.tables.base import ExactAmount, UtcDateTime

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    _create_listings()
    _create_orders()
    _create_syncs()


def downgrade() -> None:
    for table in ("syncs", "orders", "listings"):
        op.drop_table(table)


def _create_listings() -> None:
    op.create_table(
        "listings",
        sa.Column("account", sa.String, primary_key=True),
        sa.Column("listing_id", sa.String, primary_key=True),
        sa.Column("variant_id", sa.String),
        sa.Column("product_id", sa.String),
        sa.Column("style_id", sa.String),
        sa.Column("variant_value", sa.String),
        sa.Column("amount", ExactAmount),
        sa.Column("currency", sa.String),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("inventory_type", sa.String),
        sa.Column("ask_expires_at", UtcDateTime),
        sa.Column("order_number", sa.String),
        sa.Column("created_at", UtcDateTime),
        sa.Column("updated_at", UtcDateTime),
        sa.Column("seen_at", UtcDateTime, nullable=False),
        sa.Column("run_at", UtcDateTime),
        sa.Column("missing_since", UtcDateTime),
        sa.Column("finding", sa.String, nullable=False),
        sa.Column("note", sa.String, nullable=False),
    )
    op.create_index("ix_listings_status", "listings", ["account", "status"])
    op.create_index("ix_listings_variant", "listings", ["account", "variant_id"])


def _create_orders() -> None:
    op.create_table(
        "orders",
        sa.Column("account", sa.String, primary_key=True),
        sa.Column("order_number", sa.String, primary_key=True),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("listing_id", sa.String),
        sa.Column("product_id", sa.String),
        sa.Column("product_name", sa.String),
        sa.Column("style_id", sa.String),
        sa.Column("variant_id", sa.String),
        sa.Column("variant_value", sa.String),
        sa.Column("amount", ExactAmount),
        sa.Column("currency", sa.String),
        sa.Column("inventory_type", sa.String),
        sa.Column("created_at", UtcDateTime),
        sa.Column("updated_at", UtcDateTime),
        sa.Column("seen_at", UtcDateTime, nullable=False),
        sa.Column("run_at", UtcDateTime),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.Column("detail_at", UtcDateTime),
        sa.Column("ship_by", UtcDateTime),
        sa.Column("shipping_id", sa.String),
        sa.Column("tracking_number", sa.String),
        sa.Column("carrier", sa.String),
        sa.Column("payout", ExactAmount),
        sa.Column("payout_currency", sa.String),
    )
    op.create_index("ix_orders_created", "orders", ["account", "created_at"])
    op.create_index("ix_orders_ship_by", "orders", ["account", "is_active", "ship_by"])


def _create_syncs() -> None:
    op.create_table(
        "syncs",
        sa.Column("account", sa.String, primary_key=True),
        sa.Column("kind", sa.String, primary_key=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("position", sa.JSON, nullable=False),
        sa.Column("started_at", UtcDateTime),
        sa.Column("finished_at", UtcDateTime),
        sa.Column("succeeded_at", UtcDateTime),
        sa.Column("requests", sa.Integer, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("changed", sa.Integer, nullable=False),
        sa.Column("steps", sa.Integer, nullable=False),
        sa.Column("error", sa.String, nullable=False),
    )
