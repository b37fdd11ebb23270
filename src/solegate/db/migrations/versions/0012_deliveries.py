"""Who is told what happened, and how far each is told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from solegate.db.tables.base import UtcDateTime

revision = "0012"
down_revision = "0011"

_PENDING = sa.text("state = 'pending'")


def upgrade() -> None:
    op.create_table(
        "subscribers",
        sa.Column("account", sa.String, primary_key=True),
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("shown_url", sa.String, nullable=False),
        sa.Column("types", sa.JSON, nullable=False),
        sa.Column("secrets", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("failing_since", UtcDateTime),
        sa.Column("rests_until", UtcDateTime),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
    )
    op.create_table(
        "deliveries",
        sa.Column("account", sa.String, primary_key=True),
        sa.Column("subscriber_id", sa.String, primary_key=True),
        sa.Column("event_id", sa.String, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due_at", UtcDateTime),
        sa.Column("tried_since", UtcDateTime),
        sa.Column("last_status", sa.Integer),
        sa.Column("last_error", sa.String, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("delivered_at", UtcDateTime),
        sa.Column("updated_at", UtcDateTime, nullable=False),
    )
    op.create_index(
        "ix_deliveries_pending",
        "deliveries",
        ["account", "subscriber_id", "number"],
        sqlite_where=_PENDING,
        postgresql_where=_PENDING,
    )
    op.create_index("ix_deliveries_number", "deliveries", ["account", "number"])
    op.create_index("ix_deliveries_updated", "deliveries", ["account", "state", "updated_at"])


def downgrade() -> None:
    op.drop_table("deliveries")
    op.drop_table("subscribers")
