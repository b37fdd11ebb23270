"""Listings: create, read, change, and wait until StockX has settled a change."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from solegate.client.inputs import checked_id, checked_page
from solegate.client.models.listings import (
    Listing,
    ListingOperation,
    ListingOperationsPage,
    ListingPage,
    ListingSummary,
)
from solegate.client.operations.base import OperationGroup, encoded
from solegate.client.operations.rows import Page, Position, Rows
from solegate.client.operations.waiting import wait_until_settled
from solegate.client.options import DEFAULT_OPTIONS, CallOptions, build_call
from solegate.client.policy import call as operations
from solegate.client.policy.paging import LIST_PAGE_SIZE, Window
from solegate.client.policy.waiting import OPERATION_PATIENCE
from solegate.client.requests.listings import ListingChange, ListingFilter, NewListing
from solegate.domain.listings import OperationStatus, OperationType
from solegate.domain.money import Money
from solegate.errors import InvalidInputError

EVERYTHING = ListingFilter()


@dataclass(frozen=True, slots=True)
class OperationRef:
    """Names an operation: what is kept of it to find it again."""

    listing_id: str
    operation_id: str


class ListingOperations(OperationGroup):
    """One listing at a time. Every write answers at once with an operation that StockX settles later (FACTS 1.7)."""

    async def create_listing(self, listing: NewListing, *, options: CallOptions = DEFAULT_OPTIONS) -> ListingOperation:
        """List a pair. Never sent twice unless the first surely did not arrive.

        Raises:
            StockXError: with outcome `unknown` if it may have been listed: read back before you repeat it.
        """
        if listing.quantity != 1:
            raise InvalidInputError("A single create makes one listing; use `create_listings` for a quantity.")
        self._check_future(listing.expires_at)
        call = build_call(operations.CREATE_LISTING, options, body=encoded(listing.wire()))
        try:
            return await self._send(call, ListingOperation.model_validate_json, options)
        finally:
            # Its market as remembered lacks this ask; the product's market never holds one's own (FACTS 1.10).
            self._pipeline.cache.invalidate(listing.variant_id)

    async def get_listing(self, listing_id: str, *, options: CallOptions = DEFAULT_OPTIONS) -> Listing:
        """One listing with its payout and last operation. A deleted one answers with status DELETED."""
        listing_id = checked_id("listing id", listing_id)
        call = build_call(operations.GET_LISTING, options, listingId=listing_id)
        return await self._send(call, Listing.model_validate_json, options)

    async def get_all_listings(
        self,
        selection: ListingFilter = EVERYTHING,
        page: int = 1,
        page_size: int = LIST_PAGE_SIZE,
        *,
        options: CallOptions = DEFAULT_OPTIONS,
    ) -> ListingPage:
        """One page of listings; `iter_listings` reads all of them."""
        checked_page(page, page_size, largest=LIST_PAGE_SIZE, of="rows")
        query = {"pageNumber": str(page), "pageSize": str(page_size), **selection.query()}
        call = build_call(operations.GET_ALL_LISTINGS, options, query=query)
        return await self._send(call, ListingPage.model_validate_json, options)

    def iter_listings(
        self,
        selection: ListingFilter = EVERYTHING,
        *,
        limit: int | None = None,
        resume: Position | None = None,
        options: CallOptions = DEFAULT_OPTIONS,
    ) -> Rows[ListingSummary]:
        """Every listing, each once, however the list changes meanwhile; at most `limit` of them."""

        async def fetch(window: Window) -> Page[ListingSummary]:
            found = await self.get_all_listings(selection, window.page, window.size, options=options)
            return Page(found.listings, found.has_next_page, found.count)

        return Rows(fetch, lambda row: row.listing_id, limit=limit, resume=resume)

    async def update_listing(
        self,
        listing_id: str,
        price: Money | None = None,
        *,
        expires_at: datetime | None = None,
        options: CallOptions = DEFAULT_OPTIONS,
    ) -> ListingOperation:
        """Change price or expiry. It counts as done when a read shows the new price, not when it is accepted."""
        change = self._change(listing_id, price, expires_at)
        call = build_call(operations.UPDATE_LISTING, options, body=encoded(change.wire()), listingId=listing_id)
        return await self._send(call, ListingOperation.model_validate_json, options)

    async def activate_listing(
        self,
        listing_id: str,
        price: Money | None = None,
        *,
        expires_at: datetime | None = None,
        options: CallOptions = DEFAULT_OPTIONS,
    ) -> ListingOperation:
        """Put a listing up for sale, at its price or another."""
        listing_id = checked_id("listing id", listing_id)
        unchanged = price is None and expires_at is None
        body = {} if unchanged else self._change(listing_id, price, expires_at).wire()
        call = build_call(operations.ACTIVATE_LISTING, options, body=encoded(body), listingId=listing_id)
        return await self._send(call, ListingOperation.model_validate_json, options)

    async def deactivate_listing(self, listing_id: str, *, options: CallOptions = DEFAULT_OPTIONS) -> ListingOperation:
        """Take a listing off sale; it stays as a draft."""
        listing_id = checked_id("listing id", listing_id)
        call = build_call(operations.DEACTIVATE_LISTING, options, listingId=listing_id)
        return await self._send(call, ListingOperation.model_validate_json, options)

    async def delete_listing(self, listing_id: str, *, options: CallOptions = DEFAULT_OPTIONS) -> ListingOperation:
        """Remove a listing that is not sold."""
        listing_id = checked_id("listing id", listing_id)
        call = build_call(operations.DELETE_LISTING, options, listingId=listing_id)
        return await self._send(call, ListingOperation.model_validate_json, options)

    async def get_listing_operations(
        self,
        listing_id: str,
        cursor: str | None = None,
        page_size: int = LIST_PAGE_SIZE,
        *,
        options: CallOptions = DEFAULT_OPTIONS,
    ) -> ListingOperationsPage:
        """One page of a listing's operations; keep the page size for all pages (StockX's own advice)."""
        listing_id = checked_id("listing id", listing_id)
        checked_page(1, page_size, largest=LIST_PAGE_SIZE, of="rows")
        query = {"pageSize": str(page_size)} | ({} if cursor is None else {"cursor": cursor})
        call = build_call(operations.GET_LISTING_OPERATIONS, options, query=query, listingId=listing_id)
        return await self._send(call, ListingOperationsPage.model_validate_json, options)

    async def iter_listing_operations(
        self, listing_id: str, *, limit: int | None = None, options: CallOptions = DEFAULT_OPTIONS
    ) -> AsyncIterator[ListingOperation]:
        """Every operation of a listing; ends where the cursor is missing, empty or the same again."""
        cursor: str | None = None
        cursors: set[str] = set()
        seen: set[str] = set()
        while limit is None or len(seen) < limit:
            page = await self.get_listing_operations(listing_id, cursor, options=options)
            for operation in page.operations:
                if operation.operation_id not in seen and (limit is None or len(seen) < limit):
                    seen.add(operation.operation_id)
                    yield operation
            cursor = page.next_cursor
            if not cursor or cursor in cursors:
                return
            cursors.add(cursor)

    async def get_listing_operation(
        self, listing_id: str, operation_id: str, *, options: CallOptions = DEFAULT_OPTIONS
    ) -> ListingOperation:
        """One operation, as it stands now."""
        listing_id, operation_id = checked_id("listing id", listing_id), checked_id("operation id", operation_id)
        call = build_call(operations.GET_LISTING_OPERATION, options, listingId=listing_id, operationId=operation_id)
        return await self._send(call, ListingOperation.model_validate_json, options)

    async def wait_for_operation(
        self,
        operation: ListingOperation | OperationRef,
        *,
        deadline: float = 300.0,
        on_progress: Callable[[ListingOperation], None] | None = None,
        options: CallOptions = DEFAULT_OPTIONS,
    ) -> ListingOperation:
        """Look until StockX has settled it, ever more rarely; `on_progress` is handed what each look shows.

        Returns:
            The settled operation; `ensure_succeeded` tells success from failure.

        Raises:
            StillPendingError: it is not settled after `deadline` seconds. It goes on at StockX.
        """
        if isinstance(operation, ListingOperation) and operation.is_settled:
            return operation

        async def look() -> ListingOperation:
            return await self.get_listing_operation(operation.listing_id, operation.operation_id, options=options)

        return await wait_until_settled(
            look,
            is_settled=lambda seen: seen.is_settled,
            done=lambda _seen: 0.0,
            patience=OPERATION_PATIENCE,
            deadline=deadline,
            clock=self._pipeline.clock,
            operation=operations.GET_LISTING_OPERATION.name,
            what=f"Operation {operation.operation_id}",
            on_progress=on_progress,
        )

    async def wait_for_new_listing(
        self,
        operation: ListingOperation | OperationRef,
        *,
        deadline: float = 300.0,
        on_progress: Callable[[ListingOperation], None] | None = None,
        options: CallOptions = DEFAULT_OPTIONS,
    ) -> ListingOperation:
        """Follow a create to its end, and the activation that it leads to; any other operation just to its end.

        A create is half the way: a second operation puts the listing up for sale, and can fail although the first
        succeeded (FACTS 1.7).

        Returns:
            The operation that decided: the ACTIVATE where there is one, else the CREATE.

        Raises:
            StillPendingError: one of the two is not settled after `deadline` seconds.
        """
        wait = partial(self.wait_for_operation, deadline=deadline, on_progress=on_progress, options=options)
        created = await wait(operation)
        if (created.operation_type, created.operation_status) != (OperationType.CREATE, OperationStatus.SUCCEEDED):
            return created
        last = (await self.get_listing(created.listing_id, options=options)).last_operation
        if last is None or last.operation_type != OperationType.ACTIVATE:
            return created
        return await wait(OperationRef(created.listing_id, last.operation_id))

    def _change(self, listing_id: str, price: Money | None, expires_at: datetime | None) -> ListingChange:
        self._check_future(expires_at)
        return ListingChange(listing_id, price, expires_at)
