"""Times as StockX writes and reads them."""

from __future__ import annotations

from datetime import UTC, datetime


def timestamp(at: datetime) -> str:
    """UTC with milliseconds and a Z, as in every example of SPEC26."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def optional_timestamp(at: datetime | None) -> str | None:
    """A time that may not be there."""
    return None if at is None else timestamp(at)
