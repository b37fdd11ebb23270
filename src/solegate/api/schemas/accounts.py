"""StockX accounts on the wire. Secrets go in and never come out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self
from urllib.parse import quote

from pydantic import ConfigDict, Field, SecretStr
from pydantic.config import JsonDict

from solegate.api.schemas.base import LINE_PATTERN, NextCursor, Schema
from solegate.domain.accounts import LiveWork
from solegate.domain.cursors import Page
from solegate.services.account_directory import AccountOverview, KeySource, Standing
from solegate.services.account_keys import LONGEST_KEY, Keys
from solegate.services.account_logins import BegunLogin

Text = Annotated[str, Field(max_length=LONGEST_KEY, pattern=LINE_PATTERN)]
Secret = Annotated[SecretStr, Field(max_length=LONGEST_KEY)]

_EXAMPLE: JsonDict = {
    "account": "shop-japan",
    "standing": "connected",
    "inUse": False,
    "keys": "database",
    "clientId": "Xk3v9QmPzL2w",
    "redirectUri": "https://gate.example/api/v1/accounts/callback",
    "currency": "JPY",
    "tokenExpiresAt": "2026-01-01T12:00:00Z",
    "addedAt": "2025-12-01T09:30:00Z",
    "changedAt": "2025-12-01T09:30:00Z",
    "login": None,
}
_BEGUN: JsonDict = {
    "account": "shop-japan",
    "authorizeUrl": "https://accounts.stockx.com/authorize?response_type=code&client_id=Xk3v9QmPzL2w",
    "redirectUri": "https://gate.example/api/v1/accounts/callback",
    "expiresAt": "2026-01-01T12:10:00Z",
}


class NewKeysIn(Schema):
    """Other keys for an account; what is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra={"example": {"apiKey": "the-new-key-from-the-portal"}})

    client_id: Text = Field("", description="OAuth client id of the StockX application.")
    client_secret: Secret = Field(SecretStr(""), description="Its client secret. Never shown again.")
    api_key: Secret = Field(SecretStr(""), description="Its API key. Never shown again.")
    redirect_uri: Text = Field(
        "", description="Callback registered with StockX, exactly; left out: SOLEGATE_STOCKX_REDIRECT_URI."
    )

    def keys(self) -> Keys:
        """The keys as the services take them."""
        return Keys(
            client_id=self.client_id,
            client_secret=self.client_secret.get_secret_value(),
            api_key=self.api_key.get_secret_value(),
            redirect_uri=self.redirect_uri,
        )


class NewAccountIn(NewKeysIn):
    """Another account, with the keys that StockX's developer portal shows for it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "account": "shop-japan",
                "clientId": "Xk3v9QmPzL2w",
                "clientSecret": "from-the-portal",
                "apiKey": "also-from-the-portal",
                "redirectUri": "https://gate.example/api/v1/accounts/callback",
                "currency": "JPY",
            }
        }
    )

    account: Text = Field(min_length=1, description="Its name: letters, digits, dots, dashes and underscores.")
    currency: Text = Field("", description="ISO 4217 code of what it sells in; left out: SOLEGATE_CURRENCY.")
    use: bool = Field(False, description="Whether it is meant from now on when none is named.")


class LoginIn(Schema):
    """A login that is wanted."""

    model_config = ConfigDict(json_schema_extra={"example": {"returnTo": "/docs"}})

    return_to: str = Field(
        "", max_length=2000, description="Path on this host where the browser goes in the end; left out: a short page."
    )


class AccountOut(Schema):
    """An account as it stands."""

    model_config = ConfigDict(json_schema_extra={"example": _EXAMPLE})

    account: str = Field(description="Its name; `Solegate-Account` takes it.")
    standing: Standing = Field(description="`connected`, `needs_reauth` or `never_connected`.")
    in_use: bool = Field(description="Whether it is meant when none is named.")
    keys: KeySource = Field(description="Where its StockX application's keys are.")
    client_id: str = Field(description="Of that application; empty if there is none.")
    redirect_uri: str = Field(description="Where StockX sends the browser after a login.")
    currency: str = Field(description="What it sells in.")
    token_expires_at: datetime | None = Field(description="When the access token ends (UTC); it is renewed before.")
    added_at: datetime | None = Field(description="When its keys were kept here; null if they are not.")
    changed_at: datetime | None = Field(description="When they last changed.")
    login: str | None = Field(description="POST here begins the login that it needs; null: it needs none.")

    @classmethod
    def of(cls, account: AccountOverview) -> Self:
        """An account."""
        needs_one = account.standing is not Standing.CONNECTED and account.keys is not KeySource.MISSING
        return cls(
            account=account.account,
            standing=account.standing,
            in_use=account.in_use,
            keys=account.keys,
            client_id=account.client_id,
            redirect_uri=account.redirect_uri,
            currency=account.currency,
            token_expires_at=account.status.expires_at,
            added_at=account.added_at,
            changed_at=account.changed_at,
            login=f"/api/v1/accounts/{quote(account.account, safe='')}/login" if needs_one else None,
        )


class AccountsOut(Schema):
    """A page of accounts."""

    items: tuple[AccountOut, ...] = Field(description="By name.")
    next_cursor: NextCursor

    @classmethod
    def of(cls, page: Page[AccountOverview]) -> Self:
        """A page."""
        return cls(items=tuple(AccountOut.of(each) for each in page.rows), next_cursor=page.next_cursor)


class LoginOut(Schema):
    """A login that waits for a person."""

    model_config = ConfigDict(json_schema_extra={"example": _BEGUN})

    account: str = Field(description="Whose.")
    authorize_url: str = Field(description="StockX's page, for the browser of whoever owns the account.")
    redirect_uri: str = Field(description="Where StockX sends that browser: here, if it is this server's callback.")
    expires_at: datetime = Field(description="Until when it may be finished (UTC).")

    @classmethod
    def of(cls, login: BegunLogin) -> Self:
        """A login."""
        return cls(
            account=login.account, authorize_url=login.url, redirect_uri=login.redirect_uri, expires_at=login.expires_at
        )


class RemovedOut(Schema):
    """What was under way when an account was removed; its history stays."""

    model_config = ConfigDict(json_schema_extra={"example": {"account": "shop-japan", "writes": 0, "jobs": 0}})

    account: str = Field(description="Its name.")
    writes: int = Field(description="Writes that nobody looks after any more; 0 unless it was forced.")
    jobs: int = Field(description="Jobs likewise.")

    @classmethod
    def of(cls, account: str, live: LiveWork) -> Self:
        """What was under way."""
        return cls(account=account, writes=live.writes, jobs=live.jobs)
