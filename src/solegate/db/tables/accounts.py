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


class ApplicationRow(Base):
    """The StockX application of an account; secret and key are encrypted. At most one is `in_use`."""

    __tablename__ = "applications"

    account: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[str]
    client_secret: Mapped[str]
    api_key: Mapped[str]
    redirect_uri: Mapped[str]
    currency: Mapped[str]
    in_use: Mapped[bool]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class LoginRow(Base):
    """A login under way that was begun over HTTP; `state_hash` ties the redirect to it."""

    __tablename__ = "logins"

    state_hash: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str]
    code_verifier: Mapped[str]
    """Encrypted."""
    return_to: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
