"""How far each sync is."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from solegate.db.engine import insert_into
from solegate.db.tables import SyncRow, TaskRow
from solegate.domain.sync import Place, SyncRun, SyncState
from solegate.domain.tasks import Task

_FIELDS = ("started_at", "finished_at", "succeeded_at", "requests", "rows", "changed", "error")
"""A run and its row name these alike."""


class SyncRepository:
    """The syncs of one account, inside the transaction of the given session."""

    def __init__(self, session: AsyncSession, account: str) -> None:
        self._session = session
        self._account = account

    async def load(self, name: str) -> SyncRun:
        """How a sync stands; one that never ran is idle."""
        row = await self._session.scalar(select(SyncRow).where(SyncRow.account == self._account, SyncRow.kind == name))
        if row is None:
            return SyncRun(name=name)
        return SyncRun(
            name=name,
            state=SyncState(row.state),
            place=Place.from_json(row.position),
            steps=row.steps,
            **{field: getattr(row, field) for field in _FIELDS},
        )

    async def save(self, run: SyncRun) -> SyncRun | None:
        """Keep what a step left, if no other process did a step since the run was loaded.

        Returns:
            The run as it is now; `None` if another was faster: then the caller's transaction must keep nothing.
        """
        fresh = {"account": self._account, "kind": run.name, "steps": 0}
        empty = {"state": SyncState.IDLE.value, "position": {}, "requests": 0, "rows": 0, "changed": 0, "error": ""}
        await self._session.execute(insert_into(self._session, SyncRow).values(fresh | empty).on_conflict_do_nothing())
        values = {field: getattr(run, field) for field in _FIELDS} | {
            "state": run.state.value,
            "position": run.place.to_json(),
            "steps": run.steps + 1,
        }
        mine = (SyncRow.account == self._account, SyncRow.kind == run.name, SyncRow.steps == run.steps)
        kept = await self._session.scalar(update(SyncRow).where(*mine).values(values).returning(SyncRow.steps))
        return None if kept is None else await self.load(run.name)

    async def tasks(self) -> dict[str, Task]:
        """The tasks by which workers do the syncs, by id; `due_at` is empty while a step is being done."""
        query = select(TaskRow).where(TaskRow.account == self._account, TaskRow.kind.in_(("sync", "market")))
        return {
            row.id: Task(
                account=row.account,
                kind=row.kind,
                subject=row.subject,
                lane=row.lane,
                due_at=row.due_at,
                every=row.every,
                failures=row.failures,
            )
            for row in await self._session.scalars(query)
        }
