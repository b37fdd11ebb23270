"""Changing listings through the ledger: the last wish wins, one write at a time, and nothing is sent in vain."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from solegate.domain.guard_rails import GuardRails
from solegate.domain.intents import Intent, IntentState
from solegate.errors import GuardRailError, NoSuchRecordError, UnitBusyError, WritesStoppedError
from solegate.simulator import Fault, FaultKind
from support.ledger_shop import ME, QUIET, Play, Shop, eur

CONFIRMED, FAILED, ABANDONED = IntentState.CONFIRMED, IntentState.FAILED, IntentState.ABANDONED
PLANNED, UNKNOWN, RECONCILED = IntentState.PLANNED, IntentState.UNKNOWN, IntentState.RECONCILED


async def listed(shop: Shop, **wanted: object) -> str:
    intent = await shop.create(**wanted)  # type: ignore[arg-type]
    assert intent.listing_id
    return intent.listing_id


def amount(shop: Shop, intent: Intent) -> int:
    return int(shop.listing(intent).amount)


def test_a_new_price_is_in_effect_when_the_listing_shows_it(play: Play) -> None:
    async def story(shop: Shop) -> None:
        listing = await listed(shop)
        intent = await shop.settled(await shop.ledger.reprice(listing, ME, price=eur(160)))
        assert (intent.state, amount(shop, intent)) == (CONFIRMED, 160)

    play(story)


def test_of_many_wishes_only_the_last_costs_a_request(play: Play) -> None:
    async def story(shop: Shop) -> None:
        listing = await listed(shop)
        wishes = [await shop.ledger.reprice(listing, ME, price=eur(price)) for price in range(151, 171)]
        last = await shop.settled(wishes[-1])
        assert (last.state, last.version, amount(shop, last)) == (CONFIRMED, 20, 170)
        assert shop.requests("Update") == 1
        superseded = await shop.ledger.get(wishes[0].id)
        assert (superseded.state, superseded.reason) == (ABANDONED, f"superseded by {wishes[1].id}")

    play(story)


def test_of_many_callers_at_once_the_last_one_wins_and_all_are_told(play: Play) -> None:
    async def story(shop: Shop) -> None:
        listing = await listed(shop)

        async def caller(price: int) -> Intent:
            intent = await shop.ledger.reprice(listing, ME, price=eur(price))
            return await shop.settled(intent, wait=120.0)

        told = await asyncio.gather(*(caller(price) for price in range(151, 161)))
        assert {each.state for each in told} <= {CONFIRMED, ABANDONED}
        newest = max(told, key=lambda each: each.version)
        assert newest.price
        assert (newest.state, amount(shop, newest)) == (CONFIRMED, int(newest.price.amount))
        assert shop.requests("Update") <= 3

    play(story)


def test_a_change_waits_for_the_one_before_it(play: Play) -> None:
    async def story(shop: Shop) -> None:
        listing = await listed(shop)
        first = await shop.settled(await shop.ledger.reprice(listing, ME, price=eur(160)), wait=0.1)
        second = await shop.ledger.reprice(listing, ME, price=eur(170))
        assert first.state is IntentState.ACCEPTED
        assert (await shop.settled(second, wait=0.1)).state is PLANNED
        assert (await shop.settled(first)).state is CONFIRMED
        second = await shop.settled(second)
        assert (second.state, amount(shop, second)) == (CONFIRMED, 170)

    play(story, pace=replace(QUIET, settle_seconds=(3.0, 4.0)))


def test_off_and_on_sale_and_a_new_expiry(play: Play) -> None:
    async def story(shop: Shop) -> None:
        listing = await listed(shop)
        off = await shop.settled(await shop.ledger.deactivate(listing, ME))
        assert (off.state, shop.listing(off).status) == (CONFIRMED, "INACTIVE")
        until = shop.process.clock.now() + timedelta(days=40)
        on = await shop.settled(await shop.ledger.activate(listing, ME, price=eur(140), expires_at=until))
        assert (on.state, shop.listing(on).status, amount(shop, on)) == (CONFIRMED, "ACTIVE", 140)
        later = await shop.settled(await shop.ledger.reprice(listing, ME, expires_at=until + timedelta(days=1)))
        assert later.state is CONFIRMED

    play(story)


@pytest.mark.parametrize("name", ["deactivate", "delete"])
def test_what_is_so_already_is_in_effect(play: Play, name: str) -> None:
    async def story(shop: Shop) -> None:
        listing = await listed(shop)
        change = getattr(shop.ledger, name)
        await shop.settled(await change(listing, ME))
        again = await shop.settled(await change(listing, ME))
        assert again.state is CONFIRMED
        assert "so already" in again.reason

    play(story)


def test_what_cannot_be_done_fails_with_stockx_words(play: Play) -> None:
    async def story(shop: Shop) -> None:
        listing = await listed(shop)
        await shop.settled(await shop.ledger.delete(listing, ME))
        failed = await shop.settled(await shop.ledger.reprice(listing, ME, price=eur(160)))
        assert failed.state is FAILED
        assert "DELETED" in failed.reason

    play(story)


def test_a_listing_that_is_still_being_made_is_changed_afterwards_and_may_be_deleted_at_once(play: Play) -> None:
    async def story(shop: Shop) -> None:
        intent = await shop.create(wait=0.1)
        assert intent.listing_id
        with pytest.raises(UnitBusyError, match="still being made"):
            await shop.ledger.reprice(intent.listing_id, ME, price=eur(160))
        deleted = await shop.settled(await shop.ledger.delete(intent.listing_id, ME))
        assert deleted.state is CONFIRMED
        assert shop.simulator.report().listings == {"DELETED": 1}

    play(story, pace=replace(QUIET, settle_seconds=(5.0, 6.0)))


@pytest.mark.parametrize("kind", [FaultKind.HANG_AFTER, FaultKind.HANG])
def test_an_unknown_change_is_read_back_and_sent_again_only_if_it_did_not_arrive(play: Play, kind: FaultKind) -> None:
    async def story(shop: Shop) -> None:
        listing = await listed(shop)
        shop.simulator.inject(Fault(kind=kind, operation="Update", times=1, delay=60.0))
        intent = await shop.settled(await shop.ledger.reprice(listing, ME, price=eur(160)), wait=31.0)
        assert intent.state is UNKNOWN
        intent = await shop.settled(intent)
        arrived = kind is FaultKind.HANG_AFTER
        assert (intent.state, intent.attempts) == ((RECONCILED, 1) if arrived else (CONFIRMED, 2))
        assert amount(shop, intent) == 160

    play(story)


def test_a_change_that_is_refused_when_it_is_sent_again_may_have_arrived_before(play: Play) -> None:
    async def story(shop: Shop) -> None:
        listing = await listed(shop)
        shop.simulator.inject(Fault(kind=FaultKind.DROP_AFTER, operation="DeleteListing", times=1))
        shop.simulator.inject(Fault(kind=FaultKind.STALE_READ, operation="FindById", times=2))
        intent = await shop.settled(await shop.ledger.delete(listing, ME))

        assert shop.requests("DeleteListing") >= 2, "the first look lagged, so it was sent again, and refused"
        assert (intent.state, shop.listing(intent).status) == (RECONCILED, "DELETED")

    play(story)


def test_a_planned_write_can_be_cancelled_a_sent_one_not(play: Play) -> None:
    async def story(shop: Shop) -> None:
        listing = await listed(shop)
        intent = await shop.ledger.reprice(listing, ME, price=eur(160))
        cancelled = await shop.ledger.cancel(intent.id, actor="me")
        assert (cancelled.state, cancelled.reason) == (ABANDONED, "cancelled by me")
        assert (await shop.settled(cancelled)).state is ABANDONED
        with pytest.raises(UnitBusyError, match="only a planned one"):
            await shop.ledger.cancel(intent.id, actor="me")
        with pytest.raises(NoSuchRecordError):
            await shop.ledger.cancel("none", actor="me")
        assert shop.requests("Update") == 0

    play(story)


def test_a_price_that_breaks_a_rail_is_neither_planned_nor_sent(play: Play) -> None:
    async def story(shop: Shop) -> None:
        listing = await listed(shop)
        for price in (99, 181):
            with pytest.raises(GuardRailError):
                await shop.ledger.reprice(listing, ME, price=eur(price))
        with pytest.raises(GuardRailError):
            await shop.create(price=99)
        assert (await shop.settled(await shop.ledger.reprice(listing, ME, price=eur(180)))).state is CONFIRMED
        assert len(await shop.ledger.find()) == 2

    play(story, rails=GuardRails(floor={"EUR": Decimal(100)}, largest_move=Decimal("0.2")))


def test_the_kill_switch_holds_what_is_planned_and_refuses_what_is_new(play: Play) -> None:
    async def story(shop: Shop) -> None:
        listing = await listed(shop)
        guard = shop.process.guard
        intent = await shop.ledger.reprice(listing, ME, price=eur(160))
        await guard.stop(actor="me", reason="panic")
        assert (await shop.settled(intent, wait=300.0)).state is PLANNED
        with pytest.raises(WritesStoppedError):
            await shop.ledger.reprice(listing, ME, price=eur(170))
        assert shop.requests("Update") == 0
        await guard.go(actor="me")
        assert (await shop.settled(intent)).state is CONFIRMED

    play(story)
