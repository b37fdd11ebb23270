"""A listing's life, and that of the operations that change it (FACTS 1.7, 1.8).

    INACTIVE --activate--> ACTIVE --sold--> MATCHED --paid--> COMPLETED
        ^                    |                 |
        +----deactivate------+                 +--sale fell through--> CANCELED
    INACTIVE, ACTIVE, CANCELED --delete--> DELETED

An operation is PENDING until it is SUCCEEDED or FAILED. Both sets are open: StockX adds values without notice, so an
unknown value is neither terminal nor forbidden. An expired ask stays ACTIVE; only its time tells (`is_live`). What this
module does not decide: whether a write should be sent, and what to do about one whose outcome is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType


class ListingStatus(StrEnum):
    """Where a listing is in its life."""

    INACTIVE = "INACTIVE"
    ACTIVE = "ACTIVE"
    DELETED = "DELETED"
    CANCELED = "CANCELED"
    MATCHED = "MATCHED"
    COMPLETED = "COMPLETED"


class InventoryType(StrEnum):
    """How a pair reaches its buyer. The meaning of DFS is not known (FACTS 8)."""

    STANDARD = "STANDARD"
    FLEX = "FLEX"
    DIRECT = "DIRECT"
    DFS = "DFS"


class OperationType(StrEnum):
    """What an operation does to a listing."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    DELETE = "DELETE"
    ACTIVATE = "ACTIVATE"
    DEACTIVATE = "DEACTIVATE"
    CANCEL_ORDER = "CANCEL_ORDER"
    RECLAIM = "RECLAIM"
    CANCEL_RECLAIM = "CANCEL_RECLAIM"
    TPS_CHECK = "TPS_CHECK"


class OperationStatus(StrEnum):
    """How far an operation is."""

    PENDING = "PENDING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


class OperationInitiatedBy(StrEnum):
    """Who started an operation."""

    USER = "USER"
    SYSTEM = "SYSTEM"


class OperationInitiatedVia(StrEnum):
    """Where an operation was started."""

    IOS = "IOS"
    ANDROID = "ANDROID"
    WEB = "WEB"
    STOCKX_PRO = "STOCKX-PRO"
    SCOUT = "SCOUT"
    SHOPIFY = "SHOPIFY"
    PUBLIC_API = "PUBLIC-API"
    INTERNAL_SYSTEM = "INTERNAL-SYSTEM"


LISTING_MOVES: Mapping[ListingStatus, frozenset[ListingStatus]] = MappingProxyType(
    {
        ListingStatus.INACTIVE: frozenset({ListingStatus.ACTIVE, ListingStatus.DELETED}),
        ListingStatus.ACTIVE: frozenset({ListingStatus.INACTIVE, ListingStatus.MATCHED, ListingStatus.DELETED}),
        ListingStatus.MATCHED: frozenset({ListingStatus.COMPLETED, ListingStatus.CANCELED}),
        ListingStatus.CANCELED: frozenset({ListingStatus.DELETED}),
        ListingStatus.COMPLETED: frozenset(),
        ListingStatus.DELETED: frozenset(),
    }
)
"""Where a listing may go in one step. The arrows are of medium confidence (FACTS 1.8)."""


def may_become(old: str, new: str) -> bool:
    """Whether a listing may be `new` one step after `old`; standing still is no step, and unknown states may do all."""
    known = _known(old), _known(new)
    if old == new or None in known:
        return old != new
    return known[1] in LISTING_MOVES[ListingStatus(old)]


def is_terminal(status: str) -> bool:
    """Whether nothing can follow."""
    known = _known(status)
    return known is not None and not LISTING_MOVES[known]


def is_live(status: str, ask_expires_at: datetime | None, now: datetime) -> bool:
    """Whether a buyer can take the listing now: ACTIVE, and its ask not expired (FACTS 1.8)."""
    return status == ListingStatus.ACTIVE and (ask_expires_at is None or ask_expires_at > now)


def is_settled(operation_status: str) -> bool:
    """Whether an operation has come to its end."""
    return operation_status in (OperationStatus.SUCCEEDED, OperationStatus.FAILED)


def _known(status: str) -> ListingStatus | None:
    try:
        return ListingStatus(status)
    except ValueError:
        return None
