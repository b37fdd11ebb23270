"""`StockXService`: one typed method per StockX operation, all 32 of them.

    async with StockXService(ClientConfig(Credentials(...), refresh_token="...")) as stockx:
        page = await stockx.search_stockx_catalog("DD1391-100")

Every method checks its input before anything is sent, waits for its turn under the account's limit, and returns an
immutable model whose `provenance` says where it came from and how old it is. It raises `StockXError` or, for bad
input, `InvalidInputError`; it never returns `None` for a failure. The methods stand in `operations`.
"""

from __future__ import annotations

from typing import Self

from solegate.client.assembly import ClientConfig, Pipeline
from solegate.client.auth import TokenStore
from solegate.client.cache import CacheStore
from solegate.client.drift import DriftStore
from solegate.client.limiter import LimitStatus
from solegate.client.operations.batches import BatchOperations
from solegate.client.operations.catalog import CatalogOperations
from solegate.client.operations.ingestion import IngestionOperations
from solegate.client.operations.listings import ListingOperations
from solegate.client.operations.market_data import MarketDataOperations
from solegate.client.operations.orders import OrderOperations
from solegate.client.options import CallOptions
from solegate.client.policy.call import Call, Reply
from solegate.client.quota import LimitStore
from solegate.client.shared_cache import SharedCacheStore
from solegate.client.shared_window import WindowStore
from solegate.client.transport import Transport
from solegate.client.usage import UsageStore
from solegate.clock import Clock
from solegate.metrics import Metrics

__all__ = ["CallOptions", "StockXService"]


class StockXService(
    CatalogOperations, MarketDataOperations, ListingOperations, BatchOperations, OrderOperations, IngestionOperations
):
    """The StockX API of one account. Use it as an async context manager; it owns its connection pool."""

    def __init__(
        self,
        config: ClientConfig,
        *,
        token_store: TokenStore | None = None,
        limit_store: LimitStore | None = None,
        window_store: WindowStore | None = None,
        cache_store: CacheStore | None = None,
        shared_cache: SharedCacheStore | None = None,
        drift_store: DriftStore | None = None,
        usage_store: UsageStore | None = None,
        transport: Transport | None = None,
        clock: Clock | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        super().__init__(
            Pipeline(
                config,
                token_store=token_store,
                limit_store=limit_store,
                window_store=window_store,
                cache_store=cache_store,
                shared_cache=shared_cache,
                drift_store=drift_store,
                usage_store=usage_store,
                transport=transport,
                clock=clock,
                metrics=metrics,
            )
        )
        self.metrics = self._pipeline.metrics
        self.tokens = self._pipeline.tokens
        self.cache = self._pipeline.cache
        self.radar = self._pipeline.radar
        self.breaker = self._pipeline.breaker
        self.usage = self._pipeline.usage

    async def __aenter__(self) -> Self:
        try:
            await self._pipeline.limiter.refresh()
        except BaseException:
            await self.aclose()
            raise
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections and put the unused quota back."""
        await self._pipeline.aclose()

    def limits(self) -> LimitStatus:
        """How the limiter stands: rate in force, quota used and left, callers waiting."""
        return self._pipeline.limiter.status()

    async def refresh_limits(self) -> LimitStatus:
        """How the limiter stands, with what other processes of the account have used today.

        Raises:
            DatabaseError: the store of the limits failed.
        """
        await self._pipeline.limiter.refresh()
        return self.limits()

    async def items_room(self) -> int | None:
        """Items that a batch write could have now without waiting for them; `None` without a limit.

        Raises:
            DatabaseError: the limit is shared, and the database that keeps it failed.
        """
        return await self._pipeline.limiter.items_room()

    async def items_ready_in(self, count: int) -> float:
        """Seconds until a batch write of so many items could be sent, without waiting for it; 0 for now.

        Raises:
            InvalidInputError: no window ever holds so many items (FACTS 1.1).
            DatabaseError: the limit is shared, and the database that keeps it failed.
        """
        return await self._pipeline.limiter.items_ready_in(count)

    async def execute(self, call: Call) -> Reply:
        """Carry out any call and return the raw answer, past models and cache."""
        return await self._pipeline.executor.execute(call)
