"""Messages after Standard Webhooks (specification 1.0.0): their headers and their signatures, scheme v1."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping

PREFIX = "whsec_"
SECRET_BYTES = 32
"""Of a new secret; the specification asks for 24 to 64."""


def secret_of(key: bytes) -> str:
    """A secret as both sides write it down."""
    return PREFIX + base64.b64encode(key).decode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The signature of a message: `v1,` and base64.

    Args:
        secret: `whsec_` and base64.
        message_id: the same in every attempt.
        timestamp: of the attempt, in Unix seconds.
        body: exactly as it is sent.
    """
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(signed.digest()).decode()}"


def headers_of(secrets: Iterable[str], message_id: str, timestamp: int, body: bytes) -> Mapping[str, str]:
    """The headers of a message; it is signed with every secret in force, so that a rotation goes unnoticed."""
    signatures = [signature(each, message_id, timestamp, body) for each in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }
