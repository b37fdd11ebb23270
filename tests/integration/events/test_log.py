"""The log itself: numbers without gaps in the order of the commits, each thing once, each account its own."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from solegate.clock import SystemClock
from solegate.db import Database
from solegate.db.repositories.events import EventFilter, EventRepository
from solegate.db.repositories.tasks import TaskRepository
from solegate.domain.events.values import Event, EventType, event
from solegate.services.events.book import EventBook
from solegate.services.events.log import EventLog
from solegate.services.upkeep import Retention
from support.api import JumpClock

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
WRITERS, EACH = 6, 15


def paid(number: int, account: str = "a") -> Event:
    return event(account, EventType.ORDER_PAID, str(number), at=NOW, data={"n": number})


def log_of(database: Database, account: str = "a") -> EventLog:
    return EventLog(database, TaskRepository(database, clock=SystemClock()), account=account)


async def record(database: Database, *events: Event, account: str = "a") -> tuple[Event, ...]:
    async with database.transaction() as session:
        return await log_of(database, account).record(session, events)


async def everything(database: Database, account: str = "a") -> list[Event]:
    async with database.reading() as session:
        return list(await EventRepository(session, account).after(0, EventFilter(), limit=10_000))


async def test_what_is_recorded_again_counts_once(database: Database) -> None:
    first = await record(database, paid(1), paid(2), paid(1))
    second = await record(database, paid(2), paid(3))

    assert [(each.seq, each.subject) for each in (*first, *second)] == [(1, "1"), (2, "2"), (3, "3")]
    assert [each.subject for each in await everything(database)] == ["1", "2", "3"]


async def test_what_is_rolled_back_never_happened_and_leaves_no_gap(database: Database) -> None:
    await record(database, paid(1))
    with suppress(RuntimeError):
        async with database.transaction() as session:
            await log_of(database).record(session, [paid(2)])
            raise RuntimeError

    await record(database, paid(3))

    assert [(each.seq, each.subject) for each in await everything(database)] == [(1, "1"), (2, "3")]


async def test_each_account_has_its_own_numbers_and_sees_its_own_events(database: Database) -> None:
    await record(database, paid(1))
    await record(database, paid(1, "b"), paid(2, "b"), account="b")

    assert [each.seq for each in await everything(database)] == [1]
    assert [each.seq for each in await everything(database, "b")] == [1, 2]


async def test_a_reader_misses_nothing_however_many_write_at_once(database: Database) -> None:
    """Whoever reads `seq > last` while others commit in any order sees every number, in order, once."""
    book, heard = EventBook(database, account="a", clock=SystemClock()), list[Event]()

    async def listen() -> None:
        async for new in book.follow(0):
            heard.extend(new)
            if len(heard) >= WRITERS * EACH:
                return

    async def write(writer: int) -> None:
        for number in range(EACH):
            async with database.transaction() as session:
                await log_of(database).record(session, [paid(writer * EACH + number), paid(0)])
                await asyncio.sleep(0.001 * (writer % 3))

    listening = asyncio.create_task(listen())
    await asyncio.gather(*(write(each) for each in range(WRITERS)))
    await asyncio.wait_for(listening, 30)

    assert [each.seq for each in heard] == list(range(1, WRITERS * EACH + 1))
    assert {int(each.subject) for each in heard} == set(range(WRITERS * EACH))


async def test_old_events_are_forgotten_and_their_numbers_are_not_given_again(upgraded_url: str) -> None:
    clock = JumpClock()
    async with Database(upgraded_url, clock=clock) as database:
        await record(database, paid(1), paid(2))
        clock.advance(timedelta(days=31).total_seconds())
        await record(database, paid(3))

        await Retention(database, account="a", clock=clock).step()
        await record(database, paid(4))

        assert [each.seq for each in await everything(database)] == [3, 4]
