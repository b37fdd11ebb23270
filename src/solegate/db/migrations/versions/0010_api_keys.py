"""The keys of our own API."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from solegate.db.tables.base import UtcDateTime

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("start", sa.String, nullable=False),
        sa.Column("scope", sa.String, nullable=False),
        sa.Column("account", sa.String),
        sa.Column("per_minute", sa.Integer, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("created_by", sa.String, nullable=False),
        sa.Column("expires_at", UtcDateTime),
        sa.Column("revoked_at", UtcDateTime),
        sa.Column("last_used_at", UtcDateTime),
    )


def downgrade() -> None:
    op.drop_table("api_keys")
