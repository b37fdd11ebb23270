"""What comes in: its sources, the inbox, how far each thing in it is told, and the prices that others saw."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from solegate.db.tables.base import ExactAmount, UtcDateTime

revision = "0013"
down_revision = "0012"

_RECEIVED = sa.text("state = 'received'")


def upgrade() -> None:
    op.create_table(
        "webhook_sources",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("account", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("options", sa.JSON, nullable=False),
        sa.Column("secrets", sa.String, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_webhook_sources_account", "webhook_sources", ["account"])
    op.create_table(
        "inbox",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("account", sa.String, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("identity", sa.String, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("event_type", sa.String, nullable=False),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("occurred_at", UtcDateTime, nullable=False),
        sa.Column("received_at", UtcDateTime, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due_at", UtcDateTime),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("processed_at", UtcDateTime),
        sa.UniqueConstraint("account", "source", "identity"),
    )
    op.create_index("ix_inbox_due", "inbox", ["account", "due_at"], sqlite_where=_RECEIVED, postgresql_where=_RECEIVED)
    op.create_index("ix_inbox_page", "inbox", ["account", "id"])
    op.create_index("ix_inbox_processed", "inbox", ["account", "processed_at"])
    op.create_table(
        "webhook_marks",
        sa.Column("account", sa.String, primary_key=True),
        sa.Column("source", sa.String, primary_key=True),
        sa.Column("subject", sa.String, primary_key=True),
        sa.Column("occurred_at", UtcDateTime, nullable=False),
    )
    op.create_table(
        "price_sightings",
        sa.Column("account", sa.String, primary_key=True),
        sa.Column("source", sa.String, primary_key=True),
        sa.Column("variant_id", sa.String, primary_key=True),
        sa.Column("currency", sa.String, primary_key=True),
        sa.Column("occurred_at", UtcDateTime, primary_key=True),
        sa.Column("product_id", sa.String, nullable=False),
        sa.Column("sku", sa.String, nullable=False),
        sa.Column("lowest_ask", ExactAmount),
        sa.Column("asks", sa.Integer),
        sa.Column("identity", sa.String, nullable=False),
    )
    op.create_index(
        "ix_price_sightings_product", "price_sightings", ["account", "product_id", "currency", "occurred_at"]
    )


def downgrade() -> None:
    for table in ("price_sightings", "webhook_marks", "inbox", "webhook_sources"):
        op.drop_table(table)
