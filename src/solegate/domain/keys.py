"""Keys of our own API: who may ask for what, how often, and until when (issue 5, item 4).

A key is `sg_`, its id, `_` and a secret. The id finds the row, the secret is compared by its SHA-256: it is 256 random
bits, which nobody can guess from a digest, so a slow hash as for passwords would cost time at every request and give
nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

_KEY = re.compile(r"sg_([a-z0-9]{8,32})_([A-Za-z0-9_-]{43})")
SHOWN = 6
"""Characters of a secret that people may see, so that they know which key is meant."""
PER_MINUTE = 600
"""Requests that a key may make in a minute, unless it was made for another number."""


class Scope(StrEnum):
    """What a key may do; each includes the one before."""

    READ = "read"
    """Look at everything but keys and accounts; StockX may be asked, nothing changes there."""
    WRITE = "write"
    """List, change and sell as well."""
    ADMIN = "admin"
    """Accounts, keys, subscribers and sources as well: everything."""

    def covers(self, needed: Scope) -> bool:
        """Whether it is enough for what needs another."""
        order = list(Scope)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key as it is kept; the secret is not.

    Attributes:
        id: finds it.
        name: for people; the audit trail names it.
        digest: SHA-256 of the secret, in hexadecimal digits.
        start: the first characters of the secret.
        scope: what it may do.
        account: the only one it reaches; `None`: every one.
        per_minute: how many requests it may make in a minute.
        created_at, created_by: when, and by whom it was made.
        expires_at: from then on it opens nothing; `None`: never.
        revoked_at: since then it opens nothing.
        last_used_at: roughly; written at most once a minute.
    """

    id: str
    name: str
    digest: str = field(repr=False)
    start: str
    scope: Scope
    account: str | None
    per_minute: int = PER_MINUTE
    created_at: datetime
    created_by: str = ""
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None

    def open(self, now: datetime) -> bool:
        """Whether it still opens anything."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class KeyState(StrEnum):
    """How a key stands, for people."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


def state_of(key: ApiKey, now: datetime) -> KeyState:
    """How a key stands."""
    if key.revoked_at is not None:
        return KeyState.REVOKED
    return KeyState.ACTIVE if key.open(now) else KeyState.EXPIRED


@dataclass(frozen=True, slots=True)
class Presented:
    """A key as a caller sends it, taken apart."""

    id: str
    secret: str = field(repr=False)


def read_key(text: str) -> Presented | None:
    """Take a key apart; `None` if it is none."""
    found = _KEY.fullmatch(text)
    return None if found is None else Presented(found[1], found[2])


def key_text(key_id: str, secret: str) -> str:
    """A key as it is shown once.

    Args:
        key_id: 8 to 32 lower-case letters and digits.
        secret: 32 random bytes in URL-safe base64: 43 characters.

    Raises:
        ValueError: it would be no key.
    """
    text = f"sg_{key_id}_{secret}"
    if _KEY.fullmatch(text) is None:
        raise ValueError("this makes no key")
    return text


def digest_of(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode("ascii")).hexdigest()


def opens(key: ApiKey, presented: Presented, now: datetime) -> bool:
    """Whether the key that was found by its id is the one presented, and still good; takes the same time for each."""
    same = hmac.compare_digest(key.digest, digest_of(presented.secret))
    return same and key.open(now)


# How often


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a number of requests in a minute (a leaky bucket, as GCRA keeps it).

    Attributes:
        full_at: when the whole of it is there again, on the monotonic clock in seconds.
    """

    full_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a request may go on, and what the headers say.

    Attributes:
        admitted: whether it may.
        allowance: what is kept for the next one.
        left: requests that could follow at once.
        reset: seconds until the whole of it is there again.
        retry_after: seconds until the next request may come; 0 if it may now.
    """

    admitted: bool
    allowance: Allowance
    left: int
    reset: float
    retry_after: float


PERIOD = 60.0


def admit(allowance: Allowance, per_minute: int, now: float) -> Admission:
    """Judge one more request. All of a minute's may come at once; they come back evenly.

    Args:
        allowance: as the last judgement left it.
        per_minute: how many there are.
        now: monotonic seconds.
    """
    each = PERIOD / per_minute
    full_at = max(allowance.full_at, now)
    after = full_at + each
    over = after - now - PERIOD
    if over > 1e-9:
        return Admission(False, Allowance(full_at), 0, full_at - now, over)
    left = int((PERIOD - (after - now)) / each + 1e-6)
    return Admission(True, Allowance(after), left, after - now, 0.0)


def expiry(text: str, now: datetime) -> datetime:
    """When a key ends that shall live for `90d`, `12h`, or until a date such as `2027-01-31`.

    Raises:
        ValueError: it is neither, or is over already.
    """
    if found := re.fullmatch(r"([1-9][0-9]{0,5})([hd])", text.strip()):
        return now + timedelta(**{"hours" if found[2] == "h" else "days": int(found[1])})
    try:
        day = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"'{text}' is neither a time such as 90d or 12h nor a date such as 2027-01-31") from None
    until = day if day.tzinfo else day.replace(tzinfo=now.tzinfo)
    if until <= now:
        raise ValueError(f"'{text}' is over already")
    return until
