"""The keys of our own API."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from solegate.db.tables.base import Base


class ApiKeyRow(Base):
    """A key; of its secret the digest and the first characters. `account` is empty for a key of every account."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    digest: Mapped[str]
    start: Mapped[str]
    scope: Mapped[str]
    account: Mapped[str | None]
    per_minute: Mapped[int]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
