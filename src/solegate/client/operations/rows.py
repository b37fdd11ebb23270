"""A list, row by row, read page after page while it changes; and the position in it, to be kept and given back."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Self, TypeVar

from solegate.client.policy.paging import Window, is_connected, window_after
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
    """One page: its rows, and whether StockX says that there are more."""

    rows: Sequence[RowT]
    has_next: bool


class Rows(Generic[RowT]):
    """An async iterator over a list. `position` can be kept at any time; pages overlap as `policy/paging.py` says.

    A row handed out counts as read: who stops in the middle of a page goes on with the next row.
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
        self._rows = self._read()

    @property
    def position(self) -> Position:
        """Where it is now."""
        return Position(self._end, frozenset(self._seen))

    def __aiter__(self) -> AsyncIterator[RowT]:
        return self._rows

    async def _read(self) -> AsyncIterator[RowT]:
        given = 0
        if self._limit == 0:
            return
        while True:
            window = window_after(self._end)
            page = await self._fetch(window)
            ids = [self._identify(row) for row in page.rows]
            if not is_connected(window, ids, self._seen):
                self._end = window.offset  # what lay between was deleted: step back until a known row turns up
                continue
            for row_id, row in zip(ids, page.rows, strict=True):
                if row_id in self._seen:
                    continue
                self._seen.add(row_id)
                yield row
                given += 1
                if given == self._limit:
                    return
            self._end = window.offset + len(page.rows)
            if not page.has_next or len(page.rows) < window.size:
                return
