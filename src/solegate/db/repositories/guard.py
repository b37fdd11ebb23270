"""What guard rails need of the database: the kill switch, and what the account has used of its day.

Both are about what other processes do at the same moment, so both lock. SQLite has one writer, whose transactions see
all that was committed before. On PostgreSQL advisory locks of the account do it: who marks a write as sent shares the
switch with others of its kind, and who throws it waits for them; so once a stop is committed, nothing is marked as
sent any more. Locks end with the transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from sqlalchemy import ColumnElement, and_, delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from solegate.db.engine import insert_into
from solegate.db.tables import IntentRow, ListingRow, StopRow
from solegate.domain.guard_rails import OFFERS, VALUED, DayUse
from solegate.domain.intents import IN_FLIGHT, IntentState
from solegate.domain.stops import Stop

_UNPRICED = and_(
    IntentRow.amount.is_(None),
    ListingRow.account == IntentRow.account,
    ListingRow.listing_id == IntentRow.listing_id,
)
_SWITCH, _DAY = 0x5709, 0xDA7
"""Which lock of an account: PostgreSQL takes two numbers, this and one made of the account's name."""


class GuardRepository:
    """The kill switch and the day's use, inside the transaction of the given session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def stop_in_force(self, account: str) -> Stop | None:
        """The stop, or `None`; none can come until the transaction ends."""
        await self._lock("pg_advisory_xact_lock_shared", _SWITCH, account)
        return await self.stop(account)

    async def stop(self, account: str) -> Stop | None:
        """The stop as it stands now, or `None`."""
        row = await self._session.get(StopRow, account)
        return None if row is None else Stop(row.account, row.at, row.actor, row.reason)

    async def put(self, stop: Stop) -> tuple[Stop, bool]:
        """Stop every write; waits for transactions that have seen no stop. A stop that is there already stays.

        Returns:
            The stop in force, and whether it is new.
        """
        await self._lock("pg_advisory_xact_lock", _SWITCH, stop.account)
        values = {"account": stop.account, "at": stop.at, "actor": stop.actor, "reason": stop.reason}
        insert = insert_into(self._session, StopRow).values(values).on_conflict_do_nothing()
        is_new = await self._session.scalar(insert.returning(StopRow.account)) is not None
        return (stop if is_new else await self.stop(stop.account) or stop), is_new

    async def remove(self, account: str) -> bool:
        """Let writes go on; whether they were stopped."""
        await self._lock("pg_advisory_xact_lock", _SWITCH, account)
        gone = delete(StopRow).where(StopRow.account == account).returning(StopRow.account)
        return await self._session.scalar(gone) is not None

    async def use_since(self, account: str, since: datetime, *, locked: bool = False) -> DayUse:
        """What intents written down since then use of the day.

        An activation that leaves the price as it is counts with the listing's price as last seen.

        Args:
            account: whose.
            since: the start of the day.
            locked: whether nobody else may plan until the transaction ends, so that two do not use up the same rest.
        """
        if locked:
            await self._lock("pg_advisory_xact_lock", _DAY, account)
        made = (
            IntentRow.account == account,
            IntentRow.created_at >= since,
            IntentRow.state != IntentState.ABANDONED,
            IntentRow.action.in_(OFFERS),
        )
        amount, currency = _offer()
        worth = IntentRow.action, IntentRow.state, currency, amount
        used = select(*worth, func.count()).outerjoin(ListingRow, _UNPRICED).where(*made).group_by(*worth)
        rows = await self._session.execute(used)
        writes, value = 0, dict[str, Decimal]()
        for action, state, code, price, count in rows:
            writes += count
            if action in VALUED and state != IntentState.FAILED and code is not None and price is not None:
                value[code] = value.get(code, Decimal(0)) + price * count
        return DayUse(writes, _frozen(value))

    async def in_flight(self, account: str) -> int:
        """Writes that were sent and are not settled; a stop does not call them back."""
        open_ones = IntentRow.account == account, IntentRow.state.in_(IN_FLIGHT)
        return await self._session.scalar(select(func.count()).select_from(IntentRow).where(*open_ones)) or 0

    async def _lock(self, function: str, which: int, account: str) -> None:
        if self._session.get_bind().dialect.name == "postgresql":
            statement = text(f"SELECT {function}(:which, hashtext(:account))")
            await self._session.execute(statement, {"which": which, "account": account})


def _offer() -> tuple[ColumnElement[Decimal | None], ColumnElement[str | None]]:
    """Amount and currency that an intent offers a pair for."""
    return func.coalesce(IntentRow.amount, ListingRow.amount), func.coalesce(IntentRow.currency, ListingRow.currency)


def _frozen(value: dict[str, Decimal]) -> Mapping[str, Decimal]:
    return MappingProxyType(value)
