"""Tags: a number hidden in the time at which an ask ends, so that a listing tells whose it is (design 4.6).

StockX has no idempotency key and no field of ours (FACTS 1.7), but gives an ask's end back as it was sent. The seconds
of its day carry 86,400 values, the milliseconds a thousand times as many; whether StockX keeps those is unproven, so
they are never compared. A draft has no ask and shows no tag.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256

SECONDS_OF_A_DAY = 86_400
DEFAULT_EXPIRY = timedelta(days=365)
"""How long an ask stands unless somebody wants it otherwise; StockX's own default is 999 days (FACTS 1.9)."""


def tag_of(intent_id: str) -> int:
    """The number that an intent's listing carries: always the same, and spread evenly whatever ids look like."""
    return int.from_bytes(sha256(intent_id.encode()).digest()[:4]) % (SECONDS_OF_A_DAY * 1000)


def tagged_expiry(wanted: datetime, tag: int) -> datetime:
    """The first moment from `wanted` on whose time of day is the tag's, so less than a day later."""
    wanted = wanted.astimezone(UTC)
    day = wanted.replace(hour=0, minute=0, second=0, microsecond=0)
    tagged = day + timedelta(seconds=tag % SECONDS_OF_A_DAY, milliseconds=tag // SECONDS_OF_A_DAY % 1000)
    return tagged if tagged >= wanted else tagged + timedelta(days=1)


def carries_tag(expires_at: datetime, tag: int) -> bool:
    """Whether an ask's end carries the tag, by whole seconds."""
    at = expires_at.astimezone(UTC)
    return at.hour * 3600 + at.minute * 60 + at.second == tag % SECONDS_OF_A_DAY
