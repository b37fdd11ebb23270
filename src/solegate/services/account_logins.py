"""Logins that one process begins and any process finishes: what ties them together is in the database.

    begin --> the person allows it at StockX --> the browser comes back with `code` and `state` --> finish

The redirect says which login it is by its `state` alone, which is good for one redirect; the account is the one that
the login was begun for, whatever else the redirect says.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from solegate.clock import Clock
from solegate.db.repositories.logins import SqlLogins
from solegate.domain.accounts import LOGIN_LIFE, AccountStatus, PendingLogin, is_own_path
from solegate.errors import InvalidInputError
from solegate.services.accounts import AccountService, LoginAttempt


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunLogin:
    """A login that waits for a person: the page to open, and until when."""

    account: str
    url: str = field(repr=False)
    redirect_uri: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class FinishedLogin:
    """A login that connected its account, and where the browser goes now; empty: nowhere."""

    status: AccountStatus
    return_to: str


class AccountLogins:
    """Logins of every account; `open_account` gives what logs in with an account's keys."""

    def __init__(
        self, logins: SqlLogins, *, clock: Clock, open_account: Callable[[str], Awaitable[AccountService]]
    ) -> None:
        self._logins = logins
        self._clock = clock
        self._open = open_account

    async def begin(self, account: str, *, return_to: str = "") -> BegunLogin:
        """Begin a login that `finish` ends, in this process or in another one, within ten minutes.

        Args:
            account: whose.
            return_to: path on our own host where the browser goes when it is done.

        Raises:
            NoSuchAccountError: there is none of that name.
            CredentialsMissingError: it has no keys.
            InvalidInputError: `return_to` leads elsewhere.
        """
        if return_to and not is_own_path(return_to):
            raise InvalidInputError("`returnTo` is a path on this host, such as `/docs`.")
        service = await self._open(account)
        attempt, now = service.start_login(), self._clock.now()
        login = PendingLogin(
            account=account,
            code_verifier=attempt.code_verifier,
            return_to=return_to,
            created_at=now,
            expires_at=now + LOGIN_LIFE,
        )
        await self._logins.begin(attempt.state, login)
        return BegunLogin(
            account=account, url=attempt.url, redirect_uri=service.redirect_uri, expires_at=login.expires_at
        )

    async def finish(self, redirect: str) -> FinishedLogin:
        """End a login with the address that StockX redirected the browser to: of the account that it was begun for.

        Whatever comes of it, the login is over: its `state` is good for one redirect.

        Raises:
            InvalidInputError: no such login is under way, or StockX says that it was denied.
            NoSuchAccountError: the account was removed meanwhile.
            AuthenticationError: StockX refuses the code.
            UpstreamError: StockX's login server cannot be reached or fails.
        """
        states = parse_qs(urlsplit(redirect).query).get("state", [])
        login = await self._logins.take(states[0], self._clock.now()) if len(states) == 1 else None
        if login is None:
            raise InvalidInputError(
                "No such login is under way: it is over, took longer than ten minutes, or was not begun here.",
                hint="Begin it again: POST /api/v1/accounts/{account}/login, or `solegate auth login`.",
            )
        service = await self._open(login.account)
        attempt = LoginAttempt("", states[0], login.code_verifier)
        return FinishedLogin(await service.finish_login(attempt, redirect), login.return_to)
