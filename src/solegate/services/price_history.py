"""Prices over time, from everything that was ever read. It asks StockX nothing."""

from __future__ import annotations

from datetime import datetime

from solegate.db import Database
from solegate.db.repositories.price_history import PriceHistoryPages
from solegate.domain.cursors import Page
from solegate.domain.price_history import HistoryQuery, HistorySort, Interval, PricePoint
from solegate.domain.sorting import mark_at, page_of


class PriceHistory:
    """The history of prices. Markets are the same for every account, and so is what is known of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self, wanted: HistoryQuery, order: HistorySort, *, cursor: str | None = None, limit: int
    ) -> Page[PricePoint]:
        """Rows of a history.

        Raises:
            NoSuchRecordError: the cursor is none of this history in this order.
        """
        kind = datetime if wanted.interval is Interval.RAW else str
        after = None if cursor is None else mark_at(cursor, order, kind)
        async with self._database.reading() as session:
            rows = await PriceHistoryPages(session).page(wanted, order, after=after, limit=limit + 1)
        return page_of(rows, order, limit=limit)
