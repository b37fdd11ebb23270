"""What is kept of a StockX account: its tokens and whether a person has to log in again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class AccountState(StrEnum):
    """`CONNECTED` can call StockX; `NEEDS_REAUTH` waits for a person to log in again (`solegate auth login`)."""

    CONNECTED = "connected"
    NEEDS_REAUTH = "needs_reauth"


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """The tokens of one account as a value; a change makes a new record with the next version.

    Attributes:
        account: name of the account.
        version: counts every stored change; stores compare it before they write (compare-and-swap).
        access_token: sent as bearer token; empty when there is none.
        refresh_token: long-lived; StockX may or may not rotate it (FACTS 2).
        expires_at: when the access token ends (UTC).
        state: whether the account can call StockX.
    """

    account: str
    version: int
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime
    state: AccountState = AccountState.CONNECTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """The StockX application of an account: StockX gives one to each (FACTS 2).

    Attributes:
        account: its name here.
        client_id, client_secret, api_key: from StockX's developer portal.
        redirect_uri: where StockX sends the browser after a login; empty: the setting's.
        currency: that the account sells in; empty: the setting's.
        in_use: whether it is the account that is meant when none is named.
        created_at, updated_at: when it was added, and last changed (UTC).
    """

    account: str
    client_id: str
    client_secret: str = field(repr=False)
    api_key: str = field(repr=False)
    redirect_uri: str = ""
    currency: str = ""
    in_use: bool = False
    created_at: datetime
    updated_at: datetime
