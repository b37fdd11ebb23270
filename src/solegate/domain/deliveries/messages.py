"""What goes out for an event, as its receiver understands it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from solegate.domain.deliveries.notices import discord_body, slack_body
from solegate.domain.deliveries.presenters import notice_of
from solegate.domain.deliveries.signing import headers_of
from solegate.domain.deliveries.values import Happened, Subscriber, SubscriberKind

_JSON = {"content-type": "application/json"}


@dataclass(frozen=True, slots=True)
class Message:
    """A request's headers and body; the body is signed exactly as it stands."""

    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


def message_of(subscriber: Subscriber, event: Happened, now: datetime) -> Message:
    """The message that tells a subscriber of an event; of every attempt the id and the body are the same."""
    if subscriber.kind is SubscriberKind.STANDARD:
        body = standard_body(event)
        secrets = subscriber.signs_with(now)
        return Message({**_JSON, **headers_of(secrets, event.id, int(now.timestamp()), body)}, body)
    written = slack_body if subscriber.kind is SubscriberKind.SLACK else discord_body
    return Message(_JSON, written(notice_of(event), _source(event)))


def standard_body(event: Happened) -> bytes:
    """The body after Standard Webhooks: type, time and data, and whose, about what, and which one it is."""
    told = {
        "type": str(event.type),
        "timestamp": event.occurred_at.isoformat(),
        "id": event.id,
        "account": event.account,
        "subject": event.subject,
        "number": event.seq,
        "data": dict(event.data),
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _source(event: Happened) -> str:
    return f"Solegate, account {event.account}, {event.occurred_at:%Y-%m-%d %H:%M} UTC"
