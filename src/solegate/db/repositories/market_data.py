"""Market snapshots: append what was fetched, read the latest and the history."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from solegate.db.engine import insert_into
from solegate.db.repositories.search_index import SearchIndex
from solegate.db.tables import MarketReadRow, SnapshotRow
from solegate.domain.catalog import MarketQuote

_FIELDS = (
    "product_id", "variant_id", "currency", "fetched_at",
    "lowest_ask", "highest_bid", "sell_faster", "earn_more", "flex_lowest_ask",
)  # fmt: skip
"""A quote and its row name everything alike."""


class MarketDataRepository:
    """The snapshots and readings, inside the transaction of the given session. Ids are StockX's."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def append(self, quotes: Iterable[MarketQuote]) -> None:
        """Keep quotes, and let searches see them; one that is there (same variant, currency, moment) stays as it is."""
        kept = tuple(quotes)
        rows = [{name: getattr(quote, name) for name in _FIELDS} for quote in kept]
        if rows:
            await self._session.execute(insert_into(self._session, SnapshotRow).on_conflict_do_nothing(), rows)
            await SearchIndex(self._session).put_prices(kept)

    async def latest(self, product_id: str, currency: str) -> dict[str, MarketQuote]:
        """The newest quote of every variant of a product, by variant."""
        newest = (
            select(SnapshotRow.variant_id, func.max(SnapshotRow.fetched_at).label("fetched_at"))
            .where(SnapshotRow.product_id == product_id, SnapshotRow.currency == currency)
            .group_by(SnapshotRow.variant_id)
            .subquery()
        )
        query = (
            select(SnapshotRow)
            .join(
                newest,
                (SnapshotRow.variant_id == newest.c.variant_id) & (SnapshotRow.fetched_at == newest.c.fetched_at),
            )
            .where(SnapshotRow.currency == currency)
        )
        return {row.variant_id: quote_of(row) for row in await self._session.scalars(query)}

    async def note_read(self, product_id: str, currency: str, fetched_at: datetime) -> None:
        """Keep that a market was read in the currency asked for, whatever StockX answered."""
        values = {"product_id": product_id, "currency": currency, "fetched_at": fetched_at}
        await self._session.execute(insert_into(self._session, MarketReadRow).on_conflict_do_nothing(), values)

    async def read_at(self, product_id: str, currency: str) -> datetime | None:
        """When the market of a product was last read in the currency asked for."""
        return await self._session.scalar(
            select(func.max(MarketReadRow.fetched_at)).where(
                MarketReadRow.product_id == product_id, MarketReadRow.currency == currency
            )
        )

    async def history(
        self, variant_id: str, currency: str, *, since: datetime | None = None, limit: int = 1000
    ) -> tuple[MarketQuote, ...]:
        """The quotes of a variant, newest first."""
        query = select(SnapshotRow).where(SnapshotRow.variant_id == variant_id, SnapshotRow.currency == currency)
        if since is not None:
            query = query.where(SnapshotRow.fetched_at >= since)
        rows = await self._session.scalars(query.order_by(SnapshotRow.fetched_at.desc()).limit(limit))
        return tuple(quote_of(row) for row in rows)


def quote_of(row: SnapshotRow) -> MarketQuote:
    """A row as a value."""
    return MarketQuote(**{name: getattr(row, name) for name in _FIELDS})
