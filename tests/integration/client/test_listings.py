"""Listings against the practice market: written, settled, changed, deleted (FACTS 1.7, 1.8)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from solegate import CallOptions, ListingFilter, Money, NewListing
from solegate.domain.listings import ListingStatus, OperationStatus, OperationType
from solegate.errors import NotFoundError, OperationFailedError, RequestRejectedError
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


def a_variant(market: PracticeMarket, number: int = 10) -> str:
    panda = market.simulator.catalog.by_style("DD1391-100")
    assert panda is not None
    return panda.variants[number].id


async def listed(market: PracticeMarket, *, active: bool = True) -> str:
    """A listing whose operations have all settled."""
    created = await market.service.create_listing(NewListing(a_variant(market), EUR_150, active=active))
    await market.service.wait_for_operation(created)
    market.simulator.advance(10)
    return created.listing_id


def test_a_create_is_pending_settles_and_is_active() -> None:
    async def story(market: PracticeMarket) -> None:
        created = await market.service.create_listing(NewListing(a_variant(market), EUR_150))
        assert (created.operation_type, created.operation_status) == (OperationType.CREATE, OperationStatus.PENDING)

        settled = await market.service.wait_for_operation(created)
        settled.ensure_succeeded()
        market.simulator.advance(10)
        listing = await market.service.get_listing(created.listing_id)

        assert (listing.status, listing.price) == (ListingStatus.ACTIVE, EUR_150)
        assert listing.amount == Decimal(150)
        assert listing.ask is not None
        assert int(listing.ask.ask_id) > 2**63
        assert listing.is_live(market.clock.now())
        assert listing.payout is not None
        assert listing.unknown_fields == frozenset()

    on_the_market(story)


def test_a_listing_lives_through_every_write() -> None:
    async def story(market: PracticeMarket) -> None:
        stockx, listing_id = market.service, await listed(market, active=False)

        async def state() -> tuple[str, Money | None]:
            market.simulator.advance(10)
            listing = await stockx.get_listing(listing_id)
            return listing.status, listing.price

        assert await state() == ("INACTIVE", EUR_150)
        await stockx.wait_for_operation(await stockx.activate_listing(listing_id, Money(Decimal(160), "EUR")))
        assert await state() == ("ACTIVE", Money(Decimal(160), "EUR"))
        await stockx.wait_for_operation(await stockx.update_listing(listing_id, Money(Decimal(155), "EUR")))
        assert await state() == ("ACTIVE", Money(Decimal(155), "EUR"))
        await stockx.wait_for_operation(await stockx.deactivate_listing(listing_id))
        assert await state() == ("INACTIVE", Money(Decimal(155), "EUR"))
        await stockx.wait_for_operation(await stockx.delete_listing(listing_id))
        assert (await state())[0] == "DELETED"

        operations = [each async for each in stockx.iter_listing_operations(listing_id)]
        assert [each.operation_type for each in operations] == ["DELETE", "DEACTIVATE", "UPDATE", "ACTIVATE", "CREATE"]
        assert all(each.is_settled for each in operations)
        with pytest.raises(RequestRejectedError):
            await stockx.activate_listing(listing_id)

    on_the_market(story)


def test_a_create_can_succeed_and_its_activation_fail() -> None:
    async def story(market: PracticeMarket) -> None:
        created = await market.service.create_listing(NewListing(a_variant(market), EUR_150))
        (await market.service.wait_for_operation(created)).ensure_succeeded()
        market.simulator.advance(10)

        listing = await market.service.get_listing(created.listing_id)

        assert (listing.status, listing.ask) == (ListingStatus.INACTIVE, None)
        assert listing.last_operation is not None
        assert listing.last_operation.operation_type is OperationType.ACTIVATE
        failed = await market.service.get_listing_operation(listing.listing_id, listing.last_operation.operation_id)
        with pytest.raises(OperationFailedError):
            failed.ensure_succeeded()

    on_the_market(story, replace(QUIET, settle_failure=1.0))


def test_an_expired_ask_is_active_and_not_live() -> None:
    async def story(market: PracticeMarket) -> None:
        soon = market.clock.now() + timedelta(hours=1)
        created = await market.service.create_listing(NewListing(a_variant(market), EUR_150, expires_at=soon))
        market.simulator.advance(7_200)

        listing = await market.service.get_listing(created.listing_id)

        assert listing.status is ListingStatus.ACTIVE
        assert not listing.is_live(soon + timedelta(hours=1))
        assert [each async for each in market.service.iter_listings()] == []
        expired = [each async for each in market.service.iter_listings(ListingFilter(include_expired=True))]
        assert [each.listing_id for each in expired] == [created.listing_id]

    on_the_market(story)


def test_a_list_holds_what_the_filter_lets_through() -> None:
    async def story(market: PracticeMarket) -> None:
        first, second = a_variant(market, 3), a_variant(market, 4)
        ids = [
            (await market.service.create_listing(NewListing(variant, EUR_150, active=active))).listing_id
            for variant, active in ((first, True), (first, True), (second, False))
        ]
        market.simulator.advance(60)

        async def found(**chosen: tuple[str, ...]) -> set[str]:
            rows = market.service.iter_listings(ListingFilter(**chosen))  # type: ignore[arg-type]
            return {each.listing_id async for each in rows}

        assert await found() == set(ids)
        assert await found(variant_ids=(first,)) == set(ids[:2]), "several listings of a variant are legal"
        assert await found(listing_statuses=("INACTIVE",)) == {ids[2]}
        assert await found(variant_ids=(first, second), listing_statuses=("ACTIVE", "INACTIVE")) == set(ids)

    on_the_market(story)


def test_an_unknown_listing_is_not_found() -> None:
    async def story(market: PracticeMarket) -> None:
        with pytest.raises(NotFoundError):
            await market.service.get_listing("11111111-1111-4111-8111-111111111111")

    on_the_market(story)


def test_waiting_for_an_operation_costs_three_requests_at_most() -> None:
    async def story(market: PracticeMarket) -> None:
        created = await market.service.create_listing(NewListing(a_variant(market), EUR_150))
        await market.service.wait_for_operation(created, options=CallOptions(max_attempts=1))

        assert market.simulator.report().count("FindOperationById") <= 3

    on_the_market(story, replace(QUIET, settle_seconds=(0.4, 2.5)))


async def test_a_new_listing_is_followed_until_it_is_for_sale() -> None:
    async with practice_client() as market:
        product = market.simulator.catalog.products[0]
        created = await market.service.create_listing(NewListing(product.variants[3].id, Money(Decimal(150), "EUR")))

        settled = await market.service.wait_for_new_listing(created)

        settled.ensure_succeeded()
        assert settled.operation_type == "ACTIVATE"
        assert (await market.service.get_listing(created.listing_id)).status == "ACTIVE"
