"""A cache with a StockX behind it that takes a second and numbers its answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from solegate.client.cache import CacheKey, MarketDataCache, MemoryCacheStore
from solegate.client.models.base import Provenance, Source
from solegate.client.models.catalog import Product
from solegate.client.policy.freshness import MARKET_DATA
from solegate.clock import LoopClock
from solegate.metrics import Metrics
from solegate.testing import run_virtual

KEY = CacheKey("default", "GetProduct", ("p1",))
FETCHED = datetime(2026, 1, 1, tzinfo=UTC)


class Shelf:
    """A cache, and a StockX behind it that takes a second and numbers its answers."""

    def __init__(self, max_entries: int = 100) -> None:
        self.metrics = Metrics()
        self.cache = MarketDataCache(MemoryCacheStore(max_entries), clock=LoopClock(), metrics=self.metrics)
        self.loads = 0
        self.trouble: Exception | None = None

    async def load(self) -> Product:
        self.loads += 1
        number = self.loads
        await asyncio.sleep(1.0)
        if self.trouble:
            raise self.trouble
        return Product(product_id=f"v{number}").with_provenance(Provenance(Source.LIVE, FETCHED, request_id="r"))

    async def read(self, key: CacheKey = KEY, *, max_age: float | None = None) -> Product:
        return await self.cache.read(key, self.load, MARKET_DATA, max_age=max_age)

    async def seen(self, key: CacheKey = KEY, *, max_age: float | None = None) -> tuple[str, Source, float]:
        product = await self.read(key, max_age=max_age)
        return product.product_id, product.provenance.source, product.provenance.age

    def count(self, result: str) -> float:
        labels = {"operation": "GetProduct", "result": result}
        return self.metrics.registry.get_sample_value("stockx_cache_results_total", labels) or 0.0


def play(story: Callable[[Shelf], Awaitable[None]], max_entries: int = 100) -> None:
    async def run() -> None:
        await story(Shelf(max_entries))

    run_virtual(run())
