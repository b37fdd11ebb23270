"""What callers send, read strictly: a body that is wrong is a `BadBodyError` with the reason, never more than that.

The texts are ours: StockX's are not known (FACTS 8). Fields nobody knows are ignored; a null counts as not given.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeAlias

LISTING_CURRENCIES = ("AUD", "CAD", "CHF", "EUR", "GBP", "HKD", "JPY", "KRW", "MXN", "NZD", "SGD", "USD")
"""FACTS 1.9."""
NEW_INVENTORY_TYPES = ("STANDARD", "DIRECT")
_WHOLE = re.compile(r"0*([1-9][0-9]{0,11})(?:\.0{1,4})?", re.ASCII)
"""A whole amount above 0; a client may send back the four decimals that it was given."""

Body: TypeAlias = Mapping[str, object]


class BadBodyError(ValueError):
    """The body cannot be understood; its text goes into the 400."""


def json_object(body: bytes) -> Body:
    """The JSON object of a body.

    Raises:
        BadBodyError: it is none.
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as wrong:
        raise BadBodyError("The request body is not valid JSON") from wrong
    return as_object(value)


def as_object(value: object) -> Body:
    """A value that must be a JSON object.

    Raises:
        BadBodyError: it is something else.
    """
    if not isinstance(value, dict):
        raise BadBodyError("The request body must be a JSON object")
    return value


def text(body: Body, name: str) -> str | None:
    """A field with text.

    Raises:
        BadBodyError: it holds anything else.
    """
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise BadBodyError(f"{name} must be a string")
    if value is not None and any("\ud800" <= char <= "\udfff" for char in value):
        raise BadBodyError(f"{name} must be valid Unicode")
    return value


def flag(body: Body, name: str) -> bool | None:
    """A field that is true or false.

    Raises:
        BadBodyError: it holds anything else.
    """
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise BadBodyError(f"{name} must be a boolean")
    return value


def amount(body: Body) -> Decimal | None:
    """The amount: a whole number as text (FACTS 1.9).

    Raises:
        BadBodyError: it holds anything else.
    """
    value = text(body, "amount")
    if value is None:
        return None
    match = _WHOLE.fullmatch(value)
    if match is None:
        raise BadBodyError("amount must be a whole number greater than 0")
    return Decimal(match[1])


def currency(body: Body) -> str | None:
    """The currency of an ask.

    Raises:
        BadBodyError: it is none of the twelve.
    """
    value = text(body, "currencyCode")
    if value is not None and value not in LISTING_CURRENCIES:
        raise BadBodyError(f"currencyCode must be one of {', '.join(LISTING_CURRENCIES)}")
    return value


def expiry(body: Body, now: datetime) -> datetime | None:
    """When an ask shall expire.

    Raises:
        BadBodyError: it is no time, has no zone, or has passed.
    """
    value = text(body, "expiresAt")
    if value is None:
        return None
    try:
        expires_at = datetime.fromisoformat(value)
        if expires_at.tzinfo is None:
            raise BadBodyError("expiresAt must have a time zone")
        expires_at = expires_at.astimezone(UTC)
    except (ValueError, OverflowError) as wrong:
        if isinstance(wrong, BadBodyError):
            raise
        raise BadBodyError("expiresAt must be an ISO 8601 time") from wrong
    if expires_at <= now:
        raise BadBodyError("expiresAt must be in the future")
    return expires_at


def inventory_type(body: Body) -> str:
    """How a new listing is fulfilled.

    Raises:
        BadBodyError: not a type that can be created.
    """
    value = text(body, "inventoryType")
    if value is not None and value not in NEW_INVENTORY_TYPES:
        raise BadBodyError(f"inventoryType must be one of {', '.join(NEW_INVENTORY_TYPES)}")
    return value or "STANDARD"
