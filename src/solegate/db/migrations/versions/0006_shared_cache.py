"""The cache's second tier and the lease on a token refresh, shared by every process."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from solegate.db.tables.base import UtcDateTime

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("accounts", sa.Column("lease_owner", sa.String))
    op.add_column("accounts", sa.Column("lease_until", UtcDateTime))
    op.create_table(
        "cached_answers",
        sa.Column("account", sa.String, primary_key=True),
        sa.Column("operation", sa.String, primary_key=True),
        sa.Column("ids", sa.String, primary_key=True),
        sa.Column("currency", sa.String, primary_key=True),
        sa.Column("first_id", sa.String, nullable=False),
        sa.Column("last_id", sa.String, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("body", sa.LargeBinary),
        sa.Column("request_id", sa.String, nullable=False),
        sa.Column("fetched_at", UtcDateTime),
        sa.Column("lease_owner", sa.String),
        sa.Column("lease_until", UtcDateTime),
    )
    for column in ("first_id", "last_id", "fetched_at"):
        op.create_index(f"ix_cached_answers_{column}", "cached_answers", [column])


def downgrade() -> None:
    op.drop_table("cached_answers")
    op.drop_column("accounts", "lease_until")
    op.drop_column("accounts", "lease_owner")
