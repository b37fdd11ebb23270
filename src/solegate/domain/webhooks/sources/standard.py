"""Standard Webhooks (specification 1.0.0): HMAC-SHA256 under `v1`, Ed25519 under `v1a`.

Signed is `id.timestamp.body`, so the id is a good identity: a repetition has the same one. It holds no full stop, or
its end and the timestamp's beginning could be read in two ways.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from solegate.domain.webhooks.payload import at_path, moment_of, parsed, text_of
from solegate.domain.webhooks.proof import MOST_SIGNATURES, decoded, digest_of, same_as_one, sent_at
from solegate.domain.webhooks.values import TOLERANCE, Message, Request, Source
from solegate.errors import InvalidInputError, SignatureError

SHARED = "whsec_"
"""Prefix of a shared secret."""
PUBLIC = "whpk_"
"""Prefix of a public key."""
OPTIONS = ("subject",)
"""`subject`: where in the body it stands what a message is about, such as `data.id`."""
_KEY_BYTES = 32
_ID = re.compile(r"[!-\-/-~]{1,200}")
_FEWEST_BYTES = 16


def check_secret(secret: str) -> None:
    """Refuse what is neither a shared secret nor a public key.

    Raises:
        InvalidInputError: it is neither.
    """
    key = decoded(secret.removeprefix(SHARED).removeprefix(PUBLIC))
    if secret.startswith(SHARED) and key is not None and len(key) >= _FEWEST_BYTES:
        return
    if secret.startswith(PUBLIC) and key is not None and len(key) == _KEY_BYTES:
        return
    raise InvalidInputError(f"A secret is '{SHARED}' and base64, or '{PUBLIC}' and the base64 of an Ed25519 key.")


def read(source: Source, request: Request, now: datetime) -> Message:
    """What a signed message says.

    Raises:
        SignatureError: it is not signed by the source, or not now.
    """
    message_id, timestamp = request.header("webhook-id"), request.header("webhook-timestamp")
    if _ID.fullmatch(message_id) is None:
        raise SignatureError("the webhook-id cannot be used")
    sent = sent_at(timestamp, now)
    given = request.header("webhook-signature").split()[:MOST_SIGNATURES]
    content = f"{message_id}.{timestamp}.".encode() + request.body
    if not _signed(source.secrets_at(now), given, content):
        raise SignatureError("no signature fits")
    body = parsed(request.body)
    happened = moment_of(at_path(body, "timestamp"))
    return Message(
        identity=message_id,
        digest=digest_of(request.body),
        event_type=text_of(at_path(body, "type")),
        subject=text_of(at_path(body, source.options["subject"])) if "subject" in source.options else "",
        occurred_at=happened if happened is not None and happened - now <= TOLERANCE else sent,
    )


def _signed(secrets: tuple[str, ...], given: list[str], content: bytes) -> bool:
    """Whether one of the signatures is by one of the secrets; of schemes that are not known nothing is thought."""
    shared = [decoded(each.removeprefix(SHARED)) for each in secrets if each.startswith(SHARED)]
    right = [hmac.new(key or b"", content, hashlib.sha256).digest() for key in shared]
    by_secret = same_as_one(_of_scheme("v1,", given), right)
    keys = [decoded(each.removeprefix(PUBLIC)) for each in secrets if each.startswith(PUBLIC)]
    by_key = [_by_key(key or b"", each, content) for key in keys for each in _of_scheme("v1a,", given)]
    return by_secret or any(by_key)


def _of_scheme(prefix: str, given: list[str]) -> list[bytes]:
    return [decoded(each.removeprefix(prefix)) or b"" for each in given if each.startswith(prefix)]


def _by_key(key: bytes, given: bytes, content: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(given, content)
    except (InvalidSignature, ValueError):
        return False
    return True
