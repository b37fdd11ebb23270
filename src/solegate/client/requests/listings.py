"""New listings, changes of listings, and which listings to list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from solegate.client.inputs import checked_id, checked_ids, checked_listing_price, checked_time
from solegate.domain.batches import LARGEST_BATCH
from solegate.domain.listings import InventoryType, ListingStatus
from solegate.domain.money import Money
from solegate.errors import InvalidInputError

CREATABLE = (InventoryType.STANDARD, InventoryType.DIRECT)
FILTERABLE_TYPES = (InventoryType.STANDARD, InventoryType.FLEX, InventoryType.DIRECT)
FILTERABLE_STATUSES = tuple(status for status in ListingStatus if status is not ListingStatus.DELETED)
"""States a list can be filtered by; DELETED is none of them since 2026 (FACTS 1.8)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Fields that listings and orders are filtered by."""

    inventory_types: tuple[str, ...] = ()
    initiated_shipment_display_ids: tuple[str, ...] = ()

    def _selection(self) -> dict[str, str]:
        query: dict[str, str] = {}
        if self.inventory_types:
            query["inventoryTypes"] = one_of("inventory type", self.inventory_types, FILTERABLE_TYPES)
        if self.initiated_shipment_display_ids:
            ids = checked_ids("shipment display id", self.initiated_shipment_display_ids)
            query["initiatedShipmentDisplayIds"] = ids
        return query


@dataclass(frozen=True, slots=True)
class NewListing:
    """A pair to be listed.

    Attributes:
        variant_id: the size, by StockX's id.
        price: what a buyer pays: whole, in one of 12 currencies.
        active: whether it is for sale at once; otherwise it is a draft.
        expires_at: when the ask ends; StockX takes 999 days by default (FACTS 1.9).
        inventory_type: STANDARD or DIRECT.
        quantity: how many equal listings; in batches only.

    Raises:
        InvalidInputError: StockX would not take it.
    """

    variant_id: str
    price: Money
    active: bool = True
    expires_at: datetime | None = None
    inventory_type: str = InventoryType.STANDARD
    quantity: int = 1

    def __post_init__(self) -> None:
        checked_id("variant id", self.variant_id)
        checked_listing_price(self.price)
        one_of("inventory type", (self.inventory_type,), CREATABLE)
        if self.expires_at is not None:
            checked_time("expiry", self.expires_at)
        if not 1 <= self.quantity <= LARGEST_BATCH:
            raise InvalidInputError(f"A quantity is 1 to {LARGEST_BATCH}; {self.quantity} is not. Split it.")

    def wire(self) -> dict[str, object]:
        """The body of a single create."""
        return {
            "amount": whole(self.price),
            "variantId": self.variant_id,
            "currencyCode": self.price.currency,
            **expiry(self.expires_at),
            "active": self.active,
            "inventoryType": str(self.inventory_type),
        }

    def batch_wire(self) -> dict[str, object]:
        """The item of a batch."""
        return {**self.wire(), "quantity": self.quantity}


@dataclass(frozen=True, slots=True)
class ListingChange:
    """A change of one listing; what is `None` stays as it is.

    Attributes:
        listing_id: which one.
        price: the new price, whole.
        expires_at: the new end of its ask.
        active: whether it is for sale; in batches only, a single listing has its own operations for that.

    Raises:
        InvalidInputError: StockX would not take it, or nothing is changed.
    """

    listing_id: str
    price: Money | None = None
    expires_at: datetime | None = None
    active: bool | None = None

    def __post_init__(self) -> None:
        checked_id("listing id", self.listing_id)
        if self.price is not None:
            checked_listing_price(self.price)
        if self.expires_at is not None:
            checked_time("expiry", self.expires_at)
        if self.price is None and self.expires_at is None and self.active is None:
            raise InvalidInputError("A change needs a price, an expiry or whether the listing is active.")

    def wire(self) -> dict[str, object]:
        """The body of a single update or activation."""
        return {**priced(self.price), **expiry(self.expires_at)}

    def batch_wire(self) -> dict[str, object]:
        """The item of a batch."""
        active: dict[str, object] = {} if self.active is None else {"active": self.active}
        return {"listingId": self.listing_id, **self.wire(), **active}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingFilter(Selection):
    """Which listings a list holds; several values of one field mean any of them.

    Attributes:
        product_ids, variant_ids, batch_ids: by id. `batch_ids` fills slowly and is emptied later (FACTS 1.7).
        from_date, to_date: by day of creation.
        listing_statuses: any of INACTIVE, ACTIVE, CANCELED, MATCHED, COMPLETED.
        include_expired: also listings whose ask has expired.
    """

    product_ids: tuple[str, ...] = ()
    variant_ids: tuple[str, ...] = ()
    batch_ids: tuple[str, ...] = ()
    from_date: date | None = None
    to_date: date | None = None
    listing_statuses: tuple[str, ...] = ()
    include_expired: bool = False

    def __post_init__(self) -> None:
        self.query()

    def query(self) -> dict[str, str]:
        """The query parameters."""
        query = self._selection()
        for parameter, name, ids in (
            ("productIds", "product id", self.product_ids),
            ("variantIds", "variant id", self.variant_ids),
            ("batchIds", "batch id", self.batch_ids),
        ):
            if ids:
                query[parameter] = checked_ids(name, ids)
        query |= days(self.from_date, self.to_date)
        if self.listing_statuses:
            query["listingStatuses"] = one_of("listing status", self.listing_statuses, FILTERABLE_STATUSES)
        return query | ({"isExpired": "true"} if self.include_expired else {})


def whole(price: Money) -> str:
    """A whole amount as StockX wants it written: digits only."""
    return f"{price.amount:.0f}"


def priced(price: Money | None) -> dict[str, object]:
    """Amount and currency, or nothing."""
    return {} if price is None else {"amount": whole(price), "currencyCode": price.currency}


def expiry(expires_at: datetime | None) -> dict[str, object]:
    """The end of an ask, or nothing."""
    return {} if expires_at is None else {"expiresAt": checked_time("expiry", expires_at)}


def days(first: date | None, last: date | None) -> dict[str, str]:
    """A range of days.

    Raises:
        InvalidInputError: it ends before it begins, or an end is a moment: only its zone would tell which day it is.
    """
    if isinstance(first, datetime) or isinstance(last, datetime):
        raise InvalidInputError("A range is given in days, not in moments.")
    if first is not None and last is not None and last < first:
        raise InvalidInputError(f"The range ends on {last}, before it begins on {first}.")
    given = {"fromDate": first, "toDate": last}
    return {name: day.isoformat() for name, day in given.items() if day is not None}


def one_of(name: str, values: tuple[str, ...], allowed: tuple[str, ...]) -> str:
    """Values of a closed set as a comma list.

    Raises:
        InvalidInputError: one of them is not in the set.
    """
    wrong = [value for value in values if value not in allowed]
    if wrong:
        raise InvalidInputError(f"'{wrong[0]}' is no {name} here; one of {', '.join(allowed)}.")
    return ",".join(map(str, values))
