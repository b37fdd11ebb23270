"""Processes that share the cache's second tier, and a StockX behind them that takes a second. In virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from sqlalchemy import text

from solegate.client.cache import CacheKey, MarketDataCache
from solegate.client.models.base import Provenance, Source
from solegate.client.models.catalog import Product
from solegate.client.policy.call import Reply
from solegate.client.policy.freshness import MARKET_DATA
from solegate.client.shared_cache import SharedCache
from solegate.clock import LoopClock
from solegate.db import Database
from solegate.db.repositories import SqlSharedCache
from solegate.metrics import Metrics
from solegate.testing import run_virtual

KEY = CacheKey("default", "GetProduct", ("p1",))
START = datetime(2026, 1, 1, 12, tzinfo=UTC)


class StockX:
    """Takes `latency` seconds and numbers its answers; fails while there is `trouble`."""

    def __init__(self) -> None:
        self.calls = 0
        self.latency = 1.0
        self.trouble: Exception | None = None

    async def ask(self) -> tuple[Product, Reply]:
        self.calls += 1
        body = b'{"productId": "v%d", "mood": "kept"}' % self.calls
        await asyncio.sleep(self.latency)
        if self.trouble:
            raise self.trouble
        reply = Reply(200, {}, body, START, 1, "r")
        return Product.model_validate_json(body).with_provenance(Provenance(Source.LIVE, START)), reply


class Process:
    """Both tiers as one process has them."""

    def __init__(self, name: str, upstream: StockX, store: SqlSharedCache, clock: LoopClock) -> None:
        self.upstream = upstream
        self.metrics = Metrics()
        self.shared = SharedCache(store, account="default", owner=name, clock=clock, metrics=self.metrics)
        self.cache = MarketDataCache(clock=clock, metrics=self.metrics, on_forget=self.shared.forget)

    async def read(self, key: CacheKey = KEY, *, max_age: float | None = None) -> Product:
        async def load() -> Product:
            parse = Product.model_validate_json
            return await self.shared.read(key, self.upstream.ask, parse, MARKET_DATA, max_age=max_age)

        return await self.cache.read(key, load, MARKET_DATA, max_age=max_age)

    async def seen(self, key: CacheKey = KEY, *, max_age: float | None = None) -> tuple[str, Source, float]:
        product = await self.read(key, max_age=max_age)
        return product.product_id, product.provenance.source, round(product.provenance.age, 3)

    async def aclose(self) -> None:
        await self.cache.aclose()
        await self.shared.aclose()

    def count(self, result: str) -> float:
        labels = {"operation": "GetProduct", "result": result}
        return self.metrics.registry.get_sample_value("stockx_cache_results_total", labels) or 0.0


class Town:
    """A database, a StockX, and as many processes as a test starts."""

    def __init__(self, database: Database, clock: LoopClock) -> None:
        self.database = database
        self.clock = clock
        self.store = SqlSharedCache(database)
        self.upstream = StockX()
        self._started = 0

    def start(self) -> Process:
        """One process more; it is cold."""
        self._started += 1
        return Process(f"process {self._started}", self.upstream, self.store, self.clock)

    def bounded(self, max_entries: int) -> SqlSharedCache:
        """A store that keeps so many answers, and up to ten more."""
        return SqlSharedCache(self.database, max_entries=max_entries, clear_every=10)

    async def rows(self) -> int:
        """Rows in the table."""
        async with self.database.reading() as session:
            return await session.scalar(text("SELECT count(*) FROM cached_answers")) or 0

    async def break_down(self) -> None:
        """Let every use of the store fail."""
        await self._sql("ALTER TABLE cached_answers RENAME TO aside")

    async def mend(self) -> None:
        """End that."""
        await self._sql("ALTER TABLE aside RENAME TO cached_answers")

    async def _sql(self, statement: str) -> None:
        async with self.database.transaction() as session:
            await session.execute(text(statement))


def play(url: str, story: Callable[[Town], Awaitable[None]]) -> None:
    """Run a story in virtual time over an upgraded database."""

    async def run() -> None:
        clock = LoopClock(START)
        async with Database(url, clock=clock) as database:
            await story(Town(database, clock))

    run_virtual(run())
