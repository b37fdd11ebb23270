"""Proofs: signatures and secrets compared in constant time, moments compared with ours. All of it on raw bytes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable
from datetime import UTC, datetime

from solegate.domain.webhooks.values import REPLAY_WINDOW, TOLERANCE
from solegate.errors import InvalidInputError, SignatureError

_SECONDS = re.compile(r"[0-9]{1,11}")
FEWEST_CHARACTERS = 16
"""Of a secret."""
MOST_SIGNATURES = 20
"""In one header; each costs a comparison, and nobody has more secrets."""


def check_length(secret: str) -> None:
    """Refuse what is too short to be a secret that somebody chose.

    Raises:
        InvalidInputError: it is.
    """
    if len(secret) < FEWEST_CHARACTERS:
        raise InvalidInputError(f"A secret has at least {FEWEST_CHARACTERS} characters.")


def digest_of(content: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def same_as_one(given: Iterable[bytes], wanted: Iterable[bytes]) -> bool:
    """Whether one of those that came is one of those that would be right; every pair is compared, in constant time."""
    right = list(wanted)
    found = [hmac.compare_digest(each, other) for each in given for other in right]
    return any(found)


def decoded(text: str) -> bytes | None:
    """Base64, with or without its padding; `None` if it is none."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def sent_at(text: str, now: datetime) -> datetime:
    """The moment of sending, in Unix seconds, no further from now than the tolerance in either direction.

    Raises:
        SignatureError: it is none, too old or too new.
    """
    if _SECONDS.fullmatch(text) is None:
        raise SignatureError("the timestamp is no number of seconds")
    seconds = int(text)
    distance = seconds - now.timestamp()
    if abs(distance) > TOLERANCE.total_seconds():
        raise SignatureError(f"the timestamp is {abs(distance):.0f} s {'ahead' if distance > 0 else 'old'}")
    return datetime.fromtimestamp(seconds, UTC)


def within_window(moment: datetime, now: datetime) -> datetime:
    """A moment of which only the body tells: not ahead of now, and not so old that a repetition would be forgotten.

    Raises:
        SignatureError: it is.
    """
    if moment - now > TOLERANCE:
        raise SignatureError("it tells of the future")
    if now - moment > REPLAY_WINDOW:
        raise SignatureError(f"it is older than {REPLAY_WINDOW.days} days")
    return moment
