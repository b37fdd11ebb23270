"""Reading the intent ledger: what is open, due, or owned, and pages of it for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from solegate.db.engine import Database
from solegate.db.tables import IntentRow
from solegate.domain.intents import IN_FLIGHT, OPEN, Action, Intent, IntentState
from solegate.domain.money import Money

_FIELDS = (
    "id", "account", "action", "unit", "variant_id", "listing_id", "active", "expires_at", "inventory_type", "state",
    "version", "attempts", "sent_at", "send_before", "operation_id", "batch_id", "looks", "job_id", "row",
    "caller_key", "actor", "cause", "reason", "created_at", "updated_at", "released_at",
)  # fmt: skip
"""An intent and its row name these alike; the price is two columns."""
_IDS_PER_QUERY = 500
"""SQLite takes some 32,000 parameters, PostgreSQL's driver as many; this stays far below both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentQuery:
    """Which intents to show; what is empty lets everything through."""

    account: str
    states: tuple[IntentState, ...] = ()
    listing_id: str | None = None
    variant_id: str | None = None
    job_id: str | None = None
    unit: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The same in SQL."""
        conditions = [IntentRow.account == self.account]
        if self.states:
            conditions.append(IntentRow.state.in_(self.states))
        for column, wanted in (
            (IntentRow.listing_id, self.listing_id),
            (IntentRow.variant_id, self.variant_id),
            (IntentRow.job_id, self.job_id),
            (IntentRow.unit, self.unit),
        ):
            if wanted is not None:
                conditions.append(column == wanted)
        return conditions


class IntentReads:
    """Reads intents; every method works in the caller's transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, session: AsyncSession, intent_id: str, *, lock: bool = False) -> Intent | None:
        """The intent; `lock` keeps others from moving it until the transaction ends."""
        query = select(IntentRow).where(IntentRow.id == intent_id)
        row = await session.scalar(query.with_for_update() if lock else query)
        return None if row is None else intent_of(row)

    async def by_caller_key(self, session: AsyncSession, account: str, key: str) -> Intent | None:
        """The intent that was made under the caller's key."""
        row = await session.scalar(select(IntentRow).where(IntentRow.account == account, IntentRow.caller_key == key))
        return None if row is None else intent_of(row)

    async def open_of_unit(self, session: AsyncSession, account: str, unit: str) -> tuple[Intent, ...]:
        """What is planned or in flight for a unit, by version."""
        query = select(IntentRow).where(IntentRow.account == account, IntentRow.unit == unit, IntentRow.state.in_(OPEN))
        return await _all(session, query.order_by(IntentRow.version).with_for_update())

    async def holder_of_unit(self, session: AsyncSession, account: str, unit: str) -> Intent | None:
        """The create that holds a pair: open, or with a listing that is not known to be gone."""
        row = await session.scalar(
            select(IntentRow).where(
                IntentRow.account == account,
                IntentRow.unit == unit,
                IntentRow.action == Action.CREATE,
                IntentRow.released_at.is_(None),
            )
        )
        return None if row is None else intent_of(row)

    async def create_of_listing(self, session: AsyncSession, account: str, listing_id: str) -> Intent | None:
        """The create that made a listing."""
        row = await session.scalar(
            select(IntentRow).where(
                IntentRow.account == account,
                IntentRow.listing_id == listing_id,
                IntentRow.action == Action.CREATE,
            )
        )
        return None if row is None else intent_of(row)

    async def held_units(self, session: AsyncSession, account: str, variant_id: str) -> set[str]:
        """The pairs of a size that are held by a create."""
        return set(
            await session.scalars(
                select(IntentRow.unit).where(
                    IntentRow.account == account,
                    IntentRow.variant_id == variant_id,
                    IntentRow.action == Action.CREATE,
                    IntentRow.released_at.is_(None),
                )
            )
        )

    async def newest_version(self, session: AsyncSession, account: str, unit: str) -> int:
        """The highest version of any intent of a unit; 0 where there is none."""
        query = select(func.max(IntentRow.version)).where(IntentRow.account == account, IntentRow.unit == unit)
        return await session.scalar(query) or 0

    async def page(
        self, session: AsyncSession, query: IntentQuery, *, limit: int = 100, offset: int = 0
    ) -> tuple[Intent, ...]:
        """Intents, newest first."""
        order = IntentRow.created_at.desc(), IntentRow.id
        return await _all(session, _where(query).order_by(*order).limit(limit).offset(offset))

    async def due(
        self, session: AsyncSession, account: str, *, stale: datetime, limit: int = 100
    ) -> tuple[Intent, ...]:
        """Single writes somebody has to look at, oldest first.

        UNKNOWN ones, SENT ones whose sender may send no more, and any open one that nobody has touched since `stale`.
        Writes of a bulk job are followed by their job.
        """
        now = await self._database.now(session)
        doubtful = (IntentRow.state == IntentState.UNKNOWN) | (
            (IntentRow.state == IntentState.SENT) & (IntentRow.send_before < now)
        )
        query = select(IntentRow).where(
            IntentRow.account == account,
            IntentRow.state.in_(OPEN),
            IntentRow.job_id.is_(None),
            doubtful | (IntentRow.updated_at < stale),
        )
        return await _all(session, query.order_by(IntentRow.updated_at, IntentRow.id).limit(limit))

    async def owned_listings(self, session: AsyncSession, account: str, listing_ids: Sequence[str]) -> set[str]:
        """Which of these listings a create of the ledger made already."""
        owned: set[str] = set()
        for start in range(0, len(listing_ids), _IDS_PER_QUERY):
            part = listing_ids[start : start + _IDS_PER_QUERY]
            found = await session.scalars(
                select(IntentRow.listing_id).where(
                    IntentRow.account == account,
                    IntentRow.action == Action.CREATE,
                    IntentRow.listing_id.in_(part),
                )
            )
            owned.update(each for each in found if each is not None)
        return owned

    async def in_the_way(self, session: AsyncSession, intent: Intent) -> tuple[Intent, ...]:
        """What keeps a planned write from being sent: writes of its unit, and single creates of its size, in flight."""
        blocking = IntentRow.unit == intent.unit
        if intent.action is Action.CREATE:
            loose = IntentRow.action == Action.CREATE, IntentRow.job_id.is_(None), IntentRow.listing_id.is_(None)
            blocking |= and_(IntentRow.variant_id == intent.variant_id, *loose)
        query = select(IntentRow).where(
            IntentRow.account == intent.account, IntentRow.state.in_(IN_FLIGHT), IntentRow.id != intent.id, blocking
        )
        return await _all(session, query)

    async def locked(self, session: AsyncSession, ids: Sequence[str]) -> list[Intent]:
        """These intents, kept from being moved by others until the transaction ends."""
        found: list[Intent] = []
        for start in range(0, len(ids), _IDS_PER_QUERY):
            part = ids[start : start + _IDS_PER_QUERY]
            query = select(IntentRow).where(IntentRow.id.in_(part)).order_by(IntentRow.id)
            found += await _all(session, query.with_for_update())
        return found


def _where(query: IntentQuery) -> Select[IntentRow]:
    return select(IntentRow).where(*query.conditions())


async def _all(session: AsyncSession, query: Select[IntentRow]) -> tuple[Intent, ...]:
    return tuple(intent_of(row) for row in await session.scalars(query))


def values_of(intent: Intent) -> dict[str, object]:
    """An intent as a row."""
    price = intent.price
    return {name: getattr(intent, name) for name in _FIELDS} | {
        "amount": None if price is None else price.amount,
        "currency": None if price is None else price.currency,
    }


def intent_of(row: IntentRow) -> Intent:
    """A row as an intent."""
    price = None if row.amount is None or row.currency is None else Money(row.amount, row.currency)
    known = {name: getattr(row, name) for name in _FIELDS}
    return Intent(**known | {"action": Action(row.action), "state": IntentState(row.state), "price": price})
