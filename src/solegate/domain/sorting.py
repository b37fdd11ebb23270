"""How a long list is sorted, and where a page of it ended.

A list is sorted by one value of its rows and, where that is the same, by their ids; rows that lack the value come last,
in either direction. A cursor names the last row of its page by both, so rows that come or go meanwhile shift nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Generic, TypeVar

from solegate.domain.cursors import Page, cursor_of, read_cursor, read_moment
from solegate.errors import NoSuchRecordError

T = TypeVar("T")
Key = datetime | Decimal | str

_LARGEST = Decimal(10) ** 20
"""No amount that a database holds is as large, in its smallest unit."""


class SortOrder(StrEnum):
    """Base of the orders of a list, by their names on the wire; a leading `-` turns one round."""

    @property
    def key(self) -> str:
        """The value it is sorted by."""
        return self.value.removeprefix("-")

    @property
    def descending(self) -> bool:
        """Whether the largest comes first."""
        return self.value.startswith("-")


class Newest(SortOrder):
    """The order of lists that have only this one."""

    FIRST = "-createdAt"


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a page ended: what its last row is sorted by, `None` if it lacks that, and its id."""

    key: Key | None
    id: str


@dataclass(frozen=True, slots=True)
class Marked(Generic[T]):
    """A row and where it stands in its list."""

    row: T
    mark: Mark


def page_of(rows: tuple[Marked[T], ...], order: SortOrder, *, limit: int) -> Page[T]:
    """A page out of its rows and the one after them, if there is one."""
    ends = cursor_at(rows[limit - 1].mark, order) if len(rows) > limit else None
    return Page(tuple(each.row for each in rows[:limit]), ends)


def cursor_at(mark: Mark, order: SortOrder) -> str:
    """The cursor of a place in a list of this order."""
    match mark.key:
        case None:
            return cursor_of(order.value, "", mark.id)
        case datetime():
            return cursor_of(order.value, mark.key.astimezone(UTC).isoformat(), mark.id)
        case Decimal():
            return cursor_of(order.value, f"{mark.key:f}", mark.id)
        case str():
            return cursor_of(order.value, mark.key, mark.id)


def mark_at(cursor: str, order: SortOrder, kind: type[Key]) -> Mark:
    """The place that a cursor names.

    Args:
        cursor: as it was given out.
        order: of the list.
        kind: what the list is sorted by: a time, an amount in its smallest unit, or a text.

    Raises:
        NoSuchRecordError: it is no cursor of this list in this order.
    """
    sorted_by, key, row_id = read_cursor(cursor, 3)
    if sorted_by != order.value:
        raise NoSuchRecordError("This is no cursor of the list in this order; begin again without a cursor.")
    return Mark(_read(key, kind) if key else None, row_id)


def _read(text: str, kind: type[Key]) -> Key:
    if kind is datetime:
        return read_moment(text)
    if kind is str:
        return text
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or abs(amount) >= _LARGEST:
        raise NoSuchRecordError("This is no cursor of this list; take `nextCursor` of the page before.")
    return amount
