"""When to ask for another page: never for ever, whatever the server says."""

from __future__ import annotations

SEARCH_PAGE_SIZE = 50
"""Largest page of `GET /catalog/search` (FACTS 1.2)."""
LONGEST_QUERY = 100
"""Longest search text (FACTS 1.2)."""


def next_page(page: int, *, received: int, has_next: bool, last_page: int | None = None) -> int | None:
    """The number of the next page, or `None` at the end.

    A page without anything new (`received` counts what was not seen before) ends it, whatever the server claims.
    """
    if not has_next or received == 0 or (last_page is not None and page >= last_page):
        return None
    return page + 1
