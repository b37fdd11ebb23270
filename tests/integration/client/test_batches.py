"""Batches against the practice market: submitted in hundreds, worked off, waited for with few requests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest

from solegate import ListingChange, ListingFilter, Money, NewListing
from solegate.domain.batches import BatchItemStatus, BatchStatus
from solegate.simulator import Pace
from solegate.testing import PracticeMarket, practice_client, run_virtual

EUR_150 = Money(Decimal(150), "EUR")
QUIET = Pace(settle_failure=0.0, buyers_per_day=0.0)
Story = Callable[[PracticeMarket], Awaitable[None]]


def on_the_market(story: Story, pace: Pace = QUIET) -> None:
    async def told() -> None:
        async with practice_client() as market:
            market.simulator.set_pace(pace)
            await story(market)

    run_virtual(told())


def variants(market: PracticeMarket, count: int) -> list[str]:
    return [each.id for product in market.simulator.catalog.products for each in product.variants][:count]


def test_a_hundred_listings_cost_eight_requests_at_most() -> None:
    async def story(market: PracticeMarket) -> None:
        wanted = [NewListing(each, EUR_150) for each in variants(market, 100)]
        progress: list[float] = []

        batch = await market.service.create_listings(wanted)
        done = await market.service.wait_for_batch(batch, on_progress=lambda each: progress.append(each.done))
        items = await market.service.get_batch_items(done)

        assert (done.status, done.total_items, len(items.items)) == (BatchStatus.COMPLETED, 100, 100)
        assert progress == sorted(progress)
        counted = market.simulator.report()
        requests = sum(counted.count(name) for name in (
            "CreateListings", "GetListingCreateBatch", "GetListingCreateBatchItems",
        ))  # fmt: skip
        assert requests <= 8

    on_the_market(story)


def test_a_batch_is_created_changed_and_deleted() -> None:
    async def story(market: PracticeMarket) -> None:
        stockx = market.service
        created = await stockx.create_listings([NewListing(each, EUR_150, quantity=2) for each in variants(market, 5)])
        await stockx.wait_for_batch(created)
        market.simulator.advance(300)
        ids = [each.listing_id async for each in stockx.iter_listings()]
        assert len(ids) == 10, "an item stands for as many listings as its quantity says"

        changes = [ListingChange(each, Money(Decimal(140), "EUR")) for each in ids]
        await stockx.wait_for_batch(await stockx.update_listings(changes))
        market.simulator.advance(60)
        assert {each.price async for each in stockx.iter_listings()} == {Money(Decimal(140), "EUR")}

        deleted = await stockx.wait_for_batch(await stockx.delete_listings(ids))
        market.simulator.advance(60)
        assert [each async for each in stockx.iter_listings()] == []
        items = await stockx.get_batch_items(deleted, BatchItemStatus.COMPLETED)
        assert {each.listing_input.listing_id for each in items.items} == set(ids)

    on_the_market(story)


def test_a_batch_is_completed_although_an_item_failed() -> None:
    async def story(market: PracticeMarket) -> None:
        stockx = market.service
        created = await stockx.create_listing(NewListing(variants(market, 1)[0], EUR_150))
        market.simulator.advance(10)
        await stockx.wait_for_operation(await stockx.delete_listing(created.listing_id))

        batch = await stockx.wait_for_batch(await stockx.update_listings([ListingChange(created.listing_id, EUR_150)]))
        items = await stockx.get_batch_items(batch, BatchItemStatus.FAILED)

        assert batch.status is BatchStatus.COMPLETED
        assert [each.status for each in items.items] == [BatchItemStatus.FAILED]
        assert items.items[0].error

    on_the_market(story)


@pytest.mark.parametrize(("count", "batches"), [(1, 1), (100, 1), (101, 2), (250, 3)])
def test_a_long_list_is_split_into_hundreds(count: int, batches: int) -> None:
    async def story(market: PracticeMarket) -> None:
        wanted = [NewListing(each, EUR_150) for each in variants(market, count)]

        submitted = [each async for each in market.service.create_listings_in_batches(wanted)]

        assert [each.total_items for each in submitted] == [100] * (count // 100) + [count % 100] * bool(count % 100)
        assert len(submitted) == batches
        market.simulator.advance(600)
        assert {each.variant.variant_id async for each in market.service.iter_listings() if each.variant} == {
            each.variant_id for each in wanted
        }

    on_the_market(story)


def test_the_view_by_batch_fills_slowly() -> None:
    async def story(market: PracticeMarket) -> None:
        batch = await market.service.create_listings([NewListing(each, EUR_150) for each in variants(market, 20)])
        await market.service.wait_for_batch(batch)
        chosen = ListingFilter(batch_ids=(batch.batch_id,))

        early = [each async for each in market.service.iter_listings(chosen)]
        market.simulator.advance(120)
        later = [each async for each in market.service.iter_listings(chosen)]

        assert len(early) < len(later) == 20

    on_the_market(story)
