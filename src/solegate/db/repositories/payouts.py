"""What is paid for the orders of the mirror: one by one, and by month."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from solegate.db.expressions import InUnits, Period, PeriodOf, amount_of
from solegate.db.repositories.keyset import Keyset
from solegate.db.repositories.orders import order_of
from solegate.db.tables import OrderRow
from solegate.domain.order_deadlines import MirroredOrder
from solegate.domain.payouts import STATUSES, PayoutQuery, PayoutSort, PayoutState, StatusSum
from solegate.domain.sorting import Mark, Marked

_TELLING = sorted(status for statuses in STATUSES.values() for status in statuses)


class PayoutPages:
    """The payouts of one account, inside the transaction of the given session."""

    def __init__(self, session: AsyncSession, account: str) -> None:
        self._session = session
        self._account = account

    async def page(
        self, wanted: PayoutQuery, order: PayoutSort, *, after: Mark | None, limit: int
    ) -> tuple[Marked[MirroredOrder], ...]:
        """Orders behind a mark, each with its own."""
        columns = {"soldAt": OrderRow.created_at, "payout": InUnits(OrderRow.payout)}
        keys = Keyset(columns[order.key], OrderRow.order_number, order.descending)
        query = select(OrderRow, keys.key).where(OrderRow.account == self._account, *_conditions(wanted))
        if after is not None:
            query = query.where(keys.after(after))
        rows = await self._session.execute(query.order_by(*keys.order()).limit(limit))
        return tuple(Marked(order_of(row), Mark(key, row.order_number)) for row, key in rows)

    async def sums(self, wanted: PayoutQuery) -> tuple[StatusSum, ...]:
        """Orders and payouts by month of the sale, state and currency."""
        month = PeriodOf(OrderRow.created_at, Period.MONTH)
        known = OrderRow.payout.is_not(None) & OrderRow.payout_currency.is_not(None)
        columns = month, OrderRow.status, OrderRow.payout_currency, known
        total = func.sum(InUnits(OrderRow.payout))
        query = select(*columns, func.count(), total).where(OrderRow.account == self._account, *_conditions(wanted))
        rows = await self._session.execute(query.group_by(*columns))
        return tuple(
            StatusSum(at, status, currency if is_known else None, orders, amount_of(units or Decimal(0)))
            for at, status, currency, is_known, orders, units in rows
        )


def _conditions(wanted: PayoutQuery) -> Iterator[ColumnElement[bool]]:
    if wanted.states:
        named = sorted(status for state in wanted.states for status in STATUSES.get(state, ()))
        unknown = PayoutState.UNKNOWN in wanted.states
        others = [OrderRow.status.not_in(_TELLING)] if unknown else []
        yield or_(OrderRow.status.in_(named), *others)
    if wanted.currency is not None:
        yield OrderRow.payout.is_not(None)
        yield OrderRow.payout_currency == wanted.currency
    if wanted.sold_from is not None:
        yield OrderRow.created_at >= wanted.sold_from
    if wanted.sold_before is not None:
        yield OrderRow.created_at < wanted.sold_before
