"""Reading the query: whole numbers, pages, comma lists, days."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date

MAX_PAGE_SIZE, DEFAULT_PAGE_SIZE = 100, 10
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T.*)?", re.ASCII)

Query = Mapping[str, str]


class BadQueryError(ValueError):
    """The query cannot be understood; its text goes into the 400."""


def whole_number(text: str) -> int | None:
    """A whole number of up to nine digits."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


def page_number(query: Query) -> int:
    """The page asked for, from 1.

    Raises:
        BadQueryError: it is none.
    """
    page = whole_number(query.get("pageNumber", "1"))
    if page is None or page < 1:
        raise BadQueryError("pageNumber must be a whole number from 1")
    return page


def page_size(query: Query) -> int:
    """The size asked for, from 1 to 100.

    Raises:
        BadQueryError: it is none.
    """
    size = whole_number(query.get("pageSize", str(DEFAULT_PAGE_SIZE)))
    if size is None or not 1 <= size <= MAX_PAGE_SIZE:
        raise BadQueryError(f"pageSize must be a whole number from 1 to {MAX_PAGE_SIZE}")
    return size


def names(query: Query, name: str, allowed: Collection[str] | None = None) -> frozenset[str]:
    """The parts of a comma list; an empty one is as good as none.

    Raises:
        BadQueryError: a part is not among those allowed.
    """
    parts = frozenset(part.strip() for part in query.get(name, "").split(",") if part.strip())
    if allowed is not None and not parts <= set(allowed):
        raise BadQueryError(f"{name} must be of {', '.join(allowed)}")
    return parts


def day(query: Query, name: str) -> date | None:
    """A day (UTC); a time of day behind it is passed over.

    Raises:
        BadQueryError: it is no day.
    """
    text = query.get(name)
    if text is None:
        return None
    match = _DAY.fullmatch(text)
    try:
        return date.fromisoformat(match[1] if match else "")
    except ValueError as wrong:
        raise BadQueryError(f"{name} must be a date such as 2022-06-08") from wrong


def flag(query: Query, name: str) -> bool:
    """Something that is false unless the query says `true`.

    Raises:
        BadQueryError: it says anything but true or false.
    """
    text = query.get(name, "false")
    if text not in ("true", "false"):
        raise BadQueryError(f"{name} must be true or false")
    return text == "true"
