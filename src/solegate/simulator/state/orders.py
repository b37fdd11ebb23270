"""The account's orders, from the sale to the money (FACTS 1.8, 5.3).

    CREATED > SHIPPED > RECEIVED > AUTHENTICATING > AUTHENTICATED > PAYOUTPENDING > PAYOUTCOMPLETED > COMPLETED

Nobody tells StockX that a parcel has left: the carrier's scan does. So a parcel leaves some hours after its label was
fetched, or when the test says so. One that never leaves is DIDNOTSHIP a day after its date. A buyer may cancel, a pair
may fail the authentication, a finished sale may come back. Every step is an entry of the agenda, drawn from the seed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Literal, NamedTuple

from solegate.simulator.state.agenda import Agenda
from solegate.simulator.state.events import EventLog
from solegate.simulator.state.listings import ListingBook
from solegate.simulator.state.records import Listing
from solegate.simulator.state.shelf import within
from solegate.simulator.world.dice import dice

ActiveStatus = Literal[
    "CREATED", "SHIPPED", "RECEIVED", "AUTHENTICATING", "AUTHENTICATED", "PAYOUTPENDING", "PAYOUTCOMPLETED"
]
HistoricalStatus = Literal["AUTHFAILED", "DIDNOTSHIP", "CANCELED", "COMPLETED", "RETURNED"]
HISTORICAL = ("AUTHFAILED", "DIDNOTSHIP", "CANCELED", "COMPLETED", "RETURNED")
FAILURES = (
    "Manufacturing Defect",
    "Suspected Inauthentic",
    "Used/Product Damage",
    "Incorrect Sizing",
    "Used",
    "Box Damage",
    "Incorrect Product",
)
"""Why a pair is not taken (FACTS 1.8)."""

HOUR, DAY = 3_600.0, 86_400.0
CANCELED, NOT_AUTHENTIC, SENT_BACK = 0.01, 0.02, 0.005
"""Shares of sales that a buyer cancels, that fail the authentication, that come back."""
EASTERN = timezone(timedelta(hours=-5))
"""Payouts leave at 23:59 Eastern (FACTS 5.3); the hour of summer time is left out."""
_LETTERS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_PREFIXES = {"FLEX": "02", "STANDARD": "04", "DIRECT": "06"}


class Span(NamedTuple):
    """How long something takes: its name, which decides the draw, and the least and most seconds."""

    name: str
    least: float
    most: float


PARCEL = Span("parcel", 2 * HOUR, 20 * HOUR)
TRAVEL = Span("travel", 1 * DAY, 3 * DAY)
REGRET = Span("regret", 1 * HOUR, 12 * HOUR)
QUEUE = Span("queue", 2 * HOUR, 12 * HOUR)
VERDICT = Span("verdict", 1 * HOUR, 6 * HOUR)
BOOKS = Span("books", 1 * HOUR, 2 * HOUR)


@dataclass(slots=True)
class Order:
    """One sale.

    Attributes:
        ask_id: the ask that was taken.
        ship_by: when the parcel has to leave.
        label_at: when its shipping document comes to exist.
        labelled: whether the document was fetched.
        failure: why the authentication failed.
    """

    number: str
    sequence: int
    listing: Listing
    ask_id: str
    amount: Decimal
    currency: str
    created_at: datetime
    updated_at: datetime
    ship_by: datetime
    label_at: datetime
    shipping_id: str
    tracking: str
    status: ActiveStatus | HistoricalStatus = "CREATED"
    labelled: bool = False
    failure: str | None = None

    @property
    def is_history(self) -> bool:
        """Whether it has left the active orders."""
        return self.status in HISTORICAL


Step = Callable[[Order, datetime], None]
"""Something that happens to an order at a time."""


class OrderBook:
    """Keeps the orders and moves them on."""

    def __init__(self, seed: int, agenda: Agenda, listings: ListingBook, log: EventLog) -> None:
        self._seed = seed
        self._agenda = agenda
        self._listings = listings
        self._log = log
        self._orders: dict[str, Order] = {}

    def get(self, number: str) -> Order | None:
        """The order with this number."""
        return self._orders.get(number)

    def all(self) -> Sequence[Order]:
        """Every order, newest first."""
        return tuple(reversed(self._orders.values()))

    def sell(self, listing: Listing, at: datetime) -> Order:
        """A buyer takes the ask of a live listing.

        Raises:
            ValueError: it has no open ask.
        """
        if listing.ask is None or not listing.is_live(at):
            raise ValueError(f"listing {listing.id} is {listing.status}, only one with a live ask can be sold")
        sequence = len(self._orders) + 1
        order = Order(
            number=self._number(listing, sequence),
            sequence=sequence,
            listing=listing,
            ask_id=listing.ask.id,
            amount=listing.amount,
            currency=listing.currency,
            created_at=at,
            updated_at=at,
            ship_by=ship_by(at),
            label_at=at + self._span(sequence, Span("label", *self._listings.pace.label_seconds)),
            shipping_id=f"S-{650_000_000 + sequence}",
            tracking=f"1Z3983AF{int(dice(self._seed, 'tracking', sequence)[0] * 10**10):010d}",
        )
        self._orders[order.number] = order
        self._listings.matched(listing, order.number, at)
        self._log.note(at, "order CREATED", order.number)
        self._expect(order, at)
        return order

    def fetched(self, order: Order, at: datetime) -> None:
        """Its document was fetched: somebody is packing."""
        if not order.labelled and self._listings.pace.parcels == "labelled":
            self._later(order, at, PARCEL, self.ship)
        order.labelled = True

    def ship(self, order: Order, at: datetime) -> None:
        """The carrier scans the parcel; nothing happens if it has left or will not leave any more."""
        if order.status == "CREATED":
            self._move(order, "SHIPPED", at)
            self._later(order, at, TRAVEL, self._receive)

    def _expect(self, order: Order, at: datetime) -> None:
        """What will become of a new order, unless something else comes first."""
        self._agenda.at(order.ship_by + timedelta(days=1), lambda due: self._too_late(order, due))
        if self._chance("cancel", order) < CANCELED:
            self._later(order, at, REGRET, self._cancel)
        if self._listings.pace.parcels == "always":
            self._later(order, at, PARCEL, self.ship)

    def _too_late(self, order: Order, at: datetime) -> None:
        if order.status == "CREATED":
            self._fail(order, "DIDNOTSHIP", at)

    def _cancel(self, order: Order, at: datetime) -> None:
        if order.status == "CREATED":
            self._fail(order, "CANCELED", at)

    def _receive(self, order: Order, at: datetime) -> None:
        self._move(order, "RECEIVED", at)
        self._later(order, at, QUEUE, self._authenticate)

    def _authenticate(self, order: Order, at: datetime) -> None:
        self._move(order, "AUTHENTICATING", at)
        self._later(order, at, VERDICT, self._judge)

    def _judge(self, order: Order, at: datetime) -> None:
        if self._chance("authentic", order) < NOT_AUTHENTIC:
            order.failure = FAILURES[int(self._chance("reason", order) * len(FAILURES))]
            self._fail(order, "AUTHFAILED", at)
            return
        self._move(order, "AUTHENTICATED", at)
        self._later(order, at, BOOKS, self._await_payout)

    def _await_payout(self, order: Order, at: datetime) -> None:
        self._move(order, "PAYOUTPENDING", at)
        self._agenda.at(next_payout(at), lambda due: self._pay(order, due))

    def _pay(self, order: Order, at: datetime) -> None:
        self._move(order, "PAYOUTCOMPLETED", at)
        self._agenda.at(at + timedelta(days=1), lambda due: self._complete(order, due))

    def _complete(self, order: Order, at: datetime) -> None:
        self._move(order, "COMPLETED", at)
        self._listings.completed(order.listing, at)
        if self._chance("return", order) < SENT_BACK:
            self._agenda.at(at + timedelta(days=3), lambda due: self._move(order, "RETURNED", due))

    def _fail(self, order: Order, status: HistoricalStatus, at: datetime) -> None:
        self._move(order, status, at)
        self._listings.sale_failed(order.listing, at)

    def _move(self, order: Order, status: ActiveStatus | HistoricalStatus, at: datetime) -> None:
        order.status, order.updated_at = status, at
        order.listing.order_status = status
        self._log.note(at, f"order {status}", order.number)

    def _later(self, order: Order, at: datetime, span: Span, step: Step) -> None:
        self._agenda.at(at + self._span(order.sequence, span), lambda due: step(order, due))

    def _span(self, sequence: int, span: Span) -> timedelta:
        return timedelta(seconds=within(span.least, span.most, self._seed, "order", sequence, span.name))

    def _chance(self, what: str, order: Order) -> float:
        return dice(self._seed, "order", order.sequence, what)[0]

    def _number(self, listing: Listing, sequence: int) -> str:
        """A number in the shape of 2026: `04-KS7SCGSDFT` (FACTS 1.9)."""
        draws = (*dice(self._seed, "number", sequence), *dice(self._seed, "number", sequence, "more"))
        tail = "".join(_LETTERS[int(draw * len(_LETTERS))] for draw in draws[:10])
        return f"{_PREFIXES.get(listing.inventory_type, '04')}-{tail}"


def ship_by(sold: datetime) -> datetime:
    """The end of the second full business day; the day of the sale does not count (FACTS 5.3)."""
    day, left = sold.date(), 2
    while left:
        day += timedelta(days=1)
        left -= _is_business_day(day)
    return datetime.combine(day, time(23, 59, 59), sold.tzinfo)


def next_payout(at: datetime) -> datetime:
    """The next daily batch after this moment (FACTS 5.3); it takes what was ready a quarter of an hour before."""
    local = at.astimezone(EASTERN) + timedelta(minutes=14)
    return datetime.combine(local.date(), time(23, 59), EASTERN).astimezone(at.tzinfo)


def _is_business_day(day: date) -> bool:
    return day.weekday() < 5
