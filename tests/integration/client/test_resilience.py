"""Tokens, outages and caches, end to end against the simulator: the issue's figures as tests."""

from __future__ import annotations

import asyncio

import pytest

from solegate import CallOptions
from solegate.client.models import Source
from solegate.errors import (
    CircuitOpenError,
    NotFoundError,
    RateLimitedError,
    ReauthenticationRequiredError,
    UpstreamError,
)
from solegate.simulator import Fault, FaultKind
from solegate.testing import PracticeMarket, practice_client, run_virtual

DOWN = (UpstreamError, CircuitOpenError)


def token_calls(market: PracticeMarket) -> int:
    report = market.simulator.report()
    return report.refreshes + report.refused_refreshes


def test_five_hundred_calls_on_an_expired_token_refresh_once():
    async def story() -> None:
        async with practice_client() as market:
            market.simulator.expire_access_tokens()
            ids = [product.id for product in market.simulator.catalog.products]

            await asyncio.gather(*(market.service.get_product_details(product_id) for product_id in ids[:500]))

            assert market.simulator.report().refreshes == 1

    run_virtual(story())


def test_a_token_past_its_time_is_renewed_before_it_is_used():
    async def story() -> None:
        async with practice_client() as market:
            product_id = market.simulator.catalog.products[0].id
            await asyncio.sleep(43_200)

            await market.service.get_product_details(product_id)

            report = market.simulator.report()
            assert report.refreshes == 1
            assert report.count("GetProduct", 401) == 0

    run_virtual(story())


def test_a_revoked_session_ends_in_needs_reauth_without_a_storm():
    async def story() -> None:
        async with practice_client() as market:
            market.simulator.revoke_refresh_tokens()
            ids = [product.id for product in market.simulator.catalog.products]

            results = await asyncio.gather(
                *(market.service.get_product_details(product_id) for product_id in ids[:100]), return_exceptions=True
            )
            with pytest.raises(ReauthenticationRequiredError, match="solegate auth login"):
                await market.service.get_product_details(ids[200])

            assert all(isinstance(result, ReauthenticationRequiredError) for result in results)
            assert token_calls(market) <= 2

    run_virtual(story())


@pytest.mark.parametrize("kind", [FaultKind.STATUS, FaultKind.DROP, FaultKind.EMPTY_504])
@pytest.mark.parametrize("callers", [1, 20, 1000])
def test_a_dead_upstream_sees_five_of_a_thousand_calls(kind, callers):
    async def story() -> int:
        async with practice_client() as market:
            market.simulator.inject(Fault(kind=kind, status=503))
            todo = iter(range(1000))

            async def caller() -> None:
                for number in todo:
                    with pytest.raises(DOWN):
                        await market.service.get_product_details(f"product-{number}")

            await asyncio.gather(*(caller() for _ in range(callers)))
            return market.simulator.report().total

    assert run_virtual(story()) <= 5


def test_half_open_lets_exactly_one_of_two_hundred_through():
    async def story() -> None:
        async with practice_client() as market:
            fault = Fault(kind=FaultKind.STATUS, status=503, delay=1.0)
            market.simulator.inject(fault)
            product_id = market.simulator.catalog.products[0].id
            for _ in range(3):
                with pytest.raises(DOWN):
                    await market.service.get_product_details(product_id)
            before = market.simulator.report().total
            await asyncio.sleep(61)

            once = CallOptions(max_age=0.0, max_attempts=1)
            results = await asyncio.gather(
                *(market.service.get_product_details(f"product-{n}", options=once) for n in range(200)),
                return_exceptions=True,
            )

            assert market.simulator.report().total - before == 1
            assert sum(isinstance(result, CircuitOpenError) for result in results) == 199

    run_virtual(story())


def test_prices_are_still_served_in_an_outage_and_marked_stale():
    async def story() -> None:
        async with practice_client() as market:
            product_id = market.simulator.catalog.products[0].id
            await market.service.get_market_data_from_stockx(product_id)
            market.simulator.inject(Fault(kind=FaultKind.STATUS, status=503))
            await asyncio.sleep(3600)

            for _ in range(10):
                old = await market.service.get_market_data_from_stockx(product_id)
                assert old.provenance.source is Source.STALE
                assert old.provenance.age >= 3600

    run_virtual(story())


def test_recovery_needs_nobody():
    async def story() -> None:
        async with practice_client() as market:
            product_id = market.simulator.catalog.products[0].id
            market.simulator.inject(Fault(kind=FaultKind.STATUS, status=503))
            for _ in range(4):
                with pytest.raises(DOWN):
                    await market.service.get_product_details(product_id)
            market.simulator.clear_faults()
            await asyncio.sleep(61)

            found = await market.service.get_product_details(product_id)

            assert found.product_id == product_id

    run_virtual(story())


def test_a_hundred_cold_readers_cost_one_call():
    async def story() -> None:
        async with practice_client() as market:
            product_id = market.simulator.catalog.products[0].id

            await asyncio.gather(*(market.service.get_market_data_from_stockx(product_id) for _ in range(100)))

            assert market.simulator.report().count("GetProductMarketData") == 1

    run_virtual(story())


WAITS = [
    ("2", 2.0),
    ("1.5", 1.5),
    ("0", 1.0),
    ("Thu, 01 Jan 2026 12:00:05 GMT", 5.0),
    ("Thu, 01 Jan 2015 00:00:00 GMT", 1.0),
    ("soon", 1.0),
    (None, 1.0),
]


@pytest.mark.parametrize(("header", "least"), WAITS)
def test_retry_after_in_every_syntax_is_waited_for(header, least):
    async def story() -> float:
        async with practice_client() as market:
            product_id = market.simulator.catalog.products[0].id
            market.simulator.inject(Fault(kind=FaultKind.THROTTLE, retry_after=header, times=1))
            started = market.clock.monotonic()

            await market.service.get_product_details(product_id)

            return market.clock.monotonic() - started

    assert least <= run_virtual(story()) <= least + 1.0


def test_an_hour_of_retry_after_is_not_waited_for_by_anybody():
    async def story() -> None:
        async with practice_client() as market:
            market.simulator.inject(Fault(kind=FaultKind.THROTTLE, retry_after="3600", times=1))
            started = market.clock.monotonic()

            for number in range(3):
                with pytest.raises(RateLimitedError) as caught:
                    await market.service.get_product_details(f"product-{number}")
                assert caught.value.retry_at is not None
                assert (caught.value.retry_at - market.clock.now()).total_seconds() == pytest.approx(3600, abs=2)

            assert market.clock.monotonic() - started < 1.0
            assert market.simulator.report().total == 1

    run_virtual(story())


def test_ten_thousand_products_add_no_metric_series():
    async def story() -> tuple[int, int]:
        async with practice_client() as market:
            product_id = market.simulator.catalog.products[0].id
            await market.service.get_market_data_from_stockx(product_id)
            for _ in range(2):  # a 404 from StockX, then one from memory
                with pytest.raises(NotFoundError):
                    await market.service.get_market_data_from_stockx("product-0")
            before = market.service.metrics.render().count(b"\n")

            for number in range(10_000):
                with pytest.raises(NotFoundError):
                    await market.service.get_market_data_from_stockx(f"product-{number}")

            return before, market.service.metrics.render().count(b"\n")

    before, after = run_virtual(story())

    assert before == after
