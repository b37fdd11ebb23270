"""Listings on the wire: what is for sale, what a sync found about it, and what is under way."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from pydantic import Field

from solegate.api.schemas.base import Money, NextCursor, Schema, Sighting
from solegate.api.schemas.orders import AdjustmentOut
from solegate.api.schemas.writes import WriteOut
from solegate.client.models.listings import LastOperation
from solegate.domain.listing_findings import Finding, MirroredListing
from solegate.services.listing_book import ListingPage, ListingSighting


class ListingOut(Schema):
    """A listing as last seen."""

    listing_id: str
    status: str = Field(description="StockX's own word; it may add more.", examples=["ACTIVE"])
    live: bool = Field(description="Whether a buyer can take it: an ask that has run out stays ACTIVE.")
    product_id: str | None
    style_id: str | None = Field(examples=["DD1391-100"])
    variant_id: str | None
    size: str | None = Field(examples=["9"])
    price: Money | None
    inventory_type: str | None = Field(examples=["STANDARD"])
    expires_at: datetime | None = Field(description="When its ask ends.")
    order_number: str | None = Field(description="Of its sale.")
    finding: Finding | None = Field(description="What a sync found about it; null when it is as it should be.")
    note: str | None = Field(description="The finding in words.")
    missing_since: datetime | None = Field(description="When a whole sync no longer found it.")
    created_at: datetime | None
    updated_at: datetime | None
    seen_at: datetime = Field(description="When StockX last showed it so (UTC).")

    @classmethod
    def of(cls, listing: MirroredListing, *, live: bool) -> Self:
        """A listing of the mirror."""
        return cls(**_shown(listing), live=live)


class ListingsOut(Schema):
    """A page of listings."""

    items: tuple[ListingOut, ...]
    next_cursor: NextCursor

    @classmethod
    def of(cls, found: ListingPage) -> Self:
        """A page of the mirror."""
        items = tuple(ListingOut.of(each, live=each.is_live(found.now)) for each in found.page.rows)
        return cls(items=items, next_cursor=found.page.next_cursor)


class LastOperationOut(Schema):
    """The newest change StockX made to it; a failed one tells why it may not be for sale."""

    id: str = Field(description="StockX's.")
    type: str = Field(examples=["ACTIVATE"])
    status: str = Field(examples=["SUCCEEDED"])
    error: str | None = Field(description="StockX's own sentence, in the account's language.")
    updated_at: datetime | None

    @classmethod
    def of(cls, operation: LastOperation | None) -> Self | None:
        """An operation, or none."""
        if operation is None:
            return None
        return cls(
            id=operation.operation_id,
            type=str(operation.operation_type),
            status=str(operation.operation_status),
            error=operation.error,
            updated_at=operation.operation_updated_at,
        )


class ListingDetails(ListingOut):
    """One listing. `payout`, `adjustments` and `lastOperation` are known only from StockX itself: `maxAge=0` asks."""

    writes: tuple[WriteOut, ...] = Field(description="Writes of Solegate that have not come to their end.")
    audit: str = Field(description="Where everything that was done to it is told.")
    payout: Money | None = Field(description="What its sale would pay, by StockX's account.")
    adjustments: tuple[AdjustmentOut, ...] | None
    last_operation: LastOperationOut | None
    sighting: Sighting

    @classmethod
    def of_sighting(cls, seen: ListingSighting) -> Self:
        """A listing as it was seen."""
        detail = seen.detail
        payout = detail.payout if detail else None
        return cls(
            **_shown(seen.listing),
            live=seen.live,
            writes=tuple(map(WriteOut.of, seen.writes)),
            audit=f"/api/v1/audit?listingId={seen.listing.listing_id}",
            payout=Money.of(payout.total) if payout else None,
            adjustments=tuple(map(AdjustmentOut.of, payout.adjustments)) if payout else None,
            last_operation=LastOperationOut.of(detail.last_operation if detail else None),
            sighting=Sighting.of(seen.seen_at, seen.age, live=detail is not None),
        )


def _shown(listing: MirroredListing) -> dict[str, Any]:
    return {
        "listing_id": listing.listing_id,
        "status": listing.status,
        "product_id": listing.product_id,
        "style_id": listing.style_id,
        "variant_id": listing.variant_id,
        "size": listing.variant_value,
        "price": Money.of(listing.price),
        "inventory_type": listing.inventory_type,
        "expires_at": listing.ask_expires_at,
        "order_number": listing.order_number,
        "finding": listing.finding or None,
        "note": listing.note or None,
        "missing_since": listing.missing_since,
        "created_at": listing.created_at,
        "updated_at": listing.updated_at,
        "seen_at": listing.seen_at,
    }
