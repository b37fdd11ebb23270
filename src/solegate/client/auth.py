"""The token manager: hands out access tokens and renews them, once for everybody.

- Single-flight: however many callers need a new token, one refresh runs; and among the processes that share the
  store, the one that has the lease: the others wait for what it stores, and take over when the lease lapses.
- A 401 names the token *version* it happened with; only the first report of a version refreshes.
- A new token is stored before it is used; the store compares versions, so that a process that slept through its
  lease cannot overwrite what another one stored.
- When StockX rejects the refresh token, the store is read once more (another process may have renewed it). If it
  holds nothing newer the account is NEEDS_REAUTH and no further token call is made until a person logs in.
- When it rejects the application itself (client id or secret), this process asks no more: only a person can mend it.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from solegate.client.login import TOKEN, LoginServer, reauthenticate, unavailable, wrong_application
from solegate.client.policy.oauth import (
    JUST_RENEWED,
    LEASE,
    LEASE_POLL,
    Credentials,
    Due,
    Granted,
    Refused,
    Unavailable,
    refresh_due,
)
from solegate.client.token_store import MemoryTokenStore, TokenStore
from solegate.client.transport import Transport
from solegate.clock import Clock
from solegate.domain.accounts import AccountState, TokenRecord
from solegate.errors import (
    AuthenticationError,
    DatabaseError,
    StockXError,
)
from solegate.log import get_logger
from solegate.metrics import Metrics

__all__ = ["AccessToken", "MemoryTokenStore", "TokenManager", "TokenStore"]


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A bearer token and the version of the record it came from."""

    value: str = field(repr=False)
    version: int


