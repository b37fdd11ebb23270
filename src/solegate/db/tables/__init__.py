"""The tables, one file per thing. Importing this package fills `Base.metadata`."""

from solegate.db.tables.accounts import AccountRow, ApplicationRow, LoginRow
from solegate.db.tables.api_keys import ApiKeyRow
from solegate.db.tables.base import Base
from solegate.db.tables.cache import CachedAnswerRow
from solegate.db.tables.catalog import (
    BrandRow,
    CategoryRow,
    GtinRow,
    ProductRow,
    SizeRow,
    StyleCodeRow,
    VariantRow,
    VariantSizeRow,
)
from solegate.db.tables.deliveries import DeliveryRow, SubscriberRow
from solegate.db.tables.drift import DriftRow
from solegate.db.tables.events import EventCounterRow, EventRow, PriceWatchRow
from solegate.db.tables.idempotency import IdempotencyRow
from solegate.db.tables.intents import AuditRow, IntentRow, StopRow
from solegate.db.tables.jobs import ChunkRow, JobItemRow, JobRow
from solegate.db.tables.limits import WindowRow
from solegate.db.tables.listings import ListingRow, OrderRow, SyncRow
from solegate.db.tables.market_data import MarketReadRow, SnapshotRow
from solegate.db.tables.quota import QuotaRow
from solegate.db.tables.search import SearchBacklogRow, SearchOfferRow, SearchProductRow, SearchSizeRow
from solegate.db.tables.tasks import TaskRow, WorkerRow
from solegate.db.tables.usage import UsageRow
from solegate.db.tables.webhooks import InboxRow, PriceSightingRow, WebhookMarkRow, WebhookSourceRow

__all__ = [
    "AccountRow",
    "ApiKeyRow",
    "ApplicationRow",
    "AuditRow",
    "Base",
    "BrandRow",
    "CachedAnswerRow",
    "CategoryRow",
    "ChunkRow",
    "DeliveryRow",
    "DriftRow",
    "EventCounterRow",
    "EventRow",
    "GtinRow",
    "IdempotencyRow",
    "InboxRow",
    "IntentRow",
    "JobItemRow",
    "JobRow",
    "ListingRow",
    "LoginRow",
    "MarketReadRow",
    "OrderRow",
    "PriceSightingRow",
    "PriceWatchRow",
    "ProductRow",
    "QuotaRow",
    "SearchBacklogRow",
    "SearchOfferRow",
    "SearchProductRow",
    "SearchSizeRow",
    "SizeRow",
    "SnapshotRow",
    "StopRow",
    "StyleCodeRow",
    "SubscriberRow",
    "SyncRow",
    "TaskRow",
    "UsageRow",
    "VariantRow",
    "VariantSizeRow",
    "WebhookMarkRow",
    "WebhookSourceRow",
    "WindowRow",
    "WorkerRow",
]
