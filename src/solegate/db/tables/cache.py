"""The cache's second tier: StockX's answers as they came, shared by every process (design 4.4)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from solegate.db.tables.base import Base


class CachedAnswerRow(Base):
    """One answer, or the right to fetch it, or both.

    `ids` is a JSON list; its first and its last one are kept apart as well, for own writes to find what they change.
    `status` is 200, or 404 for "no such thing", whose `body` is the error's message. `fetched_at` is by the database's
    clock. A row without answer is a lease alone.
    """

    __tablename__ = "cached_answers"

    account: Mapped[str] = mapped_column(primary_key=True)
    operation: Mapped[str] = mapped_column(primary_key=True)
    ids: Mapped[str] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    first_id: Mapped[str] = mapped_column(index=True)
    last_id: Mapped[str] = mapped_column(index=True)
    status: Mapped[int | None]
    body: Mapped[bytes | None]
    request_id: Mapped[str]
    fetched_at: Mapped[datetime | None] = mapped_column(index=True)
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
