"""What has been paid for orders, as far as their states tell (FACTS 1.8).

StockX's API has no payouts (FACTS 1.3): there is an order's state, and the sum that its detail names. So a payout is
known by the order; when the money arrived is not, and neither is what becomes of it once a pair was returned.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from solegate.domain.money import Money
from solegate.domain.orders import OrderStatus
from solegate.domain.sorting import SortOrder


class PayoutState(StrEnum):
    """How far the payout of an order is."""

    EXPECTED = "expected"
    """The pair is sold and on its way through; nothing is paid before it is authenticated."""
    PENDING = "pending"
    """StockX is about to pay."""
    PAID = "paid"
    FAILED = "failed"
    """StockX could not pay: the payout details have to be mended."""
    NONE = "none"
    """The sale fell through: nothing is paid."""
    UNKNOWN = "unknown"
    """What the order's state means for the money is not established (FACTS 8), a return among others."""


STATUSES: Mapping[PayoutState, frozenset[str]] = MappingProxyType(
    {
        PayoutState.EXPECTED: frozenset(
            {
                OrderStatus.CREATED,
                OrderStatus.SHIPPED,
                OrderStatus.RECEIVED,
                OrderStatus.AUTHENTICATING,
                OrderStatus.AUTHENTICATED,
            }
        ),
        PayoutState.PENDING: frozenset({OrderStatus.PAYOUTPENDING}),
        PayoutState.PAID: frozenset({OrderStatus.PAYOUTCOMPLETED, OrderStatus.COMPLETED}),
        PayoutState.FAILED: frozenset({OrderStatus.PAYOUTFAILED}),
        PayoutState.NONE: frozenset({OrderStatus.DIDNOTSHIP, OrderStatus.CANCELED, OrderStatus.AUTHFAILED}),
    }
)
"""The states of an order that tell; all others are `UNKNOWN`."""


class PayoutSort(SortOrder):
    """Orders of a list of payouts. Amounts are compared as numbers, whatever their currencies."""

    SOLD = "soldAt"
    SOLD_DESCENDING = "-soldAt"
    PAYOUT = "payout"
    PAYOUT_DESCENDING = "-payout"


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutQuery:
    """Which payouts are wanted; what is left out lets everything through.

    Attributes:
        states: any of these.
        currency: they are paid in; orders whose payout is not known are left out.
        sold_from: sold at that moment or later.
        sold_before: sold before that moment.
    """

    states: tuple[PayoutState, ...] = ()
    currency: str | None = None
    sold_from: datetime | None = None
    sold_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class StatusSum:
    """Orders of one state and one month, paid in one currency, drawn together.

    Attributes:
        month: of the sale, such as `2026-01` (UTC); `None` where StockX did not tell when it was.
        status: of the orders.
        currency: they are paid in; `None` for those whose payout is not known.
        orders: how many.
        total: their payouts together.
    """

    month: str | None
    status: str
    currency: str | None
    orders: int
    total: Decimal


@dataclass(frozen=True, slots=True)
class PayoutSum:
    """The same by how far the payout is; `total` is `None` where the payouts are not known."""

    month: str | None
    state: PayoutState
    orders: int
    total: Money | None


def state_of(status: str) -> PayoutState:
    """How far the payout of an order in this state is."""
    return next((state for state, statuses in STATUSES.items() if status in statuses), PayoutState.UNKNOWN)


def by_state(sums: Iterable[StatusSum]) -> tuple[PayoutSum, ...]:
    """Sums of orders' states as sums of payouts' states; the newest month first, unknown ones last."""
    orders: dict[tuple[str, PayoutState, str], int] = {}
    totals: dict[tuple[str, PayoutState, str], Decimal] = {}
    for each in sums:
        key = each.month or "", state_of(each.status), each.currency or ""
        orders[key] = orders.get(key, 0) + each.orders
        totals[key] = totals.get(key, Decimal(0)) + each.total
    ordered = sorted(orders, key=lambda key: (list(PayoutState).index(key[1]), key[2]))
    return tuple(
        PayoutSum(
            month or None, state, orders[month, state, code], Money(totals[month, state, code], code) if code else None
        )
        for month, state, code in sorted(ordered, key=lambda key: key[0], reverse=True)
    )
