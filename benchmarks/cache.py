"""What a cached read costs, and what a hundred cold readers cost StockX."""

from __future__ import annotations

import asyncio
import time
import tracemalloc

from benchmarks.table import Row, median, spread
from solegate.client.cache import CacheKey, MarketDataCache, MemoryCacheStore
from solegate.client.models import Provenance, SearchPage, Source
from solegate.client.policy.freshness import MARKET_DATA
from solegate.clock import SystemClock
from solegate.metrics import Metrics
from solegate.simulator import Simulator
from solegate.testing import practice_client

HITS, ROUNDS, KEYS = 20_000, 7, 1_000_000


async def _hit_cost() -> list[float]:
    """Microseconds for each read of a fresh answer."""
    clock = SystemClock()
    cache = MarketDataCache(clock=clock, metrics=Metrics())
    page = SearchPage(count=0, page_size=10, page_number=1, has_next_page=False, products=())
    answer = page.with_provenance(Provenance(Source.LIVE, clock.now()))
    key = CacheKey("default", "Search", ("nike",))

    async def load() -> SearchPage:
        return answer

    await cache.read(key, load, MARKET_DATA)
    costs = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        for _ in range(HITS):
            await cache.read(key, load, MARKET_DATA)
        costs.append(1e6 * (time.perf_counter() - started) / HITS)
    await cache.aclose()
    return costs


async def _stampede() -> int:
    """Upstream calls for a hundred readers of one cold key."""
    simulator = Simulator()
    async with practice_client(simulator=simulator) as market:
        product_id = simulator.catalog.products[0].id
        await asyncio.gather(*(market.service.get_market_data_from_stockx(product_id) for _ in range(100)))
        return simulator.report().count("GetProductMarketData")


async def _memory_of_a_million_keys() -> tuple[int, float]:
    """Entries and mebibytes held after a million distinct keys."""
    clock = SystemClock()
    store = MemoryCacheStore()
    cache = MarketDataCache(store, clock=clock, metrics=Metrics())
    page = SearchPage(count=0, page_size=10, page_number=1, has_next_page=False, products=())
    answer = page.with_provenance(Provenance(Source.LIVE, clock.now()))

    async def load() -> SearchPage:
        return answer

    tracemalloc.start()
    for number in range(KEYS // 10):
        await cache.read(CacheKey("default", "Search", (str(number),)), load, MARKET_DATA)
    tenth, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    for number in range(KEYS // 10, KEYS):
        await cache.read(CacheKey("default", "Search", (str(number),)), load, MARKET_DATA)
    await cache.aclose()
    return len(store), tenth / 2**20


def measure() -> list[Row]:
    """Cost of a hit, stampede, bound."""
    costs = asyncio.run(_hit_cost())
    calls = asyncio.run(_stampede())
    entries, mebibytes = asyncio.run(_memory_of_a_million_keys())
    return [
        Row("cache: a fresh read", f"{median(costs):.1f} us", spread(costs, " us")),
        Row("cache: 100 cold readers of one key", f"{calls} call", goal="1", holds=calls == 1),
        Row(
            "cache: after 1,000,000 distinct keys",
            f"{entries:,} entries",
            f"{mebibytes:.0f} MiB after the first 100,000",
            "<= 10,000 entries",
            entries <= 10_000,
        ),
    ]
