"""What a look at an order tells that the look before did not (FACTS 1.8).

An order goes one way, so of each of its events there is one, whichever looks were missed and in whatever order they
are kept: a look says which milestones the order has passed, and those that the mirror did not know of are told. What
SUSPENDED, DONOTSHIP, SYSTEMFULFILLED and the like mean nobody knows (FACTS 8): they are no milestones.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from solegate.domain.events.values import Data, Event, EventType, amount_text, event, moment_text
from solegate.domain.listings import InventoryType
from solegate.domain.order_deadlines import MirroredOrder
from solegate.domain.orders import FAILURES, OrderStatus

SHIP_BY_SOON = timedelta(hours=24)
"""How long before its deadline an order is told about."""

_SHIPPED = frozenset(
    {
        OrderStatus.SHIPPED,
        OrderStatus.RECEIVED,
        OrderStatus.AUTHENTICATING,
        OrderStatus.AUTHENTICATED,
        OrderStatus.PAYOUTPENDING,
        OrderStatus.PAYOUTCOMPLETED,
        OrderStatus.COMPLETED,
        OrderStatus.AUTHFAILED,
        OrderStatus.PAYOUTFAILED,
        OrderStatus.RETURNED,
    }
)
_AFTER_AUTHENTICATION = frozenset(
    {
        OrderStatus.PAYOUTPENDING,
        OrderStatus.PAYOUTCOMPLETED,
        OrderStatus.COMPLETED,
        OrderStatus.PAYOUTFAILED,
        OrderStatus.RETURNED,
    }
)
_PAID = frozenset({OrderStatus.PAYOUTCOMPLETED, OrderStatus.COMPLETED, OrderStatus.RETURNED})
_AUTHENTICATED_BY_STOCKX = frozenset({InventoryType.STANDARD, InventoryType.FLEX})
"""Pairs that pass through StockX's hands; a direct one goes from the seller to the buyer (FACTS 1.9)."""

Milestone = tuple[EventType, str]
"""A kind of event, and what tells it apart from others of its kind about the order."""


def order_events(account: str, before: MirroredOrder | None, after: MirroredOrder, now: datetime) -> tuple[Event, ...]:
    """What is new about an order.

    Args:
        account: whose.
        before: as the mirror had it; `None` when it did not.
        after: as it was seen now.
        now: when.
    """
    known = _passed(before) if before is not None else ()
    fresh = [each for each in _passed(after) if each not in known]
    return tuple(
        event(account, kind, after.order_number, *_told_apart(what), at=_when(after, kind, now), data=_data(after))
        for kind, what in fresh
    )


def ship_by_soon(account: str, order: MirroredOrder, now: datetime) -> Event | None:
    """That an order has to leave within 24 hours, once for each deadline; `None` as long as there is time.

    One that is a day late is cancelled (FACTS 5.3), whatever the mirror still says.
    """
    if not order.to_ship or order.ship_by is None or abs(order.ship_by - now) > SHIP_BY_SOON:
        return None
    due = order.ship_by.isoformat()
    return event(account, EventType.ORDER_SHIP_BY_SOON, order.order_number, due, at=now, data=_data(order))


def _passed(order: MirroredOrder) -> tuple[Milestone, ...]:
    """Every milestone that an order in this state has behind it, in their order."""
    status = order.status
    passed: list[Milestone] = [(EventType.ORDER_CREATED, "")]
    if status in _SHIPPED and order.inventory_type != InventoryType.FLEX:
        passed.append((EventType.ORDER_SHIPPED, ""))
    through_stockx = order.inventory_type in _AUTHENTICATED_BY_STOCKX
    if status == OrderStatus.AUTHENTICATED or (through_stockx and status in _AFTER_AUTHENTICATION):
        passed.append((EventType.ORDER_AUTHENTICATED, ""))
    if status in _PAID:
        passed.append((EventType.ORDER_PAID, ""))
    if status in FAILURES:
        passed.append((EventType.ORDER_FAILED, status))
    return tuple(passed)


def _told_apart(what: str) -> tuple[str, ...]:
    return (what,) if what else ()


def _when(order: MirroredOrder, kind: EventType, now: datetime) -> datetime:
    """When it happened, at the latest: a sale when the order was made, anything else when StockX last changed it."""
    if kind is EventType.ORDER_CREATED:
        return order.created_at or now
    return order.updated_at or now


def _data(order: MirroredOrder) -> Data:
    return {
        "status": order.status,
        "sku": order.style_id,
        "size": order.variant_value,
        "product": order.product_name,
        "listing_id": order.listing_id,
        "variant_id": order.variant_id,
        "price": amount_text(order.amount),
        "currency": order.currency,
        "ship_by": moment_text(order.ship_by),
        "tracking_number": order.tracking_number,
        "payout": amount_text(order.payout),
        "payout_currency": order.payout_currency,
    }
