"""Reading bodies that anybody may have written: nothing in them may surprise a database, a terminal or a sum."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

LONGEST_TEXT = 200
_LARGEST_AMOUNT = Decimal(10**9)
_LATEST = 253_402_300_799
"""The last second of the year 9999."""


def parsed(body: bytes) -> Any:  # noqa: ANN401 - whatever JSON holds
    """What a JSON body says; `None` when it is no JSON."""
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError, InvalidOperation):
        return None


def at_path(value: object, path: str) -> object:
    """What stands at a dotted path, such as `data.order.id`; `None` if nothing does."""
    for name in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def text_of(value: object) -> str:
    """A short text or a whole number, without what cannot be shown or kept; else nothing."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return "".join(each for each in str(value)[:LONGEST_TEXT] if each.isprintable()).strip()


def amount_of(value: object) -> Decimal | None:
    """An amount of money; `None` if it is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    try:
        amount = Decimal(value[:30] if isinstance(value, str) else value)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount < _LARGEST_AMOUNT else None


def moment_of(value: object) -> datetime | None:
    """A moment, as Unix seconds or as ISO 8601 with a time zone; `None` if it is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return datetime.fromtimestamp(value, UTC) if 0 <= value <= _LATEST else None
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value[:LONGEST_TEXT])
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
