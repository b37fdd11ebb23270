"""The account's listings for whoever asks: from the mirror, or from StockX where that is asked for.

What StockX answers here is shown and not kept: the mirror moves by its syncs and by what writes read back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from solegate.client.models import Listing
from solegate.client.service import StockXService
from solegate.db import Database
from solegate.db.repositories.intent_reads import IntentQuery
from solegate.db.repositories.listing_pages import ListingPages
from solegate.db.repositories.listings import ListingRepository
from solegate.db.repositories.write_pages import WritePages
from solegate.domain.cursors import Page
from solegate.domain.intents import OPEN, Intent, IntentState
from solegate.domain.listing_book import ListingQuery, ListingSort
from solegate.domain.listing_findings import MirroredListing
from solegate.domain.sorting import mark_at, page_of
from solegate.errors import NoSuchRecordError
from solegate.services.syncs.mirroring import listing as mirrored

_OPEN: tuple[IntentState, ...] = tuple(sorted(OPEN))
_MOST_OPEN = 20
"""Open writes of one listing that are shown; the newest wish gives up those before it."""


@dataclass(frozen=True, slots=True)
class ListingSighting:
    """A listing, how it was seen, and what is under way about it.

    Attributes:
        listing: as the mirror has it, or as StockX shows it.
        detail: StockX's own answer, where it was asked.
        writes: of the ledger, not come to their end; newest first.
        live: whether a buyer can take it.
        seen_at: when StockX showed it so.
        age: seconds since then.
    """

    listing: MirroredListing
    detail: Listing | None
    writes: tuple[Intent, ...]
    live: bool
    seen_at: datetime
    age: float


@dataclass(frozen=True, slots=True)
class ListingPage:
    """A page of listings, and the moment by which their asks are judged."""

    page: Page[MirroredListing]
    now: datetime


class ListingBook:
    """The listings of one account."""

    def __init__(self, stockx: StockXService, database: Database, *, account: str) -> None:
        self._stockx = stockx
        self._database = database
        self._account = account

    async def page(
        self, wanted: ListingQuery, order: ListingSort, *, cursor: str | None = None, limit: int
    ) -> ListingPage:
        """Listings of the mirror. StockX is asked nothing.

        Raises:
            NoSuchRecordError: the cursor is none of this list in this order.
        """
        kind = Decimal if order.key == "amount" else datetime
        after = None if cursor is None else mark_at(cursor, order, kind)
        async with self._database.reading() as session:
            now = await self._database.now(session)
            pages = ListingPages(session, self._account)
            rows = await pages.page(wanted, order, now, after=after, limit=limit + 1)
        return ListingPage(page_of(rows, order, limit=limit), now)

    async def get(self, listing_id: str, *, max_age: float | None = None) -> ListingSighting:
        """One listing with its open writes.

        Args:
            listing_id: StockX's id.
            max_age: oldest sighting that will do, in seconds; StockX is asked for a newer one (1 request). `None`
                takes what the mirror has.

        Raises:
            NoSuchRecordError: the mirror has no such listing, and StockX was not to be asked.
            NotFoundError: StockX knows no such listing.
            StockXError: StockX could not be asked.
        """
        async with self._database.reading() as session:
            now = await self._database.now(session)
            known = (await ListingRepository(session, self._account).by_ids([listing_id])).get(listing_id)
            wanted = IntentQuery(account=self._account, states=_OPEN, listing_id=listing_id)
            writes = await WritePages(session).intents(wanted, after=None, limit=_MOST_OPEN)
        age = None if known is None else max(0.0, (now - known.seen_at).total_seconds())
        if known is not None and age is not None and (max_age is None or age <= max_age):
            return ListingSighting(known, None, writes, known.is_live(now), known.seen_at, age)
        if max_age is None:
            raise NoSuchRecordError(
                f"The mirror has no listing {listing_id}.", hint="`maxAge=0` asks StockX; a sync brings all of them."
            )
        detail = await self._stockx.get_listing(listing_id)
        seen = detail.provenance
        shown = mirrored(detail, known, seen.fetched_at)
        return ListingSighting(shown, detail, writes, shown.is_live(now), seen.fetched_at, seen.age)
