"""StockX's answers as the values that the ledger's decisions are made of."""

from __future__ import annotations

from solegate.client.models import Listing, ListingOperation
from solegate.client.models.listings import ListingSummary
from solegate.client.options import CallOptions
from solegate.client.policy.call import Lane
from solegate.domain.events.listings import Sighting
from solegate.domain.intents import Intent
from solegate.domain.read_back import ListingView, SeenOperation
from solegate.domain.reconciliation import SeenListing
from solegate.errors import NotFoundError
from solegate.services.ledger.bench import Bench, listing_of

READ_OPTIONS = CallOptions(lane=Lane.WRITES, max_age=0.0)
"""Reads that a write waits for go before those a person waits for."""


async def view_of(bench: Bench, intent: Intent) -> ListingView | None:
    """The listing of a write as StockX shows it now; `None` where it knows none.

    Raises:
        StockXError: it cannot be read now.
    """
    try:
        return view(await bench.stockx.get_listing(listing_of(intent), options=READ_OPTIONS))
    except NotFoundError:
        return None


def view(listing: Listing) -> ListingView:
    """A listing's details."""
    last = listing.last_operation
    return ListingView(
        listing_id=listing.listing_id,
        status=str(listing.status),
        price=listing.price,
        ask_expires_at=listing.ask.ask_expires_at if listing.ask else None,
        updated_at=listing.updated_at,
        last=None
        if last is None
        else SeenOperation(
            id=last.operation_id,
            type=str(last.operation_type),
            status=str(last.operation_status),
            created_at=last.operation_created_at,
            error=last.error,
        ),
    )


def sighting_of(intent: Intent, seen: ListingView) -> Sighting:
    """What a write's listing was read back as, for the mirror."""
    return Sighting(
        listing_id=seen.listing_id,
        status=seen.status,
        price=seen.price,
        ask_expires_at=seen.ask_expires_at,
        updated_at=seen.updated_at,
        variant_id=intent.variant_id or None,
    )


def operation_view(operation: ListingOperation) -> SeenOperation:
    """An operation."""
    return SeenOperation(
        id=operation.operation_id,
        type=str(operation.operation_type),
        status=str(operation.operation_status),
        created_at=operation.created_at,
        error=operation.error,
    )


def made_by_batch(row: ListingSummary) -> bool:
    """Whether a batch made or touched it; then it is no draft of a single create that was never answered."""
    return row.batch is not None and row.batch.batch_id is not None


def seen_listing(row: ListingSummary) -> SeenListing | None:
    """A row of a list; `None` without the size it is of."""
    if row.variant is None:
        return None
    return SeenListing(
        listing_id=row.listing_id,
        variant_id=row.variant.variant_id,
        status=str(row.status),
        price=row.price,
        created_at=row.created_at,
        ask_expires_at=row.ask.ask_expires_at if row.ask else None,
    )
