"""The guard of writes: what it counts, and that nothing gets past it from another process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from solegate.db import Database
from solegate.db.repositories.intents import IntentRepository
from solegate.db.repositories.listings import ListingRepository
from solegate.db.repositories.write_pages import AuditFilter
from solegate.domain.guard_rails import DayUse, GuardRails, Wanted
from solegate.domain.intents import Action, Intent, IntentState
from solegate.domain.listing_findings import MirroredListing
from solegate.domain.money import Money
from solegate.errors import GuardRailError, InvalidInputError, SolegateError, WritesStoppedError
from solegate.services.guard import WriteGuard
from solegate.services.write_log import WriteLog

WHEN = datetime(2026, 3, 1, tzinfo=UTC)


def eur(amount: int) -> Money:
    return Money(Decimal(amount), "EUR")


def create(amount: int = 100) -> Wanted:
    return Wanted(Action.CREATE, eur(amount))


def intent(name: str, action: Action = Action.CREATE, price: Money | None = None, account: str = "default") -> Intent:
    return Intent(
        id=name,
        account=account,
        action=action,
        unit=name,
        variant_id=name,
        price=price,
        created_at=WHEN,
        updated_at=WHEN,
    )


@pytest.fixture
def guard(database: Database) -> WriteGuard:
    return WriteGuard(database, account="default", rails=GuardRails(floor={"EUR": Decimal(20)}))


@pytest.fixture
async def others(database_url: str, database: Database) -> AsyncIterator[list[Database]]:
    """The same database, as ten other processes have it open."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(Database(database_url)) for _ in range(10)]


async def plan(database: Database, rails: GuardRails, wanted: Intent, *, pause: float = 0) -> None:
    """Write an intent down as the ledger does."""
    guard = WriteGuard(database, account="default", rails=rails)
    async with database.transaction() as session:
        await guard.before_plan(session, Wanted(wanted.action, wanted.price))
        await asyncio.sleep(pause)
        await IntentRepository(database).add(session, wanted)


async def move(database: Database, name: str, new: IntentState, old: IntentState = IntentState.PLANNED) -> None:
    async with database.transaction() as session:
        await IntentRepository(database).move(session, name, new, old)


async def test_a_write_within_the_rails_may_be_planned_and_sent(database: Database, guard: WriteGuard):
    async with database.transaction() as session:
        await guard.before_plan(session, create(20))
        await guard.before_send(session, create(20))


async def test_every_broken_rail_is_told_with_what_to_do(database: Database, guard: WriteGuard):
    for moment in (guard.before_plan, guard.before_send):
        with pytest.raises(GuardRailError) as refused:
            async with database.transaction() as session:
                await moment(session, create(50), create(19), create(18))
        assert "EUR 19" in refused.value.message
        assert "EUR 18" in refused.value.message
        assert "SOLEGATE_PRICE_FLOOR" in refused.value.hint


async def test_a_stop_refuses_planning_and_sending_everything(database: Database, guard: WriteGuard):
    await guard.stop(actor="Ann", reason="wrong prices")

    for moment in (guard.before_plan, guard.before_send):
        for action in Action:
            with pytest.raises(WritesStoppedError, match="by Ann: wrong prices"):
                async with database.transaction() as session:
                    await moment(session, Wanted(action, eur(50)))


async def test_a_stop_is_of_one_account(database: Database, guard: WriteGuard):
    await guard.stop(actor="Ann")

    other = WriteGuard(database, account="second", rails=GuardRails())
    async with database.transaction() as session:
        await other.before_send(session, create())
    assert (await other.status()).stop is None


async def test_a_stop_in_force_stays_as_it_is_and_going_on_ends_it(database: Database, guard: WriteGuard):
    first = await guard.stop(actor="Ann", reason="wrong prices")

    assert await guard.stop(actor="Bob", reason="me too") == first
    assert (await guard.status()).stop == first
    assert await guard.go(actor="Bob") is True
    assert await guard.go(actor="Bob") is False
    assert (await guard.status()).stop is None
    async with database.transaction() as session:
        await guard.before_send(session, create())


async def test_stopping_and_going_on_stand_in_the_audit_trail_once(database: Database, guard: WriteGuard):
    for _ in range(2):
        await guard.stop(actor="Ann", reason="wrong prices")
    for _ in range(2):
        await guard.go(actor="Bob", reason="mended")

    trail = await WriteLog(database, account="default").audit(AuditFilter(), limit=10)
    assert [(each.actor, each.result, each.why) for each in trail.rows] == [
        ("Bob", "went on", "mended"),
        ("Ann", "stopped", "wrong prices"),
    ]


