"""The day's quota of each account: it survives restarts and is shared by every process (design 4.2)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from solegate.db.engine import Database, insert_into
from solegate.db.tables import QuotaRow
from solegate.domain.limits import Unit


class SqlLimitStore:
    """The client's limit store on the database. `day` is a UTC day."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, account: str, day: date, wanted: int, limit: int, unit: Unit = Unit.REQUESTS) -> int:
        """Use up to `wanted` of the day without ever passing `limit`.

        Returns:
            How many were granted; 0 when the quota is exhausted.
        """
        async with self._database.transaction() as session:
            used = await self._locked(session, account, day, unit)
            granted = max(0, min(wanted, limit - used))
            await self._set(session, account, day, unit, used + granted)
        return granted

    async def give_back(self, account: str, day: date, count: int, unit: Unit = Unit.REQUESTS) -> None:
        """Return what was taken and never sent."""
        async with self._database.transaction() as session:
            used = await self._locked(session, account, day, unit)
            await self._set(session, account, day, unit, max(0, used - max(0, count)))

    async def used(self, account: str, day: date, unit: Unit = Unit.REQUESTS) -> int:
        """How much of the day is used."""
        async with self._database.reading() as session:
            return await session.scalar(select(QuotaRow.used).where(*_row(account, day, unit))) or 0

    async def _locked(self, session: AsyncSession, account: str, day: date, unit: Unit) -> int:
        """The day's count, locked until the transaction ends (SQLite locks the whole database instead)."""
        fresh = insert_into(session, QuotaRow).values(account=account, day=day, unit=unit.value, used=0)
        await session.execute(fresh.on_conflict_do_nothing())
        return (await session.scalars(select(QuotaRow.used).where(*_row(account, day, unit)).with_for_update())).one()

    async def _set(self, session: AsyncSession, account: str, day: date, unit: Unit, used: int) -> None:
        await session.execute(update(QuotaRow).where(*_row(account, day, unit)).values(used=used))


def _row(account: str, day: date, unit: Unit) -> tuple[ColumnElement[bool], ...]:
    return QuotaRow.account == account, QuotaRow.day == day, QuotaRow.unit == unit.value
