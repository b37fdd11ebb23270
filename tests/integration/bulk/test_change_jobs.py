"""Jobs that change listings: prices, off sale, on sale, deleted; seen as intended, or with the reason why not."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

from solegate.db.repositories.listings import ListingRepository
from solegate.domain.intents import IntentState
from solegate.domain.jobs import JobKind, RowState
from solegate.domain.listing_findings import MirroredListing
from solegate.domain.money import Money
from solegate.simulator import Fault, FaultKind
from support.bulk import Yard, play, states

PRICE = Money(Decimal(333), "EUR")


async def listed(yard: Yard, count: int) -> list[str]:
    await yard.create_job(count, variants=20)
    await yard.drive()
    return [row.listing_id or "" for row in await yard.rows()]


def statuses(yard: Yard) -> dict[str, int]:
    return dict(Counter(each.status for each in yard.simulator.listings.all()))


def test_prices_are_changed_and_seen(upgraded_url: str) -> None:
    async def story(yard: Yard) -> None:
        await yard.change_job(JobKind.UPDATE, await listed(yard, 130), price=PRICE)
        await yard.drive("changes")

        assert states(await yard.rows("changes")) == {RowState.DONE: 130}
        assert {each.amount for each in yard.simulator.listings.all()} == {PRICE.amount}

    play(upgraded_url, story)


def test_listings_are_taken_off_sale_put_on_sale_again_and_deleted(upgraded_url: str) -> None:
    async def story(yard: Yard) -> None:
        ids = await listed(yard, 110)
        await yard.change_job(JobKind.DEACTIVATE, ids, job_id="off")
        await yard.drive("off")
        assert statuses(yard) == {"INACTIVE": 110}
        await yard.change_job(JobKind.ACTIVATE, ids, job_id="on", price=PRICE)
        await yard.drive("on")
        assert statuses(yard) == {"ACTIVE": 110}
        assert {each.amount for each in yard.simulator.listings.all()} == {PRICE.amount}
        await yard.change_job(JobKind.DELETE, ids, job_id="gone")
        await yard.drive("gone")
        assert statuses(yard) == {"DELETED": 110}

        for job in ("off", "on", "gone"):
            assert states(await yard.rows(job)) == {RowState.DONE: 110}, job
        assert all(each.released_at for each in (await yard.intents()).values()), "those pairs may be listed again"

    play(upgraded_url, story)


def test_a_listing_that_was_sold_meanwhile_fails_with_its_order(upgraded_url: str) -> None:
    async def story(yard: Yard) -> None:
        ids = await listed(yard, 20)
        order = yard.simulator.sell(ids[4])
        await yard.change_job(JobKind.UPDATE, [*ids, "0198c2d4-0000-7000-8000-000000000000"], price=PRICE)
        await yard.drive("changes")

        rows = {row.number: row for row in await yard.rows("changes")}
        assert states(rows.values()) == {RowState.DONE: 19, RowState.FAILED: 2}
        assert rows[5].reason
        assert rows[21].reason == "Listing not found"
        assert order

    play(upgraded_url, story)


def test_listings_whose_sizes_a_sync_has_seen_are_read_back_in_lists(upgraded_url: str) -> None:
    async def story(yard: Yard) -> None:
        ids = await listed(yard, 130)
        async with yard.database.transaction() as session:
            await ListingRepository(session, "default").save(
                MirroredListing(
                    listing_id=each.id, status=each.status, variant_id=each.variant_id, seen_at=yard.clock.now()
                )
                for each in yard.simulator.listings.all()
            )
        lists = yard.simulator.report().count("GetAllListings")
        await yard.change_job(JobKind.UPDATE, ids, price=PRICE)
        await yard.drive("changes")

        report = yard.simulator.report()
        assert states(await yard.rows("changes")) == {RowState.DONE: 130}
        assert report.count("FindById") == 0
        assert report.count("GetAllListings") - lists <= 6

    play(upgraded_url, story)


@pytest.mark.parametrize("kind", [JobKind.UPDATE, JobKind.DEACTIVATE, JobKind.DELETE])
@pytest.mark.parametrize("fault", [FaultKind.DROP_AFTER, FaultKind.DROP, FaultKind.COMMIT_THEN_STATUS])
def test_a_change_whose_answer_is_lost_is_read_back_and_sent_again_where_it_does_not_show(
    upgraded_url: str, kind: JobKind, fault: FaultKind
) -> None:
    async def story(yard: Yard) -> None:
        ids = await listed(yard, 120)
        operation = "DeleteListings" if kind is JobKind.DELETE else "UpdateListings"
        yard.simulator.inject(Fault(kind=fault, operation=operation, times=3))
        await yard.change_job(kind, ids, price=PRICE if kind is JobKind.UPDATE else None)
        await yard.drive("changes")

        assert states(await yard.rows("changes")) == {RowState.DONE: 120}
        intents = (await yard.intents("changes")).values()
        assert {each.state for each in intents} <= {IntentState.CONFIRMED, IntentState.RECONCILED}

    play(upgraded_url, story)


def test_a_price_that_never_shows_fails_in_the_end_and_says_what_stockx_shows(upgraded_url: str) -> None:
    async def story(yard: Yard) -> None:
        ids = await listed(yard, 3)
        await yard.change_job(JobKind.UPDATE, ids, price=PRICE)
        await yard.step("changes")
        await yard.clock.sleep(30)
        yard.simulator.advance(0)
        for each in yard.simulator.listings.all():
            each.amount = Decimal(100)
        began = yard.clock.now()
        await yard.drive("changes")

        rows = await yard.rows("changes")
        assert states(rows) == {RowState.FAILED: 3}
        assert rows[0].reason == "StockX shows ACTIVE at EUR 100 instead of a listing at EUR 333."
        assert (yard.clock.now() - began).total_seconds() > 25 * 60, "StockX shows changes late (FACTS 1.7)"

    play(upgraded_url, story)
