"""What has been paid and what will be, from the orders of the mirror. It asks StockX nothing."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from solegate.db import Database
from solegate.db.repositories.payouts import PayoutPages
from solegate.domain.cursors import Page
from solegate.domain.order_deadlines import MirroredOrder
from solegate.domain.payouts import PayoutQuery, PayoutSort, PayoutSum, by_state
from solegate.domain.sorting import mark_at, page_of


class PayoutBook:
    """The payouts of one account's orders."""

    def __init__(self, database: Database, *, account: str) -> None:
        self._database = database
        self._account = account

    async def page(
        self, wanted: PayoutQuery, order: PayoutSort, *, cursor: str | None = None, limit: int
    ) -> Page[MirroredOrder]:
        """Orders with what is paid for them.

        Raises:
            NoSuchRecordError: the cursor is none of this list in this order.
        """
        after = None if cursor is None else mark_at(cursor, order, Decimal if order.key == "payout" else datetime)
        async with self._database.reading() as session:
            rows = await PayoutPages(session, self._account).page(wanted, order, after=after, limit=limit + 1)
        return page_of(rows, order, limit=limit)

    async def sums(self, wanted: PayoutQuery) -> tuple[PayoutSum, ...]:
        """Payouts by month of the sale, how far they are, and currency; the newest month first."""
        async with self._database.reading() as session:
            return by_state(await PayoutPages(session, self._account).sums(wanted))
