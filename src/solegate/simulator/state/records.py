"""The account's listings as records, and the wishes that change them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from solegate.simulator.state.operations import Operation

ListingStatus = Literal["INACTIVE", "ACTIVE", "DELETED", "CANCELED", "MATCHED", "COMPLETED"]


@dataclass(slots=True)
class Ask:
    """An open ask. `id` is a number of 20 digits beyond 2^63, as text (FACTS 1.9)."""

    id: str
    created_at: datetime
    updated_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class BatchMark:
    """Which batch made a listing, and which of its items."""

    batch_id: str
    item_id: str
    at: datetime


@dataclass(slots=True)
class Listing:
    """One pair for sale.

    Attributes:
        number: 1 for the account's first listing; lists show the highest first.
        expires_at: expiry wished for the next ask; none means StockX's default.
        order_number, order_created_at, order_status: of its sale; who moves the order keeps the status up to date.
        operations: oldest first; the last one is the `lastOperation`.
        busy_until: when the last operation that is under way settles; later writes queue up behind it.
        closing: a DELETE is under way; nothing else is accepted meanwhile.
    """

    number: int
    id: str
    product_id: str
    variant_id: str
    amount: Decimal
    currency: str
    inventory_type: str
    status: ListingStatus
    created_at: datetime
    updated_at: datetime
    busy_until: datetime
    expires_at: datetime | None = None
    ask: Ask | None = None
    batch: BatchMark | None = None
    order_number: str | None = None
    order_created_at: datetime | None = None
    order_status: str | None = None
    closing: bool = False
    operations: list[Operation] = field(default_factory=list)

    def is_expired(self, now: datetime) -> bool:
        """Whether its ask has run out; it stays ACTIVE all the same (FACTS 1.8)."""
        return self.ask is not None and self.ask.expires_at <= now

    def is_live(self, now: datetime) -> bool:
        """Whether a buyer can take it."""
        return self.status == "ACTIVE" and not self.is_expired(now)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewListing:
    """What a create asks for. `amount` is a whole number of the currency; `expires_at` none means the default."""

    variant_id: str
    amount: Decimal
    currency: str = "USD"
    inventory_type: str = "STANDARD"
    expires_at: datetime | None = None
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What an update or an activation changes; `None` leaves a thing as it is."""

    amount: Decimal | None = None
    currency: str | None = None
    expires_at: datetime | None = None
    active: bool | None = None
