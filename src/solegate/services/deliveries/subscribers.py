"""Who is told what happened: adding subscribers, trying them out, pausing them, changing their secrets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from solegate.client.outbound import Outbound
from solegate.clock import Clock
from solegate.db import Database, SecretBox, Session
from solegate.db.repositories.deliveries import DeliveryRepository
from solegate.db.repositories.subscribers import SubscriberRepository
from solegate.db.repositories.tasks import TaskRepository
from solegate.domain.deliveries.messages import message_of
from solegate.domain.deliveries.ping import Ping
from solegate.domain.deliveries.schedule import Attempt
from solegate.domain.deliveries.signing import secret_of
from solegate.domain.deliveries.values import (
    DeliveryState,
    Subscriber,
    SubscriberKind,
    SubscriberState,
    is_pattern,
    wants,
)
from solegate.domain.events.values import EventType
from solegate.domain.rotation import Secret, rotated
from solegate.errors import InvalidInputError, NoSuchRecordError
from solegate.services.deliveries.tasks import deliver_task

MOST_SUBSCRIBERS = 100
"""Of an account: each event is written down once for each."""
MOST_TYPES = 50
LONGEST_NAME = 100
OVERLAP = timedelta(hours=24)
"""How long an old secret signs besides the new one, unless told otherwise."""
LONGEST_OVERLAP = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A subscriber and a secret that is shown once; empty where nothing is signed."""

    subscriber: Subscriber
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Standing:
    """A subscriber and how many of its deliveries are in each state."""

    subscriber: Subscriber
    counts: Mapping[DeliveryState, int]


