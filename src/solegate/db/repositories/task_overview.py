"""What the tasks are at, for people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import case, func, or_, select

from solegate.db.engine import Database
from solegate.db.repositories.tasks import task_of
from solegate.db.tables import TaskRow
from solegate.domain.tasks import TaskState, TaskStatus, state_of


class TaskOverview:
    """Tells of the tasks of every process that uses this database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def statuses(self, account: str, *, limit: int = 200) -> list[TaskStatus]:
        """The tasks that still lead somewhere, the most urgent first."""
        async with self._database.reading() as session:
            now = await self._database.now(session)
            rows = await session.scalars(
                select(TaskRow)
                .where(TaskRow.account == account, or_(TaskRow.due_at.is_not(None), TaskRow.lease_until.is_not(None)))
                .order_by(TaskRow.lane, func.coalesce(TaskRow.due_at, TaskRow.lease_until), TaskRow.id)
                .limit(limit)
            )
            return [_status(row, now) for row in rows]

    async def counts(self, account: str) -> Mapping[tuple[str, TaskState], int]:
        """How many tasks of each kind are at what."""
        async with self._database.reading() as session:
            now = await self._database.now(session)
            state = case(
                (TaskRow.lease_until > now, TaskState.RUNNING.value),
                (TaskRow.lease_until.is_not(None), TaskState.LAPSED.value),
                (TaskRow.due_at.is_(None), TaskState.DONE.value),
                (TaskRow.failures > 0, TaskState.FAILING.value),
                (TaskRow.due_at <= now, TaskState.DUE.value),
                else_=TaskState.WAITING.value,
            )
            found = select(TaskRow.kind, state, func.count()).where(TaskRow.account == account)
            rows = await session.execute(found.group_by(TaskRow.kind, state))
            return {(kind, TaskState(at)): number for kind, at, number in rows}


def _status(row: TaskRow, now: datetime) -> TaskStatus:
    task = task_of(row)
    return TaskStatus(
        task=task,
        state=state_of(task, row.lease_until, now),
        owner=row.owner,
        lease_until=row.lease_until,
        steps=row.steps,
        last_error=row.last_error,
        updated_at=row.updated_at,
    )
