"""Moments as people write them: `30d`, `12h`, `2027-01-31` or a full time."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from solegate.errors import InvalidInputError

_LATER = re.compile(r"(\d{1,4})([dh])")


def parse_moment(text: str, now: datetime) -> datetime:
    """The moment a text means: so many days or hours from `now`, or a date or time; without a zone it is UTC.

    Raises:
        InvalidInputError: it is none.
    """
    plain = text.strip()
    try:
        if later := _LATER.fullmatch(plain.lower()):
            count = int(later[1])
            return now + (timedelta(days=count) if later[2] == "d" else timedelta(hours=count))
        moment = datetime.fromisoformat(plain)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInputError(f"'{text}' is no time, such as 30d, 12h or 2027-01-31.") from None


def parse_since(text: str, now: datetime) -> datetime:
    """The moment since which something is wanted: so many days or hours before `now`, or a date or time.

    Raises:
        InvalidInputError: it is none, or lies ahead.
    """
    moment = parse_moment(text, now)
    since = now - (moment - now) if _LATER.fullmatch(text.strip().lower()) else moment
    if since > now:
        raise InvalidInputError(f"'{text}' lies ahead.")
    return since
