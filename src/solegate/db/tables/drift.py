"""What StockX has added since this version of Solegate was written."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from solegate.db.tables.base import Base


class DriftRow(Base):
    """One new field, value or shape, and how often it was seen."""

    __tablename__ = "drift"

    operation: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    first_seen: Mapped[datetime]
    last_seen: Mapped[datetime]
