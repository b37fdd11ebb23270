"""The listing operations of SPEC26: one listing at a time, each write an operation to be followed (FACTS 1.7)."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass

from solegate.simulator.routes import paging
from solegate.simulator.routes.catalog import Handler, Operation
from solegate.simulator.routes.paging import BadQueryError
from solegate.simulator.state.listings import ListingBook
from solegate.simulator.state.operations import OperationType
from solegate.simulator.state.records import Wish
from solegate.simulator.state.shelf import ListingFilter
from solegate.simulator.wire import asks, bodies
from solegate.simulator.wire import listings as wire
from solegate.simulator.wire.answer import Answer, Call, json_answer
from solegate.simulator.wire.bodies import BadBodyError
from solegate.simulator.wire.errors import api_error
from solegate.simulator.wire.lists import list_page
from solegate.simulator.world.catalog import Catalog

FILTER_STATUSES = ("INACTIVE", "ACTIVE", "CANCELED", "MATCHED", "COMPLETED")
"""By 2026 the filter no longer knows DELETED (FACTS 1.8)."""
FILTER_INVENTORY_TYPES = ("STANDARD", "FLEX", "DIRECT")


@dataclass(frozen=True, slots=True)
class ListingRoutes:
    """Answers listing calls from the account's listings."""

    catalog: Catalog
    listings: ListingBook

    def operations(self) -> tuple[Operation, ...]:
        """The nine operations."""
        every = "/selling/listings"
        one = every + "/{listingId}"
        routes: tuple[tuple[str, str, str, Handler], ...] = (
            ("GetAllListings", "GET", every, self.page),
            ("Create", "POST", every, self.create),
            ("FindById", "GET", one, self.details),
            ("Update", "PATCH", one, self.update),
            ("DeleteListing", "DELETE", one, self.delete),
            ("ActivateListing", "PUT", one + "/activate", self.activate),
            ("DeactivateListing", "PUT", one + "/deactivate", self.deactivate),
            ("GetListingOperations", "GET", one + "/operations", self.history),
            ("FindOperationById", "GET", one + "/operations/{operationId}", self.operation),
        )
        return tuple(Operation(name, method, path, checked(handler)) for name, method, path, handler in routes)

    def page(self, call: Call) -> Answer:
        """A page of the listings that pass, newest first."""
        page, size = paging.page_number(call.query), paging.page_size(call.query)
        found = self.listings.select(_wanted(call.query), call.at)
        rows = [
            wire.listing_row(each, *self.catalog.known_variant(each.variant_id))
            for each in found[(page - 1) * size : page * size]
        ]
        return json_answer(list_page("listings", rows, len(found), page=page, size=size))

    def create(self, call: Call) -> Answer:
        """A new listing: it has its id at once, all else takes a while."""
        new = asks.new_listing(bodies.json_object(call.body), self.catalog, call.at)
        listing = self.listings.create(new, call.at)
        return json_answer(wire.accepted(listing, listing.operations[0]), 201)

    def details(self, call: Call) -> Answer:
        """One listing; a deleted one says so (FACTS 1.7)."""
        listing = self.listings.get(call.path["listingId"])
        if listing is None:
            return _no_listing()
        return json_answer(wire.listing_details(listing, *self.catalog.known_variant(listing.variant_id)))

    def update(self, call: Call) -> Answer:
        """Change price, currency or expiry."""
        wish = asks.wish(bodies.json_object(call.body), call.at)
        if wish == Wish():
            raise BadBodyError("at least one of amount, currencyCode and expiresAt is required")
        return self._write(call, "UPDATE", wish)

    def delete(self, call: Call) -> Answer:
        """Delete a listing; whatever body there is is not looked at."""
        return self._write(call, "DELETE", Wish())

    def activate(self, call: Call) -> Answer:
        """Open an ask. The body is required, what is in it is not (FACTS 1.3)."""
        return self._write(call, "ACTIVATE", asks.wish(bodies.json_object(call.body), call.at))

    def deactivate(self, call: Call) -> Answer:
        """Take the ask back; the listing stays."""
        return self._write(call, "DEACTIVATE", Wish())

    def history(self, call: Call) -> Answer:
        """A listing's operations, newest first. The cursor counts from the oldest, so new ones do not move it."""
        size = paging.page_size(call.query)
        listing = self.listings.get(call.path["listingId"])
        if listing is None:
            return _no_listing()
        end = _read_cursor(call.query.get("cursor"), len(listing.operations))
        start = max(0, end - size)
        rows = [wire.operation_body(listing, each) for each in reversed(listing.operations[start:end])]
        return json_answer({"nextCursor": _cursor(start) if start else None, "operations": rows})

    def operation(self, call: Call) -> Answer:
        """One operation of a listing."""
        listing = self.listings.get(call.path["listingId"])
        if listing is None:
            return _no_listing()
        found = next((each for each in listing.operations if each.id == call.path["operationId"]), None)
        return json_answer(wire.operation_body(listing, found)) if found else api_error(404, "Operation not found")

    def _write(self, call: Call, kind: OperationType, wish: Wish) -> Answer:
        listing = self.listings.get(call.path["listingId"])
        if listing is None:
            return _no_listing()
        refusal = self.listings.refusal(listing, kind, call.at)
        if refusal:
            return api_error(400, refusal)
        return json_answer(wire.accepted(listing, self.listings.write(listing, kind, call.at, wish)))


def checked(handler: Callable[[Call], Answer]) -> Handler:
    """A handler whose complaints about query and body become a 400."""

    def handle(call: Call) -> Answer:
        try:
            return handler(call)
        except (BadBodyError, BadQueryError) as wrong:
            return api_error(400, str(wrong))

    return handle


def _wanted(query: paging.Query) -> ListingFilter:
    return ListingFilter(
        products=paging.names(query, "productIds"),
        variants=paging.names(query, "variantIds"),
        batches=paging.names(query, "batchIds"),
        statuses=paging.names(query, "listingStatuses", FILTER_STATUSES),
        inventory_types=paging.names(query, "inventoryTypes", FILTER_INVENTORY_TYPES),
        shipments=paging.names(query, "initiatedShipmentDisplayIds"),
        from_date=paging.day(query, "fromDate"),
        to_date=paging.day(query, "toDate"),
        expired=paging.flag(query, "isExpired"),
    )


def _cursor(end: int) -> str:
    return urlsafe_b64encode(f"before:{end}".encode()).decode()


def _read_cursor(cursor: str | None, newest: int) -> int:
    """Where a page ends: before this operation, counted from the oldest.

    Raises:
        BadQueryError: the cursor is none of ours.
    """
    if cursor is None:
        return newest
    try:
        words = urlsafe_b64decode(cursor).decode("ascii").partition(":")
    except ValueError as wrong:
        raise BadQueryError("cursor is not valid") from wrong
    end = paging.whole_number(words[2])
    if words[0] != "before" or end is None or not 1 <= end <= newest:
        raise BadQueryError("cursor is not valid")
    return end


def _no_listing() -> Answer:
    return api_error(404, "Listing not found")
