"""The one place that builds objects: from settings to services, opened together and closed together."""

from __future__ import annotations

import os
import secrets
import socket
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from solegate.client.assembly import ClientConfig
from solegate.client.policy.freshness import FreshnessPolicy
from solegate.client.policy.oauth import Credentials
from solegate.client.policy.rate import GUIDE, OFFICIAL, ItemLimit, LimitProfile, profile_for_rate
from solegate.client.service import StockXService
from solegate.client.transport import PoolConfig, Transport
from solegate.clock import Clock, SystemClock
from solegate.db.engine import Database
from solegate.db.repositories.accounts import SqlTokenStore
from solegate.db.repositories.cache import SqlSharedCache
from solegate.db.repositories.drift import SqlDriftStore
from solegate.db.repositories.limits import SqlWindowStore
from solegate.db.repositories.quota import SqlLimitStore
from solegate.db.repositories.tasks import TaskRepository
from solegate.db.secrets import SecretBox, load_or_create_key
from solegate.domain.guard_rails import GuardRails
from solegate.domain.payout import SellerTerms
from solegate.metrics import Metrics
from solegate.services.accounts import AccountService
from solegate.services.bulk.checks import RowChecks
from solegate.services.bulk.control import BulkJobs
from solegate.services.bulk.plan import JobPlanner
from solegate.services.bulk.records import OwnRecords
from solegate.services.bulk.sizes import SizeLookup
from solegate.services.bulk.start import JobStarter
from solegate.services.catalog import StockXCatalogService
from solegate.services.enrichment import EnrichmentService
from solegate.services.guard import WriteGuard
from solegate.services.idempotency import IdempotencyService
from solegate.services.ledger import Ledger
from solegate.services.listing_target import ListingTargets
from solegate.services.market_data import MarketDataService
from solegate.services.syncs import (
    ActiveOrderSync,
    ListingSync,
    MarketRefresh,
    OrderDeadlines,
    OrderHistorySync,
    SyncService,
)
from solegate.services.write_log import WriteLog
from solegate.settings import Settings


@dataclass(frozen=True, slots=True)
class Services:
    """Everything an edge (command line, HTTP API) may use."""

    settings: Settings
    clock: Clock
    metrics: Metrics
    database: Database
    stockx: StockXService
    accounts: AccountService
    catalog: StockXCatalogService
    enrichment: EnrichmentService
    market_data: MarketDataService
    targets: ListingTargets
    guard: WriteGuard
    idempotency: IdempotencyService
    tasks: TaskRepository
    ledger: Ledger
    writes: WriteLog
    jobs: BulkJobs
    syncs: SyncService
    deadlines: OrderDeadlines


@asynccontextmanager
async def open_services(
    settings: Settings,
    *,
    clock: Clock | None = None,
    metrics: Metrics | None = None,
    transport: Transport | None = None,
) -> AsyncIterator[Services]:
    """Open the database (brought up to date), the client and the services; close them in the reverse order.

    Raises:
        DatabaseError: the database cannot be opened or upgraded.
        ConfigurationError: a setting is wrong.
    """
    box = SecretBox(_secret_keys(settings))  # before the database is made: a wrong key leaves nothing behind
    async with Database(settings.resolved_database_url(), clock=clock, pool=settings.database_pool) as database:
        clock, metrics = clock or SystemClock(), metrics or Metrics()
        await database.upgrade()
        stockx = StockXService(
            client_config(settings),
            token_store=SqlTokenStore(database, box),
            limit_store=SqlLimitStore(database),
            window_store=SqlWindowStore(database, clock),
            shared_cache=SqlSharedCache(database),
            drift_store=SqlDriftStore(database),
            transport=transport,
            clock=clock,
            metrics=metrics,
        )
        async with stockx:
            yield _services(settings, clock, metrics, database, stockx)


