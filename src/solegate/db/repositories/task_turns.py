"""When there is something to do, and how much, for many accounts at once: what the fair turns are made of."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, ScalarSelect, String, case, column, func, or_, select, true, values
from sqlalchemy.orm import InstrumentedAttribute

from solegate.db.engine import Database
from solegate.db.tables import TaskRow
from solegate.domain.tasks import earliest


class TaskTurns:
    """The tasks of all accounts, looked at and left as they are."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def outlook(
        self, accounts: Sequence[str], lanes: Sequence[int], kinds: Sequence[str], subject: str | None = None
    ) -> Mapping[tuple[str, int], float]:
        """Seconds until there is something to claim for each account in each lane: 0 when there is now.

        Accounts and lanes in which nothing is left to do are left out. Each is two looks into an index, so what it
        costs does not grow with the number of tasks.
        """
        if not accounts or not lanes:
            return {}
        whose = values(column("account", String), name="whose").data([(each,) for each in accounts]).cte("whose")
        which = values(column("lane", Integer), name="which").data([(each,) for each in lanes]).cte("which")
        one = [TaskRow.account == whose.c.account, TaskRow.lane == which.c.lane, TaskRow.kind.in_(kinds)]
        if subject is not None:
            one.append(TaskRow.subject == subject)
        due_at = _first(TaskRow.due_at, *one, TaskRow.lease_until.is_(None), TaskRow.due_at.is_not(None))
        free_at = _first(TaskRow.lease_until, *one, TaskRow.lease_until.is_not(None))
        query = select(whose.c.account, which.c.lane, due_at, free_at).select_from(whose.join(which, true()))
        async with self._database.reading() as session:
            rows = (await session.execute(query)).all()
            now = await self._database.now(session)
        firsts = {(account, lane): earliest(moments) for account, lane, *moments in rows}
        return {turn: max(0.0, (at - now).total_seconds()) for turn, at in firsts.items() if at is not None}

    async def burdens(
        self, accounts: Collection[str], kinds: Collection[str]
    ) -> Mapping[int, Mapping[str, tuple[int, int]]]:
        """For each lane and account: how many tasks there are to claim now, and how many are held."""
        async with self._database.reading() as session:
            now = await self._database.now(session)
            is_due = or_(TaskRow.lease_until <= now, TaskRow.lease_until.is_(None) & (TaskRow.due_at <= now))
            is_held = TaskRow.lease_until > now
            due, held = (func.count(case((condition, 1))) for condition in (is_due, is_held))
            of_these = (TaskRow.account.in_(accounts), TaskRow.kind.in_(kinds), or_(is_due, is_held))
            counted = select(TaskRow.lane, TaskRow.account, due, held).where(*of_these)
            found: dict[int, dict[str, tuple[int, int]]] = {}
            for lane, account, *both in await session.execute(counted.group_by(TaskRow.lane, TaskRow.account)):
                found.setdefault(lane, {})[account] = (both[0], both[1])
        return found


def _first(moment: InstrumentedAttribute[datetime | None], *conditions: ColumnElement[bool]) -> ScalarSelect[Any]:
    """The earliest of a column's moments: one look into the index that begins with account and lane."""
    return select(moment).where(*conditions).order_by(moment).limit(1).scalar_subquery()
