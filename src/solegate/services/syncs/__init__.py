"""The syncs: orders, listings and markets, mirrored one short step at a time; and the upkeep beside them."""

from solegate.services.syncs.deadlines import DueOrders, OrderDeadlines
from solegate.services.syncs.service import SyncService, SyncStatus

__all__ = ["DueOrders", "OrderDeadlines", "SyncService", "SyncStatus"]
