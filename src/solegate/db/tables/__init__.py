"""The tables, one file per thing. Importing this package fills `Base.metadata`."""

from solegate.db.tables.accounts import AccountRow
from solegate.db.tables.base import Base
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
from solegate.db.tables.drift import DriftRow
from solegate.db.tables.market_data import MarketReadRow, SnapshotRow
from solegate.db.tables.quota import QuotaRow

__all__ = [
    "AccountRow",
    "Base",
    "BrandRow",
    "CategoryRow",
    "DriftRow",
    "GtinRow",
    "MarketReadRow",
    "ProductRow",
    "QuotaRow",
    "SizeRow",
    "SnapshotRow",
    "StyleCodeRow",
    "VariantRow",
    "VariantSizeRow",
]
