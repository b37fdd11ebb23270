"""Events on the wire: what happened, what can happen, and the prices that are watched."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from solegate.api.schemas.base import ID_PATTERN, LINE_PATTERN, AmountText, NextCursor, Schema
from solegate.domain.cursors import Page
from solegate.domain.events.catalogue import CATALOGUE, EventKind
from solegate.domain.events.values import Event, EventType, event
from solegate.domain.events.watches import Direction, PriceWatch, WatchedPrice

_NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def _example(kind: EventType, told: EventKind) -> Event:
    made = event("default", kind, told.subject_example, at=_NOON, data=told.example)
    return Event(
        account=made.account,
        id=made.id,
        type=kind,
        subject=made.subject,
        occurred_at=_NOON,
        data=made.data,
        seq=7,
        recorded_at=_NOON,
    )


class EventOut(Schema):
    """Something that happened. It is recorded once and never changes."""

    id: str = Field(description="Made of what happened: the same thing has the same id, however often it is told.")
    number: int = Field(description="Its place among the account's events: from 1, without gaps.")
    type: EventType = Field(description="What kind of thing happened; new kinds may come.")
    account: str = Field(description="Whose.")
    subject: str = Field(description="The id of what it happened to.")
    occurred_at: datetime = Field(description="When it happened, as far as is known; else when it was noticed (UTC).")
    recorded_at: datetime | None = Field(description="When it was written down (UTC).")
    data: Mapping[str, str | int | bool | None] = Field(
        description="More about it; `/api/v1/events/types` tells what each kind of event says. Amounts are strings."
    )

    @classmethod
    def of(cls, happened: Event) -> Self:
        """An event of the log."""
        return cls(
            id=happened.id,
            number=happened.seq,
            type=happened.type,
            account=happened.account,
            subject=happened.subject,
            occurred_at=happened.occurred_at,
            recorded_at=happened.recorded_at,
            data=dict(happened.data),
        )


class EventsOut(Schema):
    """A page of events, newest first."""

    items: tuple[EventOut, ...]
    next_cursor: NextCursor

    @classmethod
    def of(cls, page: Page[Event]) -> Self:
        """A page of the log."""
        return cls(items=tuple(EventOut.of(each) for each in page.rows), next_cursor=page.next_cursor)


class EventTypeOut(Schema):
    """A kind of event."""

    type: EventType
    description: str = Field(description="What has happened.")
    subject: str = Field(description="What the event's `subject` names.")
    data_schema: Mapping[str, Any] = Field(description="JSON schema of its `data`.")
    example: EventOut

    @classmethod
    def of(cls, kind: EventType, told: EventKind) -> Self:
        """A line of the catalogue."""
        return cls(
            type=kind,
            description=told.what,
            subject=told.subject,
            data_schema=told.schema,
            example=EventOut.of(_example(kind, told)),
        )


class EventTypesOut(Schema):
    """Every kind of event."""

    items: tuple[EventTypeOut, ...]

    @classmethod
    def everything(cls) -> Self:
        """The catalogue."""
        return cls(items=tuple(EventTypeOut.of(kind, told) for kind, told in CATALOGUE.items()))


_WATCH: JsonDict = {
    "productId": "73e2e4e9-7f8c-4b83-9ac1-59e4b0c52d6f",
    "price": "lowest_ask",
    "direction": "below",
    "amount": "140",
    "currency": "EUR",
    "note": "buy again",
}
Threshold = Annotated[
    Decimal,
    Field(gt=0, lt=Decimal(10) ** 12, max_digits=16, decimal_places=4, allow_inf_nan=False, examples=["140"]),
]


class NewWatchIn(Schema):
    """A price that is to be watched."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _WATCH})

    product_id: str = Field(pattern=ID_PATTERN, description="StockX's id of the product.")
    variant_id: str | None = Field(
        None, pattern=ID_PATTERN, description="StockX's id of the size; null watches the best price of all sizes."
    )
    price: WatchedPrice = WatchedPrice.LOWEST_ASK
    direction: Direction = Field(description="The side that is waited for; the amount itself belongs to it.")
    amount: Threshold = Field(description="The threshold.")
    currency: str | None = Field(
        None, min_length=3, max_length=3, description="ISO 4217 code; the configured currency if left out."
    )
    note: str = Field("", max_length=200, pattern=LINE_PATTERN, description="For people; the event repeats it.")


class WatchOut(Schema):
    """A price that is watched."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                **_WATCH,
                "id": "watch_019ab2f3c4de1f2a3b",
                "variantId": None,
                "side": "above",
                "crossings": 0,
                "createdAt": "2026-11-24T12:00:00Z",
                "lookedAt": "2026-11-24T12:10:00Z",
            }
        }
    )

    id: str = Field(description="Ours.")
    product_id: str
    variant_id: str | None
    price: WatchedPrice
    direction: Direction
    amount: AmountText
    currency: str
    note: str
    side: Direction | None = Field(description="Where the price was seen last; null before the first look.")
    crossings: int = Field(description="How often it has crossed the threshold.")
    created_at: datetime
    looked_at: datetime | None = Field(description="Of the newest reading of the market that was looked at.")

    @classmethod
    def of(cls, watch: PriceWatch) -> Self:
        """A watch as it stands."""
        shown = {name: getattr(watch, name) for name in cls.model_fields}
        return cls(**shown | {"amount": watch.amount.normalize()})


class WatchesOut(Schema):
    """A page of watches, the oldest first."""

    items: tuple[WatchOut, ...]
    next_cursor: NextCursor

    @classmethod
    def of(cls, page: Page[PriceWatch]) -> Self:
        """A page of them."""
        return cls(items=tuple(WatchOut.of(each) for each in page.rows), next_cursor=page.next_cursor)
