"""What in an answer this version of Solegate does not know: new fields, new values, new shapes of errors.

StockX adds fields and values without a new version (FACTS 1.10). Nothing breaks on them here, so they have to be looked
for. Pure: from an answer to what is new in it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DriftKind(StrEnum):
    """What is new."""

    FIELD = "unknown_field"
    VALUE = "unknown_value"
    ERROR = "error_shape"


@dataclass(frozen=True, slots=True)
class Drift:
    """One thing that is new. `where` names the place: `ListingPage.listings.extra`, or `Listing.status=FROZEN`."""

    operation: str
    kind: DriftKind
    where: str


@dataclass(frozen=True, slots=True)
class Sighting:
    """A drift, how often it was seen, and when first and last (UTC)."""

    drift: Drift
    count: int
    first_seen: datetime
    last_seen: datetime


_KNOWN_SHAPES = (
    frozenset({"statusCode", "message"}),
    frozenset({"statusCode", "errorMessage"}),
    frozenset({"httpStatusCode", "message"}),
    frozenset({"message"}),
    frozenset({"error"}),
    frozenset({"error", "error_description"}),
    frozenset({"detail"}),
)
"""Error bodies that were seen, by their fields (FACTS 1.4)."""
_MOST_NAMES = 8
_LONGEST_NAME = 40


def error_drift(operation: str, body: bytes) -> Drift | None:
    """What is new about an error body: only the names of its fields are told, never what they hold.

    Empty bodies, pages and plain text are known to come (FACTS 1.4).
    """
    try:
        parsed = json.loads(body) if body.strip() else None
    except (ValueError, RecursionError):
        return None
    if parsed is None:
        return None
    if not isinstance(parsed, Mapping):
        return Drift(operation, DriftKind.ERROR, type(parsed).__name__)
    names = frozenset(map(str, parsed))
    if names in _KNOWN_SHAPES:
        return None
    shown = ", ".join(name[:_LONGEST_NAME] for name in sorted(names)[:_MOST_NAMES])
    return Drift(operation, DriftKind.ERROR, f"{{{shown}}}")
