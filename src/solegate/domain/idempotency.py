"""Idempotency keys of our own API: a request that is sent again is not done again.

After draft-ietf-httpapi-idempotency-key-header-07. The first request with a key begins; a repetition of it gets the
kept answer, or waits while the first is worked on; another request with the same key is refused.

    (unknown) --begin--> RUNNING --kept--> ANSWERED --72 h--> (unknown)
                          |   ^
            lease lapsed, |   | begin again: the handler finds what the first one did by `caller_key`
            or not kept   '---'

Kept are successes alone. A failure is not: its repetition is worked on again, so that what has passed (a limit, a stop,
an outage) does not stick to the key, and what has not fails equally, because the ledger knows the key too.

What this module does not do: it keeps nothing, and waits for nobody (`services/idempotency.py`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from solegate.errors import IdempotencyKeyError

KEPT_FOR = timedelta(hours=72)
"""How long a key is known, counted from its first request."""
LONGEST_KEY = 255
"""Characters of a key."""
UNREMARKABLE = frozenset({"wait"})
"""Query parameters that do not make it another request: they only say how long to wait for the answer."""

_BARE = re.compile(r"[!#-+\--:<-\[\]-~]+")
"""Visible ASCII without what separates or quotes: `"`, `,`, `;` and the backslash."""
_QUOTED = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')
"""A string of RFC 8941, section 3.3.3."""
_ESCAPED = re.compile(r"\\(.)")
_BOUNDARY = re.compile(r'(?i)^multipart/.*;\s*boundary="?([^";]+)"?')


class Decision(StrEnum):
    """What is done with a request that carries a key."""

    BEGIN = "begin"
    """Work on it: the key is new, its time is over, or whoever worked on it is gone."""
    REPLAY = "replay"
    """Give the kept answer."""
    MISMATCH = "mismatch"
    """Refuse it: the key belongs to another request."""
    WAIT = "wait"
    """Somebody works on it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it is kept: enough to be given again byte for byte."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def is_kept(self) -> bool:
        """Whether a repetition gets it; if not, the repetition is worked on again."""
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """What is known of a key.

    Attributes:
        scope: whose key it is: an account, and who asks there; the same key of another scope is another key.
        key: as the caller chose it.
        fingerprint: of the request it belongs to.
        fence: counts those who worked on it; only the last one may keep an answer.
        lease_until: until when the last one may be believed to be at work.
        answer: the kept one; `None` while there is none.
        created_at: when the key was first used.
        expires_at: when it is forgotten.
    """

    scope: str
    key: str
    fingerprint: str
    fence: int
    lease_until: datetime
    answer: Answer | None = None
    created_at: datetime
    expires_at: datetime

    @property
    def caller_key(self) -> str:
        """By which the handler finds what it did before; another one when the key is used anew after its time."""
        return f"{self.key} {self.created_at.isoformat()} {self.scope}"


def parse_key(header: str) -> str:
    """The key in a header: a quoted string, as the draft wants it, or the bare text that most clients send.

    Raises:
        IdempotencyKeyError: it is neither, or empty, or too long.
    """
    text = header.strip(" \t")
    quoted = _QUOTED.fullmatch(text)
    key = _ESCAPED.sub(r"\1", quoted[1]) if quoted else text
    if not quoted and not _BARE.fullmatch(text):
        raise IdempotencyKeyError(
            "An Idempotency-Key is one quoted string, or letters, digits and signs without spaces, commas and quotes.",
            hint="A random UUID for every new request is best.",
        )
    if not 1 <= len(key) <= LONGEST_KEY:
        raise IdempotencyKeyError(f"An Idempotency-Key has 1 to {LONGEST_KEY} characters; this one has {len(key)}.")
    return key


def fingerprint(
    method: str, path: str, query: Iterable[tuple[str, str]] = (), body: bytes = b"", content_type: str = ""
) -> str:
    """What makes a request the same one: method, path, query and body, byte for byte.

    A multipart body is taken without its boundary, which clients choose anew each time.
    """
    boundary = _BOUNDARY.match(content_type)
    if boundary:
        body = body.replace(boundary[1].encode("latin-1"), b"")
    counted = sorted((name, value) for name, value in query if name not in UNREMARKABLE)
    parts = [method.upper(), path, *(each for pair in counted for each in pair)]
    digest = hashlib.sha256()
    for part in (*(each.encode() for each in parts), body):
        digest.update(len(part).to_bytes(8))
        digest.update(part)
    return digest.hexdigest()


def decide(known: KeyRecord | None, request: str, now: datetime) -> Decision:
    """What to do with a request.

    Args:
        known: what is known of its key; `None` for a new one.
        request: the request's fingerprint.
        now: by the database's clock.
    """
    if known is None or known.expires_at <= now:
        return Decision.BEGIN
    if known.fingerprint != request:
        return Decision.MISMATCH
    if known.answer is not None:
        return Decision.REPLAY
    return Decision.WAIT if known.lease_until > now else Decision.BEGIN


def begun(known: KeyRecord | None, *, scope: str, key: str, request: str, now: datetime, lease: timedelta) -> KeyRecord:
    """The record of a key that somebody begins to work on, once `decide` said so."""
    goes_on = known is not None and known.expires_at > now
    return KeyRecord(
        scope=scope,
        key=key,
        fingerprint=request,
        fence=known.fence + 1 if known else 1,
        lease_until=now + lease,
        created_at=known.created_at if known and goes_on else now,
        expires_at=known.expires_at if known and goes_on else now + KEPT_FOR,
    )
