"""The windows of each account's limits: they survive restarts and are shared by every process (design 4.2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from solegate.clock import Clock
from solegate.db.engine import Database, insert_into
from solegate.db.tables import WindowRow
from solegate.domain.limits import Unit


class SqlWindowStore:
    """The client's window store on the database; `clock` is the client's own."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def change(self, account: str, unit: Unit, step: Callable[[str, datetime, float], str]) -> None:
        """Let `step` change the document, which is empty at first, while nobody else does.

        It is given the document, the database's time, and the monotonic time just before that was asked for.
        """
        row = (WindowRow.account == account, WindowRow.unit == unit.value)
        async with self._database.transaction() as session:
            document = await self._locked(session, account, unit)
            asked = self._clock.monotonic()
            changed = step(document, await self._database.now(session), asked)
            await session.execute(update(WindowRow).where(*row).values(document=changed))

    async def read(self, account: str, unit: Unit) -> tuple[str, datetime]:
        """The document, empty when there is none, and the database's time."""
        async with self._database.reading() as session:
            return await self._document(session, account, unit) or "", await self._database.now(session)

    async def _locked(self, session: AsyncSession, account: str, unit: Unit) -> str:
        """The document, locked until the transaction ends (SQLite locks the whole database instead)."""
        document = await self._document(session, account, unit, lock=True)
        if document is None:
            fresh = insert_into(session, WindowRow).values(account=account, unit=unit.value, document="")
            await session.execute(fresh.on_conflict_do_nothing())
            document = await self._document(session, account, unit, lock=True)
        return document or ""

    async def _document(self, session: AsyncSession, account: str, unit: Unit, *, lock: bool = False) -> str | None:
        query = select(WindowRow.document).where(WindowRow.account == account, WindowRow.unit == unit.value)
        return await session.scalar(query.with_for_update() if lock else query)
