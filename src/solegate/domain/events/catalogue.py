"""What each kind of event says, for people and for programs: one table, from which API and reference are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from solegate.domain.events.values import Data, EventType

JsonSchema = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class FieldNote:
    """One field of an event's data.

    Attributes:
        kind: its JSON type.
        what: what it holds.
        example: a value.
        nullable: whether it may be null.
    """

    kind: str
    what: str
    example: str | int | bool | None
    nullable: bool = True


@dataclass(frozen=True, slots=True)
class EventKind:
    """One kind of event.

    Attributes:
        what: what has happened.
        subject: what the event's subject names.
        subject_example: one such.
        fields: its data, by name.
        more: values that the example has instead of those of the fields.
    """

    what: str
    subject: str
    subject_example: str
    fields: Mapping[str, FieldNote]
    more: Data

    @property
    def schema(self) -> JsonSchema:
        """Of its data, as JSON schema."""
        return {
            "type": "object",
            "required": list(self.fields),
            "additionalProperties": False,
            "properties": {name: _property(note) for name, note in self.fields.items()},
        }

    @property
    def example(self) -> Data:
        """Its data, as it may be."""
        return {name: note.example for name, note in self.fields.items()} | dict(self.more)


def _property(note: FieldNote) -> JsonSchema:
    return {"type": [note.kind, "null"] if note.nullable else note.kind, "description": note.what}


_LISTING = MappingProxyType({
    "status": FieldNote("string", "StockX's word for its state.", "ACTIVE", nullable=False),
    "sku": FieldNote("string", "Style code.", "DD1391-100"),
    "size": FieldNote("string", "As StockX names it.", "9"),
    "product_id": FieldNote("string", "StockX's id of the product.", "73e2e4e9-7f8c-4b83-9ac1-59e4b0c52d6f"),
    "variant_id": FieldNote("string", "StockX's id of the size.", "c1c9d5d4-3ef2-4f0c-8a9e-8f4f0f0f7a11"),
    "price": FieldNote("string", "The ask.", "150"),
    "currency": FieldNote("string", "Of the ask.", "EUR"),
    "previous_price": FieldNote("string", "The ask when it was seen before.", "150"),
    "expires_at": FieldNote("string", "When the ask ends (RFC 3339).", "2027-11-24T12:00:00Z"),
    "order_number": FieldNote("string", "The sale, once there is one.", None),
})  # fmt: skip
_ORDER = MappingProxyType({
    "status": FieldNote("string", "StockX's word for its state.", "CREATED", nullable=False),
    "sku": FieldNote("string", "Style code.", "DD1391-100"),
    "size": FieldNote("string", "As StockX names it.", "9"),
    "product": FieldNote("string", "Its title.", "Nike Dunk Low Retro White Black"),
    "listing_id": FieldNote("string", "The listing that was sold.", "98e2e748-8000-45bf-a624-5531d6a68318"),
    "variant_id": FieldNote("string", "StockX's id of the size.", "c1c9d5d4-3ef2-4f0c-8a9e-8f4f0f0f7a11"),
    "price": FieldNote("string", "What it was sold for.", "150"),
    "currency": FieldNote("string", "Of the price.", "EUR"),
    "ship_by": FieldNote("string", "When it has to leave (RFC 3339), once that is known.", "2026-11-26T23:59:00Z"),
    "tracking_number": FieldNote("string", "Of the parcel, once there is one.", None),
    "payout": FieldNote("string", "What is paid for it, once StockX has said so.", None),
    "payout_currency": FieldNote("string", "Of the payout.", None),
})  # fmt: skip
_CROSSING = MappingProxyType({
    "product_id": FieldNote("string", "StockX's id.", "73e2e4e9-7f8c-4b83-9ac1-59e4b0c52d6f", nullable=False),
    "variant_id": FieldNote("string", "The size; null watches the best price of all.", None),
    "price": FieldNote("string", "`lowest_ask` or `highest_bid`.", "lowest_ask", nullable=False),
    "direction": FieldNote("string", "`below` or `above`.", "below", nullable=False),
    "threshold": FieldNote("string", "The amount that was crossed.", "140", nullable=False),
    "value": FieldNote("string", "The price now.", "138", nullable=False),
    "currency": FieldNote("string", "Of both.", "EUR", nullable=False),
    "note": FieldNote("string", "What was written on the watch.", "buy again", nullable=False),
})  # fmt: skip
_JOB = MappingProxyType({
    "kind": FieldNote("string", "What it does with each row.", "update", nullable=False),
    "name": FieldNote("string", "For people.", "prices.csv", nullable=False),
    "state": FieldNote("string", "`DONE` or `CANCELLED`.", "DONE", nullable=False),
    "rows": FieldNote("integer", "All of them.", 250, nullable=False),
    "done": FieldNote("integer", "Rows that came into effect.", 248, nullable=False),
    "failed": FieldNote("integer", "Rows that did not.", 2, nullable=False),
    "skipped": FieldNote("integer", "Rows that were given up before they were sent.", 0, nullable=False),
})  # fmt: skip
_LOGIN = MappingProxyType({
    "state": FieldNote("string", "`needs_reauth` or `connected`.", "needs_reauth", nullable=False),
    "mend": FieldNote("string", "The command that mends it.", "solegate auth login"),
})  # fmt: skip
_QUOTA = MappingProxyType({
    "day": FieldNote("string", "The UTC day.", "2026-11-24", nullable=False),
    "used": FieldNote("integer", "Requests used.", 20_000, nullable=False),
    "limit": FieldNote("integer", "Requests of a day.", 25_000, nullable=False),
    "percent": FieldNote("integer", "How much of it is used.", 80, nullable=False),
})  # fmt: skip
_WEBHOOK = MappingProxyType({
    "source": FieldNote("string", "The source's name.", "shop", nullable=False),
    "type": FieldNote("string", "What the sender says has happened.", "parcel.scanned", nullable=False),
    "subject": FieldNote("string", "What the sender says it is about; may be empty.", "o-1", nullable=False),
    "entry": FieldNote("string", "Our id of the webhook.", "4f1c09a7d2b3", nullable=False),
})  # fmt: skip
_SUBSCRIBER = MappingProxyType({
    "name": FieldNote("string", "The subscriber's name.", "shop", nullable=False),
    "reason": FieldNote("string", "Why it is told nothing more.", "its address is gone (410)", nullable=False),
    "skipped": FieldNote("integer", "Messages that it will not be sent.", 3, nullable=False),
})  # fmt: skip
_SOLD = "04-KS7SCGSDFT"


def _listing(what: str, **more: str | None) -> EventKind:
    return EventKind(what, "StockX's id of the listing", "98e2e748-8000-45bf-a624-5531d6a68318", _LISTING, more)


def _order(what: str, **more: str | None) -> EventKind:
    return EventKind(what, "StockX's number of the order", _SOLD, _ORDER, more)


def _account(what: str, fields: Mapping[str, FieldNote], **more: str | None) -> EventKind:
    return EventKind(what, "the account", "default", fields, more)


CATALOGUE: Mapping[EventType, EventKind] = MappingProxyType({
    EventType.LISTING_ACTIVATED: _listing("A listing is for sale: put up, or with a new ask after the old one ended."),
    EventType.LISTING_DEACTIVATED: _listing("A listing is no longer for sale: taken off, deleted.", status="INACTIVE"),
    EventType.LISTING_SOLD: _listing("A buyer took a listing.", status="MATCHED", order_number=_SOLD),
    EventType.LISTING_EXPIRED: _listing("The ask of a listing has run out.", expires_at="2026-11-24T12:00:00Z"),
    EventType.LISTING_PRICE_MOVED: _listing("A listing that is for sale has another price.", price="145"),
    EventType.ORDER_CREATED: _order("A pair was sold."),
    EventType.ORDER_SHIP_BY_SOON: _order("An order has to leave within 24 hours and has not; once for each deadline."),
    EventType.ORDER_SHIPPED: _order("StockX knows of the parcel.", status="SHIPPED", tracking_number="1Z3983AF0001"),
    EventType.ORDER_AUTHENTICATED: _order("StockX found the pair to be authentic.", status="AUTHENTICATED"),
    EventType.ORDER_FAILED: _order(
        "The sale came to nothing: CANCELED, DIDNOTSHIP, AUTHFAILED, PAYOUTFAILED or RETURNED.", status="CANCELED"
    ),
    EventType.ORDER_PAID: _order(
        "The payout was made.", status="PAYOUTCOMPLETED", payout="127.5", payout_currency="EUR"
    ),
    EventType.PRICE_CROSSED: EventKind(
        "A watched price has crossed its threshold; again after it was back on the other side.",
        "our id of the watch",
        "watch_019ab2f3c4de1f2a3b",
        _CROSSING,
        {},
    ),
    EventType.JOB_FINISHED: EventKind("A bulk job has ended.", "our id of the job", "4f1c09a7d2b3", _JOB, {}),
    EventType.ACCOUNT_NEEDS_REAUTH: _account("A person has to log in at StockX again.", _LOGIN),
    EventType.ACCOUNT_CONNECTED: _account("Somebody has logged in again.", _LOGIN, state="connected", mend=None),
    EventType.SUBSCRIBER_DISABLED: EventKind(
        "A subscriber is told nothing more: its receiver is gone, or has taken nothing for days.",
        "our id of the subscriber",
        "sub_4f1c09a7d2b3",
        _SUBSCRIBER,
        {},
    ),
    EventType.WEBHOOK_RECEIVED: EventKind(
        "A webhook of a source came in and was believed.", "what it is about, else the source", "o-1", _WEBHOOK, {}
    ),
    EventType.QUOTA_REACHED: _account("Four fifths of the day's requests are used; once a day.", _QUOTA),
})  # fmt: skip
"""Every kind of event."""
