"""Buyers on the practice market: who comes, when, and what they take."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from solegate import NewListing
from solegate.clock import LoopClock
from solegate.domain.money import Money
from solegate.simulator.config import Pace
from solegate.testing import practice_client, run_virtual
from unit.simulator.sales import DAY, QUIET, listed, market_of


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


def test_buyers_come_back_when_the_pace_rises_and_when_an_expired_ask_is_extended() -> None:
    async def story() -> None:
        async with practice_client(clock=LoopClock(), simulator=market_of(QUIET)) as market:
            variant, other = market.simulator.catalog.products[0].variants[4:6]
            soon = market.clock.now() + timedelta(minutes=5)
            await market.service.create_listing(NewListing(variant.id, Money(Decimal(20), "USD")))
            short = NewListing(other.id, Money(Decimal(20), "USD"), expires_at=soon)
            expired = (await market.service.create_listing(short)).listing_id
            market.simulator.advance(2 * DAY)
            assert (await market.service.get_active_orders()).count == 0

            market.simulator.set_pace(Pace(settle_failure=0.0))
            market.simulator.advance(2 * DAY)
            assert (await market.service.get_active_orders()).count == 1

            later = market.clock.now() + timedelta(days=90)
            await market.service.update_listing(expired, expires_at=later)
            market.simulator.advance(2 * DAY)
            assert (await market.service.get_listing(expired)).status == "MATCHED"

    run_virtual(story())
