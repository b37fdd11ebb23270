"""Batch items: the practice market enforces StockX's limits strictly and never has to refuse a batch (FACTS 1.1)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal

import pytest

from solegate import OFFICIAL, CallOptions, NewListing
from solegate.client.policy.rate import ItemLimit, LimitProfile
from solegate.clock import LoopClock
from solegate.domain.money import Money
from solegate.errors import DeadlineExceededError, InvalidInputError, QuotaExhaustedError, RateLimitedError
from solegate.simulator import Fault, FaultKind, Limits, Simulator, SimulatorConfig
from solegate.testing import PracticeMarket, practice_client, run_virtual


@asynccontextmanager
async def market(profile: LimitProfile = OFFICIAL, limits: Limits | None = None) -> AsyncIterator[PracticeMarket]:
    clock = LoopClock()
    config = SimulatorConfig(limits=limits or Limits.official(), latency=(0.0, 0.2))
    async with practice_client(simulator=Simulator(config, clock=clock), clock=clock, profile=profile) as opened:
        yield opened


def pairs(market: PracticeMarket, count: int) -> list[NewListing]:
    variant = market.simulator.catalog.products[0].variants[0].id
    return [NewListing(variant, Money(Decimal(250), "EUR"), active=False)] * count


async def read(market: PracticeMarket, number: int, deadline: float | None = None) -> None:
    product = market.simulator.catalog.products[number]
    await market.service.get_product_details(product.id, options=CallOptions(deadline=deadline))


def test_three_callers_list_1500_pairs_without_a_refusal_while_reads_go_on() -> None:
    async def story() -> None:
        async with market() as shop:
            began = shop.clock.monotonic()

            async def lister() -> int:
                batches = shop.service.create_listings_in_batches(pairs(shop, 500))
                return len([batch async for batch in batches])

            async def reader() -> float:
                for number in range(100):
                    await read(shop, number)
                return shop.clock.monotonic() - began

            *batches, reading = await asyncio.gather(lister(), lister(), lister(), reader())

            report = shop.simulator.report()
            assert batches == [5, 5, 5]
            assert report.count("CreateListings", 200) == sum(report.requests["CreateListings"].values()) == 15
            assert reading < 150
            assert 600 < shop.clock.monotonic() - began < 660
            status = shop.service.limits()
            assert (status.items_used, status.items_left) == (1_500, 48_500)

    run_virtual(story())


def test_a_quantity_counts_as_so_many_items() -> None:
    async def story() -> None:
        async with market() as shop:
            (pair,) = pairs(shop, 1)
            await shop.service.create_listings([replace(pair, quantity=40), replace(pair, quantity=60)])

            assert shop.service.limits().items_used == 100

    run_virtual(story())


def test_a_client_that_was_told_another_limit_is_refused_and_waits_while_reads_go_on() -> None:
    async def story() -> None:
        told = LimitProfile("too much", 10, items=ItemLimit(1_000))
        async with market(told, Limits(per_second=10)) as shop:
            began = shop.clock.monotonic()
            for _ in range(5):
                await shop.service.create_listings(pairs(shop, 100))

            options = CallOptions(deadline=3_600.0, max_attempts=9)
            refused = asyncio.ensure_future(shop.service.create_listings(pairs(shop, 100), options=options))
            await asyncio.sleep(2.0)
            await read(shop, 0, deadline=2.0)
            with pytest.raises(RateLimitedError, match="longer pause"):
                await refused

            rate = shop.service.limits().rate
            assert rate == 10.0
            assert shop.simulator.report().count("CreateListings", 429) == 3
            assert shop.clock.monotonic() - began < 200

    run_virtual(story())


def test_a_batch_limit_out_of_the_blue_delays_the_batch_and_nobody_else() -> None:
    async def story() -> None:
        async with market() as shop:
            shop.simulator.inject(Fault(kind=FaultKind.BATCH_LIMIT, operation="CreateListings", times=1))
            began = shop.clock.monotonic()
            batch = asyncio.ensure_future(shop.service.create_listings(pairs(shop, 10)))
            await asyncio.sleep(1.0)
            for number in range(20):
                await read(shop, number, deadline=5.0)
            assert not batch.done()
            await batch

            assert 60 <= shop.clock.monotonic() - began < 62

    run_virtual(story())


def test_the_days_items_are_no_requests() -> None:
    async def story() -> None:
        few = LimitProfile("few", 10, items=ItemLimit(100, 1.0, per_day=150))
        async with market(few) as shop:
            await shop.service.create_listings(pairs(shop, 100))
            with pytest.raises(QuotaExhaustedError, match="quota of batch items"):
                await shop.service.create_listings(pairs(shop, 51))
            await shop.service.create_listings(pairs(shop, 50))
            await read(shop, 0)

            assert shop.simulator.report().count("CreateListings") == 2

    run_virtual(story())


def test_who_cannot_have_items_in_time_is_told_and_nothing_is_sent() -> None:
    async def story() -> None:
        async with market() as shop:
            for _ in range(5):
                await shop.service.create_listings(pairs(shop, 100))
            with pytest.raises(DeadlineExceededError):
                await shop.service.create_listings(pairs(shop, 1), options=CallOptions(deadline=60.0))
            with pytest.raises(InvalidInputError):
                await shop.service.create_listings(pairs(shop, 101))

            assert shop.simulator.report().count("CreateListings") == 5
            assert shop.service.limits().items_used == 500

    run_virtual(story())