@pytest.mark.parametrize("reason", ["x" * 501, "two\nlines", "a\x00b"])
async def test_a_reason_is_one_bounded_line(guard: WriteGuard, reason: str):
    with pytest.raises(InvalidInputError):
        await guard.stop(actor="Ann", reason=reason)
    assert (await guard.status()).stop is None


async def test_a_stop_waits_for_those_who_saw_none_and_is_seen_by_all_after(
    database: Database, guard: WriteGuard, others: list[Database]
):
    elsewhere = [WriteGuard(other, account="default", rails=GuardRails()) for other in others]
    async with database.transaction() as session:
        await guard.before_send(session, create())
        stopping = asyncio.create_task(elsewhere[0].stop(actor="Ann"))
        await asyncio.sleep(0.3)
        assert not stopping.done()
    await stopping

    for each in (guard, *elsewhere):
        with pytest.raises(WritesStoppedError):
            async with each.database.transaction() as session:
                await each.before_send(session, create())


async def test_two_processes_do_not_use_up_the_same_rest_of_a_day(others: list[Database]):
    rails = GuardRails(daily_writes=3)
    attempts = [plan(other, rails, intent(f"i{n}", price=eur(100)), pause=0.02) for n, other in enumerate(others)]

    results = await asyncio.gather(*attempts, return_exceptions=True)

    refused = [each for each in results if isinstance(each, GuardRailError)]
    assert (results.count(None), len(refused)) == (3, 7), results


async def test_the_day_counts_what_may_still_take_effect(database: Database, guard: WriteGuard):
    wanted = (
        intent("planned", price=eur(100)),
        intent("failed", price=eur(50)),
        intent("given-up", price=eur(25)),
        intent("repriced", Action.UPDATE, eur(80)),
        intent("activated", Action.ACTIVATE, Money(Decimal(3000), "JPY")),
        intent("deleted", Action.DELETE),
    )
    for each in wanted:
        await plan(database, GuardRails(), each)
    await move(database, "failed", IntentState.SENT)
    await move(database, "failed", IntentState.FAILED, IntentState.SENT)
    await move(database, "given-up", IntentState.ABANDONED)
    async with database.transaction() as session:
        await IntentRepository(database).add(session, intent("elsewhere", price=eur(9), account="second"))

    status = await guard.status()

    assert status.used == DayUse(4, {"EUR": Decimal(100), "JPY": Decimal(3000)})


async def test_an_activation_at_the_listings_own_price_counts_with_that_price(database: Database, guard: WriteGuard):
    async with database.transaction() as session:
        seen = MirroredListing(listing_id="l", status="INACTIVE", amount=Decimal(70), currency="EUR", seen_at=WHEN)
        await ListingRepository(session, "default").save([seen])
    for name, listing_id, price in (("a", "l", None), ("b", "never-seen", None), ("c", "l", eur(80))):
        wanted = replace(intent(name, Action.ACTIVATE, price), listing_id=listing_id)
        await plan(database, GuardRails(), wanted)

    assert (await guard.status()).used == DayUse(3, {"EUR": Decimal(150)})


async def test_a_new_day_starts_at_midnight_utc(upgraded_url: str):
    clock = _Clock(datetime(2026, 3, 1, 23, 59, tzinfo=UTC))
    async with Database(upgraded_url, clock=clock) as database:
        rails = GuardRails(daily_writes=1)
        await plan(database, rails, intent("a", price=eur(1)))
        with pytest.raises(GuardRailError):
            await plan(database, rails, intent("b", price=eur(1)))
        clock.moment += timedelta(minutes=1)
        await plan(database, rails, intent("b", price=eur(1)))


async def test_the_status_tells_what_a_stop_does_not_call_back(database: Database, guard: WriteGuard):
    for name in ("a", "b"):
        await plan(database, GuardRails(), intent(name, price=eur(100)))
    await move(database, "a", IntentState.SENT)
    await guard.stop(actor="Ann")

    assert (await guard.status()).in_flight == 1


async def test_reasons_are_told_of_each_write_without_refusing(database: Database, guard: WriteGuard):
    async with database.transaction() as session:
        found = await guard.reasons(session, [create(19), create(20)])
    assert [len(reasons) for reasons in found] == [1, 0]


class _Clock:
    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()

    async def sleep(self, seconds: float) -> None:
        raise SolegateError("nobody sleeps here")
