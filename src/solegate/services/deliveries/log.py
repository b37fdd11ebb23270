"""What became of each delivery, and sending something again."""

from __future__ import annotations

from datetime import datetime

from solegate.db import Database
from solegate.db.repositories.deliveries import DeliveryRepository
from solegate.db.repositories.events import EventFilter, EventRepository
from solegate.db.repositories.tasks import TaskRepository
from solegate.domain.cursors import Page, cursor_of, read_cursor
from solegate.domain.deliveries.values import Delivery, DeliveryFilter, Subscriber, SubscriberState, wants
from solegate.domain.events.values import Event
from solegate.errors import InvalidInputError, NoSuchRecordError
from solegate.services.deliveries.subscribers import Subscribers
from solegate.services.deliveries.tasks import deliver_task

_EVENTS_AT_ONCE = 200
"""Of one transaction."""


class DeliveryLog:
    """The deliveries of one account.

    Args:
        database: where they are.
        subscribers: who is told.
        tasks: where sending is queued.
        account: whose.
    """

    def __init__(self, database: Database, subscribers: Subscribers, tasks: TaskRepository, *, account: str) -> None:
        self._database = database
        self._subscribers = subscribers
        self._tasks = tasks
        self._account = account

    async def page(self, wanted: DeliveryFilter, *, cursor: str | None = None, limit: int) -> Page[Delivery]:
        """Deliveries, the newest event first.

        Raises:
            NoSuchRecordError: the cursor is none of this list.
        """
        after = _place(cursor) if cursor is not None else None
        async with self._database.reading() as session:
            rows = await DeliveryRepository(session, self._account).page(wanted, after=after, limit=limit + 1)
        last = rows[limit - 1] if len(rows) > limit else None
        return Page(rows[:limit], cursor_of(str(last.number), last.subscriber_id) if last else None)

    async def get(self, subscriber: str, event_id: str) -> tuple[Delivery, Event | None]:
        """A delivery and its event; `None` when that is kept no more.

        Raises:
            NoSuchRecordError: there is none.
        """
        found = await self._subscribers.find(subscriber)
        async with self._database.reading() as session:
            delivery = await DeliveryRepository(session, self._account).get(found.id, event_id)
            event = await EventRepository(session, self._account).get(event_id)
        if delivery is None:
            raise NoSuchRecordError(f"Nothing of the event {event_id} was to be sent to '{subscriber}'.")
        return delivery, event

    async def redeliver(self, subscriber: str, event_id: str) -> Delivery:
        """Send one event again, or for the first time, under the same id as ever.

        Raises:
            NoSuchRecordError: there is no such subscriber or event.
            InvalidInputError: the subscriber is disabled.
        """
        found = await self._listening(subscriber)
        async with self._database.transaction() as session:
            event = await EventRepository(session, self._account).get(event_id)
            if event is None:
                raise NoSuchRecordError(f"There is no event {event_id}, or it is kept no more.")
            now = await self._database.now(session)
            await DeliveryRepository(session, self._account).again(found.id, [event], now)
            await self._tasks.put(session, deliver_task(self._account, found.id, now))
        return (await self.get(found.id, event_id))[0]

    async def redeliver_since(self, subscriber: str, since: datetime) -> int:
        """Send everything again that was recorded since a moment and that the subscriber wants.

        Returns:
            How many events that are.

        Raises:
            NoSuchRecordError: there is no such subscriber.
            InvalidInputError: the subscriber is disabled.
        """
        found = await self._listening(subscriber)
        count, last = 0, 0
        while True:
            async with self._database.transaction() as session:
                events = await EventRepository(session, self._account).after(
                    last, EventFilter(since=since), limit=_EVENTS_AT_ONCE
                )
                wanted = [each for each in events if wants(found.types, each.type)]
                now = await self._database.now(session)
                await DeliveryRepository(session, self._account).again(found.id, wanted, now)
                await self._tasks.put(session, deliver_task(self._account, found.id, now))
            count += len(wanted)
            if len(events) < _EVENTS_AT_ONCE:
                return count
            last = events[-1].seq

    async def _listening(self, subscriber: str) -> Subscriber:
        found = await self._subscribers.find(subscriber)
        if found.state is SubscriberState.DISABLED:
            raise InvalidInputError(
                f"The subscriber '{subscriber}' is disabled: {found.reason}.",
                hint=f"`solegate subscribers resume {found.id}` lets it live again.",
            )
        return found


def _place(cursor: str) -> tuple[int, str]:
    number, subscriber = read_cursor(cursor, 2)
    if not number.isdecimal() or len(number) > 18:
        raise NoSuchRecordError("This is no cursor of the list of deliveries.")
    return int(number), subscriber
