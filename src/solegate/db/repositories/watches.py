"""The prices that are watched, and the readings of markets that they have not looked at yet."""

from __future__ import annotations

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from solegate.db.engine import insert_into
from solegate.db.repositories.market_data import quote_of
from solegate.db.tables import PriceWatchRow, SnapshotRow
from solegate.domain.catalog import MarketQuote
from solegate.domain.events.watches import Direction, PriceWatch, WatchedPrice

MOST_WATCHES = 10_000
"""Watches of one account."""


class WatchRepository:
    """The watches of one account, inside the transaction of the given session."""

    def __init__(self, session: AsyncSession, account: str) -> None:
        self._session = session
        self._account = account

    async def add(self, watch: PriceWatch) -> None:
        """Keep a new watch."""
        await self._session.execute(insert_into(self._session, PriceWatchRow).values(_values(watch)))

    async def save(self, watch: PriceWatch) -> None:
        """Keep what a look has changed."""
        mine = (PriceWatchRow.account == self._account, PriceWatchRow.id == watch.id)
        changed = {"side": watch.side or "", "crossings": watch.crossings, "looked_at": watch.looked_at}
        await self._session.execute(update(PriceWatchRow).where(*mine).values(changed))

    async def count(self) -> int:
        """How many there are."""
        query = select(func.count()).where(PriceWatchRow.account == self._account)
        return await self._session.scalar(query) or 0

    async def get(self, watch_id: str) -> PriceWatch | None:
        """One watch; `None` if there is none."""
        found = await self._select(PriceWatchRow.id == watch_id, limit=1)
        return found[0] if found else None

    async def page(self, after: str | None, *, limit: int) -> tuple[PriceWatch, ...]:
        """Watches by their ids, which are sorted by when they were made."""
        return await self._select(*([] if after is None else [PriceWatchRow.id > after]), limit=limit)

    async def remove(self, watch_id: str) -> bool:
        """Forget a watch; returns whether there was one."""
        mine = (PriceWatchRow.account == self._account, PriceWatchRow.id == watch_id)
        gone = delete(PriceWatchRow).where(*mine).returning(PriceWatchRow.id)
        return await self._session.scalar(gone) is not None

    async def unread(self, *, limit: int) -> tuple[PriceWatch, ...]:
        """Watches whose market was read since they looked at it last; nobody else looks until the transaction ends."""
        newer = select(SnapshotRow.variant_id).where(
            SnapshotRow.product_id == PriceWatchRow.product_id,
            SnapshotRow.currency == PriceWatchRow.currency,
            SnapshotRow.fetched_at > func.coalesce(PriceWatchRow.looked_at, PriceWatchRow.created_at),
        )
        rows = select(PriceWatchRow).where(PriceWatchRow.account == self._account, newer.exists())
        locked = rows.order_by(PriceWatchRow.id).limit(limit).with_for_update()
        return tuple(_watch(row) for row in await self._session.scalars(locked))

    async def readings(self, watch: PriceWatch, *, limit: int) -> tuple[MarketQuote, ...]:
        """Quotes of a watch's market that it has not looked at yet, the oldest first; those of a moment together.

        At most `limit` of them, and the rest of the last moment.
        """
        market = (SnapshotRow.product_id == watch.product_id, SnapshotRow.currency == watch.currency)
        since = SnapshotRow.fetched_at > (watch.looked_at or watch.created_at)
        moments = select(SnapshotRow.fetched_at).where(*market, since).order_by(SnapshotRow.fetched_at).limit(limit)
        last = max(await self._session.scalars(moments), default=None)
        if last is None:
            return ()
        rows = select(SnapshotRow).where(*market, since, SnapshotRow.fetched_at <= last)
        ordered = rows.order_by(SnapshotRow.fetched_at, SnapshotRow.variant_id)
        return tuple(quote_of(row) for row in await self._session.scalars(ordered))

    async def as_of(self, watch: PriceWatch) -> dict[str, MarketQuote]:
        """The newest quote of every size of a watch's market when it looked at it last, by size."""
        until = SnapshotRow.fetched_at <= (watch.looked_at or watch.created_at)
        market = (SnapshotRow.product_id == watch.product_id, SnapshotRow.currency == watch.currency, until)
        newest = (
            select(SnapshotRow.variant_id, func.max(SnapshotRow.fetched_at).label("fetched_at"))
            .where(*market)
            .group_by(SnapshotRow.variant_id)
            .subquery()
        )
        same = (SnapshotRow.variant_id == newest.c.variant_id) & (SnapshotRow.fetched_at == newest.c.fetched_at)
        rows = await self._session.scalars(select(SnapshotRow).join(newest, same).where(*market))
        return {row.variant_id: quote_of(row) for row in rows}

    async def _select(self, *conditions: ColumnElement[bool], limit: int) -> tuple[PriceWatch, ...]:
        rows = select(PriceWatchRow).where(PriceWatchRow.account == self._account, *conditions)
        found = await self._session.scalars(rows.order_by(PriceWatchRow.id).limit(limit))
        return tuple(_watch(row) for row in found)


def _values(watch: PriceWatch) -> dict[str, object]:
    return {
        "account": watch.account,
        "id": watch.id,
        "product_id": watch.product_id,
        "variant_id": watch.variant_id,
        "currency": watch.currency,
        "price": watch.price.value,
        "direction": watch.direction.value,
        "amount": watch.amount,
        "side": watch.side or "",
        "crossings": watch.crossings,
        "note": watch.note,
        "created_at": watch.created_at,
        "looked_at": watch.looked_at,
    }


def _watch(row: PriceWatchRow) -> PriceWatch:
    return PriceWatch(
        id=row.id,
        account=row.account,
        product_id=row.product_id,
        variant_id=row.variant_id,
        currency=row.currency,
        price=WatchedPrice(row.price),
        direction=Direction(row.direction),
        amount=row.amount,
        side=Direction(row.side) if row.side else None,
        crossings=row.crossings,
        note=row.note,
        created_at=row.created_at,
        looked_at=row.looked_at,
    )
