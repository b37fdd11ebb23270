"""Where a page of a long list ends, as text that a caller gives back for the next one.

A cursor names the last row by what the list is ordered by, so rows that are added or removed meanwhile shift nothing.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from solegate.errors import NoSuchRecordError

T = TypeVar("T")

MOST_ROWS = 200
"""Rows of a page."""
_SEPARATOR = "\n"
_LONGEST_NUMBER = 9
"""Digits: either database counts a job's rows and lines in at least 32 bits."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows of a list, and where the next ones begin; `None` after the last."""

    rows: tuple[T, ...]
    next_cursor: str | None


def cursor_of(*parts: str) -> str:
    """The cursor of a row that is ordered by these."""
    return base64.urlsafe_b64encode(_SEPARATOR.join(parts).encode()).decode().rstrip("=")


def read_cursor(cursor: str, parts: int) -> Sequence[str]:
    """What a row is ordered by.

    Raises:
        NoSuchRecordError: it is none of this list's cursors.
    """
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        found = raw.decode().split(_SEPARATOR)
    except (binascii.Error, ValueError):
        found = []
    if len(found) != parts or not all(each.isprintable() for each in found):
        raise NoSuchRecordError("This is no cursor of this list; take `nextCursor` of the page before.")
    return found


def read_number(cursor: str) -> int:
    """The number that a cursor made of one names.

    Raises:
        NoSuchRecordError: it is none of this list's cursors.
    """
    (number,) = read_cursor(cursor, 1)
    if not (number.isascii() and number.isdecimal() and len(number) <= _LONGEST_NUMBER):
        raise NoSuchRecordError("This is no cursor of this list; take `nextCursor` of the page before.")
    return int(number)


def read_moment(text: str) -> datetime:
    """A moment that is part of a cursor.

    Raises:
        NoSuchRecordError: it is none.
    """
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):  # the first hours of the calendar have no place in UTC
        pass
    raise NoSuchRecordError("This is no cursor of this list; take `nextCursor` of the page before.")


def numbered_page(rows: Sequence[T], number: Callable[[T], int], *, limit: int) -> Page[T]:
    """A page of rows that are listed by number, out of them and the one after them, if there is one."""
    ends = cursor_of(str(number(rows[limit - 1]))) if len(rows) > limit else None
    return Page(tuple(rows[:limit]), ends)
