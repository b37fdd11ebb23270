"""The day's quota of each account: it survives restarts and is shared by every process (design 4.2)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from solegate.db.engine import Database, insert_into
from solegate.db.tables import QuotaRow


class SqlLimitStore:
    """The client's limit store on the database. `day` is a UTC day."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, account: str, day: date, wanted: int, limit: int) -> int:
        """Use up to `wanted` requests of the day without ever passing `limit`.

        Returns:
            How many were granted; 0 when the quota is exhausted.
        """
        async with self._database.transaction() as session:
            used = await self._locked(session, account, day)
            granted = max(0, min(wanted, limit - used))
            await self._set(session, account, day, used + granted)
        return granted

    async def give_back(self, account: str, day: date, count: int) -> None:
        """Return requests that were taken and never sent."""
        async with self._database.transaction() as session:
            used = await self._locked(session, account, day)
            await self._set(session, account, day, max(0, used - max(0, count)))

    async def used(self, account: str, day: date) -> int:
        """How many requests of the day are used."""
        async with self._database.reading() as session:
            return await session.scalar(select(QuotaRow.used).where(*_row(account, day))) or 0

    async def _locked(self, session: AsyncSession, account: str, day: date) -> int:
        """The day's count, locked until the transaction ends (SQLite locks the whole database instead)."""
        fresh = insert_into(session, QuotaRow).values(account=account, day=day, used=0)
        await session.execute(fresh.on_conflict_do_nothing())
        return (await session.scalars(select(QuotaRow.used).where(*_row(account, day)).with_for_update())).one()

    async def _set(self, session: AsyncSession, account: str, day: date, used: int) -> None:
        await session.execute(update(QuotaRow).where(*_row(account, day)).values(used=used))


def _row(account: str, day: date) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return QuotaRow.account == account, QuotaRow.day == day
