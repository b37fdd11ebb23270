"""Subscribers and deliveries on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator
from pydantic.config import JsonDict

from solegate.api.parameters import Moment
from solegate.api.schemas.base import ID_PATTERN, LINE_PATTERN, Schema
from solegate.domain.cursors import Page
from solegate.domain.deliveries.schedule import Attempt, Verdict
from solegate.domain.deliveries.values import (
    LONGEST_PATTERN,
    Delivery,
    DeliveryState,
    Subscriber,
    SubscriberKind,
    SubscriberState,
    shown_url,
)
from solegate.domain.events.values import Event
from solegate.domain.targets import LONGEST_URL
from solegate.services.deliveries.subscribers import LONGEST_NAME, MOST_TYPES, NewSecret, Standing

TypePattern = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_PATTERN)]
_SUBSCRIBER: JsonDict = {
    "id": "sub_4f1c09a7d2b3",
    "name": "shop",
    "kind": "standard",
    "url": "https://shop.example/hooks/solegate",
    "types": ["order.*"],
    "state": "active",
    "reason": "",
    "failingSince": None,
    "createdAt": "2026-01-01T12:00:00Z",
}
_DELIVERY: JsonDict = {
    "subscriberId": "sub_4f1c09a7d2b3",
    "eventId": "evt_0f6b8a3c5d7e9f1023456789abcdef01",
    "number": 1204,
    "type": "order.created",
    "state": "delivered",
    "attempts": 2,
    "dueAt": None,
    "lastStatus": 204,
    "lastError": "",
    "createdAt": "2026-01-01T12:00:00Z",
    "deliveredAt": "2026-01-01T12:00:05Z",
}


class NewSubscriberIn(Schema):
    """Somebody who wants to be told."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"url": "https://shop.example/hooks/solegate", "types": ["order.*"], "name": "shop"}
        },
    )

    url: str = Field(min_length=1, max_length=LONGEST_URL, description="Where messages go; public, and `https://`.")
    kind: SubscriberKind = Field(
        SubscriberKind.STANDARD, description="`standard` is signed after Standard Webhooks; `slack` and `discord` chat."
    )
    types: tuple[TypePattern, ...] = Field(
        ("*",), min_length=1, max_length=MOST_TYPES, description="Of which events: `*`, `order.*`, `order.created`."
    )
    name: str = Field("", max_length=LONGEST_NAME, pattern=LINE_PATTERN, description="For people; its id if left out.")


class RotationIn(Schema):
    """How a secret is rotated."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"overlapHours": 24}})

    overlap_hours: float = Field(
        24.0, ge=0, le=720, allow_inf_nan=False, description="How long the old one signs as well; 0 if it leaked."
    )


class RedeliveryIn(Schema):
    """What is sent again: one event, or everything since a moment."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"since": "2026-01-01T00:00:00Z"}})

    event_id: str | None = Field(None, pattern=ID_PATTERN, description="This event.")
    since: Moment | None = Field(None, description="Everything that was recorded since then.")

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.event_id is None) == (self.since is None):
            raise ValueError("give eventId or since")
        return self


class SubscriberOut(Schema):
    """Who is told; neither its secret nor the address of a chat is in it."""

    model_config = ConfigDict(json_schema_extra={"example": _SUBSCRIBER})

    id: str = Field(description="Ours.")
    name: str = Field(description="For people.")
    kind: SubscriberKind = Field(description="What its receiver understands.")
    url: str = Field(description="Where messages go; of a chat the host alone, and never a query.")
    types: tuple[str, ...] = Field(description="Of which events.")
    state: SubscriberState = Field(
        description="`paused`: what happens waits. `disabled`: its receiver is gone or took nothing for five days."
    )
    reason: str = Field(description="Why it is sent nothing.")
    failing_since: datetime | None = Field(description="Since when its receiver has taken nothing; null if it does.")
    created_at: datetime = Field(description="When it was added.")

    @classmethod
    def of(cls, subscriber: Subscriber) -> Self:
        """A subscriber as it is kept."""
        return cls(**_shown(subscriber))


