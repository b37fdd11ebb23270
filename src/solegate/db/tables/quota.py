"""What each account has used of its daily quota."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Mapped, mapped_column

from solegate.db.tables.base import Base


class QuotaRow(Base):
    """Requests, or batch items, of one account on one UTC day. `unit` is a `domain.limits.Unit`."""

    __tablename__ = "quota"

    account: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(primary_key=True)
    used: Mapped[int]
