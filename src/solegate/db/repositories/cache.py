"""The cache's second tier: answers as they came, and the right to fetch one (design 4.4)."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from solegate.db.engine import Database, insert_into
from solegate.db.tables import CachedAnswerRow as Row
from solegate.domain.cached import CacheKey, KeptAnswer, Look


class SqlSharedCache:
    """StockX's answers on the database: shared by every process that uses it, and there after a restart.

    From time to time an answer makes room: what is older than any use goes, then the oldest beyond the bound.

    Args:
        database: keeps them.
        max_entries: most answers kept; between two clearances there may be more.
        max_age: how long an answer may be of any use: freshness and the last resort together.
        clear_every: how many answers of this process make the next clearance; its first one makes one.
    """

    def __init__(
        self,
        database: Database,
        *,
        max_entries: int = 20_000,
        max_age: timedelta = timedelta(days=3),
        clear_every: int = 200,
    ) -> None:
        self._database = database
        self._max_entries = max_entries
        self._max_age = max_age
        self._clear_every = clear_every
        self._puts = 0

    async def look(self, key: CacheKey) -> Look:
        """What is kept under a key, and whether somebody is loading it."""
        async with self._database.reading() as session:
            row = await session.scalar(select(Row).where(*_is(key)))
            if row is None:
                return Look()
            now = await self._database.now(session)
        loading = row.lease_until is not None and row.lease_until > now
        if row.body is None or row.status is None or row.fetched_at is None:
            return Look(None, loading)
        age = max(0.0, (now - row.fetched_at).total_seconds())
        return Look(KeptAnswer(row.status, row.body, row.fetched_at, row.request_id, age), loading)

    async def claim(self, key: CacheKey, *, lease: str, seconds: float, fresh: float, negative: float) -> bool:
        """Take the sole right to load an answer for some seconds, under a name of its own.

        Returns:
            Whether it was given; if not, somebody else has it, or an answer younger than `fresh` seconds (`negative`
            for a 404) has come meanwhile.
        """
        async with self._database.transaction() as session:
            now = await self._database.now(session)
            held = {"lease_owner": lease, "lease_until": now + timedelta(seconds=seconds)}
            row = {
                "account": key.account,
                "operation": key.operation,
                "ids": _ids(key),
                "currency": key.currency,
                "first_id": key.ids[0] if key.ids else "",
                "last_id": key.ids[-1] if key.ids else "",
                "request_id": "",
            }
            free = and_(
                or_(Row.lease_until.is_(None), Row.lease_until <= now),
                or_(
                    Row.fetched_at.is_(None),
                    and_(Row.status == 404, Row.fetched_at <= now - timedelta(seconds=negative)),
                    and_(Row.status != 404, Row.fetched_at <= now - timedelta(seconds=fresh)),
                ),
            )
            claim = (
                insert_into(session, Row)
                .values(row | held)
                .on_conflict_do_update(index_elements=_KEY_COLUMNS, set_=held, where=free)
                .returning(Row.account)
            )
            return await session.scalar(claim) is not None

    async def renew(self, key: CacheKey, *, lease: str, seconds: float) -> None:
        """Keep the right for some seconds more; without effect when it was lost."""
        async with self._database.transaction() as session:
            until = await self._database.now(session) + timedelta(seconds=seconds)
            await session.execute(update(Row).where(*_is(key), Row.lease_owner == lease).values(lease_until=until))

    async def put(self, key: CacheKey, *, lease: str, status: int, body: bytes, request_id: str) -> bool:
        """Keep an answer, which ends the lease.

        Returns:
            Whether it is kept; not when the lease was lost, to another process or because the answer was forgotten
            while it was being loaded.
        """
        async with self._database.transaction() as session:
            now = await self._database.now(session)
            values = {
                "status": status,
                "body": body,
                "request_id": request_id,
                "fetched_at": now,
                "lease_owner": None,
                "lease_until": None,
            }
            change = update(Row).where(*_is(key), Row.lease_owner == lease).values(values).returning(Row.account)
            kept = await session.scalar(change) is not None
            if self._puts % self._clear_every == 0:
                await self._clear(session, now)
            self._puts += 1
            return kept

    async def release(self, key: CacheKey, *, lease: str) -> None:
        """Give the right back without an answer."""
        held = (*_is(key), Row.lease_owner == lease)
        async with self._database.transaction() as session:
            await session.execute(delete(Row).where(*held, Row.body.is_(None)))
            await session.execute(update(Row).where(*held).values(lease_owner=None, lease_until=None))

    async def forget(self, account: str, ids: Collection[str] | None) -> None:
        """Forget an account's answers about these products or variants (`None`: all), and those being loaded."""
        gone = [Row.account == account]
        if ids is not None:
            gone.append(or_(Row.first_id.in_(ids), Row.last_id.in_(ids)))
        async with self._database.transaction() as session:
            await session.execute(delete(Row).where(*gone))

    async def _clear(self, session: AsyncSession, now: datetime) -> None:
        too_old = Row.fetched_at <= now - self._max_age
        abandoned = and_(Row.fetched_at.is_(None), Row.lease_until <= now - self._max_age)
        await session.execute(delete(Row).where(or_(too_old, abandoned)))
        beyond = await session.scalar(select(func.count()).select_from(Row)) or 0
        if beyond > self._max_entries:
            newest = select(Row.fetched_at).where(Row.fetched_at.is_not(None)).order_by(Row.fetched_at.desc())
            oldest_kept = newest.offset(self._max_entries - 1).limit(1).scalar_subquery()
            await session.execute(delete(Row).where(Row.fetched_at < oldest_kept))


_KEY_COLUMNS = ("account", "operation", "ids", "currency")


def _ids(key: CacheKey) -> str:
    return json.dumps(key.ids, ensure_ascii=False)


def _is(key: CacheKey) -> tuple[ColumnElement[bool], ...]:
    return (
        Row.account == key.account,
        Row.operation == key.operation,
        Row.ids == _ids(key),
        Row.currency == key.currency,
    )
