"""What is kept of a StockX account: its application, its tokens, and whether a person has to log in again."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

LOGIN_LIFE = timedelta(minutes=10)
"""How long a login that was begun may be finished; a person needs a minute."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_TAKEN = frozenset({"callback"})
"""Names that are routes below `/api/v1/accounts`."""
_LONGEST_RETURN = 2000


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


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """How an account stands; it holds no token.

    Attributes:
        account: its name.
        state: connected or needs_reauth; `None` when it was never connected.
        expires_at: when the current access token ends (UTC); it is renewed before.
        version: how often its tokens changed.
    """

    account: str
    state: AccountState | None
    expires_at: datetime | None = None
    version: int = 0

    @property
    def connected(self) -> bool:
        """Whether calls can be made."""
        return self.state is AccountState.CONNECTED


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingLogin:
    """A login that was begun and waits for its redirect.

    Attributes:
        account: whose.
        code_verifier: of PKCE: proves that who finishes the login began it.
        return_to: path on our own host where the browser goes in the end; empty: a page that says how it went.
        created_at, expires_at: when it was begun, and until when it may be finished (UTC).
    """

    account: str
    code_verifier: str = field(repr=False)
    return_to: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class LiveWork:
    """What of an account is under way: writes that lead somewhere yet, and jobs that have not ended."""

    writes: int
    jobs: int


def state_hash(state: str) -> str:
    """By which a login is found: nothing is compared with the `state` itself, so nothing tells how near a guess is."""
    return hashlib.sha256(state.encode()).hexdigest()


def what_is_wrong_with(name: str) -> str:
    """Why an account cannot have this name; empty when it can. It becomes part of addresses and command lines."""
    if not _NAME.fullmatch(name):
        return "a name has 1 to 64 letters, digits, dots, dashes and underscores, and begins with a letter or digit"
    return f"'{name}' is taken by a route of the API" if name in _TAKEN else ""


def is_own_path(return_to: str) -> bool:
    """Whether a browser that is sent there surely stays on our own host."""
    is_path = return_to.startswith("/") and not return_to.startswith(("//", "/\\"))
    plain = return_to.isascii() and return_to.isprintable() and not set(return_to) & set("\\ ")
    return is_path and plain and len(return_to) <= _LONGEST_RETURN
