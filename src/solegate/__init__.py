"""Solegate: run a StockX business through StockX's public API without tripping over it."""

from solegate.client.assembly import ClientConfig
from solegate.client.models.batches import BatchRef
from solegate.client.operations.listings import OperationRef
from solegate.client.operations.rows import Position
from solegate.client.policy.call import Lane
from solegate.client.policy.oauth import Credentials
from solegate.client.policy.rate import GUIDE, OFFICIAL, LimitProfile
from solegate.client.requests import (
    ActiveOrderFilter,
    ListingChange,
    ListingFilter,
    NewListing,
    NewProduct,
    OrderHistoryFilter,
    OrderSort,
)
from solegate.client.service import CallOptions, StockXService
from solegate.domain.batches import BatchKind
from solegate.domain.money import Money
from solegate.errors import Outcome, SolegateError, StockXError

__version__ = "0.1.0"

__all__ = [
    "GUIDE",
    "OFFICIAL",
    "ActiveOrderFilter",
    "BatchKind",
    "BatchRef",
    "CallOptions",
    "ClientConfig",
    "Credentials",
    "Lane",
    "LimitProfile",
    "ListingChange",
    "ListingFilter",
    "Money",
    "NewListing",
    "NewProduct",
    "OperationRef",
    "OrderHistoryFilter",
    "OrderSort",
    "Outcome",
    "Position",
    "SolegateError",
    "StockXError",
    "StockXService",
]
