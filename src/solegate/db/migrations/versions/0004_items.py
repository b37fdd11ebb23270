"""Batch items are counted beside requests: what is there so far were requests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    _set_quota_aside()
    op.create_table(
        "quota",
        sa.Column("account", sa.String, primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("unit", sa.String, primary_key=True),
        sa.Column("used", sa.Integer, nullable=False),
    )
    op.execute("INSERT INTO quota (account, day, unit, used) SELECT account, day, 'requests', used FROM quota_aside")
    op.drop_table("quota_aside")


def downgrade() -> None:
    op.execute("DELETE FROM quota WHERE unit <> 'requests'")
    _set_quota_aside()
    op.create_table(
        "quota",
        sa.Column("account", sa.String, primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("used", sa.Integer, nullable=False),
    )
    op.execute("INSERT INTO quota (account, day, used) SELECT account, day, used FROM quota_aside")
    op.drop_table("quota_aside")


def _set_quota_aside() -> None:
    """SQLite cannot change a key, and PostgreSQL keeps a renamed table's constraint names: copy it, make it anew."""
    op.execute("CREATE TABLE quota_aside AS SELECT * FROM quota")
    op.drop_table("quota")