class Subscribers:
    """The subscribers of one account.

    Args:
        database: where they are.
        box: seals their addresses and secrets.
        outbound: judges their addresses, and sends the pings.
        tasks: where sending is queued.
        account: whose.
        clock: dates the pings.
        new_id: gives ids.
        new_key: gives the bytes of a secret.
    """

    def __init__(
        self,
        database: Database,
        box: SecretBox,
        outbound: Outbound,
        tasks: TaskRepository,
        *,
        account: str,
        clock: Clock,
        new_id: Callable[[], str],
        new_key: Callable[[], bytes],
    ) -> None:
        self._database = database
        self._box = box
        self._outbound = outbound
        self._tasks = tasks
        self._account = account
        self._clock = clock
        self._new_id = new_id
        self._new_key = new_key

    async def add(
        self, url: str, *, kind: SubscriberKind, types: tuple[str, ...] = ("*",), name: str = ""
    ) -> NewSecret:
        """Tell somebody what happens from now on.

        Args:
            url: where.
            kind: what its receiver understands.
            types: patterns of event types: `*`, `order.*`, `order.created`.
            name: for people; its id unless given.

        Raises:
            AddressRefusedError: the address must not be called from here.
            InvalidInputError: a pattern or the name is none, the name is taken, or there are too many.
        """
        _ensure_usable(types, name)
        await self._outbound.check(url)
        secret = secret_of(self._new_key()) if kind is SubscriberKind.STANDARD else ""
        subscriber_id = self._new_id()
        async with self._database.transaction() as session:
            now = await self._database.now(session)
            subscriber = Subscriber(
                account=self._account,
                id=subscriber_id,
                name=name or subscriber_id,
                kind=kind,
                url=url,
                types=tuple(dict.fromkeys(types)),
                secrets=(Secret(secret),) if secret else (),
                created_at=now,
                updated_at=now,
            )
            rows = self._rows(session)
            others = await rows.all()
            if len(others) >= MOST_SUBSCRIBERS:
                raise InvalidInputError(f"There are {MOST_SUBSCRIBERS} subscribers, and no more can be added.")
            if any(subscriber.name in {each.name, each.id} for each in others):
                raise InvalidInputError(f"There is a subscriber '{subscriber.name}' already; give another name.")
            await rows.add(subscriber)
        return NewSecret(subscriber, secret)

    async def all(self) -> tuple[Standing, ...]:
        """Every one with its counts, the oldest first."""
        async with self._database.reading() as session:
            rows = self._rows(session)
            counts = await rows.counts()
            return tuple(Standing(each, counts.get(each.id, {})) for each in await rows.all())

    async def get(self, key: str) -> Standing:
        """One of them, by id or name.

        Raises:
            NoSuchRecordError: there is none.
        """
        subscriber = await self.find(key)
        async with self._database.reading() as session:
            counts = await self._rows(session).counts(subscriber.id)
        return Standing(subscriber, counts.get(subscriber.id, {}))

    async def find(self, key: str) -> Subscriber:
        """One of them, by id or name, without counting anything.

        Raises:
            NoSuchRecordError: there is none.
        """
        async with self._database.reading() as session:
            found = [each for each in await self._rows(session).all() if key in {each.id, each.name}]
        if not found:
            raise NoSuchRecordError(f"There is no subscriber '{key}'.")
        return found[0]

    async def pause(self, key: str) -> Subscriber:
        """Send it nothing until it is resumed; what happens meanwhile waits.

        Raises:
            NoSuchRecordError: there is none.
        """
        return await self._set_state(key, SubscriberState.PAUSED, "a person paused it")

    async def resume(self, key: str) -> Subscriber:
        """Send it what waits, and what happens from now on; one that was disabled lives again.

        Raises:
            NoSuchRecordError: there is none.
        """
        return await self._set_state(key, SubscriberState.ACTIVE, "")

    async def remove(self, key: str) -> Subscriber:
        """Forget it with all its deliveries.

        Raises:
            NoSuchRecordError: there is none.
        """
        subscriber = await self.find(key)
        async with self._database.transaction() as session:
            await self._rows(session).remove(subscriber.id)
        return subscriber

    async def rotate_secret(self, key: str, *, overlap: timedelta = OVERLAP) -> NewSecret:
        """Give it a new secret; the one before signs as well for a while.

        Args:
            key: its id or name.
            overlap: how long both sign.

        Raises:
            NoSuchRecordError: there is none.
            InvalidInputError: nothing it is sent is signed, or the overlap is out of bounds.
        """
        if not timedelta() <= overlap <= LONGEST_OVERLAP:
            raise InvalidInputError(f"Both secrets can sign for {LONGEST_OVERLAP.days} days at most.")
        subscriber = await self.find(key)
        if subscriber.kind is not SubscriberKind.STANDARD:
            raise InvalidInputError(
                f"What a {subscriber.kind} subscriber is sent is not signed: its address is its key."
            )
        secret = secret_of(self._new_key())
        async with self._database.transaction() as session:
            now = await self._database.now(session)
            rows = self._rows(session)
            held = await rows.get(subscriber.id, held=True)
            if held is None:
                raise NoSuchRecordError(f"There is no subscriber '{key}'.")
            secrets = rotated(held.secrets, secret, now, overlap)
            await rows.set_secrets(subscriber.id, secrets, now)
        return NewSecret(replace(held, secrets=secrets), secret)

    async def test(self, key: str) -> Attempt:
        """Send it a ping now, whatever its state; nothing of it is written down.

        Raises:
            NoSuchRecordError: there is none.
        """
        subscriber = await self.find(key)
        now = self._clock.now()
        message = message_of(subscriber, Ping(f"ping_{self._new_id()}", self._account, subscriber.id, now), now)
        return await self._outbound.post(subscriber.url, message.headers, message.body)

    async def _set_state(self, key: str, state: SubscriberState, reason: str) -> Subscriber:
        subscriber = await self.find(key)
        async with self._database.transaction() as session:
            now = await self._database.now(session)
            await self._rows(session).set_state(subscriber.id, state, reason, now)
            if state is SubscriberState.ACTIVE:
                await DeliveryRepository(session, self._account).bring_forward(subscriber.id, now)
                await self._tasks.put(session, deliver_task(self._account, subscriber.id, now))
        return await self.find(subscriber.id)

    def _rows(self, session: Session) -> SubscriberRepository:
        return SubscriberRepository(session, self._account, self._box)


def _ensure_usable(types: tuple[str, ...], name: str) -> None:
    wrong = [each for each in types if not (is_pattern(each) and any(wants((each,), kind) for kind in EventType))]
    if wrong:
        known = ", ".join(EventType)
        raise InvalidInputError(f"'{wrong[0]}' names no events: `*`, `order.*`, or one of {known}.")
    if not 1 <= len(types) <= MOST_TYPES:
        raise InvalidInputError(f"A subscriber names 1 to {MOST_TYPES} types of events.")
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidInputError(f"A name is one line of at most {LONGEST_NAME} characters.")
