"""Reading what happened: page by page, or as it happens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from solegate.clock import Clock
from solegate.db import Database
from solegate.db.repositories.events import EventFilter, EventRepository
from solegate.domain.cursors import Page, cursor_of, read_cursor
from solegate.domain.events.values import Event
from solegate.errors import NoSuchRecordError

LOOK_EVERY: Final = 1.0
"""Seconds between two looks for new events."""
_AT_ONCE = 100
EVERYTHING = EventFilter()


class EventBook:
    """The events of one account."""

    def __init__(self, database: Database, *, account: str, clock: Clock) -> None:
        self._database = database
        self._account = account
        self._clock = clock

    async def page(self, wanted: EventFilter = EVERYTHING, *, cursor: str | None = None, limit: int) -> Page[Event]:
        """Events, newest first.

        Raises:
            NoSuchRecordError: the cursor is none of this list.
        """
        before = None if cursor is None else _number(read_cursor(cursor, 1)[0])
        async with self._database.reading() as session:
            found = await EventRepository(session, self._account).before(before, wanted, limit=limit + 1)
        return Page(found[:limit], cursor_of(str(found[limit - 1].seq)) if len(found) > limit else None)

    async def get(self, event_id: str) -> Event:
        """One event.

        Raises:
            NoSuchRecordError: there is no such event, or it is forgotten.
        """
        async with self._database.reading() as session:
            found = await EventRepository(session, self._account).get(event_id)
        if found is None:
            raise NoSuchRecordError(f"There is no event '{event_id}'.", hint="`solegate events list` shows them.")
        return found

    async def last_seq(self) -> int:
        """The number of the newest event; 0 before the first."""
        async with self._database.reading() as session:
            return await EventRepository(session, self._account).last_seq()

    async def follow(self, after: int, wanted: EventFilter = EVERYTHING) -> AsyncIterator[tuple[Event, ...]]:
        """What happens after an event, in order, each once, for as long as somebody listens.

        Numbers are given in the order of the commits, so that nothing appears behind a number that was seen.

        Args:
            after: number of the last event that is known.
            wanted: which ones.

        Yields:
            What is new since the last time; nothing, where nothing is.
        """
        while True:
            async with self._database.reading() as session:
                found = await EventRepository(session, self._account).after(after, wanted, limit=_AT_ONCE)
            yield found
            if found:
                after = found[-1].seq
            if len(found) < _AT_ONCE:
                await self._clock.sleep(LOOK_EVERY)


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise NoSuchRecordError("This is no cursor of the list of events.")
    return int(text)
