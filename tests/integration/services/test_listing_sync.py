"""Listings are mirrored and judged: what was sold, is gone, has run out, or is not as the ledger wants it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from solegate.db.repositories.write_pages import AuditFilter, WritePages
from solegate.domain.audit import AuditEntry
from solegate.domain.intents import Action, IntentState
from solegate.domain.listing_findings import Finding
from solegate.domain.money import Money
from solegate.domain.sync import SyncState
from solegate.simulator import FaultKind
from solegate.simulator.state.records import Listing
from support.sync import ACCOUNT, DAY, World, play, whole_run

LATER = 600.0
"""Seconds after which StockX shows every write."""


async def told(world: World, listing: Listing) -> list[AuditEntry]:
    """What the sync entered into the audit trail about a listing."""
    async with world.database.reading() as session:
        wanted = AuditFilter(listing_id=listing.id)
        lines = await WritePages(session).audit(ACCOUNT, wanted, after=None, limit=1_000)
    return [entry for _, entry in reversed(lines) if entry.actor == "sync of listings"]


def test_every_listing_is_mirrored_in_whatever_state(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        listings = await world.list_pairs(130)
        await world.write(listings[5], "DEACTIVATE")
        world.simulator.sell(listings[6].id)

        run = await whole_run(world.listing_sync())

        for listing in listings:
            kept = await world.listing(listing)
            assert (kept.status, kept.price) == (listing.status, Money(listing.amount, listing.currency))
            assert kept.variant_id == listing.variant_id
        assert (run.state, run.rows, run.changed, run.requests) == (SyncState.IDLE, 130, 130, 2)
        again = await whole_run(world.listing_sync())
        assert (again.rows, again.changed, again.requests) == (130, 0, 2)

    play(upgraded_url, story)


def test_what_is_as_intended_is_no_finding(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        listings = await world.list_pairs(3)
        for listing in listings:
            await world.intend(listing)
        await world.settle(LATER)

        await whole_run(world.listing_sync())

        assert [(await world.listing(each)).finding for each in listings] == [Finding.NONE] * 3
        assert await world.service().findings(usual=True) == ()
        assert await told(world, listings[0]) == []

    play(upgraded_url, story)


@pytest.mark.parametrize("seen_before", [True, False])
def test_a_sold_pair_is_free_to_be_listed_again(upgraded_url: str, *, seen_before: bool) -> None:
    async def story(world: World) -> None:
        (listing,) = await world.list_pairs(1)
        intent = await world.intend(listing)
        if seen_before:
            await whole_run(world.listing_sync())
        assert (await world.kept_intent(intent)).released_at is None
        number = world.simulator.sell(listing.id)
        await world.settle()

        await whole_run(world.listing_sync())
        await whole_run(world.listing_sync())

        kept = await world.listing(listing)
        assert (kept.finding, kept.order_number) == (Finding.SOLD, number)
        assert (await world.kept_intent(intent)).released_at is not None
        (entry,) = await told(world, listing)
        assert (entry.what, entry.result, entry.evidence["order"]) == ("found sold", "the pair is free", number)
        assert await world.service().findings() == ()
        assert [each.listing_id for each in await world.service().findings(usual=True)] == [listing.id]

    play(upgraded_url, story)


def test_a_sale_that_fell_through_is_told(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        (listing,) = await world.list_pairs(1)
        intent = await world.intend(listing)
        world.simulator.sell(listing.id)
        await world.settle(7 * DAY)  # it is never sent

        await whole_run(world.listing_sync())

        assert (await world.listing(listing)).finding is Finding.CANCELED
        assert (await world.kept_intent(intent)).released_at is not None

    play(upgraded_url, story)


@pytest.mark.parametrize("seen_before", [True, False])
def test_a_listing_deleted_behind_our_back_is_found_by_one_look(upgraded_url: str, *, seen_before: bool) -> None:
    async def story(world: World) -> None:
        listing, *others = await world.list_pairs(4)
        intents = [await world.intend(each) for each in (listing, *others)]
        if seen_before:
            await whole_run(world.listing_sync())
        await world.write(listing, "DELETE")
        await world.settle(LATER)

        run = await whole_run(world.listing_sync())

        kept = await world.listing(listing)
        assert (kept.finding, kept.status) == (Finding.DELETED, "DELETED")
        assert (await world.kept_intent(intents[0])).released_at is not None
        assert (await world.kept_intent(intents[1])).released_at is None
        assert run.requests == 1 + 1
        assert [entry.what for entry in await told(world, listing)] == ["found deleted"]
        assert (await whole_run(world.listing_sync())).requests == 1

    play(upgraded_url, story)


def test_a_listing_that_solegate_deleted_is_no_finding_but_frees_its_pair(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        (listing,) = await world.list_pairs(1)
        create = await world.intend(listing)
        await whole_run(world.listing_sync())
        await world.settle()
        await world.write(listing, "DELETE")
        await world.intend(listing, Action.DELETE)
        await world.settle(LATER)

        await whole_run(world.listing_sync())

        assert (await world.listing(listing)).finding is Finding.NONE
        assert (await world.kept_intent(create)).released_at is not None

    play(upgraded_url, story)


def test_a_listing_that_was_to_be_deleted_and_is_not_is_told(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        (listing,) = await world.list_pairs(1)
        await world.intend(listing)
        await world.settle()
        await world.intend(listing, Action.DELETE)
        await world.settle(LATER)

        await whole_run(world.listing_sync())

        assert (await world.listing(listing)).finding is Finding.UNDELETED

    play(upgraded_url, story)


def test_a_listing_that_stockx_shows_nowhere_is_missing_and_keeps_its_pair(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        (listing,) = await world.list_pairs(1)
        intent = await world.intend(listing)
        await whole_run(world.listing_sync())
        await world.write(listing, "DELETE")
        await world.settle(LATER)
        world.fail("FindById", kind=FaultKind.VANISHED)

        first = await whole_run(world.listing_sync())
        second = await whole_run(world.listing_sync())

        kept = await world.listing(listing)
        assert (kept.finding, kept.status) == (Finding.MISSING, "ACTIVE")
        assert kept.missing_since is not None
        assert (await world.kept_intent(intent)).released_at is None
        assert (first.requests, second.requests) == (2, 1)
        assert len(await told(world, listing)) == 1

    play(upgraded_url, story)


def test_a_listing_of_the_ledger_that_was_never_seen_anywhere_is_missing(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        (listing,) = await world.list_pairs(1)
        await world.intend(listing)
        await world.write(listing, "DELETE")
        await world.settle(LATER)
        world.fail("FindById", kind=FaultKind.VANISHED)

        await whole_run(world.listing_sync())
        again = await whole_run(world.listing_sync())

        kept = await world.listing(listing)
        assert (kept.finding, kept.variant_id) == (Finding.MISSING, listing.variant_id)
        assert again.requests == 1

    play(upgraded_url, story)


def test_an_ask_that_ran_out_is_told_though_stockx_calls_it_active(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        ours, foreign = await world.list_pairs(2, expires_at=world.now + timedelta(days=2))
        await world.intend(ours)
        await whole_run(world.listing_sync())
        assert (await world.listing(ours)).finding is Finding.NONE
        await world.settle(3 * DAY)

        await whole_run(world.listing_sync())

        for listing in (ours, foreign):
            kept = await world.listing(listing)
            assert (kept.finding, kept.status) == (Finding.EXPIRED, "ACTIVE")
        await world.write(ours, "UPDATE", expires_at=world.now + timedelta(days=30))
        await whole_run(world.listing_sync())
        assert (await world.listing(ours)).finding is Finding.NONE
        assert [entry.what for entry in await told(world, ours)] == ["found expired", "found as intended"]

    play(upgraded_url, story)


def test_a_price_that_is_not_the_intended_one_is_told(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        ours, foreign = await world.list_pairs(2)
        await world.intend(ours)
        await world.settle()
        await world.intend(ours, Action.UPDATE, price=Money(Decimal(140), "EUR"))
        await world.write(ours, "UPDATE", amount=Decimal(140))
        await world.settle(LATER)
        await whole_run(world.listing_sync())
        assert (await world.listing(ours)).finding is Finding.NONE
        for listing in (ours, foreign):
            await world.write(listing, "UPDATE", amount=Decimal(1))

        await whole_run(world.listing_sync())

        kept = await world.listing(ours)
        assert (kept.finding, kept.note) == (Finding.AMOUNT, "It should cost EUR 140 and costs EUR 1.")
        assert (await world.listing(foreign)).finding is Finding.NONE

    play(upgraded_url, story)


def test_what_a_write_under_way_may_still_change_is_not_judged(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        sent, fresh = await world.list_pairs(2)
        for listing in (sent, fresh):
            await world.intend(listing)
        await world.settle(LATER)
        await world.intend(sent, Action.UPDATE, price=Money(Decimal(140), "EUR"), state=IntentState.UNKNOWN)
        await world.intend(fresh, Action.UPDATE, price=Money(Decimal(140), "EUR"))

        await whole_run(world.listing_sync())
        early = [(await world.listing(each)).finding for each in (sent, fresh)]
        await world.settle(LATER)
        await whole_run(world.listing_sync())
        late = [(await world.listing(each)).finding for each in (sent, fresh)]

        assert early == [Finding.NONE, Finding.NONE]
        assert late == [Finding.NONE, Finding.AMOUNT]

    play(upgraded_url, story)


@pytest.mark.parametrize(
    ("action", "write", "finding"),
    [(Action.CREATE, "DEACTIVATE", Finding.OFF_SALE), (Action.DEACTIVATE, None, Finding.ON_SALE)],
)
def test_whether_it_is_for_sale_is_compared(
    upgraded_url: str, action: Action, write: str | None, finding: Finding
) -> None:
    async def story(world: World) -> None:
        (listing,) = await world.list_pairs(1)
        await world.intend(listing, action)
        if write:
            await world.write(listing, write)
        await world.settle(LATER)

        await whole_run(world.listing_sync())

        assert (await world.listing(listing)).finding is finding

    play(upgraded_url, story)
