"""The account's listings and what happens to them (FACTS 1.7, 1.8).

    INACTIVE --activate--> ACTIVE --sold--> MATCHED --paid--> COMPLETED
        ^--------deactivate---'                '--sale failed--> CANCELED
    INACTIVE, ACTIVE, CANCELED --delete--> DELETED

Every write is checked twice: at once, against what cannot change any more, and again when it settles, for the listing
may have been sold in between. A write on a listing that has one under way is accepted and settles after it: nothing is
known of StockX here (FACTS 8), and in this way no order of calls is lost. Only a DELETE under way refuses all others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from solegate.simulator.config import Pace
from solegate.simulator.state.agenda import Agenda
from solegate.simulator.state.events import EventLog
from solegate.simulator.state.operations import (
    BEING_DELETED,
    OUT_OF_REACH,
    Change,
    Operation,
    OperationType,
    unsellable,
)
from solegate.simulator.state.records import Ask, BatchMark, Listing, ListingStatus, NewListing, Wish
from solegate.simulator.state.shelf import ListingFilter, Shelf, within
from solegate.simulator.world.catalog import Catalog
from solegate.simulator.world.dice import dice, hashed_uuid
from solegate.simulator.world.sellable import is_sellable

DEFAULT_EXPIRY = timedelta(days=999)
"""SPEC26; it was 365 days before (FACTS 1.9)."""
SOLD = ("MATCHED", "COMPLETED")
NO_WISH = Wish()


class ListingBook:
    """Keeps the listings, carries out what is done to them, and tells the market which asks are live.

    Attributes:
        pace: how long things take; may be replaced at any time, what is under way keeps its time.
        went_live: told of every ask that opens or changes; buyers listen here.
    """

    def __init__(self, seed: int, agenda: Agenda, catalog: Catalog, pace: Pace, log: EventLog | None = None) -> None:
        self.pace = pace
        self.went_live: Callable[[Listing, datetime], None] = lambda _listing, _at: None
        self._log = log or EventLog()
        self._seed = seed
        self._agenda = agenda
        self._catalog = catalog
        self._shelf = Shelf(seed)
        self._listings = self._operations = self._asks = 0

    def get(self, listing_id: str) -> Listing | None:
        """The listing with this id, deleted or not."""
        return self._shelf.get(listing_id)

    def all(self) -> tuple[Listing, ...]:
        """Every listing, deleted ones too, oldest first."""
        return tuple(self._shelf.all())

    def select(self, wanted: ListingFilter, now: datetime) -> Sequence[Listing]:
        """The listings that pass a filter, newest first."""
        return self._shelf.select(wanted, now, self.pace.batch_view_seconds)

    def live_asks(self, variant_id: str, now: datetime) -> tuple[Listing, ...]:
        """The account's listings of a variant that a buyer can take, oldest first."""
        return tuple(each for each in self._shelf.of_variant(variant_id) if each.is_live(now))

    def create(self, new: NewListing, at: datetime, batch: BatchMark | None = None) -> Listing:
        """A new listing with its CREATE under way; one that shall be active is activated by a second operation.

        In a batch nothing is under way: the batch's own pace is the delay.

        Raises:
            KeyError: there is no such variant; the caller has asked the catalog before.
        """
        product, variant = self._catalog.known_variant(new.variant_id)
        self._listings += 1
        listing = Listing(
            number=self._listings,
            id=hashed_uuid(self._seed, "listing", self._listings),
            product_id=product.id,
            variant_id=variant.id,
            amount=new.amount,
            currency=new.currency,
            inventory_type=new.inventory_type,
            status="INACTIVE",
            created_at=at,
            updated_at=at,
            busy_until=at,
            expires_at=new.expires_at,
            batch=batch,
        )
        self._shelf.put(listing)
        operation = self._begin(listing, "CREATE", at)
        operation.additions = {
            "amount": f"{new.amount:.4f}",
            "currencyCode": new.currency,
            "variantId": new.variant_id,
            "inventoryType": new.inventory_type,
            "active": new.active,
        }
        self._schedule(listing, operation, Wish(active=new.active), at, at_once=batch is not None)
        return listing

    def refusal(self, listing: Listing, kind: OperationType, now: datetime) -> str | None:
        """Why a write is refused at once, as a sentence; `None` if it is accepted."""
        if listing.closing:
            return BEING_DELETED
        obstacle = self._obstacle(listing, kind)
        if obstacle or listing.busy_until > now:
            return obstacle
        idle = kind == "DEACTIVATE" and listing.status != "ACTIVE"
        if idle or (kind == "ACTIVATE" and listing.is_live(now)):
            return OUT_OF_REACH.format(status=listing.status)
        return None

    def write(
        self, listing: Listing, kind: OperationType, at: datetime, wish: Wish = NO_WISH, *, at_once: bool = False
    ) -> Operation:
        """Begin an UPDATE, DELETE, ACTIVATE or DEACTIVATE that was not refused; `at_once` settles it too."""
        operation = self._begin(listing, kind, at)
        operation.updates = _changes(listing, kind, wish)
        if kind == "DELETE":
            listing.closing = True
        self._schedule(listing, operation, wish, at, at_once=at_once)
        return operation

    def matched(self, listing: Listing, order_number: str, at: datetime) -> None:
        """A buyer took the ask: the listing belongs to an order now.

        Raises:
            ValueError: it has no open ask.
        """
        if listing.status != "ACTIVE":
            raise ValueError(f"listing {listing.id} is {listing.status}, only an active one can be sold")
        listing.order_number, listing.order_created_at, listing.order_status = order_number, at, "CREATED"
        self._by_itself(listing, "UPDATE", "MATCHED", at)

    def completed(self, listing: Listing, at: datetime) -> None:
        """Its order was paid out."""
        self._by_itself(listing, "UPDATE", "COMPLETED", at)

    def sale_failed(self, listing: Listing, at: datetime) -> None:
        """Its order came to nothing."""
        listing.ask = None
        self._by_itself(listing, "CANCEL_ORDER", "CANCELED", at)

    def _by_itself(self, listing: Listing, kind: OperationType, status: ListingStatus, at: datetime) -> None:
        """A change that StockX makes (`initiatedBy SYSTEM`)."""
        operation = self._begin(listing, kind, at)
        operation.initiated_by, operation.via = "SYSTEM", "INTERNAL-SYSTEM"
        operation.updates = {"status": status}
        operation.settle(at, None)
        self._log.note(at, f"listing {status}", listing.id)
        self._became(listing, status, at)

    def _begin(self, listing: Listing, kind: OperationType, at: datetime) -> Operation:
        self._operations += 1
        operation = Operation(hashed_uuid(self._seed, "operation", self._operations), kind, at, at)
        listing.operations.append(operation)
        return operation

    def _schedule(self, listing: Listing, operation: Operation, wish: Wish, at: datetime, *, at_once: bool) -> None:
        if at_once:
            self._settle(listing, operation, wish, at, at_once=True)
            return
        seconds = within(*self.pace.settle_seconds, self._seed, operation.id, "settle")
        listing.busy_until = max(listing.busy_until, at) + timedelta(seconds=seconds)
        self._agenda.at(listing.busy_until, lambda due: self._settle(listing, operation, wish, due, at_once=False))

    def _settle(self, listing: Listing, operation: Operation, wish: Wish, at: datetime, *, at_once: bool) -> None:
        kind = operation.type
        error = self._obstacle(listing, kind) or (self._no_ask(listing, operation) if kind == "ACTIVATE" else None)
        operation.settle(at, error)
        self._log.note(at, f"operation {operation.status}", f"{kind} of listing {listing.id}")
        if kind == "DELETE":
            listing.closing = False
        if error is None:
            self._apply(listing, operation, wish, at)
        if error is None and kind in ("CREATE", "UPDATE") and not listing.closing:
            self._follow_up(listing, wish, at, at_once=at_once)

    def _follow_up(self, listing: Listing, wish: Wish, at: datetime, *, at_once: bool) -> None:
        """The second operation of a create or an update that also says whether the listing shall be active."""
        if wish.active is None or wish.active == (listing.status == "ACTIVE"):
            return
        kind: OperationType = "ACTIVATE" if wish.active else "DEACTIVATE"
        self.write(listing, kind, at, at_once=at_once)

    def _obstacle(self, listing: Listing, kind: OperationType) -> str | None:
        """What no write gets past: sold, or gone; a failed sale can only be deleted."""
        past = listing.status == "DELETED" or listing.status in SOLD
        if past or (listing.status == "CANCELED" and kind != "DELETE"):
            return OUT_OF_REACH.format(status=listing.status)
        return None

    def _no_ask(self, listing: Listing, operation: Operation) -> str | None:
        """Why an ask does not open: a variant that cannot be sold, or a bad day (FACTS 1.7)."""
        unlucky = dice(self._seed, operation.id, "failure")[0] < self.pace.settle_failure
        if unlucky or not is_sellable(self._seed, *self._catalog.known_variant(listing.variant_id)):
            return unsellable(self.pace.locale)
        return None

    def _apply(self, listing: Listing, operation: Operation, wish: Wish, at: datetime) -> None:
        listing.amount = listing.amount if wish.amount is None else wish.amount
        listing.currency = wish.currency or listing.currency
        listing.expires_at = wish.expires_at or listing.expires_at
        match operation.type:
            case "DELETE":
                listing.ask = None
                self._became(listing, "DELETED", at)
            case "DEACTIVATE":
                listing.ask = None
                self._became(listing, "INACTIVE", at)
            case "ACTIVATE":
                self._open_ask(listing, at)
                operation.additions = _ask_data(listing)
                self._became(listing, "ACTIVE", at)
                self.went_live(listing, at)
            case _:
                if listing.ask:
                    listing.ask.updated_at = at
                    listing.ask.expires_at = wish.expires_at or listing.ask.expires_at
                    self.went_live(listing, at)  # it may have been expired
                self._became(listing, listing.status, at)

    def _open_ask(self, listing: Listing, at: datetime) -> None:
        self._asks += 1
        # between 10^19 and 2^64: 20 digits, and too much for a signed integer
        number = 10**19 + int(dice(self._seed, "ask", self._asks)[0] * 8_000_000_000) * 10**9 + self._asks
        wished = listing.expires_at
        listing.ask = Ask(str(number), at, at, wished if wished and wished > at else at + DEFAULT_EXPIRY)

    def _became(self, listing: Listing, status: ListingStatus, at: datetime) -> None:
        listing.status, listing.updated_at = status, at
        self._shelf.touched(listing, at)


def _ask_data(listing: Listing) -> dict[str, Change]:
    """What a new ask adds."""
    additions: dict[str, Change] = {"amount": f"{listing.amount:.4f}", "currencyCode": listing.currency, "active": True}
    if listing.ask:
        additions["askId"] = listing.ask.id
    return additions


def _changes(listing: Listing, kind: OperationType, wish: Wish) -> dict[str, Change]:
    """The fields a write changes; the names of those in `changes` are the write's own, as far as FACTS 1.9 shows."""
    changes: dict[str, Change] = {}
    if wish.amount is not None and wish.amount != listing.amount:
        changes["amount"] = f"{wish.amount:.4f}"
    if wish.currency is not None and wish.currency != listing.currency:
        changes["currencyCode"] = wish.currency
    if wish.expires_at is not None:
        changes["expiresAt"] = wish.expires_at.isoformat()
    if kind == "DEACTIVATE":
        changes["active"] = False
    return changes
