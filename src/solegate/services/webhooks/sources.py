"""The sources of an account: adding them, changing their secrets, removing them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from solegate.db import Database, SecretBox
from solegate.db.repositories.webhook_sources import WebhookSourceRepository
from solegate.domain.deliveries.signing import secret_of
from solegate.domain.rotation import Secret, rotated
from solegate.domain.webhooks.registry import KINDS, check
from solegate.domain.webhooks.values import NAME, Source, SourceKind
from solegate.errors import InvalidInputError, NoSuchRecordError

MOST_SOURCES = 100
"""Of an account."""
MOST_SECRETS = 10
"""Of a source: each request is compared with each."""
LONGEST_SECRET = 500
OVERLAP = timedelta(hours=24)
"""How long an old secret counts besides the new one, unless told otherwise."""
LONGEST_OVERLAP = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class NewSource:
    """A source, and the secret that was made for it, to be shown once; empty when it was given."""

    source: Source
    secret: str = field(repr=False)


class WebhookSources:
    """The sources of one account.

    Args:
        database: where they are.
        box: seals their secrets.
        account: whose.
        new_key: gives the 32 random bytes of a secret.
    """

    def __init__(
        self,
        database: Database,
        box: SecretBox,
        *,
        account: str,
        new_key: Callable[[], bytes],
    ) -> None:
        self._database = database
        self._box = box
        self._account = account
        self._new_key = new_key

    async def all(self) -> tuple[Source, ...]:
        """Every one, by name."""
        async with self._database.reading() as session:
            return await WebhookSourceRepository(session, self._box).all(self._account)

    async def get(self, name: str) -> Source:
        """One of them.

        Raises:
            NoSuchRecordError: the account has none of that name.
        """
        async with self._database.reading() as session:
            found = await WebhookSourceRepository(session, self._box).find(name)
        return self._own(found, name)

    async def add(
        self, name: str, kind: SourceKind, *, options: Mapping[str, str] | None = None, secret: str = ""
    ) -> NewSource:
        """Believe somebody from now on.

        Args:
            name: the last part of the address that it calls: lower-case letters, digits and dashes.
            kind: how it shows that it is the one.
            options: that the kind knows.
            secret: where the sender chooses it; made unless given.

        Raises:
            InvalidInputError: name, options or secret cannot be used, the name is taken, or there are too many.
        """
        if NAME.fullmatch(name) is None:
            raise InvalidInputError("A source's name is lower-case letters, digits and dashes: it is in its address.")
        check(kind, options or {})
        made = self._secret(kind, secret)
        async with self._database.transaction() as session:
            rows = WebhookSourceRepository(session, self._box)
            now = await self._database.now(session)
            source = Source(
                name=name,
                account=self._account,
                kind=kind,
                options=dict(options or {}),
                secrets=(Secret(made),),
                created_at=now,
                updated_at=now,
            )
            if len(await rows.all(self._account)) >= MOST_SOURCES:
                raise InvalidInputError(f"There are {MOST_SOURCES} sources, and no more can be added.")
            if not await rows.add(source):
                raise InvalidInputError(f"The name '{name}' is taken; give another one.")
        return NewSource(source, "" if secret else made)

    async def rotate(self, name: str, *, secret: str = "", overlap: timedelta = OVERLAP) -> NewSource:
        """Give a source a new secret; those before count as well for a while.

        Args:
            name: which.
            secret: where the sender chooses it; made unless given.
            overlap: how long the old ones count.

        Raises:
            NoSuchRecordError: the account has none of that name.
            InvalidInputError: the secret cannot be used, or the overlap is out of bounds.
        """
        if not timedelta() <= overlap <= LONGEST_OVERLAP:
            raise InvalidInputError(f"Old secrets can count for {LONGEST_OVERLAP.days} days at most.")
        async with self._database.transaction() as session:
            rows = WebhookSourceRepository(session, self._box)
            now = await self._database.now(session)
            source = self._own(await rows.find(name, held=True), name)
            made = self._secret(source.kind, secret)
            secrets = rotated(source.secrets, made, now, overlap)
            if len(secrets) > MOST_SECRETS:
                raise InvalidInputError(
                    f"{MOST_SECRETS} secrets count at once at most.", hint="Rotate with an overlap of 0 to end them."
                )
            await rows.set_secrets(name, secrets, now)
        return NewSource(replace(source, secrets=secrets, updated_at=now), "" if secret else made)

    async def remove(self, name: str) -> Source:
        """Believe it no more; what it sent stays in the inbox.

        Raises:
            NoSuchRecordError: the account has none of that name.
        """
        async with self._database.transaction() as session:
            rows = WebhookSourceRepository(session, self._box)
            source = self._own(await rows.find(name, held=True), name)
            await rows.remove(name)
        return source

    def _own(self, found: Source | None, name: str) -> Source:
        if found is None or found.account != self._account:
            raise NoSuchRecordError(
                f"There is no source '{name}'.", hint="`solegate webhooks sources list` shows them."
            )
        return found

    def _secret(self, kind: SourceKind, given: str) -> str:
        if not given and not KINDS[kind].makes_secrets:
            raise InvalidInputError(f"The sender of {kind} chooses the secret: give it here.")
        secret = given or self._new_secret(kind)
        if len(secret) > LONGEST_SECRET or not (secret.isascii() and secret.isprintable()):
            raise InvalidInputError(f"A secret is one line of at most {LONGEST_SECRET} plain characters.")
        KINDS[kind].check_secret(secret)
        return secret

    def _new_secret(self, kind: SourceKind) -> str:
        key = self._new_key()
        return secret_of(key) if kind is SourceKind.STANDARD else key.hex()
