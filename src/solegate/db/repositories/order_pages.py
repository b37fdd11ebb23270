"""The orders of the mirror page by page, filtered and sorted."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, and_, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from solegate.db.expressions import InUnits
from solegate.db.repositories.keyset import Keyset
from solegate.db.repositories.orders import order_of
from solegate.db.repositories.styles import carries_code
from solegate.db.tables import OrderRow
from solegate.domain.order_book import OrderQuery, OrderSort
from solegate.domain.order_deadlines import NO_LABEL, MirroredOrder
from solegate.domain.orders import OrderGroup, OrderStatus, group
from solegate.domain.sorting import Mark, Marked

_TO_SHIP = sorted(each for each in OrderStatus if group(each) is OrderGroup.TO_SHIP)


class OrderPages:
    """Pages of one account's orders, inside the transaction of the given session."""

    def __init__(self, session: AsyncSession, account: str) -> None:
        self._session = session
        self._account = account

    async def page(
        self, wanted: OrderQuery, order: OrderSort, *, after: Mark | None, limit: int
    ) -> tuple[Marked[MirroredOrder], ...]:
        """Orders behind a mark, each with its own."""
        keys = _keyset(order)
        query = select(OrderRow, keys.key).where(OrderRow.account == self._account, *_conditions(wanted))
        if after is not None:
            query = query.where(keys.after(after))
        rows = await self._session.execute(query.order_by(*keys.order()).limit(limit))
        return tuple(Marked(order_of(row), Mark(key, row.order_number)) for row, key in rows)


def _keyset(order: OrderSort) -> Keyset:
    columns = {"createdAt": OrderRow.created_at, "shipBy": OrderRow.ship_by, "amount": InUnits(OrderRow.amount)}
    return Keyset(columns[order.key], OrderRow.order_number, order.descending)


def _conditions(wanted: OrderQuery) -> Iterator[ColumnElement[bool]]:
    if wanted.statuses:
        yield OrderRow.status.in_(wanted.statuses)
    if wanted.active is not None:
        yield OrderRow.is_active.is_(wanted.active)
    if wanted.style_id is not None:
        yield carries_code(OrderRow.style_id, wanted.style_id)
    if wanted.created_from is not None:
        yield OrderRow.created_at >= wanted.created_from
    if wanted.created_before is not None:
        yield OrderRow.created_at < wanted.created_before
    if wanted.ship_by_before is not None:
        yield OrderRow.ship_by < wanted.ship_by_before
    if wanted.needs_label is not None:
        yield _waits_for_label() if wanted.needs_label else not_(_waits_for_label())


def _waits_for_label() -> ColumnElement[bool]:
    """See `MirroredOrder.waits_for_label`; never NULL."""
    may_have_one = or_(OrderRow.inventory_type.is_(None), OrderRow.inventory_type != NO_LABEL)
    to_ship = OrderRow.is_active.is_(True), OrderRow.status.in_(_TO_SHIP)
    return and_(*to_ship, OrderRow.shipping_id.is_(None), may_have_one)
