"""The account's orders as last seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from solegate.db.engine import insert_into
from solegate.db.tables import OrderRow
from solegate.domain.order_deadlines import MirroredOrder
from solegate.domain.orders import HISTORICAL

_FIELDS = (
    "order_number", "is_active", "status", "listing_id", "product_id", "product_name", "style_id", "variant_id",
    "variant_value", "amount", "currency", "inventory_type", "created_at", "updated_at", "seen_at", "run_at",
    "changed_at", "detail_at", "ship_by", "shipping_id", "tracking_number", "carrier", "payout", "payout_currency",
)  # fmt: skip
"""An order and its row name everything alike."""
_IDS_PER_QUERY = 500


class OrderRepository:
    """The orders of one account, inside the transaction of the given session."""

    def __init__(self, session: AsyncSession, account: str) -> None:
        self._session = session
        self._account = account

    async def by_numbers(self, numbers: Sequence[str]) -> dict[str, MirroredOrder]:
        """Those of these orders that are known."""
        found: dict[str, MirroredOrder] = {}
        for start in range(0, len(numbers), _IDS_PER_QUERY):
            part = OrderRow.order_number.in_(numbers[start : start + _IDS_PER_QUERY])
            found |= {order.order_number: order for order in await self._select(part)}
        return found

    async def save(self, orders: Iterable[MirroredOrder]) -> None:
        """Keep orders as they are given, known or not; always in the same order, lest two writers deadlock."""
        ordered = sorted(orders, key=lambda order: order.order_number)
        rows = [{"account": self._account} | {name: getattr(order, name) for name in _FIELDS} for order in ordered]
        if not rows:
            return
        insert = insert_into(self._session, OrderRow)
        key = [OrderRow.account, OrderRow.order_number]
        changes = {name: insert.excluded[name] for name in _FIELDS if name != "order_number"}
        await self._session.execute(insert.on_conflict_do_update(index_elements=key, set_=changes), rows)

    async def seen_in_run(self, run_at: datetime, *, active: bool) -> frozenset[str]:
        """Numbers of the orders that the list of a run held, the one of the active orders or that of the history."""
        query = select(OrderRow.order_number).where(
            OrderRow.account == self._account, OrderRow.run_at == run_at, OrderRow.is_active.is_(active)
        )
        return frozenset(await self._session.scalars(query))

    async def active(self) -> tuple[MirroredOrder, ...]:
        """The orders that were among the active ones when last seen, the most urgent first."""
        return await self._select(OrderRow.is_active.is_(True))

    async def wanting_details(self) -> tuple[MirroredOrder, ...]:
        """Orders whose detail may have to be read: those under way, and those that changed since theirs was."""
        stale = OrderRow.detail_at < OrderRow.changed_at
        return await self._select(or_(OrderRow.is_active, stale))

    async def no_longer_listed(self, run_at: datetime, now: datetime) -> None:
        """Take those that the list of a run did not hold out of the active ones; their details tell what they became.

        A detail that was never read counts as read long ago, so that it is read now.
        """
        unseen = or_(OrderRow.run_at.is_(None), OrderRow.run_at != run_at)
        read_at = func.coalesce(OrderRow.detail_at, OrderRow.seen_at)
        await self._session.execute(
            update(OrderRow)
            .where(OrderRow.account == self._account, OrderRow.is_active.is_(True), unseen)
            .values(is_active=False, changed_at=now, detail_at=read_at)
        )

    async def look_again(self, number: str) -> bool:
        """Have the detail of an order read by the next sync, whether it seems to have changed or not.

        Returns:
            Whether the order is known; one that is new turns up in the list of the next sync.
        """
        mine = (OrderRow.account == self._account, OrderRow.order_number == number)
        order = await self._session.scalar(select(OrderRow).where(*mine).with_for_update())
        if order is None:
            return False
        if order.detail_at is not None and order.detail_at >= order.changed_at:
            before = order.changed_at - timedelta(microseconds=1)
            await self._session.execute(update(OrderRow).where(*mine).values(detail_at=before))
        return True

    async def oldest_open(self) -> datetime | None:
        """When the oldest order was created of which no end is known."""
        query = select(func.min(OrderRow.created_at)).where(
            OrderRow.account == self._account, OrderRow.status.not_in(sorted(HISTORICAL)), OrderRow.is_active.is_(False)
        )
        return await self._session.scalar(query)

    async def count(self, *, active: bool) -> int:
        """How many orders are known, under way or ended."""
        query = select(func.count()).where(OrderRow.account == self._account, OrderRow.is_active.is_(active))
        return await self._session.scalar(query) or 0

    async def count_since(self, since: datetime) -> int:
        """How many orders that have ended were created since a moment."""
        query = select(func.count()).where(
            OrderRow.account == self._account, OrderRow.is_active.is_(False), OrderRow.created_at >= since
        )
        return await self._session.scalar(query) or 0

    async def _select(self, condition: ColumnElement[bool]) -> tuple[MirroredOrder, ...]:
        query = select(OrderRow).where(OrderRow.account == self._account, condition)
        rows = await self._session.scalars(query.order_by(OrderRow.ship_by, OrderRow.order_number))
        return tuple(map(order_of, rows))


def order_of(row: OrderRow) -> MirroredOrder:
    """A row as a value."""
    return MirroredOrder(**{name: getattr(row, name) for name in _FIELDS})
