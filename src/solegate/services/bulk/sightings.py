"""Reads the listings of a chunk with as few requests as will do, and turns StockX's answers into the domain's values.

Lists are asked for by size, which shows everything that was made of these sizes, also what nobody intended. They are
read to their end only where it matters that something is *not* there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from solegate.client.inputs import MOST_IDS
from solegate.client.models.batches import BatchItem, BatchItems, BatchRef
from solegate.client.models.listings import Listing, ListingSummary
from solegate.client.requests.listings import ListingFilter
from solegate.client.service import StockXService
from solegate.domain.batches import BatchKind, is_item_terminal
from solegate.domain.job_results import Seen, Worked
from solegate.domain.listings import OperationStatus, OperationType
from solegate.domain.money import Money
from solegate.errors import NotFoundError
from solegate.services.bulk.desk import READING, READING_ONE

MOST_ROWS = 500
"""Rows of lists read in one step: five requests."""


@dataclass(frozen=True, slots=True)
class Found:
    """Listings that were seen, by id, and whether these are all of their sizes."""

    listings: Mapping[str, Seen]
    is_whole: bool


class Sightings:
    """What StockX shows of the account's listings."""

    def __init__(self, stockx: StockXService) -> None:
        self._stockx = stockx

    async def since(self, variant_ids: Collection[str], moment: datetime) -> list[Seen]:
        """Every listing of these sizes made since a moment, expired ones too, and some older ones."""
        found: list[Seen] = []
        for part in _parts(variant_ids):
            rows = self._stockx.iter_listings(_selection(part, moment), options=READING)
            found += [_seen(row) async for row in rows]
        return found

    async def find(self, listing_ids: Collection[str], variant_ids: Collection[str], since: datetime | None) -> Found:
        """Listings of these sizes, newest first, until all that are wanted were seen or five pages were read.

        Args:
            listing_ids: which are wanted.
            variant_ids: their sizes; there is nothing to read without any.
            since: the moment before which none of them was made; `None` when that is not known.
        """
        wanted, found, whole = set(listing_ids), dict[str, Seen](), bool(variant_ids)
        for part in _parts(variant_ids):
            rows = 0
            async for row in self._stockx.iter_listings(_selection(part, since), limit=MOST_ROWS, options=READING):
                found[row.listing_id] = _seen(row)
                wanted.discard(row.listing_id)
                rows += 1
                if not wanted and since is not None and row.created_at < since:
                    break
            whole = whole and rows < MOST_ROWS
        return Found(found, whole)

    async def one(self, listing_id: str) -> Seen | None:
        """A listing with what its last operation says; `None` when StockX does not know it."""
        try:
            return _seen(await self._stockx.get_listing(listing_id, options=READING_ONE))
        except NotFoundError:
            return None

    async def worked(self, kind: BatchKind, batch_id: str) -> tuple[Worked, ...]:
        """What came of the items of a batch.

        Raises:
            NotFoundError: StockX does not know the batch.
        """
        items: BatchItems = await self._stockx.get_batch_items(BatchRef(kind, batch_id))
        return tuple(_worked(kind, each) for each in items.items)


def _parts(ids: Iterable[str]) -> list[tuple[str, ...]]:
    ordered: Sequence[str] = sorted(set(ids))
    return [tuple(ordered[start : start + MOST_IDS]) for start in range(0, len(ordered), MOST_IDS)]


def _selection(variant_ids: tuple[str, ...], since: datetime | None) -> ListingFilter:
    """Listings made since a moment. The day before is read too: in which zone StockX counts days is unknown."""
    day = None if since is None else (since - timedelta(days=1)).date()
    return ListingFilter(variant_ids=variant_ids, from_date=day, include_expired=True)


def _seen(listing: ListingSummary) -> Seen:
    return Seen(
        listing_id=listing.listing_id,
        variant_id=listing.variant.variant_id if listing.variant else "",
        status=str(listing.status),
        price=listing.price,
        created_at=listing.created_at,
        ask_expires_at=listing.ask.ask_expires_at if listing.ask else None,
        batch_id=listing.batch.batch_id if listing.batch else None,
        order_number=listing.order.order_number if listing.order else None,
        refusal=_refusal(listing) if isinstance(listing, Listing) else "",
        updated_at=listing.updated_at,
    )


def _refusal(listing: Listing) -> str:
    """Why the listing's ask did not open; only its last operation tells (FACTS 1.7)."""
    last = listing.last_operation
    if last is None or last.operation_type != OperationType.ACTIVATE:
        return ""
    return (last.error or "StockX could not activate it.") if last.operation_status == OperationStatus.FAILED else ""


def _worked(kind: BatchKind, item: BatchItem) -> Worked:
    wanted = item.listing_input
    made = item.result.listing_id if item.result else None
    price = Money(wanted.amount, wanted.currency_code) if wanted.amount is not None and wanted.currency_code else None
    return Worked(
        listing_id=made if kind is BatchKind.CREATE else wanted.listing_id or made,
        variant_id=wanted.variant_id,
        expires_at=wanted.expires_at,
        price=price,
        error=(item.error or "StockX gave no reason.") if item.status == "FAILED" or item.error else "",
        ended=is_item_terminal(item.status),
    )
