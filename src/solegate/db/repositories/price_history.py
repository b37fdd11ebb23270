"""The history of prices, reading by reading or drawn together by hour and day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from solegate.db.expressions import InUnits, Period, PeriodOf, amount_of, units_of
from solegate.db.repositories.keyset import Keyset
from solegate.db.repositories.market_data import quote_of
from solegate.db.tables import SnapshotRow
from solegate.domain.price_history import (
    HistoryQuery,
    HistorySort,
    Interval,
    PricePoint,
    Span,
    believable_ask,
    reading,
)
from solegate.domain.pricing import highest_plausible_ask
from solegate.domain.sorting import Mark, Marked

_PERIODS = {Interval.HOUR: Period.HOUR, Interval.DAY: Period.DAY}


class PriceHistoryPages:
    """Pages of a history, inside the transaction of the given session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def page(
        self, wanted: HistoryQuery, order: HistorySort, *, after: Mark | None, limit: int
    ) -> tuple[Marked[PricePoint], ...]:
        """Rows of the history behind a mark, each with its own."""
        if wanted.interval is Interval.RAW:
            return await self._readings(wanted, order, after, limit)
        return await self._periods(wanted, order, after, limit)

    async def _readings(
        self, wanted: HistoryQuery, order: HistorySort, after: Mark | None, limit: int
    ) -> tuple[Marked[PricePoint], ...]:
        keys = Keyset(SnapshotRow.fetched_at, SnapshotRow.variant_id, order.descending)
        query = select(SnapshotRow).where(*_conditions(wanted))
        if after is not None:
            query = query.where(keys.after(after))
        rows = await self._session.scalars(query.order_by(*keys.order()).limit(limit))
        return tuple(Marked(reading(quote_of(row)), Mark(row.fetched_at, row.variant_id)) for row in rows)

    async def _periods(
        self, wanted: HistoryQuery, order: HistorySort, after: Mark | None, limit: int
    ) -> tuple[Marked[PricePoint], ...]:
        """The extremes are drawn together first; then the first and the last reading of each row are looked up."""
        found = _drawn_together(wanted, order, after, limit).subquery()
        first, last = aliased(SnapshotRow), aliased(SnapshotRow)
        keys = Keyset(found.c.period, found.c.variant_id, order.descending)

        def read_at(row: type[SnapshotRow], at: ColumnElement[datetime]) -> ColumnElement[bool]:
            named = row.variant_id == found.c.variant_id, row.currency == wanted.currency
            return and_(*named, row.fetched_at == at)

        query = (
            select(found, first, last)
            .join(first, read_at(first, found.c.first_at))
            .join(last, read_at(last, found.c.last_at))
            .order_by(*keys.order())
        )
        return tuple(_point(row) for row in await self._session.execute(query))


def _drawn_together(
    wanted: HistoryQuery, order: HistorySort, after: Mark | None, limit: int
) -> Select[*tuple[Any, ...]]:
    period = PeriodOf(SnapshotRow.fetched_at, _PERIODS[wanted.interval])
    keys = Keyset(period, SnapshotRow.variant_id, order.descending)
    ask, bid = InUnits(SnapshotRow.lowest_ask), InUnits(SnapshotRow.highest_bid)
    meant = case((and_(ask > 0, ask <= units_of(highest_plausible_ask(wanted.currency))), ask))
    query = (
        select(
            period.label("period"),
            SnapshotRow.variant_id,
            func.count().label("readings"),
            func.min(SnapshotRow.fetched_at).label("first_at"),
            func.max(SnapshotRow.fetched_at).label("last_at"),
            func.min(meant).label("lowest_ask"),
            func.max(meant).label("highest_ask"),
            func.min(bid).label("lowest_bid"),
            func.max(bid).label("highest_bid"),
        )
        .where(*_conditions(wanted))
        .group_by(period, SnapshotRow.variant_id)
    )
    if after is not None:
        query = query.having(keys.after(after))
    return query.order_by(*keys.order()).limit(limit)


def _conditions(wanted: HistoryQuery) -> Iterator[ColumnElement[bool]]:
    yield SnapshotRow.product_id == wanted.product_id
    yield SnapshotRow.currency == wanted.currency
    if wanted.variant_id is not None:
        yield SnapshotRow.variant_id == wanted.variant_id
    if wanted.at_from is not None:
        yield SnapshotRow.fetched_at >= wanted.at_from
    if wanted.at_before is not None:
        yield SnapshotRow.fetched_at < wanted.at_before


def _point(row: Row[*tuple[Any, ...]]) -> Marked[PricePoint]:
    period, variant_id, readings, _, _, lowest_ask, highest_ask, lowest_bid, highest_bid, first_row, last_row = row
    first, last = quote_of(first_row), quote_of(last_row)
    point = PricePoint(
        at=datetime.fromisoformat(f"{period}:00" if "T" in period else period).replace(tzinfo=UTC),
        variant_id=variant_id,
        readings=readings,
        first=first,
        last=last,
        ask=Span(believable_ask(first), believable_ask(last), _amount(lowest_ask), _amount(highest_ask)),
        bid=Span(first.highest_bid, last.highest_bid, _amount(lowest_bid), _amount(highest_bid)),
    )
    return Marked(point, Mark(period, variant_id))


def _amount(units: Decimal | None) -> Decimal | None:
    return None if units is None else amount_of(units)
