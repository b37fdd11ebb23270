"""Builds the parts of one account's client and holds them together, so that the service can be used alone."""

from __future__ import annotations

import random
import uuid
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime

from solegate.client.attempt import Endpoint
from solegate.client.auth import MemoryTokenStore, TokenManager, TokenStore
from solegate.client.breaker import BreakerGate
from solegate.client.cache import CacheStore, MarketDataCache, MemoryCacheStore
from solegate.client.drift import DriftRadar, DriftStore
from solegate.client.executor import Executor
from solegate.client.limiter import RateLimiter
from solegate.client.policy.breaker import BreakerPolicy
from solegate.client.policy.freshness import CATALOG, MARKET_DATA, FreshnessPolicy
from solegate.client.policy.oauth import Credentials
from solegate.client.policy.rate import OFFICIAL, LimitProfile
from solegate.client.policy.retry import RetryPolicy
from solegate.client.quota import LimitStore
from solegate.client.shared_cache import SharedCache, SharedCacheStore
from solegate.client.shared_window import WindowStore
from solegate.client.transport import HttpTransport, PoolConfig, Transport
from solegate.client.usage import UsageCounter, UsageStore
from solegate.clock import Clock, SystemClock
from solegate.domain.accounts import TokenRecord
from solegate.metrics import Metrics

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ClientConfig:
    """Everything the client needs to know about one StockX account.

    Attributes:
        credentials: the account's StockX application.
        refresh_token: from an earlier login; only for use without a token store.
        account: names the account in stores and cache keys.
        api_url: base URL of the API.
        auth_url: base URL of the login.
        limits: what StockX permits the account.
        timeout: seconds for one request (guide section 2).
        pool: the connection pool.
        retry: attempts and backoff.
        breaker: when to hold calls back.
        market_data_freshness: for prices.
        catalog_freshness: for products and variants.
        cache_entries: most answers kept in memory.
    """

    credentials: Credentials
    refresh_token: str = field(default="", repr=False)
    account: str = "default"
    api_url: str = "https://api.stockx.com/v2"
    auth_url: str = "https://accounts.stockx.com"
    limits: LimitProfile = OFFICIAL
    timeout: float = 30.0
    pool: PoolConfig = field(default_factory=PoolConfig)
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    breaker: BreakerPolicy = field(default_factory=BreakerPolicy)
    market_data_freshness: FreshnessPolicy = MARKET_DATA
    catalog_freshness: FreshnessPolicy = CATALOG
    cache_entries: int = 10_000


class Pipeline:
    """The parts of one account's client, wired. Every part that is not given is the real one."""

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
        self.config = config
        owner = uuid.uuid4().hex
        self.clock: Clock = clock or SystemClock()
        self.metrics = metrics or Metrics()
        self.transport: Transport = transport or HttpTransport(config.pool)
        self.limiter = RateLimiter(
            config.limits,
            account=config.account,
            clock=self.clock,
            metrics=self.metrics,
            store=limit_store,
            windows=window_store,
        )
        self.breaker = BreakerGate(clock=self.clock, metrics=self.metrics, policy=config.breaker)
        self.tokens = TokenManager(
            config.credentials,
            account=config.account,
            owner=owner,
            auth_url=config.auth_url,
            store=token_store if token_store is not None else _store_of(config),
            transport=self.transport,
            clock=self.clock,
            metrics=self.metrics,
        )
        self.shared = (
            SharedCache(shared_cache, account=config.account, owner=owner, clock=self.clock, metrics=self.metrics)
            if shared_cache is not None
            else None
        )
        self.cache = MarketDataCache(
            cache_store if cache_store is not None else MemoryCacheStore(config.cache_entries),
            clock=self.clock,
            metrics=self.metrics,
            on_forget=self.shared.forget if self.shared is not None else None,
        )
        self.radar = DriftRadar(clock=self.clock, metrics=self.metrics, store=drift_store)
        self.usage = UsageCounter(account=config.account, clock=self.clock, store=usage_store)
        self.executor = self._executor(config)

    def _executor(self, config: ClientConfig) -> Executor:
        return Executor(
            Endpoint(config.api_url, config.credentials.api_key, config.timeout),
            transport=self.transport,
            limiter=self.limiter,
            breaker=self.breaker,
            tokens=self.tokens,
            clock=self.clock,
            metrics=self.metrics,
            chance=random.Random().random,  # noqa: S311 - jitter, not a secret
            new_request_id=lambda: uuid.uuid4().hex,
            policy=config.retry,
            radar=self.radar,
            usage=self.usage,
        )

    async def aclose(self) -> None:
        """Close in the order of use, all of it even if a part fails: loads, tokens, quota, connections, sightings."""
        async with AsyncExitStack() as stack:
            for part in (self.radar, self.usage, self.transport, self.limiter, self.tokens, self.shared, self.cache):
                if part is not None:
                    stack.push_async_callback(part.aclose)


def _store_of(config: ClientConfig) -> MemoryTokenStore:
    """A store in memory that knows the configured refresh token, whose access token is still to be fetched."""
    if not config.refresh_token:
        return MemoryTokenStore()
    return MemoryTokenStore(TokenRecord(config.account, 1, "", config.refresh_token, _LONG_AGO))
