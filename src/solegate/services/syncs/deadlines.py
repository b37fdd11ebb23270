"""Which orders have to leave, from the mirror: it costs no request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from solegate.db import Database
from solegate.db.repositories.orders import OrderRepository
from solegate.db.repositories.syncs import SyncRepository
from solegate.domain.order_deadlines import Deadline, deadlines
from solegate.domain.sync import SyncName


@dataclass(frozen=True, slots=True)
class DueOrders:
    """Orders that have to leave, the most urgent first.

    Attributes:
        orders: with the hours that are left.
        synced_at: when the orders under way were last read in full; `None` when they never were.
        age: seconds since then.
    """

    orders: tuple[Deadline, ...]
    synced_at: datetime | None
    age: float | None


class OrderDeadlines:
    """The deadlines of one account's orders."""

    def __init__(self, database: Database, *, account: str) -> None:
        self._database = database
        self._account = account

    async def due(self, within: timedelta | None = None) -> DueOrders:
        """The orders that have to leave.

        Args:
            within: only what is overdue, due by then, or of unknown date; `None` shows all.

        Raises:
            DatabaseError: the database cannot be read.
        """
        async with self._database.reading() as session:
            now = await self._database.now(session)
            active = await OrderRepository(session, self._account).active()
            run = await SyncRepository(session, self._account).load(SyncName.ORDERS_ACTIVE)
        return DueOrders(deadlines(active, now, within), run.succeeded_at, run.age(now))
