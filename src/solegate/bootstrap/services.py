"""The services of one StockX account, built from their parts."""

from __future__ import annotations

import os
import secrets
import socket
import uuid
from dataclasses import dataclass
from datetime import datetime

from solegate.bootstrap.config import client_config, guard_rails
from solegate.bootstrap.telling import telling_of
from solegate.bootstrap.webhooks import webhooks_of
from solegate.client.outbound import Outbound
from solegate.client.service import StockXService
from solegate.client.transport import Transport
from solegate.clock import Clock
from solegate.db.engine import Database
from solegate.db.repositories.accounts import SqlTokenStore
from solegate.db.repositories.cache import SqlSharedCache
from solegate.db.repositories.drift import SqlDriftStore
from solegate.db.repositories.limits import SqlWindowStore
from solegate.db.repositories.quota import SqlLimitStore
from solegate.db.repositories.tasks import TaskRepository
from solegate.db.repositories.usage import SqlUsageStore
from solegate.db.secrets import SecretBox
from solegate.domain.payout import SellerTerms
from solegate.metrics import Metrics
from solegate.services.accounts import AccountService
from solegate.services.bulk.checks import RowChecks
from solegate.services.bulk.control import BulkJobs
from solegate.services.bulk.pages import JobPages
from solegate.services.bulk.plan import JobPlanner
from solegate.services.bulk.records import OwnRecords
from solegate.services.bulk.sizes import SizeLookup
from solegate.services.bulk.start import JobStarter
from solegate.services.catalog import StockXCatalogService
from solegate.services.deliveries.telling import Telling
from solegate.services.enrichment import EnrichmentService
from solegate.services.events.book import EventBook
from solegate.services.events.log import EventLog
from solegate.services.events.rounds import EventRounds
from solegate.services.events.watches import WatchBook
from solegate.services.guard import WriteGuard
from solegate.services.idempotency import IdempotencyService
from solegate.services.ledger import Ledger
from solegate.services.limits import LimitsService
from solegate.services.listing_book import ListingBook
from solegate.services.listing_target import ListingTargets
from solegate.services.market_data import MarketDataService
from solegate.services.order_book import OrderBook
from solegate.services.payouts import PayoutBook
from solegate.services.price_history import PriceHistory
from solegate.services.schedules import schedules_of
from solegate.services.search.local import LocalSearch
from solegate.services.syncs import (
    ActiveOrderSync,
    ListingSync,
    MarketRefresh,
    OrderDeadlines,
    OrderHistorySync,
    SyncService,
)
from solegate.services.webhooks.desk import Webhooks
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
    job_pages: JobPages
    syncs: SyncService
    events: EventLog
    event_book: EventBook
    event_rounds: EventRounds
    watches: WatchBook
    telling: Telling
    webhooks: Webhooks
    limits: LimitsService
    deadlines: OrderDeadlines
    orders: OrderBook
    listings: ListingBook
    payouts: PayoutBook
    price_history: PriceHistory
    search: LocalSearch


def client_of(
    settings: Settings,
    database: Database,
    *,
    box: SecretBox,
    transport: Transport | None,
    clock: Clock,
    metrics: Metrics,
) -> StockXService:
    """The client of the account that the settings name."""
    return StockXService(
        client_config(settings),
        token_store=SqlTokenStore(database, box),
        limit_store=SqlLimitStore(database),
        window_store=SqlWindowStore(database, clock),
        shared_cache=SqlSharedCache(database),
        drift_store=SqlDriftStore(database),
        usage_store=SqlUsageStore(database),
        transport=transport,
        clock=clock,
        metrics=metrics,
    )


def account_services(
    settings: Settings,
    clock: Clock,
    metrics: Metrics,
    database: Database,
    stockx: StockXService,
    *,
    tasks: TaskRepository,
    box: SecretBox,
    outbound: Outbound,
) -> Services:
    """What an edge may use for the account that the settings name."""
    catalog = _catalog(settings, clock, metrics, database, stockx)
    terms = SellerTerms(level=settings.seller_level, shipping=settings.shipping_fee)
    market_data = MarketDataService(stockx, database, terms=terms, currency=settings.currency)
    targets = ListingTargets(stockx, catalog)
    guard = WriteGuard(database, account=settings.account, rails=guard_rails(settings))
    events = EventLog(database, tasks, account=settings.account)
    watches = WatchBook(database, account=settings.account, new_id=_watch_id)
    syncs = _syncs(clock, metrics, database, stockx, market_data, events=events)
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
        ledger=_ledger(clock, database, stockx, tasks, guard=guard, events=events),
        tasks=tasks,
        writes=WriteLog(database, account=settings.account),
        jobs=_jobs(settings, clock, database, stockx, tasks, targets=targets, guard=guard, terms=terms),
        job_pages=JobPages(database, account=settings.account),
        syncs=syncs,
        events=events,
        event_book=EventBook(database, account=settings.account, clock=clock),
        event_rounds=EventRounds(stockx, database, log=events, watches=watches),
        watches=watches,
        telling=telling_of(
            settings.account, clock, metrics, database, tasks, box=box, outbound=outbound, events=events
        ),
        webhooks=webhooks_of(settings.account, database, stockx, box=box, tasks=tasks, syncs=syncs, events=events),
        limits=LimitsService(stockx, database, schedules=schedules_of(settings), clock=clock),
        deadlines=OrderDeadlines(database, account=settings.account),
        orders=OrderBook(stockx, database, account=settings.account),
        listings=ListingBook(stockx, database, account=settings.account),
        payouts=PayoutBook(database, account=settings.account),
        price_history=PriceHistory(database),
        search=LocalSearch(database, catalog, market_data, clock=clock, terms=terms),
    )


def _catalog(
    settings: Settings, clock: Clock, metrics: Metrics, database: Database, stockx: StockXService
) -> StockXCatalogService:
    return StockXCatalogService(
        stockx,
        database,
        clock=clock,
        metrics=metrics,
        currency=settings.currency,
        catalog_ttl=settings.catalog_ttl,
        market_data_ttl=settings.market_data_ttl,
    )


def _ledger(
    clock: Clock,
    database: Database,
    stockx: StockXService,
    tasks: TaskRepository,
    *,
    guard: WriteGuard,
    events: EventLog,
) -> Ledger:
    return Ledger(
        stockx,
        database,
        tasks,
        guard=guard,
        events=events,
        clock=clock,
        new_id=lambda: uuid.uuid4().hex,
        worker=f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}",
    )


def _watch_id(now: datetime) -> str:
    """Sorted by when it was made."""
    return f"watch_{int(now.timestamp() * 1000):011x}{secrets.token_hex(3)}"


def _syncs(
    clock: Clock,
    metrics: Metrics,
    database: Database,
    stockx: StockXService,
    market_data: MarketDataService,
    *,
    events: EventLog,
) -> SyncService:
    syncs = (
        ActiveOrderSync(stockx, database, clock=clock, metrics=metrics, events=events),
        OrderHistorySync(stockx, database, clock=clock, metrics=metrics, events=events),
        ListingSync(stockx, database, clock=clock, metrics=metrics, events=events),
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
