"""Sales on the practice market: buyers come, orders move, money is paid, all in the market's own time."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from solegate import NewListing
from solegate.client.models import Order
from solegate.client.requests import ActiveOrderFilter, NewProduct, OrderHistoryFilter, OrderSort
from solegate.clock import LoopClock
from solegate.domain.money import Money
from solegate.domain.orders import may_become
from solegate.errors import NotFoundError, RequestRejectedError
from solegate.simulator import Limits
from solegate.simulator.config import Pace, SimulatorConfig
from solegate.simulator.simulator import Simulator
from solegate.simulator.state.orders import next_payout, ship_by
from solegate.simulator.wire.documents import pdf
from solegate.testing import PracticeMarket, practice_client, run_virtual

DAY = 86_400.0
QUIET = Pace(buyers_per_day=0.0, settle_failure=0.0)


def market_of(pace: Pace, seed: int = 1) -> Simulator:
    """A market in virtual time, whose tokens outlive every story."""
    config = SimulatorConfig(limits=Limits.off(), pace=pace, seed=seed, access_token_seconds=1_000 * DAY)
    return Simulator(config, clock=LoopClock())


async def listed(
    market: PracticeMarket, count: int = 1, price: int = 150, inventory_type: str = "STANDARD"
) -> list[str]:
    """Listings of the first landmark, for sale."""
    product = market.simulator.catalog.products[0]
    ids = []
    for number in range(count):
        variant = product.variants[number % len(product.variants)]
        new = NewListing(variant.id, Money(Decimal(price), "USD"), inventory_type=inventory_type)
        ids.append((await market.service.create_listing(new)).listing_id)
    market.simulator.advance(60)
    return ids


async def label(market: PracticeMarket, number: str) -> Order:
    """The order, once its document is fetched."""
    market.simulator.advance(900)
    order = await market.service.get_order_details(number)
    await market.service.get_shipping_document(number, order.shipping_id)
    return order


def test_a_pair_is_sold_labelled_shipped_authenticated_and_paid() -> None:
    async def story() -> None:
        async with practice_client(clock=LoopClock(), simulator=market_of(QUIET)) as market:
            (listing,) = await listed(market)
            number = market.simulator.sell(listing)
            seen = [str((await label(market, number)).status)]
            for _ in range(40):
                market.simulator.advance(DAY / 2)
                status = str((await market.service.get_order_details(number)).status)
                if status != seen[-1]:
                    assert may_become(seen[-1], status), (seen, status)
                    seen.append(status)

            assert (seen[0], seen[-1]) == ("CREATED", "COMPLETED")
            assert (await market.service.get_listing(listing)).status == "COMPLETED"
            assert (await market.service.get_active_orders()).count == 0
            assert [each.order_number for each in (await market.service.get_historical_orders()).orders] == [number]

    run_virtual(story())


def test_a_parcel_that_never_leaves_ends_as_did_not_ship() -> None:
    async def story() -> None:
        async with practice_client(clock=LoopClock(), simulator=market_of(QUIET)) as market:
            (listing,) = await listed(market)
            number = market.simulator.sell(listing)
            market.simulator.advance(7 * DAY)

            assert (await market.service.get_order_details(number)).status == "DIDNOTSHIP"
            assert (await market.service.get_listing(listing)).status == "CANCELED"

    run_virtual(story())


def test_buyers_take_the_lowest_ask_within_their_reach_and_leave_the_rest() -> None:
    async def story() -> None:
        async with practice_client(clock=LoopClock(), simulator=market_of(Pace(settle_failure=0.0))) as market:
            variant = market.simulator.catalog.products[0].variants[5]
            cheap, cheaper, dear = [
                (await market.service.create_listing(NewListing(variant.id, Money(Decimal(price), "USD")))).listing_id
                for price in (40, 30, 5_000)
            ]
            market.simulator.advance(3 * DAY)

            orders = [each async for each in market.service.iter_active_orders()]
            assert [each.listing_id for each in reversed(orders)] == [cheaper, cheap]
            assert (await market.service.get_listing(dear)).status == "ACTIVE"

    run_virtual(story())


def test_nobody_comes_where_nobody_shall() -> None:
    async def story() -> None:
        async with practice_client(clock=LoopClock(), simulator=market_of(QUIET)) as market:
            await listed(market, price=10)
            market.simulator.advance(30 * DAY)
            assert (await market.service.get_active_orders()).count == 0

    run_virtual(story())


def test_an_expired_ask_is_not_sold() -> None:
    async def story() -> None:
        async with practice_client(clock=LoopClock(), simulator=market_of(Pace(settle_failure=0.0))) as market:
            variant = market.simulator.catalog.products[0].variants[5]
            soon = market.clock.now() + timedelta(minutes=1)
            new = NewListing(variant.id, Money(Decimal(20), "USD"), expires_at=soon)
            listing = (await market.service.create_listing(new)).listing_id
            market.simulator.advance(5 * DAY)

            assert (await market.service.get_listing(listing)).status == "ACTIVE"
            with pytest.raises(ValueError, match="live ask"):
                market.simulator.sell(listing)

    run_virtual(story())


def test_the_same_seed_tells_the_same_story_and_another_seed_another() -> None:
    async def story(seed: int) -> bytes:
        simulator = market_of(Pace(parcels="always"), seed)
        async with practice_client(clock=LoopClock(), simulator=simulator) as market:
            await listed(market, count=20, price=60)
            market.simulator.advance(30 * DAY)
            await market.service.get_historical_orders()
            return simulator.dump_events()

    first, again, other = (run_virtual(story(seed)) for seed in (1, 1, 2))

    assert b"order COMPLETED" in first
    assert first == again != other


def test_of_many_sales_some_go_wrong() -> None:
    async def story() -> Counter[str]:
        pace = Pace(parcels="always", settle_failure=0.0, buyers_per_day=0.0)
        async with practice_client(clock=LoopClock(), simulator=market_of(pace)) as market:
            for listing in await listed(market, count=400):
                market.simulator.sell(listing)
            market.simulator.advance(40 * DAY)
            return Counter([str(each.status) async for each in market.service.iter_historical_orders()])

    ended = run_virtual(story())

    assert ended.total() == 400
    assert ended["COMPLETED"] > 370
    assert {"AUTHFAILED", "CANCELED"} <= set(ended)


def test_lists_are_filtered_and_sorted() -> None:
    async def story() -> None:
        async with practice_client(clock=LoopClock(), simulator=market_of(QUIET)) as market:
            first, second = await listed(market, count=2)
            old = market.simulator.sell(first)
            market.simulator.advance(2 * DAY)
            new = market.simulator.sell(second)
            service = market.service

            newest_first = await service.get_active_orders()
            urgent_first = await service.get_active_orders(ActiveOrderFilter(sort=OrderSort.SHIP_BY_DATE))
            assert [each.order_number for each in newest_first.orders] == [new, old]
            assert [each.order_number for each in urgent_first.orders] == [old, new]
            assert newest_first.orders[0].payout is None

            variant = newest_first.orders[0].variant.variant_id
            assert (await service.get_active_orders(ActiveOrderFilter(variant_id=variant))).count == 1
            assert (await service.get_active_orders(ActiveOrderFilter(order_status="SHIPPED"))).count == 0
            assert (await service.get_historical_orders(OrderHistoryFilter(order_status="CANCELED"))).count == 0

    run_virtual(story())


def test_a_label_comes_later_and_its_link_expires() -> None:
    async def story() -> None:
        async with practice_client(clock=LoopClock(), simulator=market_of(QUIET)) as market:
            (listing,) = await listed(market)
            number = market.simulator.sell(listing)
            fresh = await market.service.get_order_details(number)
            assert fresh.shipping_id is None
            with pytest.raises(NotFoundError):
                await market.service.get_shipping_document(number, "S-650000001")

            order = await label(market, number)
            assert order.shipment is not None
            first = order.shipment.shipping_label_url or ""
            market.simulator.advance(60)
            again = (await market.service.get_order_details(number)).shipment
            assert "Expires=" in first
            assert again is not None
            assert again.shipping_label_url != first
            assert "Signature" not in repr(order)

    run_virtual(story())


def test_papers_as_links_are_for_direct_orders_alone() -> None:
    async def story() -> None:
        async with practice_client(clock=LoopClock(), simulator=market_of(QUIET)) as market:
            (standard,), (direct,) = await listed(market), await listed(market, inventory_type="DIRECT")
            plain, special = market.simulator.sell(standard), market.simulator.sell(direct)
            market.simulator.advance(900)
            papers = (await market.service.get_shipping_documents(special)).shipping_documents

            assert (plain[:3], special[:3]) == ("04-", "06-")
            assert papers is not None
            assert "shippingLabel" in papers.required_documents
            with pytest.raises(RequestRejectedError, match="Direct"):
                await market.service.get_shipping_documents(plain)

    run_virtual(story())


def test_offered_products_are_reviewed_one_by_one() -> None:
    fields = {
        "productTitle": "Practice Card", "brand": "Practice", "productImages": ["https://images.test/1.png"],
        "variants": ["PSA 10"], "retailPrice": "20", "releaseDate": "2026-11-24", "countryOfOrigin": "US",
    }  # fmt: skip

    async def story() -> None:
        async with practice_client(clock=LoopClock(), simulator=market_of(QUIET)) as market:
            job = await market.service.create_catalog_ingestion([NewProduct("trading cards", fields)] * 40)
            fresh = await market.service.get_catalog_ingestion(job.ingestion_id)
            market.simulator.advance(3 * 3_600)
            items = (await market.service.get_catalog_ingestion(job.ingestion_id)).items

            assert {str(each.status) for each in fresh.items} == {"In Review"}
            assert {str(each.status) for each in items} == {"Completed", "Rejected"}
            assert all((each.result is not None) == (each.status == "Completed") for each in items)
            assert all((each.rejection_details is not None) == (each.status == "Rejected") for each in items)

    run_virtual(story())


@pytest.mark.parametrize(
    ("sold", "date"),
    [("2026-11-24T10:00", "2026-11-26"), ("2026-11-26T23:00", "2026-11-30"), ("2026-11-28T10:00", "2026-12-01")],
)
def test_two_full_business_days_to_ship(sold: str, date: str) -> None:
    assert ship_by(datetime.fromisoformat(sold).replace(tzinfo=UTC)).isoformat() == f"{date}T23:59:59+00:00"


def test_payouts_leave_once_a_day() -> None:
    noon = datetime(2026, 11, 24, 17, tzinfo=UTC)
    assert next_payout(noon) == datetime(2026, 11, 25, 4, 59, tzinfo=UTC)
    assert next_payout(datetime(2026, 11, 25, 4, 50, tzinfo=UTC)) == datetime(2026, 11, 26, 4, 59, tzinfo=UTC)


def test_a_pdf_is_whole_whatever_its_text() -> None:
    document = pdf(("Size (5W) \\ 3.5M", "日本"))

    start = int(document.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    assert document.startswith(b"%PDF-1.4")
    assert document[start:].startswith(b"xref")
    assert document.endswith(b"%%EOF\n")
    assert rb"(Size \(5W\) \\ 3.5M) Tj" in document
