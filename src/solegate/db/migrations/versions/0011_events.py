"""What happened to each account, and the prices that are watched."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from solegate.db.tables.base import ExactAmount, UtcDateTime

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("account", sa.String, primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("id", sa.String, nullable=False),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("occurred_at", UtcDateTime, nullable=False),
        sa.Column("recorded_at", UtcDateTime, nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
    )
    op.create_index("ix_events_id", "events", ["account", "id"], unique=True)
    op.create_index("ix_events_subject", "events", ["account", "subject", "seq"])
    op.create_index("ix_events_recorded", "events", ["account", "recorded_at"])
    op.create_table(
        "event_counters",
        sa.Column("account", sa.String, primary_key=True),
        sa.Column("last_seq", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "price_watches",
        sa.Column("account", sa.String, primary_key=True),
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("product_id", sa.String, nullable=False),
        sa.Column("variant_id", sa.String),
        sa.Column("currency", sa.String, nullable=False),
        sa.Column("price", sa.String, nullable=False),
        sa.Column("direction", sa.String, nullable=False),
        sa.Column("amount", ExactAmount, nullable=False),
        sa.Column("side", sa.String, nullable=False),
        sa.Column("crossings", sa.Integer, nullable=False),
        sa.Column("note", sa.String, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("looked_at", UtcDateTime),
    )
    op.create_index("ix_price_watches_product", "price_watches", ["account", "product_id", "currency"])


def downgrade() -> None:
    op.drop_table("price_watches")
    op.drop_table("event_counters")
    op.drop_table("events")
