"""What a look at a listing tells that the look before did not (FACTS 1.7, 1.8).

The mirror remembers what was told: whoever looks, a sync or a write that is read back, tells the difference and keeps
the look, in one transaction. Unlike an order a listing may go to and fro, so an event's id names the change: by the
moment at which StockX made it. A look that is older than the mirror tells nothing (`supersedes`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from solegate.domain.events.values import Data, Event, EventType, amount_text, event, moment_text
from solegate.domain.listing_findings import MirroredListing
from solegate.domain.listings import ListingStatus
from solegate.domain.money import Money

_SOLD = frozenset({ListingStatus.MATCHED, ListingStatus.COMPLETED, ListingStatus.CANCELED})
"""What an ask becomes once a buyer took it, whatever comes of the sale."""
_OFF_SALE = frozenset({ListingStatus.INACTIVE, ListingStatus.DELETED})
_FIRST = "first"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A listing as a write of ours was read back; `updated_at` is StockX's.

    Attributes:
        variant_id, created_at: where they are known; the mirror keeps what it has.
    """

    listing_id: str
    status: str
    price: Money | None
    ask_expires_at: datetime | None
    updated_at: datetime | None
    variant_id: str | None = None
    order_number: str | None = None
    created_at: datetime | None = None


def gone(listing_id: str, now: datetime) -> Sighting:
    """A listing that we deleted and StockX shows no more."""
    return Sighting(
        listing_id=listing_id, status=ListingStatus.DELETED, price=None, ask_expires_at=None, updated_at=now
    )


def mirrored(seen: Sighting, known: MirroredListing | None, now: datetime) -> MirroredListing:
    """The mirror's row after a write was read back; what only a sync tells stays as it was."""
    before = known or MirroredListing(listing_id=seen.listing_id, status=seen.status, seen_at=now)
    price = seen.price or before.price
    return replace(
        before,
        status=seen.status,
        variant_id=before.variant_id or seen.variant_id,
        amount=price.amount if price else None,
        currency=price.currency if price else None,
        ask_expires_at=seen.ask_expires_at,
        order_number=seen.order_number or before.order_number,
        created_at=before.created_at or seen.created_at,
        updated_at=seen.updated_at or before.updated_at,
        seen_at=now,
    )


def supersedes(seen_updated_at: datetime | None, known: MirroredListing | None) -> bool:
    """Whether a look is not older than what the mirror has; reads run late, by minutes (FACTS 1.7)."""
    if known is None or known.updated_at is None or seen_updated_at is None:
        return True
    return seen_updated_at >= known.updated_at


def listing_events(
    account: str, before: MirroredListing | None, after: MirroredListing, now: datetime
) -> tuple[Event, ...]:
    """What is new about a listing.

    Args:
        account: whose.
        before: as the mirror had it; `None` when it did not.
        after: as it was seen now.
        now: when.
    """
    kind = _change(before, after, now)
    if kind is None:
        return ()
    at = after.updated_at or now
    change: tuple[str, ...] = (_FIRST if before is None else moment_text(after.updated_at) or after.status,)
    match kind:
        case EventType.LISTING_SOLD:
            change = ()
        case EventType.LISTING_PRICE_MOVED:
            change = (*change, str(after.price))
        case EventType.LISTING_EXPIRED:
            at = after.ask_expires_at or at
            change = (moment_text(at) or "",)
        case _:
            pass
    return (event(account, kind, after.listing_id, *change, at=at, data=_data(after, before)),)


def _change(before: MirroredListing | None, after: MirroredListing, now: datetime) -> EventType | None:
    was_live = before is not None and before.is_live(before.seen_at)
    kind = None
    if after.status in _SOLD:
        kind = EventType.LISTING_SOLD if before is None or before.status not in _SOLD else None
    elif after.is_live(now):
        moved = before is not None and before.price != after.price
        kind = (EventType.LISTING_PRICE_MOVED if moved else None) if was_live else EventType.LISTING_ACTIVATED
    elif was_live and after.status == ListingStatus.ACTIVE:
        kind = EventType.LISTING_EXPIRED
    elif was_live and after.status in _OFF_SALE:
        kind = EventType.LISTING_DEACTIVATED
    return kind


def _data(listing: MirroredListing, before: MirroredListing | None) -> Data:
    return {
        "status": listing.status,
        "sku": listing.style_id,
        "size": listing.variant_value,
        "product_id": listing.product_id,
        "variant_id": listing.variant_id,
        "price": amount_text(listing.amount),
        "currency": listing.currency,
        "previous_price": amount_text(before.amount) if before else None,
        "expires_at": moment_text(listing.ask_expires_at),
        "order_number": listing.order_number,
    }
