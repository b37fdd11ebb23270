"""Days on the practice market: what Solegate tells is what happened, each once, whatever became of those who looked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from solegate.db import Database
from solegate.db.repositories.events import EventFilter, EventRepository
from solegate.db.repositories.tasks import TaskRepository
from solegate.domain.events.values import Event, EventType
from solegate.services.events.log import EventLog
from solegate.services.events.rounds import EventRounds
from solegate.services.events.watches import WatchBook
from solegate.simulator import Pace
from support.mortal import Crash, Fate, MortalDatabase
from support.sync import ACCOUNT, DAY, QUIET, World, play, whole_run

HOUR = 3_600.0
LIVELY = Pace(
    settle_seconds=(0.0, 0.0), settle_failure=0.0, buyers_per_day=0.0, parcels="always", label_seconds=(60, 60)
)
TELLS = {
    "order CREATED": EventType.ORDER_CREATED,
    "order SHIPPED": EventType.ORDER_SHIPPED,
    "order AUTHENTICATED": EventType.ORDER_AUTHENTICATED,
    "order PAYOUTCOMPLETED": EventType.ORDER_PAID,
    "order AUTHFAILED": EventType.ORDER_FAILED,
    "order DIDNOTSHIP": EventType.ORDER_FAILED,
    "order CANCELED": EventType.ORDER_FAILED,
    "order RETURNED": EventType.ORDER_FAILED,
}
"""What the market did by its own log, and what is to be told of it."""


def truth(world: World) -> Counter[tuple[str, str]]:
    return Counter((TELLS[each.operation], each.detail) for each in world.simulator.events() if each.operation in TELLS)


async def told(world: World, *types: str) -> list[Event]:
    """Everything that was told, checked to be numbered without gaps."""
    async with world.database.reading() as session:
        found = await EventRepository(session, ACCOUNT).after(0, EventFilter(), limit=10_000)
    assert [each.seq for each in found] == list(range(1, len(found) + 1))
    return [each for each in found if not types or each.type.value.startswith(types)]


def counted(events: Iterable[Event]) -> Counter[tuple[str, str]]:
    return Counter((each.type, each.subject) for each in events)


async def look(world: World, *, syncs: str = "ahl") -> None:
    for each in syncs:
        await whole_run({"a": world.active, "h": world.history, "l": world.listing_sync}[each]())


def rounds(world: World, database: Database | None = None) -> EventRounds:
    opened = database or world.database
    log = EventLog(opened, TaskRepository(opened, clock=world.clock), account=ACCOUNT)
    return EventRounds(world.stockx, opened, log=log, watches=WatchBook(opened, account=ACCOUNT, new_id=str))


def test_the_first_run_tells_nothing_of_what_was_there_before(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        await world.list_pairs(5)
        await world.sold(5)

        await look(world)

        assert await told(world) == []

    play(upgraded_url, story)


@pytest.mark.parametrize("order", ["ahl", "lhaah"])
def test_two_weeks_of_sales_are_told_as_they_were(tmp_path: Path, order: str) -> None:
    async def story(world: World) -> None:
        await look(world)
        numbers = await world.sold(24)
        for _ in range(28):
            await world.settle(12 * HOUR)
            await look(world, syncs=order)

        assert counted(await told(world, "order.")) == truth(world)
        kinds = Counter(each.type for each in await told(world, "order."))
        assert kinds[EventType.ORDER_CREATED] == len(numbers)
        assert kinds[EventType.ORDER_PAID] > 15
        assert kinds[EventType.ORDER_FAILED] > 0
        sold = await told(world, "listing.sold")
        assert len(sold) == len({each.subject for each in sold}) == len(numbers)

    play_alone(tmp_path, story)


def test_looks_that_come_days_apart_tell_the_same(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await look(world)
        await world.sold(24)
        for _ in range(4):
            await world.settle(4 * DAY)
            await look(world)

        # A sale that was returned and one that was never seen in between still tell all they went through.
        assert counted(await told(world, "order.")) == truth(world)

    play_alone(tmp_path, story)


def play_alone(folder: Path, story: Callable[[World], Awaitable[None]]) -> None:
    """On SQLite only: which looks there are is no matter of the database."""

    async def run(world: World) -> None:
        await world.database.upgrade()
        await story(world)

    play(f"sqlite+aiosqlite:///{folder / 'days.db'}", run, pace=LIVELY)


@pytest.mark.parametrize("when", ["before_commit", "after_commit"])
def test_a_process_that_dies_at_any_commit_loses_and_doubles_nothing(upgraded_url: str, when: str) -> None:
    """Every step of a sync is begun by a process that dies at its next commit; then another one does it."""

    async def story(world: World) -> None:
        await look(world)
        await world.sold(4)
        for _ in range(8):
            await world.settle(36 * HOUR)
            for make in ("active", "history", "listing_sync"):
                await dies(world, make, when)
                await whole_run(getattr(world, make)())

        assert counted(await told(world, "order.")) == truth(world)

    async def dies(world: World, make: str, when: str) -> None:
        whole, fate = world.database, Fate()
        setattr(fate, when, 2)
        async with MortalDatabase(upgraded_url, fate, world.clock) as mortal:
            world.database = mortal
            try:
                with suppress(Crash):
                    await whole_run(getattr(world, make)())
            finally:
                world.database = whole

    play(upgraded_url, story, pace=LIVELY)


def test_listings_are_told_of_as_they_come_and_go(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        await look(world)
        moved, taken_off, deleted, ends, sold = await world.list_pairs(5)
        short = (await world.list_pairs(1, expires_at=world.now + timedelta(hours=1)))[0]
        await look(world, syncs="l")
        await world.write(moved, "UPDATE", amount=moved.amount - 5)
        await world.write(taken_off, "DEACTIVATE")
        await world.write(deleted, "DELETE")
        world.simulator.sell(sold.id)
        await world.settle(2 * HOUR)
        await look(world, syncs="ll")
        await world.write(taken_off, "ACTIVATE")
        await look(world, syncs="ll")

        activated = EventType.LISTING_ACTIVATED
        assert counted(await told(world, "listing.")) == Counter(
            [(activated, each.id) for each in (moved, taken_off, deleted, ends, sold, short)]
            + [
                (EventType.LISTING_PRICE_MOVED, moved.id),
                (EventType.LISTING_DEACTIVATED, taken_off.id),
                (EventType.LISTING_DEACTIVATED, deleted.id),
                (EventType.LISTING_SOLD, sold.id),
                (EventType.LISTING_EXPIRED, short.id),
                (activated, taken_off.id),
            ]
        )
        (price,) = [each for each in await told(world) if each.type is EventType.LISTING_PRICE_MOVED]
        assert (price.data["previous_price"], price.data["price"]) == ("150", "145")

    play(upgraded_url, story)


def test_a_deadline_is_told_of_a_day_before_and_once(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        await look(world)
        (late, shipped) = await world.sold(2)
        await look(world)
        ship_by = (await world.orders(late))[late].ship_by
        assert ship_by is not None
        world.simulator.ship(shipped)
        await world.settle((ship_by - world.now).total_seconds() - 24.5 * HOUR)
        await look(world, syncs="a")
        await rounds(world).step()
        assert await told(world, "order.ship_by_soon") == []

        await world.settle(HOUR)
        await rounds(world).step()
        await rounds(world).step()

        (soon,) = await told(world, "order.ship_by_soon")
        assert (soon.subject, soon.data["status"]) == (late, "CREATED")

    play(upgraded_url, story, pace=QUIET)
