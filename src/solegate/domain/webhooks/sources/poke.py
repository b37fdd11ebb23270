"""A poke: somebody has reason to think that something happened at StockX, and it is time to look.

For bridges: a mail that came, an automation such as n8n. `{event_type, data: {order_id, status, tracking_number}}` is
understood, and the same at the top level (FACTS 4). Nothing it says is believed: only StockX knows what an order is at.

The secret comes as `Authorization: Bearer`. There is neither id nor time, and the same words may be meant anew on
another day, so the identity is the body and the minute: a repetition at once counts once, and one too many does no
more than have StockX looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from solegate.domain.webhooks.payload import at_path, parsed, text_of
from solegate.domain.webhooks.proof import digest_of, same_as_one
from solegate.domain.webhooks.values import Message, Request, Source
from solegate.errors import SignatureError, WebhookPayloadError

_SCHEME = "bearer "


@dataclass(frozen=True, slots=True)
class Poke:
    """What a poke is about: an order, or nothing in particular."""

    event_type: str
    order_number: str


def read(source: Source, request: Request, now: datetime) -> Message:
    """What a poke is about.

    Raises:
        SignatureError: the secret is wrong.
        WebhookPayloadError: it is no JSON object.
    """
    given = request.header("authorization")
    right = [each.encode() for each in source.secrets_at(now)]
    fits = same_as_one([given[len(_SCHEME) :].strip().encode()], right)
    if not (fits and given.lower().startswith(_SCHEME)):
        raise SignatureError("the secret is wrong")
    poke = poke_of(request.body)
    minute = int(now.timestamp() // 60)
    return Message(
        identity=digest_of(f"{minute}.".encode() + request.body),
        digest=digest_of(request.body),
        event_type=poke.event_type,
        subject=poke.order_number,
        occurred_at=now,
    )


def poke_of(body: bytes) -> Poke:
    """Take a poke apart.

    Raises:
        WebhookPayloadError: it is no JSON object.
    """
    found = parsed(body)
    if not isinstance(found, dict):
        raise WebhookPayloadError("A poke is a JSON object; {} is enough.")
    order = text_of(at_path(found, "data.order_id")) or text_of(found.get("order_id"))
    return Poke(text_of(found.get("event_type")), order)