class SubscriberDetails(SubscriberOut):
    """A subscriber, and how its messages fare."""

    model_config = ConfigDict(
        json_schema_extra={"example": {**_SUBSCRIBER, "deliveries": {"delivered": 1203, "pending": 1}}}
    )

    deliveries: dict[DeliveryState, int] = Field(description="How many messages are in each state.")

    @classmethod
    def standing(cls, found: Standing) -> Self:
        """A subscriber with its counts."""
        return cls(**_shown(found.subscriber), deliveries=dict(found.counts))


class SubscriberMadeOut(SubscriberOut):
    """A subscriber and a secret that was just made."""

    model_config = ConfigDict(json_schema_extra={"example": {**_SUBSCRIBER, "secret": "whsec_" + 42 * "A" + "s="}})

    secret: str | None = Field(
        description="Verifies the messages; shown this once. Null for a chat: nothing is signed."
    )

    @classmethod
    def made(cls, new: NewSecret) -> Self:
        """A subscriber with its new secret."""
        return cls(**_shown(new.subscriber), secret=new.secret or None)


class SubscribersOut(Schema):
    """Every subscriber."""

    items: tuple[SubscriberDetails, ...] = Field(description="The oldest first.")


class PingOut(Schema):
    """What came back."""

    model_config = ConfigDict(json_schema_extra={"example": {"delivered": True, "status": 204, "error": ""}})

    delivered: bool = Field(description="Whether the receiver took it.")
    status: int | None = Field(description="What it answered; null if it did not.")
    error: str = Field(description="Why it did not arrive.")

    @classmethod
    def of(cls, attempt: Attempt) -> Self:
        """What came of an attempt."""
        return cls(delivered=attempt.verdict is Verdict.TAKEN, status=attempt.status, error=attempt.error)


class QueuedOut(Schema):
    """What will be sent again."""

    model_config = ConfigDict(json_schema_extra={"example": {"queued": 17}})

    queued: int = Field(description="Events that will be sent, the oldest first, under the same ids as ever.")


class DeliveryOut(Schema):
    """One event for one subscriber."""

    model_config = ConfigDict(json_schema_extra={"example": _DELIVERY})

    subscriber_id: str = Field(description="Who is told.")
    event_id: str = Field(description="Of what; the `webhook-id` of every attempt.")
    number: int = Field(description="The event's place among the account's.")
    type: str = Field(description="The event's.")
    state: DeliveryState = Field(description="`dead`: given up. `skipped`: the subscriber was disabled before.")
    attempts: int = Field(description="Made so far; ten at most, in about 75 hours.")
    due_at: datetime | None = Field(description="When it is tried next.")
    last_status: int | None = Field(description="What the receiver answered last.")
    last_error: str = Field(description="Why it did not arrive.")
    created_at: datetime = Field(description="When it was put here.")
    delivered_at: datetime | None = Field(description="When the receiver took it.")

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        """A delivery as it is kept."""
        return cls(**{name: getattr(delivery, name) for name in DeliveryOut.model_fields})


class DeliveryDetails(DeliveryOut):
    """A delivery, and what it tells."""

    model_config = ConfigDict(
        json_schema_extra={"example": {**_DELIVERY, "subject": "323314425-323214184", "data": {"price": "145"}}}
    )

    subject: str | None = Field(description="What the event is about; null when it is kept no more.")
    data: dict[str, Any] | None = Field(description="What it says.")

    @classmethod
    def telling(cls, delivery: Delivery, event: Event | None) -> Self:
        """A delivery with its event."""
        told = {"subject": event.subject if event else None, "data": dict(event.data) if event else None}
        return cls(**DeliveryOut.of(delivery).model_dump(), **told)


class DeliveriesOut(Schema):
    """A page of deliveries, the newest event first."""

    items: tuple[DeliveryOut, ...]
    next_cursor: str | None = Field(description="Give it back as `cursor` for the next page; null on the last.")

    @classmethod
    def of(cls, page: Page[Delivery]) -> Self:
        """A page of the log."""
        return cls(items=tuple(DeliveryOut.of(each) for each in page.rows), next_cursor=page.next_cursor)


def _shown(subscriber: Subscriber) -> dict[str, Any]:
    fields = {name: getattr(subscriber, name) for name in SubscriberOut.model_fields if name != "url"}
    return {**fields, "url": shown_url(subscriber.kind, subscriber.url)}
