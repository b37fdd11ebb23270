"""From StockX's answers to the mirror's own values. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from solegate.client.models import Listing, ListingSummary, Order, OrderSummary
from solegate.domain import order_deadlines
from solegate.domain.events.listings import supersedes
from solegate.domain.listing_findings import MirroredListing
from solegate.domain.order_deadlines import MirroredOrder
from solegate.domain.orders import is_terminal


def listed_order(
    row: OrderSummary, known: MirroredOrder | None, now: datetime, *, active: bool, run_at: datetime
) -> tuple[MirroredOrder, bool]:
    """An order as a list shows it, with what is known from its detail; and whether it is new or has changed.

    A list may show an order as it was before its detail was read, or before it was found in the other list.
    """
    if known and known.updated_at and row.updated_at and row.updated_at < known.updated_at:
        return replace(known, run_at=run_at), False
    seen = replace(_order(row, known, now), is_active=active, run_at=run_at)
    changed = order_deadlines.has_changed(known, seen)
    return (replace(seen, changed_at=now) if changed else seen), changed


def detailed_order(detail: Order, known: MirroredOrder, now: datetime) -> tuple[MirroredOrder, bool]:
    """An order as its detail shows it; and whether it has changed since it was last seen."""
    shipment, payout = detail.shipment, detail.payout
    seen = replace(
        _order(detail, known, now),
        # One that has left the active list and is not over, as its detail says, is under way after all.
        is_active=not is_terminal(str(detail.status)),
        detail_at=now,
        ship_by=detail.ship_by,
        shipping_id=detail.shipping_id,
        tracking_number=shipment.tracking_number if shipment else None,
        carrier=shipment.carrier_code if shipment else None,
        payout=payout.total_payout if payout else None,
        payout_currency=payout.currency_code if payout else None,
    )
    return seen, order_deadlines.has_changed(known, seen)


def order_of_detail(detail: Order, known: MirroredOrder | None, now: datetime) -> MirroredOrder:
    """An order as its detail shows it, whether or not the mirror has it."""
    return detailed_order(detail, known or _order(detail, None, now), now)[0]


def listing(row: ListingSummary | Listing, known: MirroredListing | None, now: datetime) -> MirroredListing:
    """A listing as StockX shows it; what was found about it is for others to say.

    What is older than the mirror says only that the listing is there: reads run late, by minutes (FACTS 1.7).
    """
    if known is not None and not supersedes(row.updated_at, known):
        return replace(known, missing_since=None)
    return MirroredListing(
        listing_id=row.listing_id,
        status=str(row.status),
        variant_id=row.variant.variant_id if row.variant else known.variant_id if known else None,
        product_id=row.product.product_id if row.product else known.product_id if known else None,
        style_id=row.product.style_id if row.product else known.style_id if known else None,
        variant_value=row.variant.variant_value if row.variant else known.variant_value if known else None,
        amount=row.amount,
        currency=row.currency_code,
        inventory_type=str(row.inventory_type) if row.inventory_type else None,
        ask_expires_at=row.ask.ask_expires_at if row.ask else None,
        order_number=row.order.order_number if row.order else None,
        created_at=row.created_at,
        updated_at=row.updated_at,
        seen_at=now,
        run_at=known.run_at if known else None,
    )


def _order(row: OrderSummary, known: MirroredOrder | None, now: datetime) -> MirroredOrder:
    """What list and detail both tell; the rest as it was."""
    before = known or MirroredOrder(
        order_number=row.order_number, is_active=True, status=str(row.status), seen_at=now, changed_at=now
    )
    return replace(
        before,
        status=str(row.status),
        listing_id=row.listing_id or before.listing_id,
        product_id=row.product.product_id,
        product_name=row.product.product_name,
        style_id=row.product.style_id,
        variant_id=row.variant.variant_id,
        variant_value=row.variant.variant_value,
        amount=row.amount,
        currency=row.currency_code,
        inventory_type=str(row.inventory_type) if row.inventory_type else None,
        created_at=row.created_at,
        updated_at=row.updated_at,
        seen_at=now,
        payout=row.payout.total_payout if row.payout else before.payout,
        payout_currency=row.payout.currency_code if row.payout else before.payout_currency,
    )
