"""What StockX has added since this version of Solegate was written, for the doctor to tell."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from solegate.db.tables.base import UtcDateTime

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "drift",
        sa.Column("operation", sa.String, primary_key=True),
        sa.Column("kind", sa.String, primary_key=True),
        sa.Column("place", sa.String, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("first_seen", UtcDateTime, nullable=False),
        sa.Column("last_seen", UtcDateTime, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("drift")
