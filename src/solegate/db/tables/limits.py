"""The windows of each account's limits, shared by every process (design 4.2)."""

from __future__ import annotations

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from solegate.db.tables.base import Base


class WindowRow(Base):
    """One account's window in one unit. `unit` is a `domain.limits.Unit`; the document is the client's."""

    __tablename__ = "limit_windows"

    account: Mapped[str] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(primary_key=True)
    document: Mapped[str] = mapped_column(Text)
