"""StockX accounts and their tokens, encrypted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from solegate.db.tables.base import Base


class AccountRow(Base):
    """One account; `version` counts its changes, both tokens are sealed by `SecretBox`.

    The lease is the right to renew the tokens (design 4.5); its end is by the database's clock.
    """

    __tablename__ = "accounts"

    account: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    access_token: Mapped[str]
    refresh_token: Mapped[str]
    expires_at: Mapped[datetime]
    state: Mapped[str]
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
