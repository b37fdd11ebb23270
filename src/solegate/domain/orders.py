"""An order's life (FACTS 1.8).

    CREATED > SHIPPED > RECEIVED > AUTHENTICATING > AUTHENTICATED > PAYOUTPENDING > PAYOUTCOMPLETED > COMPLETED

On the way it may fail: DIDNOTSHIP, CANCELED, AUTHFAILED, and RETURNED after it was completed. Steps may be missed
between two looks. What SUSPENDED, PENDING, DONOTSHIP, SYSTEMFULFILLED and CCAUTHORIZATIONFAILED lead to is not known
(FACTS 8), so from and to them everything is allowed; the set is open, and so is all about a state nobody knows.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum


class OrderStatus(StrEnum):
    """Where an order is. `UNKNOWN` is a value of StockX's own description."""

    CREATED = "CREATED"
    CCAUTHORIZATIONFAILED = "CCAUTHORIZATIONFAILED"
    SHIPPED = "SHIPPED"
    RECEIVED = "RECEIVED"
    AUTHENTICATING = "AUTHENTICATING"
    AUTHENTICATED = "AUTHENTICATED"
    PAYOUTPENDING = "PAYOUTPENDING"
    PAYOUTCOMPLETED = "PAYOUTCOMPLETED"
    SYSTEMFULFILLED = "SYSTEMFULFILLED"
    PAYOUTFAILED = "PAYOUTFAILED"
    SUSPENDED = "SUSPENDED"
    PENDING = "PENDING"
    DONOTSHIP = "DONOTSHIP"
    AUTHFAILED = "AUTHFAILED"
    DIDNOTSHIP = "DIDNOTSHIP"
    CANCELED = "CANCELED"
    COMPLETED = "COMPLETED"
    RETURNED = "RETURNED"
    UNKNOWN = "UNKNOWN"


HISTORICAL = frozenset(
    {
        OrderStatus.AUTHFAILED,
        OrderStatus.DIDNOTSHIP,
        OrderStatus.CANCELED,
        OrderStatus.COMPLETED,
        OrderStatus.RETURNED,
    }
)
"""States of the history; its filter accepts no others."""
ACTIVE = frozenset(OrderStatus) - HISTORICAL - {OrderStatus.UNKNOWN}
"""States of the active orders."""


class OrderGroup(StrEnum):
    """What a seller has to do about an order (FACTS 1.8, clients' grouping)."""

    TO_SHIP = "to_ship"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"


_PATH = (
    OrderStatus.CREATED,
    OrderStatus.SHIPPED,
    OrderStatus.RECEIVED,
    OrderStatus.AUTHENTICATING,
    OrderStatus.AUTHENTICATED,
    OrderStatus.PAYOUTPENDING,
    OrderStatus.PAYOUTCOMPLETED,
    OrderStatus.COMPLETED,
)
_FAILS_AFTER = {
    OrderStatus.DIDNOTSHIP: frozenset({OrderStatus.CREATED}),
    OrderStatus.CANCELED: frozenset(_PATH[:-2]),
    OrderStatus.AUTHFAILED: frozenset({OrderStatus.SHIPPED, OrderStatus.RECEIVED, OrderStatus.AUTHENTICATING}),
    OrderStatus.PAYOUTFAILED: frozenset({OrderStatus.AUTHENTICATED, OrderStatus.PAYOUTPENDING}),
    OrderStatus.RETURNED: frozenset({OrderStatus.PAYOUTCOMPLETED, OrderStatus.COMPLETED}),
}
FAILURES = frozenset(_FAILS_AFTER)
"""States that say surely that the sale came to nothing."""
_GROUPS = {
    OrderGroup.TO_SHIP: {OrderStatus.CREATED, OrderStatus.PENDING, OrderStatus.CCAUTHORIZATIONFAILED},
    OrderGroup.IN_PROGRESS: set(_PATH[1:6]),
    OrderGroup.DONE: {OrderStatus.PAYOUTCOMPLETED, OrderStatus.SYSTEMFULFILLED, OrderStatus.COMPLETED},
    OrderGroup.FAILED: FAILURES | {OrderStatus.SUSPENDED, OrderStatus.DONOTSHIP},
}


def may_become(old: str, new: str) -> bool:
    """Whether an order may be `new` some time after `old`; standing still is no move."""
    if old == new:
        return False
    if old in _FAILS_AFTER and old != OrderStatus.PAYOUTFAILED:
        return new not in set(OrderStatus)
    if new in _FAILS_AFTER and old in _PATH:
        return old in _FAILS_AFTER[OrderStatus(new)]
    if old in _PATH and new in _PATH:
        return _PATH.index(OrderStatus(old)) < _PATH.index(OrderStatus(new))
    return old != OrderStatus.COMPLETED


def is_terminal(status: str) -> bool:
    """Whether the order is history."""
    return status in HISTORICAL


def group(status: str) -> OrderGroup:
    """What a seller has to do about it."""
    return next((each for each, states in _GROUPS.items() if status in states), OrderGroup.UNKNOWN)


def time_left(ship_by: datetime, now: datetime) -> timedelta:
    """How long there is to ship; negative once it is late. Late orders are cancelled (FACTS 5.3)."""
    return ship_by - now
