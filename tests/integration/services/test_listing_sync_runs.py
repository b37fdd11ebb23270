"""A run over the listings: resumable at any page, budgeted, nothing missed when rows move, copies told from equals."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from solegate.domain.listing_findings import Finding
from solegate.domain.money import Money
from solegate.errors import RequestRejectedError, StockXError
from support.sync import World, play, whole_run

LATER = 600.0


@pytest.mark.parametrize("failing", range(4))
def test_a_run_that_fails_at_any_page_goes_on_there(upgraded_url: str, failing: int) -> None:
    async def story(world: World) -> None:
        listings = await world.list_pairs(250)
        world.fail("GetAllListings", after=failing, times=1)

        failures = 0
        while True:
            try:
                if (await world.listing_sync().step()).next_due is None:
                    break
            except RequestRejectedError:
                failures += 1

        run = await world.listing_sync().status()
        assert failures == (1 if failing < 3 else 0)
        assert (run.rows, run.requests) == (250, 3 + failures)
        assert len({(await world.listing(each)).listing_id for each in listings}) == 250

    play(upgraded_url, story)


def test_a_run_that_fails_while_it_looks_for_missing_ones_goes_on(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        listings = await world.list_pairs(12)
        await whole_run(world.listing_sync())
        for listing in listings[:9]:
            await world.write(listing, "DELETE")
        world.fail("FindById", after=6, times=1, status=503)
        failures = 0
        for _ in range(10):
            try:
                if (await world.listing_sync().step()).next_due is None:
                    break
            except StockXError:
                failures += 1

        assert {(await world.listing(each)).finding for each in listings[:9]} == {Finding.DELETED}
        assert world.requests("FindById") == 9 + 1
        assert failures <= 1

    play(upgraded_url, story)


def test_listings_that_go_while_pages_are_read_make_none_go_missing(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        listings = await world.list_pairs(330)
        await whole_run(world.listing_sync())
        sync, newest = world.listing_sync(), list(listings)

        while (await sync.step()).next_due is not None:
            if len(newest) > 200:
                for listing in (newest.pop() for _ in range(40)):
                    await world.write(listing, "DELETE")

        gone = listings[len(newest) :]
        assert len(gone) == 160
        findings = {each.id: (await world.listing(each)).finding for each in listings}
        assert {findings[each.id] for each in newest} == {Finding.NONE}
        for _ in range(2):  # they had been read before they went; a hundred looks are a run's budget
            await whole_run(sync)
        findings = {each.id: (await world.listing(each)).finding for each in listings}
        assert {findings[each.id] for each in gone} == {Finding.DELETED}

    play(upgraded_url, story)


def test_single_looks_stay_within_the_budget_and_the_next_run_goes_on(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        listings = await world.list_pairs(20)
        await whole_run(world.listing_sync())
        for listing in listings:
            await world.write(listing, "DELETE")

        runs = [await whole_run(world.listing_sync(budget=8)) for _ in range(4)]

        assert [run.requests for run in runs] == [1 + 8, 1 + 8, 1 + 4, 1]
        assert {(await world.listing(each)).finding for each in listings} == {Finding.DELETED}

    play(upgraded_url, story)


def test_a_listing_made_while_pages_are_read_is_not_missing(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        await world.list_pairs(150)
        await whole_run(world.listing_sync())
        sync = world.listing_sync()
        await sync.step()
        (fresh,) = await world.list_pairs(1)
        await world.intend(fresh)

        await whole_run(sync)
        assert world.requests("FindById") == 0
        await whole_run(sync)

        assert (await world.listing(fresh)).finding is Finding.NONE

    play(upgraded_url, story)


def test_a_second_copy_is_told_by_its_tag(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        tagged = (world.now + timedelta(days=365)).replace(hour=3, minute=25, second=45, microsecond=0)
        (variant,) = {each.variant_id for each in await world.list_pairs(1)}
        first, second = await world.list_pairs(2, variant_id=variant, expires_at=tagged)
        (other,) = await world.list_pairs(1, variant_id=variant, expires_at=tagged + timedelta(seconds=1))
        await world.intend(first, expires_at=tagged)
        await world.settle(LATER)

        await whole_run(world.listing_sync())

        assert (await world.listing(first)).finding is Finding.NONE
        copy = await world.listing(second)
        assert (copy.finding, copy.note) == (
            Finding.DUPLICATE,
            f"It looks like a second copy of listing {first.id}.",
        )
        assert (await world.listing(other)).finding is Finding.NONE

    play(upgraded_url, story)


def test_a_second_copy_without_a_tag_is_told_by_its_time_and_price(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        (variant,) = {each.variant_id for each in await world.list_pairs(1)}
        await world.settle(LATER)
        first, copy = await world.list_pairs(2, variant_id=variant)
        (dearer,) = await world.list_pairs(1, variant_id=variant, price=151)
        await world.settle(LATER)
        (later,) = await world.list_pairs(1, variant_id=variant)
        await world.intend(first)
        await world.settle(LATER)

        await whole_run(world.listing_sync())

        found = [(await world.listing(each)).finding for each in (first, copy, dearer, later)]
        assert found == [Finding.NONE, Finding.DUPLICATE, Finding.NONE, Finding.NONE]

    play(upgraded_url, story)


def test_two_pairs_of_the_ledger_are_no_copies_of_each_other(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        (variant,) = {each.variant_id for each in await world.list_pairs(1)}
        await world.settle(LATER)
        pairs = await world.list_pairs(3, variant_id=variant)
        for pair in pairs:
            await world.intend(pair, price=Money(Decimal(150), "EUR"))
        await world.settle(LATER)

        await whole_run(world.listing_sync())

        assert {(await world.listing(each)).finding for each in pairs} == {Finding.NONE}

    play(upgraded_url, story)


def test_the_cost_of_a_run_is_known_before_it(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        listings = await world.list_pairs(210)
        sync = world.listing_sync()
        unknown = await sync.cost()
        await whole_run(sync)

        cost = await sync.cost()
        run = await whole_run(sync)

        assert (unknown.estimate, cost.estimate) == (False, True)
        assert cost.requests == run.requests == 3
        assert len(listings) == 210

    play(upgraded_url, story)
