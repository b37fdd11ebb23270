"""KicksDB's price events (FACTS 4): `{event, timestamp, version, data}`, and a secret in the header `X-Secret-Key`.

There is no signature. Who knows the secret may say anything, and only KicksDB and we know it: it came through TLS
with this very body, so the whole request is as good as signed, the timestamp in its body included. A stranger who has
not the secret can neither change nor repeat it; who has it needs no repetition. So the timestamp guards the order of
events and no more: it may not be ahead, or everything after it would be stale, and it may be as old as a repetition is
remembered. KicksDB's way of trying again is not documented.
"""

from __future__ import annotations

from datetime import datetime

from solegate.domain.webhooks.payload import at_path, moment_of, parsed, text_of
from solegate.domain.webhooks.proof import FEWEST_CHARACTERS, digest_of, same_as_one, within_window
from solegate.domain.webhooks.values import Message, Request, Source
from solegate.errors import InvalidInputError, SignatureError, WebhookPayloadError

HEADER = "X-Secret-Key"


def check_secret(secret: str) -> None:
    """Refuse what is too short to be KicksDB's secret, which has 37 characters today.

    Raises:
        InvalidInputError: it is.
    """
    if len(secret) < FEWEST_CHARACTERS:
        raise InvalidInputError("KicksDB's secret has 37 characters; its dashboard shows it.")


def read(source: Source, request: Request, now: datetime) -> Message:
    """What an event says.

    Raises:
        SignatureError: the secret is wrong, or the time out of bounds.
        WebhookPayloadError: it is no event.
    """
    given = request.header(HEADER).encode()
    if not same_as_one([given], [each.encode() for each in source.secrets_at(now)]):
        raise SignatureError("the secret is wrong")
    body = parsed(request.body)
    event_type, happened = text_of(at_path(body, "event")), moment_of(at_path(body, "timestamp"))
    if not event_type or happened is None or not isinstance(at_path(body, "data"), list):
        raise WebhookPayloadError("An event has `event`, `timestamp` and a list `data`.")
    digest = digest_of(request.body)
    return Message(identity=digest, digest=digest, event_type=event_type, occurred_at=within_window(happened, now))
