"""A list, row by row, read page after page while it changes; and the position in it, to be kept and given back."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Self, TypeVar

from solegate.client.policy.paging import (
    LIST_PAGE_SIZE,
    SMALLEST_WINDOW,
    Window,
    is_connected,
    is_end,
    window_after,
)
from solegate.errors import InvalidInputError

RowT = TypeVar("RowT")


@dataclass(frozen=True, slots=True)
class Position:
    """How far a list was read: the end of the last page, and the ids that were handed out."""

    end: int = 0
    seen: frozenset[str] = frozenset()

    def to_json(self) -> str:
        """A text to keep."""
        return json.dumps({"end": self.end, "seen": sorted(self.seen)}, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The position that was kept.

        Raises:
            InvalidInputError: the text is none.
        """
        try:
            kept = json.loads(text)
            return cls(int(kept["end"]), frozenset(map(str, kept["seen"])))
        except (ValueError, TypeError, KeyError):
            raise InvalidInputError("This is no position of a list.") from None


@dataclass(frozen=True, slots=True)
class Page(Generic[RowT]):
    """One page: its rows, whether StockX says that there are more, and how many it counts in all."""

    rows: Sequence[RowT]
    has_next: bool
    count: int


class Rows(Generic[RowT]):
    """An async iterator over a list. `position` can be kept at any time; pages overlap as `policy/paging.py` says.

    A row handed out counts as read: who stops in the middle of a page goes on with the next row. `next_page` reads
    page by page instead, for those who keep each page before they ask for the next; `done` says that it was the last.
    """

    def __init__(
        self,
        fetch: Callable[[Window], Awaitable[Page[RowT]]],
        identify: Callable[[RowT], str],
        *,
        limit: int | None = None,
        resume: Position | None = None,
    ) -> None:
        if limit is not None and limit < 0:
            raise InvalidInputError(f"At most {limit} rows is not possible.")
        self._fetch = fetch
        self._identify = identify
        self._limit = limit
        start = resume or Position()
        self._end = start.end
        self._seen = set(start.seen)
        self._largest, self._back = LIST_PAGE_SIZE, 0
        self.done = False
        self._rows = self._read()

    @property
    def position(self) -> Position:
        """Where it is now."""
        return Position(self._end, frozenset(self._seen))

    def __aiter__(self) -> AsyncIterator[RowT]:
        return self._rows

    async def next_page(self) -> tuple[RowT, ...]:
        """The rows of the next page that were not handed out yet; more than one request where rows have moved."""
        rows, end, self.done = await self._connected_page()
        fresh = {row_id: row for row_id, row in rows if row_id not in self._seen}
        self._seen |= fresh.keys()
        self._end = end
        return tuple(fresh.values())

    async def _read(self) -> AsyncIterator[RowT]:
        given = 0
        while not self.done and (self._limit is None or given < self._limit):
            rows, end, last = await self._connected_page()
            for row_id, row in rows:
                if row_id in self._seen:
                    continue
                self._seen.add(row_id)
                yield row
                given += 1
                if given == self._limit:
                    return
            self._end, self.done = end, last

    async def _connected_page(self) -> tuple[list[tuple[str, RowT]], int, bool]:
        """The next page that leaves no gap: its rows with their ids, its end, and whether it is the last."""
        while True:
            window = window_after(self._end, self._largest)
            page = await self._fetch(window)
            ids = [self._identify(row) for row in page.rows]
            if page.has_next and SMALLEST_WINDOW <= len(ids) < window.size:
                self._largest = len(ids)  # StockX gives smaller pages than it is asked for: ask for such pages
                continue
            if not is_connected(window, ids, self._seen):
                # What lay between was deleted: step back, each time twice as far, until a known row turns up.
                self._end, self._back = max(0, window.offset - self._back), 2 * self._back + 1
                continue
            self._back = 0
            new = len(set(ids) - self._seen)
            last = is_end(window, received=len(ids), new=new, has_next=page.has_next, count=page.count)
            return list(zip(ids, page.rows, strict=True)), window.offset + len(ids), last
