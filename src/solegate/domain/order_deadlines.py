"""Which orders have to leave, and when; and of which the details are to be read first (FACTS 1.8, 1.10, 5.3).

Lists of orders tell neither when one has to be shipped nor whether its label exists: only the detail of each order
does, at a request each. So the details are read by urgency, and a deadline that is not known yet counts as urgent.
A late order is cancelled and costs a fee (FACTS 5.3).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from solegate.domain.money import Money
from solegate.domain.orders import OrderGroup, group, time_left

NO_LABEL = "FLEX"
"""Pairs that lie at StockX need no label (FACTS 1.3)."""
LABEL_PATIENCE = timedelta(minutes=30)
"""How long to wait before looking again for a label: it may not exist right after the sale (FACTS 1.10)."""
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class MirroredOrder:
    """An order as last seen. What stands from `ship_by` on is known from its detail only.

    Attributes:
        is_active: whether it was among the active orders.
        changed_at: when it was last seen changed; a detail read before is out of date.
        run_at: start of the sync run whose list held it last.
        detail_at: when its detail was read.
        ship_by: when it has to leave.
        shipping_id: names its shipping document; `None` while there is none.
    """

    order_number: str
    is_active: bool
    status: str
    listing_id: str | None = None
    product_id: str | None = None
    product_name: str | None = None
    style_id: str | None = None
    variant_id: str | None = None
    variant_value: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    inventory_type: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    seen_at: datetime
    run_at: datetime | None = None
    changed_at: datetime
    detail_at: datetime | None = None
    ship_by: datetime | None = None
    shipping_id: str | None = None
    tracking_number: str | None = None
    carrier: str | None = None
    payout: Decimal | None = None
    payout_currency: str | None = None

    @property
    def price(self) -> Money | None:
        """What it was sold for."""
        return Money(self.amount, self.currency) if self.amount is not None and self.currency else None

    @property
    def paid(self) -> Money | None:
        """What the seller is paid for it, as far as StockX has told; it may be in another currency (FACTS 1.9)."""
        return Money(self.payout, self.payout_currency) if self.payout is not None and self.payout_currency else None

    @property
    def to_ship(self) -> bool:
        """Whether the seller still has to send it."""
        return self.is_active and group(self.status) is OrderGroup.TO_SHIP

    @property
    def waits_for_label(self) -> bool:
        """Whether it has to be sent and there is no label for it yet."""
        return self.to_ship and self.shipping_id is None and self.inventory_type != NO_LABEL


def has_changed(known: MirroredOrder | None, seen: MirroredOrder) -> bool:
    """Whether a list shows another order than the mirror has."""
    if known is None:
        return True
    return (known.status, known.updated_at, known.amount, known.currency, known.is_active) != (
        seen.status,
        seen.updated_at,
        seen.amount,
        seen.currency,
        seen.is_active,
    )


class Need(StrEnum):
    """Why the detail of an order is wanted, the most urgent first."""

    DEADLINE = "deadline"
    """It has to leave, and nobody knows when."""
    TO_SHIP = "to_ship"
    """It has to leave, and has changed."""
    LABEL = "label"
    """It has to leave, and had no label when it was last looked at."""
    CHANGED = "changed"
    """It is new or has changed, and nothing has to be done about it."""


_RANK = {need: rank for rank, need in enumerate(Need)}


def need_of(order: MirroredOrder, now: datetime) -> Need | None:
    """Why its detail is to be read; `None` when it is not.

    Orders that were never seen under way need none: what came of them stands in the list of the history.
    """
    fresh = order.detail_at is not None and order.detail_at >= order.changed_at
    if order.to_ship:
        if order.ship_by is None and (not fresh or _is_older(order, now)):
            return Need.DEADLINE
        if not fresh:
            return Need.TO_SHIP
        return Need.LABEL if order.waits_for_label and _is_older(order, now) else None
    known_before = order.is_active or order.detail_at is not None
    return Need.CHANGED if known_before and not fresh else None


def _is_older(order: MirroredOrder, now: datetime) -> bool:
    """Whether its detail was read long enough ago to look again."""
    return order.detail_at is None or now - order.detail_at >= LABEL_PATIENCE


def details_to_read(
    orders: Iterable[MirroredOrder], now: datetime, *, at_most: int, passed: Collection[str] = ()
) -> tuple[MirroredOrder, ...]:
    """The orders whose details are to be read next, the most urgent first.

    Args:
        orders: those that may need it.
        now: the time.
        at_most: how many.
        passed: numbers of those that cannot be read at present.
    """
    wanted: list[tuple[int, datetime, str, MirroredOrder]] = []
    for order in orders:
        need = need_of(order, now)
        if need is not None and order.order_number not in passed:
            # The oldest sale has to leave first, as long as nobody knows better.
            urgency = order.ship_by or order.created_at or _NEVER
            wanted.append((_RANK[need], urgency, order.order_number, order))
    wanted.sort(key=lambda each: each[:3])
    return tuple(order for *_, order in wanted[: max(0, at_most)])


class Urgency(StrEnum):
    """How a deadline stands."""

    OVERDUE = "overdue"
    DUE = "due"
    LATER = "later"
    UNKNOWN = "unknown"
    """Nobody knows its deadline yet: its detail was not read."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """An order that has to leave. `hours_left` is negative once it is late, and `None` while it is not known."""

    order: MirroredOrder
    urgency: Urgency
    hours_left: float | None


def deadlines(orders: Iterable[MirroredOrder], now: datetime, within: timedelta | None = None) -> tuple[Deadline, ...]:
    """The orders that have to leave, the most urgent first; one of unknown date comes before them, as if it were due.

    Args:
        orders: of the mirror.
        now: the time.
        within: only what is due by then, overdue, or of unknown date; `None` shows all.
    """
    found = [_deadline(order, now, within) for order in orders if order.to_ship]
    shown = [each for each in found if within is None or each.urgency is not Urgency.LATER]
    return tuple(sorted(shown, key=_by_urgency))


def _deadline(order: MirroredOrder, now: datetime, within: timedelta | None) -> Deadline:
    if order.ship_by is None:
        return Deadline(order, Urgency.UNKNOWN, None)
    left = time_left(order.ship_by, now)
    if left < timedelta():
        urgency = Urgency.OVERDUE
    else:
        urgency = Urgency.DUE if within is not None and left <= within else Urgency.LATER
    return Deadline(order, urgency, left / timedelta(hours=1))


def _by_urgency(deadline: Deadline) -> tuple[datetime, datetime, str]:
    order = deadline.order
    sold = order.created_at or _NEVER
    return order.ship_by or sold, sold, order.order_number