def _services(
    settings: Settings, clock: Clock, metrics: Metrics, database: Database, stockx: StockXService
) -> Services:
    catalog = StockXCatalogService(
        stockx,
        database,
        clock=clock,
        metrics=metrics,
        currency=settings.currency,
        catalog_ttl=settings.catalog_ttl,
        market_data_ttl=settings.market_data_ttl,
    )
    terms = SellerTerms(level=settings.seller_level, shipping=settings.shipping_fee)
    market_data = MarketDataService(stockx, database, terms=terms, currency=settings.currency)
    targets = ListingTargets(stockx, catalog)
    guard = WriteGuard(database, account=settings.account, rails=guard_rails(settings))
    tasks = TaskRepository(database, clock=clock)
    return Services(
        settings=settings,
        clock=clock,
        metrics=metrics,
        database=database,
        stockx=stockx,
        accounts=AccountService(stockx, new_secret=lambda: secrets.token_urlsafe(48)),
        catalog=catalog,
        enrichment=EnrichmentService(catalog),
        market_data=market_data,
        targets=targets,
        guard=guard,
        idempotency=IdempotencyService(database, scope=settings.account, clock=clock),
        ledger=Ledger(
            stockx,
            database,
            tasks,
            guard=guard,
            clock=clock,
            new_id=lambda: uuid.uuid4().hex,
            worker=f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}",
        ),
        tasks=tasks,
        writes=WriteLog(database, account=settings.account),
        jobs=_jobs(settings, clock, database, stockx, tasks, targets=targets, guard=guard, terms=terms),
        syncs=_syncs(clock, metrics, database, stockx, market_data),
        deadlines=OrderDeadlines(database, account=settings.account),
    )


def _syncs(
    clock: Clock, metrics: Metrics, database: Database, stockx: StockXService, market_data: MarketDataService
) -> SyncService:
    syncs = (
        ActiveOrderSync(stockx, database, clock=clock, metrics=metrics),
        OrderHistorySync(stockx, database, clock=clock, metrics=metrics),
        ListingSync(stockx, database, clock=clock, metrics=metrics),
        MarketRefresh(stockx, database, market_data, clock=clock, metrics=metrics),
    )
    return SyncService(syncs, database, account=stockx.config.account, clock=clock, metrics=metrics)


def _jobs(
    settings: Settings,
    clock: Clock,
    database: Database,
    stockx: StockXService,
    tasks: TaskRepository,
    *,
    targets: ListingTargets,
    guard: WriteGuard,
    terms: SellerTerms,
) -> BulkJobs:
    checks = RowChecks(database, SizeLookup(targets), OwnRecords(guard))
    planner = JobPlanner(
        database, checks, stockx, clock=clock, account=settings.account, currency=settings.currency, terms=terms
    )
    return BulkJobs(
        database,
        planner,
        JobStarter(database, checks, guard, tasks),
        tasks,
        clock=clock,
        account=settings.account,
        new_id=lambda: secrets.token_hex(6),
    )


def client_config(settings: Settings) -> ClientConfig:
    """The client's configuration out of the application's."""
    return ClientConfig(
        credentials=Credentials(
            client_id=settings.stockx_client_id,
            client_secret=settings.stockx_client_secret.get_secret_value(),
            api_key=settings.stockx_api_key.get_secret_value(),
            redirect_uri=settings.stockx_redirect_uri,
        ),
        account=settings.account,
        api_url=settings.stockx_api_url,
        auth_url=settings.stockx_auth_url,
        limits=limit_profile(settings),
        pool=PoolConfig(http2=settings.http2, ca_file=settings.stockx_ca_file),
        market_data_freshness=FreshnessPolicy.of(settings.market_data_ttl),
        catalog_freshness=FreshnessPolicy.of(settings.catalog_ttl),
        cache_entries=settings.cache_entries,
    )


def limit_profile(settings: Settings) -> LimitProfile:
    """The named profile, with the single numbers that are set instead of its own."""
    base = {"official": OFFICIAL, "guide": GUIDE}[settings.limit_profile]
    per_day = settings.requests_per_day or base.per_day
    profile = replace(base, per_day=per_day, reserve=settings.background_reserve)
    if settings.requests_per_second is not None:
        profile = profile_for_rate(settings.requests_per_second, per_day=per_day, reserve=settings.background_reserve)
    return replace(profile, items=item_limit(settings))


def item_limit(settings: Settings) -> ItemLimit:
    """StockX's limit of batch items, with the single numbers that are set instead of its own."""
    own = ItemLimit()
    return ItemLimit(
        capacity=settings.items_per_window or own.capacity,
        period=settings.items_window or own.period,
        per_day=settings.items_per_day or own.per_day,
    )


def guard_rails(settings: Settings) -> GuardRails:
    """The guard rails of the settings."""
    return GuardRails(
        floor=settings.price_floor,
        ceiling=settings.price_ceiling,
        largest_move=settings.largest_price_move,
        daily_writes=settings.daily_writes,
        daily_value=settings.daily_value,
    )


def _secret_keys(settings: Settings) -> tuple[str, ...]:
    configured = settings.secret_key.get_secret_value()
    if configured:
        return tuple(key.strip() for key in configured.split(",") if key.strip())
    return (load_or_create_key(settings.secret_key_file),)
