"""Orders against the practice market: sold, labelled, shipped, paid (FACTS 1.8, 1.10)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest

from solegate import ActiveOrderFilter, Money, NewListing, OrderHistoryFilter
from solegate.domain.orders import HISTORICAL, OrderGroup, OrderStatus
from solegate.errors import StockXError
from solegate.simulator import Pace
from solegate.testing import PracticeMarket, practice_client, run_virtual

EUR_150 = Money(Decimal(150), "EUR")
QUIET = Pace(settle_failure=0.0, buyers_per_day=0.0)
DAY = 86_400.0
Story = Callable[[PracticeMarket], Awaitable[None]]


def on_the_market(story: Story) -> None:
    async def told() -> None:
        async with practice_client() as market:
            market.simulator.set_pace(QUIET)
            await story(market)

    run_virtual(told())


async def sold(market: PracticeMarket, number: int = 0) -> str:
    """An order of a fresh sale."""
    variant = market.simulator.catalog.products[number].variants[0].id
    created = await market.service.create_listing(NewListing(variant, EUR_150))
    market.simulator.advance(30)
    return market.simulator.sell(created.listing_id)


def test_a_sale_is_an_order_to_be_shipped() -> None:
    async def story(market: PracticeMarket) -> None:
        number = await sold(market)

        order = await market.service.get_order_details(number)
        rows = [each async for each in market.service.iter_active_orders()]

        assert (order.order_number, order.status, order.group) == (number, OrderStatus.CREATED, OrderGroup.TO_SHIP)
        assert order.price == EUR_150
        assert order.ship_by is not None
        assert order.ship_by > market.clock.now()
        assert [each.order_number for each in rows] == [number]
        assert rows[0].payout is None, "list rows have none (FACTS 1.10)"
        listing = await market.service.get_listing(order.listing_id or "")
        assert (listing.status, listing.order and listing.order.order_number) == ("MATCHED", number)

    on_the_market(story)


def test_the_label_comes_later_and_is_a_pdf() -> None:
    async def story(market: PracticeMarket) -> None:
        number = await sold(market)
        market.simulator.advance(3_600)

        order = await market.service.get_order_details(number)
        document = await market.service.get_shipping_document(number, order.shipping_id)

        assert document.content.startswith(b"%PDF-")
        assert (document.order_number, document.shipping_id) == (number, order.shipping_id)

    on_the_market(story)


def test_a_shipped_order_travels_into_the_history() -> None:
    async def story(market: PracticeMarket) -> None:
        number = await sold(market)
        market.simulator.advance(3_600)
        order = await market.service.get_order_details(number)
        await market.service.get_shipping_document(number, order.shipping_id)
        market.simulator.ship(number)
        market.simulator.advance(30 * DAY)

        ended = await market.service.get_order_details(number)
        history = [each.order_number async for each in market.service.iter_historical_orders()]

        assert ended.status in HISTORICAL
        assert history == [number]
        assert [each async for each in market.service.iter_active_orders()] == []

    on_the_market(story)


def test_orders_are_listed_by_the_filter() -> None:
    async def story(market: PracticeMarket) -> None:
        numbers = [await sold(market, each) for each in range(3)]
        product = market.simulator.catalog.products[1].id

        chosen = ActiveOrderFilter(order_status="CREATED", product_id=product)
        page = await market.service.get_active_orders(chosen)
        nothing = await market.service.get_historical_orders(OrderHistoryFilter(order_status="COMPLETED"))

        assert [each.order_number for each in page.orders] == [numbers[1]]
        assert (nothing.count, nothing.orders) == (0, ())

    on_the_market(story)


def test_an_unknown_order_is_an_error() -> None:
    async def story(market: PracticeMarket) -> None:
        with pytest.raises(StockXError):
            await market.service.get_order_details("04-NOSUCHORDER")

    on_the_market(story)
