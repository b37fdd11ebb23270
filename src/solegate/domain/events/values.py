"""An event: something that happened to an account, recorded once and never changed.

Its id is made of what happened, so whoever finds the same thing out again, in another process or a second run, records
the same event, and it counts once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from solegate.domain.money import Money

Json = str | int | bool | None
Data = Mapping[str, Json]
"""What an event says: flat, amounts as text, times in RFC 3339."""

_SEPARATOR = "\x1f"
"""No part of an id holds it: StockX's ids and our own are visible text."""


class EventType(StrEnum):
    """What can happen. Names are stable; new ones may come."""

    LISTING_ACTIVATED = "listing.activated"
    """A listing is for sale, by our own write or by somebody else's hand."""
    LISTING_DEACTIVATED = "listing.deactivated"
    """A listing is no longer for sale, without a sale: taken off or deleted."""
    LISTING_SOLD = "listing.sold"
    """A listing was matched with a buyer."""
    LISTING_EXPIRED = "listing.expired"
    """A listing's ask has run out."""
    LISTING_PRICE_MOVED = "listing.price_moved"
    """The ask of a listing that is for sale is another one."""
    ORDER_CREATED = "order.created"
    """A pair was sold."""
    ORDER_SHIP_BY_SOON = "order.ship_by_soon"
    """An order has to leave within 24 hours and has not."""
    ORDER_SHIPPED = "order.shipped"
    """StockX knows that the parcel is under way, or has arrived."""
    ORDER_AUTHENTICATED = "order.authenticated"
    """StockX has found the pair to be what it was sold as."""
    ORDER_FAILED = "order.failed"
    """The sale came to nothing: cancelled, not shipped, not authentic, returned, or its payout failed."""
    ORDER_PAID = "order.paid"
    """The payout has been made."""
    PRICE_CROSSED = "price.crossed"
    """A watched price has crossed its threshold."""
    JOB_FINISHED = "job.finished"
    """A bulk job has ended."""
    ACCOUNT_NEEDS_REAUTH = "account.needs_reauth"
    """A person has to log in at StockX again."""
    ACCOUNT_CONNECTED = "account.connected"
    """Somebody has logged in again: requests go on."""
    QUOTA_REACHED = "quota.reached"
    """Four fifths of the day's requests are used."""
    SUBSCRIBER_DISABLED = "subscriber.disabled"
    """A subscriber is told nothing more: its receiver is gone, or has taken nothing for days."""
    WEBHOOK_RECEIVED = "webhook.received"
    """A webhook of a source came in and was accepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened.

    Attributes:
        account: whose.
        id: made of what happened; the same thing always has the same id.
        type: what kind of thing.
        subject: the id of what it happened to: a listing, an order, a job, a watch, the account.
        occurred_at: when it happened, as far as is known; else when it was noticed (UTC).
        data: more about it.
        seq: its place among the account's events, from 1 without gaps; 0 until it is recorded.
        recorded_at: when it was written down, by the database's clock.
    """

    account: str
    id: str
    type: EventType
    subject: str
    occurred_at: datetime
    data: Data = field(default_factory=dict)
    seq: int = 0
    recorded_at: datetime | None = None


def event(account: str, kind: EventType, subject: str, *what: str, at: datetime, data: Data) -> Event:
    """Make an event.

    Args:
        account: whose.
        kind: what kind of thing happened.
        subject: what it happened to.
        what: tells it apart from other events of that kind about the subject, such as a price or a day; nothing when
            it can happen once only.
        at: when.
        data: more about it.
    """
    return Event(
        account=account,
        id=event_id(account, kind, subject, *what),
        type=kind,
        subject=subject,
        occurred_at=at,
        data=data,
    )


def event_id(account: str, kind: EventType, subject: str, *what: str) -> str:
    """The id of what happened: `evt_` and 128 bits of a digest."""
    text = _SEPARATOR.join((account, kind, subject, *what))
    return f"evt_{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def amount_text(amount: Decimal | Money | None) -> str | None:
    """An amount as an event says it: digits, without useless zeros at the end."""
    value = amount.amount if isinstance(amount, Money) else amount
    return None if value is None else f"{value.normalize():f}"


def moment_text(at: datetime | None) -> str | None:
    """A moment as an event says it."""
    return None if at is None else at.isoformat().replace("+00:00", "Z")
