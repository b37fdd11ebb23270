"""How to read a list page by page while it changes: never for ever, nothing twice, nothing missed.

Pages are numbered, so a row that is deleted on a page already read moves all later rows up, and one of them onto that
page: plain paging misses it. So each page overlaps the one before, and counts only if it holds a row that is already
known; else the reader steps back until one does. Given that rows keep their order, everything that was there
throughout is read, and once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

SEARCH_PAGE_SIZE = 50
"""Largest page of `GET /catalog/search` (FACTS 1.2)."""
LIST_PAGE_SIZE = 100
"""Largest page of listings, orders and operations (FACTS 1.2)."""
LONGEST_QUERY = 100
"""Longest search text (FACTS 1.2)."""
SMALLEST_WINDOW = 20
"""Least rows of a page that can overlap the one before and still reach beyond it."""


def next_page(page: int, *, received: int, has_next: bool, last_page: int | None = None) -> int | None:
    """The number of the next page, or `None` at the end.

    A page without anything new (`received` counts what was not seen before) ends it, whatever the server claims.
    """
    if not has_next or received == 0 or (last_page is not None and page >= last_page):
        return None
    return page + 1


@dataclass(frozen=True, slots=True)
class Window:
    """A page to ask for: its number from 1, and its size."""

    page: int
    size: int

    @property
    def offset(self) -> int:
        """Rows before it."""
        return (self.page - 1) * self.size

    @property
    def end(self) -> int:
        """Rows up to its last."""
        return self.page * self.size


def window_after(end: int, largest: int = LIST_PAGE_SIZE) -> Window:
    """The page that begins before position `end`, at least one row, and reaches furthest beyond it.

    Page numbers only reach multiples of the size, so the size is chosen: between half of the largest and the largest.
    With pages of at least 20 rows some size always reaches beyond `end`, for any list of less than 200 million rows.

    Raises:
        ValueError: the pages are too small for that.
    """
    if largest < SMALLEST_WINDOW:
        raise ValueError(f"overlapping pages hold at least {SMALLEST_WINDOW} rows")
    if end <= 0:
        return Window(1, largest)
    sizes = range(max(1, largest // 2), largest + 1)
    return max((Window((end - 1) // size + 1, size) for size in sizes), key=lambda each: (each.end, each.size))


def pages_for(rows: int) -> int:
    """Requests that a quiet list of so many rows takes, known before it is read."""
    end, pages = window_after(0).end, 1
    while end < rows:
        end, pages = window_after(end).end, pages + 1
    return pages


def is_connected(window: Window, ids: Sequence[str], seen: Collection[str]) -> bool:
    """Whether nothing can lie unseen before this page's rows: it is the first page, or holds a row already known."""
    return window.offset == 0 or any(each in seen for each in ids)


def is_end(window: Window, *, received: int, new: int, has_next: bool, count: int) -> bool:
    """Whether a connected page was the last.

    Args:
        window: what was asked for.
        received: rows that came.
        new: those of them that were not known.
        has_next: what StockX says.
        count: rows that StockX counts in all.

    StockX is not believed for ever when it promises more: a page without anything new is the last if it is short or
    reaches the end of what is counted. Only pages full of known rows are passed, which insertions pushed there.
    """
    return not has_next or (new == 0 and (received < window.size or window.end >= count))
