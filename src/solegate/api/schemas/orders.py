"""Orders on the wire: what was sold, when it has to leave, how it travels and what is paid for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from pydantic import Field

from solegate.api.schemas.base import AmountText, Money, NextCursor, Schema, Sighting
from solegate.client.models.payout import Adjustment
from solegate.domain.cursors import Page
from solegate.domain.order_deadlines import MirroredOrder
from solegate.domain.orders import OrderGroup, group
from solegate.services.order_book import OrderSighting


class OrderOut(Schema):
    """An order as last seen. What stands only in its detail is null until a sync has read that."""

    order_number: str = Field(examples=["04-KS7SCGSDFT"])
    status: str = Field(description="StockX's own word; it may add more.", examples=["CREATED"])
    group: OrderGroup = Field(description="What the seller has to do about it.")
    active: bool = Field(description="Whether it is under way, by the list that held it last.")
    listing_id: str | None
    product_id: str | None
    product_name: str | None
    style_id: str | None = Field(examples=["DD1391-100"])
    variant_id: str | None
    size: str | None = Field(examples=["9"])
    price: Money | None = Field(description="What it was sold for.")
    payout: Money | None = Field(description="What is paid for it, by StockX's account; it may be in another currency.")
    inventory_type: str | None = Field(examples=["STANDARD"])
    ship_by: datetime | None = Field(description="When it has to leave.")
    needs_label: bool = Field(description="It has to leave, and StockX has made no label for it yet.")
    shipping_id: str | None = Field(description="Names its shipping document.")
    shipping_document: str | None = Field(description="Where to fetch that as a PDF.")
    carrier: str | None = Field(examples=["UPS"])
    tracking_number: str | None
    created_at: datetime | None = Field(description="When it was sold.")
    updated_at: datetime | None
    seen_at: datetime = Field(description="When StockX last showed it so (UTC).")
    detail_at: datetime | None = Field(description="When its detail was last read.")

    @classmethod
    def of(cls, order: MirroredOrder) -> Self:
        """An order of the mirror."""
        return cls(**_shown(order))


class OrdersOut(Schema):
    """A page of orders."""

    items: tuple[OrderOut, ...]
    next_cursor: NextCursor

    @classmethod
    def of(cls, page: Page[MirroredOrder]) -> Self:
        """A page of the mirror."""
        return cls(items=tuple(map(OrderOut.of, page.rows)), next_cursor=page.next_cursor)


class AdjustmentOut(Schema):
    """One line of a payout, by StockX's own account: negative when the seller pays it."""

    kind: str = Field(description="StockX's own words.", examples=["Payment Proc. (3%)"])
    amount: AmountText = Field(examples=["-4.5"])
    rate: AmountText | None = Field(description="Share of the sale price.", examples=["0.03"])

    @classmethod
    def of(cls, line: Adjustment) -> Self:
        """A line of a payout."""
        return cls(kind=line.adjustment_type, amount=line.amount, rate=line.percentage)


class AuthenticationOut(Schema):
    """What came of StockX's look at the pair."""

    status: str | None
    failure_notes: str | None = Field(description="Why it failed, in StockX's words.")


class OrderDetails(OrderOut):
    """One order. `adjustments` and what follows are known only from StockX itself: ask with `maxAge=0`."""

    adjustments: tuple[AdjustmentOut, ...] | None
    authentication: AuthenticationOut | None
    tracking_url: str | None
    sighting: Sighting

    @classmethod
    def of_sighting(cls, seen: OrderSighting) -> Self:
        """An order as it was seen."""
        detail = seen.detail
        checked = detail.authentication_details if detail else None
        return cls(
            **_shown(seen.order),
            adjustments=tuple(map(AdjustmentOut.of, detail.payout.adjustments)) if detail and detail.payout else None,
            authentication=None
            if checked is None
            else AuthenticationOut(status=checked.status, failure_notes=checked.failure_notes),
            tracking_url=detail.shipment.tracking_url if detail and detail.shipment else None,
            sighting=Sighting.of(seen.seen_at, seen.age, live=detail is not None),
        )


def _shown(order: MirroredOrder) -> dict[str, Any]:
    document = f"/api/v1/orders/{order.order_number}/shipping-document"
    return {
        "order_number": order.order_number,
        "status": order.status,
        "group": group(order.status),
        "active": order.is_active,
        "listing_id": order.listing_id,
        "product_id": order.product_id,
        "product_name": order.product_name,
        "style_id": order.style_id,
        "variant_id": order.variant_id,
        "size": order.variant_value,
        "price": Money.of(order.price),
        "payout": Money.of(order.paid),
        "inventory_type": order.inventory_type,
        "ship_by": order.ship_by,
        "needs_label": order.waits_for_label,
        "shipping_id": order.shipping_id,
        "shipping_document": document if order.shipping_id else None,
        "carrier": order.carrier,
        "tracking_number": order.tracking_number,
        "created_at": order.created_at,
        "updated_at": order.updated_at,
        "seen_at": order.seen_at,
        "detail_at": order.detail_at,
    }
