"""Limiter windows, shared by every process of an account."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "limit_windows",
        sa.Column("account", sa.String, primary_key=True),
        sa.Column("unit", sa.String, primary_key=True),
        sa.Column("document", sa.Text, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("limit_windows")
