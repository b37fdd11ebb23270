"""The limit is never exceeded, whatever the server's window and the network's jitter: upstream is the witness."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from solegate import GUIDE, OFFICIAL, CallOptions, LimitProfile, StockXService
from solegate.clock import LoopClock
from solegate.simulator import Limits, Report, Simulator, SimulatorConfig
from solegate.testing import practice_client, run_virtual

PATIENT = CallOptions(deadline=600.0, max_age=0.0)
CALLERS = 20

CALM = ((0.0, 0.0), (0.0, 0.0))
JITTER = ((0.0, 0.03), (0.0, 0.0))
SLOW_TAIL = ((0.0, 0.03), (0.01, 0.3))


async def read_market_data(service: StockXService, product_ids: Iterator[str]) -> None:
    for product_id in product_ids:
        await service.get_market_data_from_stockx(product_id, options=PATIENT)


async def burst(count: int, limits: Limits, profile: LimitProfile, network) -> tuple[Report, float]:
    """`count` reads by twenty callers; returns the server's report and the virtual seconds it took."""
    latency, slow_tail = network
    clock = LoopClock()
    config = SimulatorConfig(limits=limits, latency=latency, slow_tail=slow_tail)
    simulator = Simulator(config, clock=clock)
    async with practice_client(simulator=simulator, clock=clock, profile=profile) as market:
        products = iter([product.id for product in simulator.catalog.products[:count]])
        started = clock.monotonic()
        await asyncio.gather(*(read_market_data(market.service, products) for _ in range(CALLERS)))
        return simulator.report(), clock.monotonic() - started


@pytest.mark.parametrize("network", [CALM, JITTER, SLOW_TAIL], ids=["calm", "jitter", "slow-tail"])
@pytest.mark.parametrize("kind", ["sliding", "fixed"])
@pytest.mark.parametrize(("profile", "count"), [(GUIDE, 300), (OFFICIAL, 60)], ids=["10/s", "1/s"])
def test_nothing_is_refused_and_the_rate_is_used(profile, count, kind, network):
    limits = Limits(per_second=profile.capacity, kind=kind)

    report, seconds = run_virtual(burst(count, limits, profile, network))

    least = (count - profile.capacity) / profile.rate
    assert report.refused == 0
    assert report.count("GetProductMarketData", 200) == count
    assert report.busiest_window_requests <= profile.capacity
    assert least / seconds >= 0.95


def test_a_limit_the_client_was_not_told_is_learnt():
    async def story() -> tuple[Report, float]:
        clock = LoopClock()
        config = SimulatorConfig(limits=Limits(per_second=4), latency=(0.0, 0.03))
        simulator = Simulator(config, clock=clock)
        async with practice_client(simulator=simulator, clock=clock, profile=GUIDE) as market:

            async def read_until(end: float, product_id: str) -> None:
                while clock.monotonic() < end:
                    await market.service.get_market_data_from_stockx(product_id, options=PATIENT)

            async def everybody_until(end: float) -> None:
                products = simulator.catalog.products[:CALLERS]
                await asyncio.gather(*(read_until(end, product.id) for product in products))

            await everybody_until(180.0)
            before = simulator.report().count("GetProductMarketData", 200)
            await everybody_until(300.0)
            report = simulator.report()
            return report, (report.count("GetProductMarketData", 200) - before) / 120.0

    report, settled_rate = run_virtual(story())

    assert report.refused / report.total < 0.05
    assert settled_rate == pytest.approx(4.0, rel=0.1)


async def test_a_real_socket_sees_no_more_either(socket_market):
    async with socket_market(limits=Limits.guide(), profile=GUIDE, latency=(0.0, 0.03)) as market:
        products = iter([product.id for product in market.simulator.catalog.products[:30]])
        await asyncio.gather(*(read_market_data(market.service, products) for _ in range(CALLERS)))

        report = market.simulator.report()

    assert report.refused == 0
    assert report.count("GetProductMarketData", 200) == 30
    assert report.busiest_window_requests <= 10