class TokenManager:
    """The tokens of one account; `owner` is who it is to the other processes: its name on a lease."""

    def __init__(
        self,
        credentials: Credentials,
        *,
        account: str,
        owner: str,
        auth_url: str,
        store: TokenStore,
        transport: Transport,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._account = account
        self._owner = owner
        self._login = LoginServer(credentials, auth_url=auth_url, transport=transport)
        self._store = store
        self._clock = clock
        self._metrics = metrics
        self._misconfigured = ""
        self._renewed_at: datetime | None = None
        self._record: TokenRecord | None = None
        self._loading: asyncio.Task[TokenRecord] | None = None
        self._refreshing: asyncio.Task[TokenRecord] | None = None
        self._log = get_logger("stockx.auth")

    async def token(self) -> AccessToken:
        """A token that is good for the next two minutes at least.

        Raises:
            ReauthenticationRequiredError: a person has to log in.
            UpstreamError: the login server cannot be reached or fails; nothing was sent to the API.
        """
        record = self._record or await self._first_load()
        due = self._due(record)
        if due is Due.NOW or not record.access_token:
            record = await self._refresh(record.version)
        elif due is Due.SOON and self._refreshing is None:
            self._start_refresh(record.version).add_done_callback(_retrieve)
        return AccessToken(record.access_token, record.version)

    async def rejected(self, version: int) -> AccessToken:
        """A newer token than the one StockX answered 401 to.

        Raises:
            AuthenticationError: that token was renewed a moment ago, so it is not the token that StockX dislikes.
            ReauthenticationRequiredError, UpstreamError: as `token` does.
        """
        record = self._record or await self._first_load()
        if record.version == version:
            if self._renewed_at is not None and self._clock.now() - self._renewed_at < JUST_RENEWED:
                raise AuthenticationError(
                    "StockX refuses a token that was just renewed.",
                    operation=TOKEN,
                    status=401,
                    hint="Check SOLEGATE_STOCKX_API_KEY; if it is right, run `solegate auth login`.",
                )
            record = await self._refresh(version)
        return AccessToken(record.access_token, record.version)

    async def connect(self, code: str, *, code_verifier: str | None = None) -> TokenRecord:
        """Exchange the code of a login for tokens and store them; the account is connected afterwards.

        Raises:
            AuthenticationError: StockX refuses the code.
            UpstreamError: the login server cannot be reached or fails.
        """
        answer = await self._login.exchange(code, code_verifier=code_verifier)
        if isinstance(answer, Refused):
            raise wrong_application(answer.reason)
        if isinstance(answer, Unavailable):
            raise unavailable(answer.reason)
        old = await self._store.load(self._account)
        record = self._granted(answer, version=old.version + 1 if old else 1, refresh_token="")
        return await self._commit(record, expected=old.version if old else None)

    async def status(self) -> TokenRecord | None:
        """The stored record, or `None` when the account was never connected. Nothing is refreshed."""
        return await self._store.load(self._account)

    async def aclose(self) -> None:
        """Let a refresh under way finish: its new refresh token must not be lost."""
        under_way = [task for task in (self._loading, self._refreshing) if task is not None]
        if under_way:
            await asyncio.wait(under_way)

    async def _first_load(self) -> TokenRecord:
        """Load the record once for all who come before it is there."""
        if self._loading is None:
            self._loading = asyncio.get_running_loop().create_task(self._load())
            self._loading.add_done_callback(self._loading_ended)
        try:
            return await asyncio.shield(self._loading)
        except StockXError as error:
            raise error.anew() from error

    def _loading_ended(self, task: asyncio.Task[TokenRecord]) -> None:
        self._loading = None
        _retrieve(task)

    async def _load(self) -> TokenRecord:
        """Look at the store; a look that took so long that a newer record is known by now does not replace it."""
        record = await self._store.load(self._account)
        if record is None:
            raise reauthenticate(self._account, "is not connected to StockX")
        if self._record is None or self._record.version <= record.version:
            self._record = record
        return self._usable(self._record)

    def _usable(self, record: TokenRecord) -> TokenRecord:
        needs_reauth = record.state is AccountState.NEEDS_REAUTH
        self._metrics.needs_reauth.set(int(needs_reauth))
        if needs_reauth:
            self._record = None
            raise reauthenticate(self._account, "has to log in again: StockX no longer accepts its refresh token")
        return record

    async def _refresh(self, version: int) -> TokenRecord:
        """Join the refresh under way or start it; a caller that goes away does not stop it."""
        try:
            return await asyncio.shield(self._refreshing or self._start_refresh(version))
        except StockXError as error:
            raise error.anew() from error

    def _start_refresh(self, version: int) -> asyncio.Task[TokenRecord]:
        task = asyncio.get_running_loop().create_task(self._renew(version))
        self._refreshing = task
        task.add_done_callback(self._refresh_ended)
        return task

    def _refresh_ended(self, _task: asyncio.Task[TokenRecord]) -> None:
        self._refreshing = None

    async def _renew(self, version: int) -> TokenRecord:
        """Renew the token of a version, or take what another process stored instead."""
        if self._misconfigured:
            raise wrong_application(self._misconfigured)
        while True:
            record = await self._load()
            if record.version != version and self._due(record) is not Due.NOW:
                return record
            lapses = self._clock.monotonic() + LEASE
            if await self._store.lease(record, owner=self._owner, seconds=LEASE):
                break
            await self._clock.sleep(LEASE_POLL)
            if (await self._load()).version != record.version:
                self._renewed_at = self._clock.now()
        try:
            return await self._renew_alone(record, lapses)
        except StockXError:
            with suppress(DatabaseError):  # it lapses by itself
                await self._store.release(self._account, owner=self._owner)
            raise

    async def _renew_alone(self, record: TokenRecord, lapses: float) -> TokenRecord:
        """Ask for a new token, unless the lease lapses (monotonic seconds) before the request leaves."""
        answer = await self._login.renew(record.refresh_token, gate=lambda: self._clock.monotonic() < lapses)
        if isinstance(answer, Granted):
            self._metrics.token_refreshes.labels("ok").inc()
            renewed = self._granted(answer, version=record.version + 1, refresh_token=record.refresh_token)
            return await self._commit(renewed, expected=record.version)
        if isinstance(answer, Unavailable):
            self._metrics.token_refreshes.labels("failed").inc()
            raise unavailable(answer.reason)
        self._metrics.token_refreshes.labels("rejected").inc()
        self._metrics.auth_failures.inc()
        if answer.misconfigured:
            self._misconfigured = answer.reason
            raise wrong_application(answer.reason)
        return await self._give_up(record, answer.reason)

    async def _give_up(self, record: TokenRecord, reason: str) -> TokenRecord:
        """The refresh token is dead, unless somebody else has stored a newer one meanwhile."""
        self._log.error("stockx.auth.needs_reauth", account=self._account, reason=reason)
        dead = replace(record, version=record.version + 1, state=AccountState.NEEDS_REAUTH, access_token="")
        await self._store.save(dead, expected_version=record.version)
        return await self._load()

    async def _commit(self, record: TokenRecord, *, expected: int | None) -> TokenRecord:
        """Store first, use afterwards; when another process was faster, use what it stored."""
        if not await self._store.save(record, expected_version=expected):
            return await self._load()
        self._record, self._renewed_at, self._misconfigured = record, self._clock.now(), ""
        self._metrics.needs_reauth.set(0)
        self._log.info("stockx.auth.token_stored", account=self._account, version=record.version)
        return record

    def _due(self, record: TokenRecord) -> Due:
        return refresh_due(record.expires_at, self._clock.now(), renewed_at=self._renewed_at)

    def _granted(self, answer: Granted, *, version: int, refresh_token: str) -> TokenRecord:
        return TokenRecord(
            account=self._account,
            version=version,
            access_token=answer.access_token,
            refresh_token=answer.refresh_token or refresh_token,
            expires_at=self._clock.now() + timedelta(seconds=answer.expires_in),
        )


def _retrieve(task: asyncio.Task[TokenRecord]) -> None:
    """Look at an advisory refresh's failure, so that it is not reported as lost; the mandatory one raises it."""
    if not task.cancelled():
        task.exception()
