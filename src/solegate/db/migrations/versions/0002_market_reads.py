"""When each market was read, whatever StockX answered; what the snapshots tell of it is taken over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from solegate.db.tables.base import UtcDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "market_reads",
        sa.Column("product_id", sa.String, primary_key=True),
        sa.Column("currency", sa.String, primary_key=True),
        sa.Column("fetched_at", UtcDateTime, primary_key=True),
    )
    op.execute(
        "INSERT INTO market_reads (product_id, currency, fetched_at) "
        "SELECT DISTINCT product_id, currency, fetched_at FROM market_snapshots"
    )


def downgrade() -> None:
    op.drop_table("market_reads")
