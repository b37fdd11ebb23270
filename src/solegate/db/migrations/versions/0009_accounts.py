"""Several StockX accounts with an application each, logins begun over HTTP, and the keys of our own API."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from solegate.db.tables.base import UtcDateTime

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "applications",
        sa.Column("account", sa.String, primary_key=True),
        sa.Column("client_id", sa.String, nullable=False),
        sa.Column("client_secret", sa.String, nullable=False),
        sa.Column("api_key", sa.String, nullable=False),
        sa.Column("redirect_uri", sa.String, nullable=False),
        sa.Column("currency", sa.String, nullable=False),
        sa.Column("in_use", sa.Boolean, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
    )
    op.create_table(
        "logins",
        sa.Column("state_hash", sa.String, primary_key=True),
        sa.Column("account", sa.String, nullable=False),
        sa.Column("code_verifier", sa.String, nullable=False),
        sa.Column("return_to", sa.String, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("logins")
    op.drop_table("applications")
