"""What a listing that a sync has seen means: as intended, sold, gone, or not as it should be (FACTS 1.7, 1.8).

What should be is what the ledger last saw come into effect. While a write is under way, and for a while after it,
nothing is judged: StockX shows a change late, and what looks wrong is gone a round later (FACTS 1.7). Listings that
were made elsewhere have no intention behind them; of those only an ask that has run out is told.

This module does not decide what is done about a finding, save one thing: a pair whose listing has ended is free.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from solegate.domain.intents import IN_EFFECT, OPEN, Action, Intent
from solegate.domain.listings import ListingStatus, is_live
from solegate.domain.money import Money

PROPAGATION = timedelta(minutes=5)
"""How long StockX may show a listing as it was before a write (FACTS 1.7: gone by the next round of five minutes)."""
CLOCKS_APART = timedelta(seconds=60)
"""How far StockX's clock and ours may differ (issue 4)."""


class Finding(StrEnum):
    """What a sync found about a listing."""

    NONE = ""
    SOLD = "sold"
    """A buyer took it."""
    CANCELED = "canceled"
    """Its sale fell through; StockX has taken it off sale."""
    DELETED = "deleted"
    """It was deleted, and not by Solegate."""
    MISSING = "missing"
    """StockX shows it neither in the list nor by its id."""
    UNDELETED = "undeleted"
    """Solegate deleted it, and it is still there."""
    DUPLICATE = "duplicate"
    """It looks like a second copy of another listing of the ledger: one pair, two asks."""
    EXPIRED = "expired"
    """Its ask has run out: StockX calls it ACTIVE, and no buyer sees it (FACTS 1.8)."""
    OFF_SALE = "off_sale"
    """It should be for sale and is not."""
    ON_SALE = "on_sale"
    """It is for sale and should not be."""
    AMOUNT = "amount"
    """Its price is not the one intended."""


