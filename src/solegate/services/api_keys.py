"""The keys of our own API at work: making them, revoking them, and knowing who asks.

Keys are remembered for a few seconds, so that a request costs no look into the database; a key that is revoked opens
nothing after that time, in any process. When a key was used is written later, with others, and never by the request.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from solegate.clock import Clock
from solegate.db import Database
from solegate.db.repositories.api_keys import ApiKeyRepository
from solegate.domain.cursors import Page
from solegate.domain.keys import PER_MINUTE, SHOWN, ApiKey, Scope, digest_of, expiry, key_text, opens, read_key
from solegate.domain.sorting import Newest, mark_at, page_of
from solegate.errors import DatabaseError, InvalidInputError, NoSuchRecordError
from solegate.log import get_logger
from solegate.services.remembered import Remembered

REMEMBERED = 5.0
"""Seconds for which a key is believed to be as it was."""
MOST_REMEMBERED = 10_000
"""Keys in memory, unknown ids included."""
USE_WRITTEN = timedelta(minutes=1)
"""How exact `last_used_at` is."""
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made; `text` is shown once and kept nowhere."""

    key: ApiKey
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A key that is to be made."""

    name: str
    scope: Scope
    actor: str
    account: str | None = None
    per_minute: int = PER_MINUTE
    expires_at: datetime | None = None


class ApiKeyService:
    """Every key of an installation.

    Args:
        database: keeps them.
        clock: tells how long a key is remembered.
        new_id: makes an id: lower-case letters and digits.
        new_secret: makes a secret: 32 random bytes in URL-safe base64.
    """

    def __init__(
        self, database: Database, *, clock: Clock, new_id: Callable[[], str], new_secret: Callable[[], str]
    ) -> None:
        self._database = database
        self._clock = clock
        self._new_id = new_id
        self._new_secret = new_secret
        self._known = Remembered(self._find, clock=clock, most=MOST_REMEMBERED)
        self._used: dict[str, datetime] = {}
        self._log = get_logger("api_keys")

    async def create(
        self,
        name: str,
        *,
        scope: Scope,
        account: str | None = None,
        per_minute: int = PER_MINUTE,
        expires: str | datetime | None = None,
        actor: str,
    ) -> NewKey:
        """Make a key.

        Args:
            name: for people.
            scope: what it may do.
            account: the only one it reaches; every one unless given.
            per_minute: how many requests it may make in a minute.
            expires: when it ends: a moment, or text such as `90d`; never unless given.
            actor: who makes it.

        Raises:
            InvalidInputError: name, number or expiry cannot be used.
        """
        _check(name, per_minute)
        async with self._database.transaction() as session:
            now = await self._database.now(session)
            new = self._make(_Wanted(name, scope, actor, account, per_minute, _moment(expires, now)), now)
            await ApiKeyRepository(session).add(new.key)
        return new

    async def first(self, *, actor: str) -> NewKey | None:
        """Make the first key of an installation, for everything; `None` if there has ever been one."""
        async with self._database.transaction() as session:
            await self._database.exclusive(session, "first-api-key")
            keys = ApiKeyRepository(session)
            if await keys.count():
                return None
            now = await self._database.now(session)
            new = self._make(_Wanted("first key", Scope.ADMIN, actor), now)
            await keys.add(new.key)
        return new

    async def all(self, *, account: str | None = None) -> tuple[ApiKey, ...]:
        """Every key, or those of one account; the newest first."""
        await self.write_uses()
        async with self._database.reading() as session:
            return await ApiKeyRepository(session).all(account=account)

    async def page(self, *, account: str | None, cursor: str | None, limit: int) -> Page[ApiKey]:
        """Keys, or those of one account; the newest first.

        Raises:
            NoSuchRecordError: the cursor is none of this list.
        """
        after = None if cursor is None else mark_at(cursor, Newest.FIRST, datetime)
        await self.write_uses()
        async with self._database.reading() as session:
            rows = await ApiKeyRepository(session).page(account=account, after=after, limit=limit + 1)
        return page_of(rows, Newest.FIRST, limit=limit)

    async def get(self, key_id: str, *, account: str | None = None) -> ApiKey:
        """One key; with an account, of those that reach it alone.

        Raises:
            NoSuchRecordError: there is none with that id.
        """
        async with self._database.reading() as session:
            found = await ApiKeyRepository(session).find(key_id)
        if found is None or account not in {None, found.account}:
            raise NoSuchRecordError(f"There is no API key '{key_id}'.", hint="`solegate keys list` shows them.")
        return found

    async def revoke(self, key_id: str, *, account: str | None = None) -> ApiKey:
        """Let a key open nothing any more: here at once, in other processes within seconds.

        Raises:
            NoSuchRecordError: there is none with that id, among those that reach the account alone if one is given.
        """
        await self.get(key_id, account=account)
        async with self._database.transaction() as session:
            await ApiKeyRepository(session).revoke(key_id, await self._database.now(session))
        self._known.forget(key_id)
        return await self.get(key_id)

    async def holder(self, text: str) -> ApiKey | None:
        """Whose key this is; `None` if it opens nothing.

        Raises:
            DatabaseError: it cannot be looked up.
        """
        presented = read_key(text)
        if presented is None:
            return None
        key = await self._known.get(presented.id, max_age=REMEMBERED)
        now = self._clock.now()
        if key is None or not opens(key, presented, now):
            return None
        if key.last_used_at is None or now - key.last_used_at >= USE_WRITTEN:
            self._used[key.id] = now
            self._known.amend(key.id, replace(key, last_used_at=now))
        return key

    async def write_uses(self) -> None:
        """Write down when keys were used last; what cannot be written is tried again."""
        used, self._used = self._used, {}
        if not used:
            return
        try:
            async with self._database.transaction() as session:
                await ApiKeyRepository(session).used(used)
        except BaseException:
            self._used = used | self._used
            raise

    @asynccontextmanager
    async def uses_written(self) -> AsyncIterator[None]:
        """Write down, beside the block and at its end, when keys were used; what goes wrong with it is logged."""
        writing = asyncio.create_task(self._keep_writing())
        try:
            yield
        finally:
            writing.cancel()
            await asyncio.wait((writing,))
            await self._write_or_tell()

    async def _keep_writing(self) -> None:
        while True:
            await asyncio.sleep(USE_WRITTEN.total_seconds())  # as long as this process lives, whatever its clock says
            await self._write_or_tell()

    async def _write_or_tell(self) -> None:
        try:
            await self.write_uses()
        except DatabaseError as error:
            self._log.warning("api_keys.uses_not_written", reason=error.message)

    async def _find(self, key_id: str) -> ApiKey | None:
        async with self._database.reading() as session:
            return await ApiKeyRepository(session).find(key_id)

    def _make(self, wanted: _Wanted, now: datetime) -> NewKey:
        key_id, secret = self._new_id(), self._new_secret()
        key = ApiKey(
            id=key_id,
            name=wanted.name,
            digest=digest_of(secret),
            start=secret[:SHOWN],
            scope=wanted.scope,
            account=wanted.account,
            per_minute=wanted.per_minute,
            created_at=now,
            created_by=wanted.actor,
            expires_at=wanted.expires_at,
        )
        return NewKey(key, key_text(key_id, secret))


def _check(name: str, per_minute: int) -> None:
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidInputError(f"A key's name is one line of 1 to {LONGEST_NAME} characters.")
    if not 1 <= per_minute <= 1_000_000:
        raise InvalidInputError("A key makes 1 to 1,000,000 requests in a minute.")


def _moment(expires: str | datetime | None, now: datetime) -> datetime | None:
    if expires is None:
        return None
    try:
        until = expiry(expires, now) if isinstance(expires, str) else expires
    except ValueError as error:
        raise InvalidInputError(f"The expiry cannot be used: {error}.") from None
    if until <= now:
        raise InvalidInputError("The expiry is over already.")
    return until
