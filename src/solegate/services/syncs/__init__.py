"""The syncs: orders, listings and markets, mirrored one short step at a time, and what they are good for."""

from solegate.services.syncs.deadlines import DueOrders, OrderDeadlines
from solegate.services.syncs.listings import ListingSync
from solegate.services.syncs.market import MarketRefresh
from solegate.services.syncs.orders import ActiveOrderSync, OrderHistorySync
from solegate.services.syncs.service import SyncService, SyncStatus

__all__ = [
    "ActiveOrderSync",
    "DueOrders",
    "ListingSync",
    "MarketRefresh",
    "OrderDeadlines",
    "OrderHistorySync",
    "SyncService",
    "SyncStatus",
]
