"""Reading and writing the tables, one file per thing. Catalog and market data work inside the caller's transaction."""

from solegate.db.repositories.accounts import SqlTokenStore
from solegate.db.repositories.cache import SqlSharedCache
from solegate.db.repositories.catalog import CatalogRepository
from solegate.db.repositories.drift import SqlDriftStore
from solegate.db.repositories.limits import SqlWindowStore
from solegate.db.repositories.market_data import MarketDataRepository
from solegate.db.repositories.masters import MasterRepository
from solegate.db.repositories.quota import SqlLimitStore
from solegate.db.repositories.tasks import TaskRepository
from solegate.db.repositories.workers import WorkerRepository

__all__ = [
    "CatalogRepository",
    "MarketDataRepository",
    "MasterRepository",
    "SqlDriftStore",
    "SqlLimitStore",
    "SqlSharedCache",
    "SqlTokenStore",
    "SqlWindowStore",
    "TaskRepository",
    "WorkerRepository",
]
