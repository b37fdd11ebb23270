"""Orders on the practice market: they move from the sale to the money, in the market's own time."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from solegate.client.policy.call import GET_HISTORICAL_ORDERS, Call
from solegate.client.requests import ActiveOrderFilter, OrderHistoryFilter, OrderSort
from solegate.clock import LoopClock
from solegate.domain.orders import may_become
from solegate.errors import NotFoundError, RequestRejectedError
from solegate.simulator.config import Pace
from solegate.simulator.state.orders import next_payout, ship_by
from solegate.testing import practice_client, run_virtual
from unit.simulator.sales import DAY, QUIET, label, listed, market_of


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


def test_only_a_new_order_can_be_shipped() -> None:
    async def story() -> None:
        async with practice_client(clock=LoopClock(), simulator=market_of(QUIET)) as market:
            (listing,) = await listed(market)
            number = market.simulator.sell(listing)
            market.simulator.ship(number)
            with pytest.raises(ValueError, match="only a new one"):
                market.simulator.ship(number)
            with pytest.raises(ValueError, match="no order"):
                market.simulator.ship("04-NOBODY")

    run_virtual(story())


def test_what_the_lists_do_not_take_is_refused_as_stockx_does() -> None:
    async def story() -> None:
        async with practice_client(clock=LoopClock(), simulator=market_of(QUIET)) as market:
            wrong = Call(GET_HISTORICAL_ORDERS, query={"orderStatus": "CREATED"})
            with pytest.raises(RequestRejectedError, match="only accepts HistoricalOrderStatus"):
                await market.service.execute(wrong)
            with pytest.raises(NotFoundError):
                await market.service.get_order_details("04-NOBODY")

    run_virtual(story())
