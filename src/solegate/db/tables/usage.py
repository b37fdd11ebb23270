"""Who used what of each account's daily quota."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Mapped, mapped_column

from solegate.db.tables.base import Base


class UsageRow(Base):
    """Requests of one account on one UTC day, for one cause, in one lane, of one operation; see `domain.usage.Use`."""

    __tablename__ = "usage"

    account: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    cause: Mapped[str] = mapped_column(primary_key=True)
    lane: Mapped[str] = mapped_column(primary_key=True)
    operation: Mapped[str] = mapped_column(primary_key=True)
    requests: Mapped[int]
