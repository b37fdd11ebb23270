"""Putting what is done again and again on the list of tasks (issue 4)."""

from __future__ import annotations

from solegate.db import Database
from solegate.db.repositories.tasks import TaskRepository
from solegate.domain.schedules import Schedule


async def plan(database: Database, tasks: TaskRepository, account: str, schedules: tuple[Schedule, ...]) -> None:
    """Put them on the account's list; those that are there already keep their time.

    Raises:
        DatabaseError: the database fails.
    """
    async with database.transaction() as session:
        now = await database.now(session)
        for schedule in schedules:
            task = schedule.task(account, now)
            if schedule.every:
                await tasks.repeat(session, task)
            else:
                await tasks.drop(session, account, task.id)
