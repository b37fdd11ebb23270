"""The counts that have to be exact: refreshes, probes, refusals, failures, metric series. Mostly in virtual time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from benchmarks.table import Row
from solegate import GUIDE, CallOptions, StockXError, StockXService
from solegate.client.auth import MemoryTokenStore
from solegate.client.transport import PoolConfig
from solegate.clock import LoopClock, SystemClock
from solegate.simulator import Fault, FaultKind, Limits, Simulator, SimulatorConfig, running_server
from solegate.testing import fresh_tokens, practice_client, practice_config, run_virtual

ASK = CallOptions(max_age=0.0, deadline=600.0)
ONCE = CallOptions(max_age=0.0, max_attempts=1)
DOWN = Fault(kind=FaultKind.STATUS, status=503, delay=0.2)


async def _refreshes_for_500_callers() -> int:
    async with practice_client() as market:
        market.simulator.expire_access_tokens()
        ids = [product.id for product in market.simulator.catalog.products]
        await asyncio.gather(*(market.service.get_product_details(each) for each in ids[:500]))
        return market.simulator.report().refreshes


async def _token_calls_after_revocation() -> int:
    async with practice_client() as market:
        market.simulator.revoke_refresh_tokens()
        await _all(*(market.service.get_product_details(f"product-{number}") for number in range(100)))
        report = market.simulator.report()
        return report.refreshes + report.refused_refreshes


async def _requests_to_a_dead_upstream() -> int:
    async with practice_client() as market:
        market.simulator.inject(DOWN)
        await _all(*(market.service.get_product_details(f"product-{number}") for number in range(1000)))
        return market.simulator.report().total


async def _probes_of_a_half_open_breaker() -> int:
    async with practice_client() as market:
        market.simulator.inject(DOWN)
        await _all(*(market.service.get_product_details(f"product-{number}") for number in range(20)))
        before = market.simulator.report().total
        await asyncio.sleep(61)
        await _all(*(market.service.get_product_details(f"other-{number}", options=ONCE) for number in range(200)))
        return market.simulator.report().total - before


async def _learnt_limit() -> tuple[float, float]:
    """Accepted requests per second over the last two of five minutes, and the share refused over all five."""
    clock = LoopClock()
    simulator = Simulator(SimulatorConfig(limits=Limits(per_second=4), latency=(0.0, 0.03)), clock=clock)
    async with practice_client(simulator=simulator, clock=clock, profile=GUIDE) as market:

        async def read_until(end: float, product_id: str) -> None:
            while clock.monotonic() < end:
                await market.service.get_market_data_from_stockx(product_id, options=ASK)

        async def everybody_until(end: float) -> int:
            await asyncio.gather(*(read_until(end, product.id) for product in simulator.catalog.products[:20]))
            return simulator.report().count("GetProductMarketData", 200)

        before = await everybody_until(180.0)
        after = await everybody_until(300.0)
        report = simulator.report()
        return (after - before) / 120.0, report.refused / report.total


async def _series_added_by_10_000_products() -> int:
    async with practice_client() as market:

        async def series_after(count: int) -> int:
            await _all(*(market.service.get_market_data_from_stockx(f"product-{each}") for each in range(count)))
            return market.service.metrics.render().count(b"\n")

        await series_after(2)
        return await series_after(10_000) - await series_after(2)


async def _failed_calls_while_connections_are_recycled(*, http2: bool) -> int:
    """Of 3,000 calls by 20 callers; real sockets, TLS, a new connection every 100 requests."""
    clock = SystemClock()
    simulator = Simulator(SimulatorConfig(limits=Limits.off(), latency=(0.0, 0.004)), clock=clock)
    async with running_server(simulator, tls=True, http2=http2, requests_per_connection=100) as server:
        pool = PoolConfig(http2=http2, ca_file=server.ca_file)
        config = replace(practice_config(simulator, server.base_url), pool=pool)
        async with StockXService(config, token_store=MemoryTokenStore(fresh_tokens(simulator, clock))) as service:
            ids = [product.id for product in simulator.catalog.products]
            todo = iter(range(3000))

            async def caller() -> int:
                failures = [await _all(service.get_product_details(ids[each % 500], options=ASK)) for each in todo]
                return sum(failures)

            return sum(await asyncio.gather(*(caller() for _ in range(20))))


async def _all(*calls: Coroutine[Any, Any, object]) -> int:
    """Make every call; returns how many failed."""
    results = await asyncio.gather(*calls, return_exceptions=True)
    return sum(isinstance(result, StockXError) for result in results)


def measure() -> list[Row]:
    """Every count against what it has to be."""
    logging.disable(logging.CRITICAL)  # hundreds of calls fail on purpose
    refreshes, token_calls = run_virtual(_refreshes_for_500_callers()), run_virtual(_token_calls_after_revocation())
    reached, probes = run_virtual(_requests_to_a_dead_upstream()), run_virtual(_probes_of_a_half_open_breaker())
    rate, refused = run_virtual(_learnt_limit())
    series = run_virtual(_series_added_by_10_000_products())
    failed = {
        title: asyncio.run(_failed_calls_while_connections_are_recycled(http2=title == "HTTP/2"))
        for title in ("HTTP/1.1", "HTTP/2")
    }
    logging.disable(logging.NOTSET)
    return [
        Row("500 calls on an expired token: refreshes", f"{refreshes}", goal="1", holds=refreshes == 1),
        Row("session revoked, 100 callers: token calls", f"{token_calls}", goal="<= 2", holds=token_calls <= 2),
        Row("dead upstream, 1,000 callers: requests that reach it", f"{reached}", goal="<= 5", holds=reached <= 5),
        Row("half-open, 200 callers: requests let through", f"{probes}", goal="1", holds=probes == 1),
        Row(
            "limit of 4/s, client told 10/s, 5 virtual minutes",
            f"{rate:.2f}/s, {refused:.1%} refused",
            "rate of the last 2 minutes",
            "4/s +- 10 %, < 5 %",
            abs(rate - 4) <= 0.4 and refused < 0.05,
        ),
        Row("10,000 product ids: metric series added", f"{series}", goal="0", holds=series == 0),
        *(
            Row(f"recycled connections, {title}: failed of 3,000 calls", f"{count}", goal="0", holds=count == 0)
            for title, count in failed.items()
        ),
    ]
