"""Tasks under leases: who does what next (design 4.7).

Every change is conditional: on the row being free, or on the fence of the lease that is shown. So any number of
processes may claim at once, and a holder that was frozen and woke too late changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, delete, event, func, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncSession

from solegate.clock import Clock
from solegate.db.engine import Database, insert_into
from solegate.db.repositories.task_turns import TaskTurns
from solegate.db.tables import TaskRow
from solegate.domain.leases import Lease
from solegate.domain.tasks import (
    Claimed,
    Progress,
    Selection,
    Task,
    due_after,
    due_after_failure,
    earliest,
)

LEASE_SECONDS = 30.0
"""How long a worker may be silent before another takes over its task (issue 4)."""
_TOLD = "listeners of tasks are told"


class TaskRepository:
    """The tasks of every process that uses this database.

    Args:
        database: where they are.
        clock: its monotonic side measures how long a lease holds.

    Attributes:
        turns: tells in which accounts there is something to do.
    """

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.turns = TaskTurns(database)
        self._listeners: list[Callable[[], None]] = []

    def call_when_queued(self, listener: Callable[[], None]) -> None:
        """Call this whenever a task that was queued through this object is committed."""
        self._listeners.append(listener)

    async def put(self, session: AsyncSession, task: Task) -> None:
        """Queue a task in the caller's transaction, or make the one with its id due no later than `task.due_at`.

        A task that is held stays so; it is due again when the running step ends. Lane and interval become the new ones.
        """
        await self._put(session, task, again=task.due_at)

    async def repeat(self, session: AsyncSession, task: Task) -> None:
        """Have something done every `task.every` seconds: first at `task.due_at`, or as before if it was on the list.

        A restart of a worker brings no run forward; a shorter interval counts from now.
        """
        now = await self._database.now(session)
        await self._put(session, task, again=now + timedelta(seconds=task.every or 0))

    async def drop(self, session: AsyncSession, account: str, task: str) -> None:
        """Have something done no more; a running step ends as it will."""
        await session.execute(update(TaskRow).where(*_key(account, task)).values(every=None, due_at=None))

    async def _put(self, session: AsyncSession, task: Task, *, again: datetime | None) -> None:
        """Insert it, or make the one that is there due no later than `again`."""
        now = await self._database.now(session)
        new = insert_into(session, TaskRow).values(
            account=task.account,
            id=task.id,
            kind=task.kind,
            subject=task.subject,
            lane=task.lane,
            due_at=task.due_at,
            every=task.every,
            fence=0,
            steps=0,
            failures=0,
            last_error="",
            updated_at=now,
        )
        changes: dict[str, Any] = {"lane": task.lane, "every": task.every, "updated_at": now}
        if again is not None:
            changes["due_at"] = case((TaskRow.due_at < again, TaskRow.due_at), else_=again)
        await session.execute(new.on_conflict_do_update(index_elements=[TaskRow.account, TaskRow.id], set_=changes))
        if _TOLD not in session.info:
            session.info[_TOLD] = True
            event.listen(session.sync_session, "after_commit", self._tell)

    async def claim(self, worker: str, wanted: Selection, *, seconds: float = LEASE_SECONDS) -> Claimed | None:
        """Take the most urgent task that is due, or whose holder's lease lapsed: by lane, then by time.

        Args:
            worker: its new holder.
            wanted: which tasks it takes.
            seconds: of the lease.

        Returns:
            The task and the lease; `None` when there is nothing to do now.
        """
        asked = self._clock.monotonic()
        async with self._database.transaction() as session:
            now = await self._database.now(session)
            row = await self._most_urgent(session, wanted, now)
            if row is None:
                return None
            task, fence, until = task_of(row), row.fence + 1, now + timedelta(seconds=seconds)
            changes = {"owner": worker, "lease_until": until, "fence": fence, "due_at": None, "updated_at": now}
            await session.execute(update(TaskRow).where(*_key(task.account, task.id)).values(changes))
        return Claimed(task, Lease(worker, fence, until, asked + seconds))

    async def renew(self, claimed: Claimed, *, seconds: float = LEASE_SECONDS) -> bool:
        """Hold it longer. A lease that lapsed is renewed as well if nobody took over meanwhile.

        Returns:
            Whether it is still held; if not, the lease never holds again.
        """
        asked = self._clock.monotonic()
        async with self._database.transaction() as session:
            until = await self._database.now(session) + timedelta(seconds=seconds)
            held = await self._change(session, claimed, {"lease_until": until})
        if held:
            claimed.lease.extend(until, asked + seconds)
        else:
            claimed.lease.lose()
        return held

    async def holds(self, session: AsyncSession, claimed: Claimed) -> bool:
        """Whether nobody else has claimed it, in the caller's transaction and until its end."""
        mine = select(TaskRow.fence).where(*_shown(claimed)).with_for_update()
        return await session.scalar(mine) is not None

    async def finish(self, claimed: Claimed, progress: Progress) -> bool:
        """Record a step and give the lease back. The next one is due at the earliest wish of step and callers.

        Returns:
            Whether it counted; `False` when another holds the task by now: then nothing was changed.
        """
        async with self._database.transaction() as session:
            now = await self._database.now(session)
            done = {"failures": 0, "last_error": ""}
            return await self._end(session, claimed, now, due_after(claimed.task, progress, now), done)

    async def fail(self, claimed: Claimed, error: str, *, retry_at: datetime | None = None) -> bool:
        """Record a step that failed and give the lease back; it is tried again after a growing pause.

        Args:
            claimed: the task.
            error: why, in words without secrets.
            retry_at: the earliest moment at which repeating makes sense.

        Returns:
            Whether it counted; see `finish`.
        """
        failures = claimed.task.failures + 1
        async with self._database.transaction() as session:
            now = await self._database.now(session)
            due_at = due_after_failure(failures, now, retry_at=retry_at)
            return await self._end(session, claimed, now, due_at, {"failures": failures, "last_error": error})

    async def release(self, claimed: Claimed) -> bool:
        """Give the lease back without a step: the task is due at once, for anybody."""
        async with self._database.transaction() as session:
            now = await self._database.now(session)
            free = {"owner": None, "lease_until": None, "due_at": now, "updated_at": now}
            held = await self._change(session, claimed, free)
        claimed.lease.lose()
        return held

    async def free_held_by(self, workers: Collection[str]) -> int:
        """Let the leases of workers that surely exist no more lapse now; returns how many."""
        async with self._database.transaction() as session:
            now = await self._database.now(session)
            theirs = (TaskRow.owner.in_(workers), TaskRow.lease_until > now)
            change = update(TaskRow).where(*theirs).values(lease_until=now).returning(TaskRow.id)
            return len((await session.scalars(change)).all())

    async def until_due(self, wanted: Selection) -> float | None:
        """Seconds until there is something to claim: 0 when there is now, `None` when nothing is left to do."""
        firsts = []
        for lane in wanted.lanes:  # one by one: each is a single look into an index
            one = _wanted(replace(wanted, lanes=(lane,)))
            free = select(TaskRow.due_at.label("at")).where(*one, TaskRow.lease_until.is_(None))
            held = select(TaskRow.lease_until.label("at")).where(*one, TaskRow.lease_until.is_not(None))
            firsts.append(free.where(TaskRow.due_at.is_not(None)).order_by(TaskRow.due_at).limit(1).subquery())
            firsts.append(held.order_by(TaskRow.lease_until).limit(1).subquery())
        moments = union_all(*(select(each.c.at) for each in firsts)).subquery()
        async with self._database.reading() as session:
            first = await session.scalar(select(func.min(moments.c.at)))
            now = await self._database.now(session)
        return None if first is None else max(0.0, (first - now).total_seconds())

    async def forget(self, session: AsyncSession, before: datetime) -> int:
        """Delete the tasks that were done before a moment; returns how many.

        Their fences go with them, so the moment lies longer ago than any process stays frozen: days.
        """
        done = (TaskRow.due_at.is_(None), TaskRow.lease_until.is_(None), TaskRow.updated_at < before)
        return len((await session.scalars(delete(TaskRow).where(*done).returning(TaskRow.id))).all())

    def _tell(self, _session: object) -> None:
        for listener in self._listeners:
            listener()

    async def _most_urgent(self, session: AsyncSession, wanted: Selection, now: datetime) -> TaskRow | None:
        """The first of those that are due and those whose lease lapsed: two look-ups, each along its own index."""
        lapsed = (TaskRow.lease_until <= now, TaskRow.lease_until)
        due = (TaskRow.lease_until.is_(None) & (TaskRow.due_at <= now), TaskRow.due_at)
        found = []
        for condition, since in (lapsed, due):
            first = select(TaskRow).where(*_wanted(wanted), condition).order_by(TaskRow.lane, since).limit(1)
            row = await session.scalar(first.with_for_update(skip_locked=True))
            if row is not None:
                found.append(row)
        return min(found, key=lambda row: (row.lane, row.lease_until or row.due_at), default=None)

    async def _end(
        self, session: AsyncSession, claimed: Claimed, now: datetime, due_at: datetime | None, step: Mapping[str, Any]
    ) -> bool:
        claimed.lease.lose()
        asked = select(TaskRow.due_at).where(*_shown(claimed)).with_for_update()
        wishes = (await session.scalars(asked)).all()
        changes = {
            "owner": None,
            "lease_until": None,
            "due_at": earliest([due_at, *wishes]),
            "steps": TaskRow.steps + 1,
            "updated_at": now,
            **step,
        }
        return await self._change(session, claimed, changes)

    async def _change(self, session: AsyncSession, claimed: Claimed, changes: Mapping[str, Any]) -> bool:
        change = update(TaskRow).where(*_shown(claimed)).values(changes).returning(TaskRow.id)
        return await session.scalar(change) is not None


def _key(account: str, task: str) -> tuple[ColumnElement[bool], ...]:
    return TaskRow.account == account, TaskRow.id == task


def _shown(claimed: Claimed) -> tuple[ColumnElement[bool], ...]:
    """The row, if the lease that is shown is the last one given on it."""
    lease = claimed.lease
    still = (TaskRow.owner == lease.owner, TaskRow.fence == lease.fence)
    return (*_key(claimed.task.account, claimed.task.id), *still)


def _wanted(wanted: Selection) -> tuple[ColumnElement[bool], ...]:
    one = () if wanted.subject is None else (TaskRow.subject == wanted.subject,)
    return TaskRow.account == wanted.account, TaskRow.lane.in_(wanted.lanes), TaskRow.kind.in_(wanted.kinds), *one


def task_of(row: TaskRow) -> Task:
    """A row as a value."""
    return Task(
        account=row.account,
        kind=row.kind,
        subject=row.subject,
        lane=row.lane,
        due_at=row.due_at,
        every=row.every,
        failures=row.failures,
    )