USUAL = frozenset({Finding.NONE, Finding.SOLD})
"""Findings that nobody has to do anything about."""
ENDED = frozenset({ListingStatus.DELETED, ListingStatus.CANCELED, ListingStatus.MATCHED, ListingStatus.COMPLETED})
"""States in which a listing no longer holds its pair."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MirroredListing:
    """A listing as last seen.

    Attributes:
        run_at: start of the sync run whose list held it last.
        missing_since: when a whole list no longer held it.
        finding, note: what a sync found about it, and in words.
    """

    listing_id: str
    status: str
    variant_id: str | None = None
    product_id: str | None = None
    style_id: str | None = None
    variant_value: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    inventory_type: str | None = None
    ask_expires_at: datetime | None = None
    order_number: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    seen_at: datetime
    run_at: datetime | None = None
    missing_since: datetime | None = None
    finding: Finding = Finding.NONE
    note: str = ""

    @property
    def price(self) -> Money | None:
        """What it is listed for."""
        return Money(self.amount, self.currency) if self.amount is not None and self.currency else None

    @property
    def has_ended(self) -> bool:
        """Whether it no longer holds its pair."""
        return self.status in ENDED

    def is_live(self, now: datetime) -> bool:
        """Whether a buyer can take it."""
        return is_live(self.status, self.ask_expires_at, now)


def has_changed(known: MirroredListing | None, seen: MirroredListing) -> bool:
    """Whether StockX shows another listing than the mirror has."""
    if known is None:
        return True
    fields = ("status", "amount", "currency", "ask_expires_at", "order_number", "updated_at")
    return any(getattr(known, name) != getattr(seen, name) for name in fields)


@dataclass(frozen=True, slots=True)
class Intention:
    """What a listing should be, by the ledger.

    Attributes:
        price: what it should cost; `None` when no intent in effect said so.
        active: whether it should be for sale.
        deleted: whether it should be gone.
        settled_at: when the newest of these intents was seen in effect.
        under_way: whether a write on it has not come to its end.
    """

    price: Money | None = None
    active: bool | None = None
    deleted: bool = False
    settled_at: datetime | None = None
    under_way: bool = False

    def may_still_move(self, now: datetime) -> bool:
        """Whether StockX may still show it as it was before."""
        return self.under_way or (self.settled_at is not None and now - self.settled_at < PROPAGATION)


NO_INTENTION = Intention()


def intention_of(intents: Iterable[Intent]) -> Intention:
    """What the intents of one listing come to: of each field, what was wanted last and came into effect."""
    price, active, deleted, settled_at, under_way = None, None, False, None, False
    for intent in sorted(intents, key=lambda each: (each.created_at, each.version)):
        under_way = under_way or intent.state in OPEN
        if intent.state not in IN_EFFECT:
            continue
        price = intent.price or price
        active = _wants_active(intent, active)
        deleted = intent.action is Action.DELETE
        settled_at = intent.updated_at if settled_at is None else max(settled_at, intent.updated_at)
    return Intention(price, active, deleted, settled_at, under_way)


def _wants_active(intent: Intent, before: bool | None) -> bool | None:
    match intent.action:
        case Action.ACTIVATE:
            return True
        case Action.DEACTIVATE | Action.DELETE:
            return False
        case Action.CREATE | Action.UPDATE:
            return before if intent.active is None else intent.active


def finding_of(
    listing: MirroredListing, intended: Intention, now: datetime, *, copy_of: str | None = None
) -> tuple[Finding, str]:
    """What a listing that StockX shows means, and in words.

    Args:
        listing: as it is shown.
        intended: as it should be.
        now: the time.
        copy_of: another listing of the ledger of which it seems to be a copy.
    """
    if listing.has_ended:
        return _ending(listing, intended)
    if intended.may_still_move(now):
        return Finding.NONE, ""
    if intended.deleted:
        return Finding.UNDELETED, "It was deleted and is still there."
    if copy_of is not None:
        return Finding.DUPLICATE, f"It looks like a second copy of listing {copy_of}."
    if listing.status == ListingStatus.ACTIVE and not listing.is_live(now):
        return Finding.EXPIRED, f"Its ask ran out on {listing.ask_expires_at:%Y-%m-%d %H:%M} UTC."
    return _difference(listing, intended)


def _ending(listing: MirroredListing, intended: Intention) -> tuple[Finding, str]:
    match listing.status:
        case ListingStatus.DELETED:
            return (Finding.NONE, "") if intended.deleted else (Finding.DELETED, "It was deleted outside of Solegate.")
        case ListingStatus.CANCELED:
            return Finding.CANCELED, f"The sale {listing.order_number or ''} fell through.".replace("  ", " ")
        case _:
            return Finding.SOLD, f"Order {listing.order_number}." if listing.order_number else ""


def _difference(listing: MirroredListing, intended: Intention) -> tuple[Finding, str]:
    """How it differs from what is intended: whether it is for sale, and at which price."""
    if intended.active is not None and intended.active != (listing.status == ListingStatus.ACTIVE):
        if intended.active:
            return Finding.OFF_SALE, f"It should be for sale and is {listing.status}."
        return Finding.ON_SALE, "It is for sale and should not be."
    if intended.price is not None and listing.price is not None and listing.price != intended.price:
        return Finding.AMOUNT, f"It should cost {intended.price} and costs {listing.price}."
    return Finding.NONE, ""


def copies(
    listings: Iterable[MirroredListing], creates: Sequence[Intent], owned: frozenset[str], now: datetime
) -> dict[str, str]:
    """Live listings that look like a second copy of a pair that the ledger has listed, and of which listing each.

    Equal listings of one size are normal (FACTS 1.10), so only what a create of the ledger may have left twice counts:
    nobody owns it, it carries the tag of that create in the end of its ask, or, of a create without one, it costs the
    same and was made while that create was under way.

    Args:
        listings: as StockX shows them.
        creates: the creates of their sizes that have a listing.
        owned: ids of the listings that belong to a create.
        now: the time.
    """
    found: dict[str, str] = {}
    for listing in listings:
        if listing.listing_id in owned or not listing.is_live(now):
            continue
        for create in creates:
            if create.listing_id and create.released_at is None and _may_be_from(listing, create):
                found[listing.listing_id] = create.listing_id
                break
    return found


def _may_be_from(listing: MirroredListing, create: Intent) -> bool:
    if listing.variant_id != create.variant_id or listing.created_at is None or create.sent_at is None:
        return False
    if create.expires_at is not None:
        ends = listing.ask_expires_at
        return ends is not None and ends.replace(microsecond=0) == create.expires_at.replace(microsecond=0)
    made = listing.created_at - create.sent_at
    return listing.price == create.price and -CLOCKS_APART <= made <= PROPAGATION
