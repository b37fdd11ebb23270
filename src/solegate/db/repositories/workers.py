"""The workers that do the tasks, and when each was last heard of (design 4.7)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from solegate.db.engine import Database, insert_into
from solegate.db.tables import WorkerRow
from solegate.domain.tasks import Worker


class WorkerRepository:
    """The workers of every process that uses this database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def beat(self, worker: Worker) -> None:
        """Write a sign of life; its time is the database's."""
        async with self._database.transaction() as session:
            now = await self._database.now(session)
            new = insert_into(session, WorkerRow).values(
                id=worker.id,
                host=worker.host,
                place=worker.place,
                pid=worker.pid,
                engine=worker.engine,
                started_at=now,
                heartbeat_at=now,
                draining=worker.draining,
            )
            changes = {"heartbeat_at": now, "draining": worker.draining}
            await session.execute(new.on_conflict_do_update(index_elements=[WorkerRow.id], set_=changes))

    async def leave(self, worker: str) -> None:
        """A worker ended by itself."""
        async with self._database.transaction() as session:
            await session.execute(delete(WorkerRow).where(WorkerRow.id == worker))

    async def known(self) -> tuple[list[Worker], datetime]:
        """Every worker that did not end by itself, the oldest first, and the database's time."""
        async with self._database.reading() as session:
            rows = await session.scalars(select(WorkerRow).order_by(WorkerRow.started_at, WorkerRow.id))
            return [_worker(row) for row in rows], await self._database.now(session)

    async def forget(self, silent: timedelta) -> None:
        """Delete the workers that were not heard of for so long."""
        async with self._database.transaction() as session:
            before = await self._database.now(session) - silent
            await session.execute(delete(WorkerRow).where(WorkerRow.heartbeat_at < before))


def _worker(row: WorkerRow) -> Worker:
    return Worker(
        id=row.id,
        host=row.host,
        place=row.place,
        pid=row.pid,
        engine=row.engine,
        started_at=row.started_at,
        heartbeat_at=row.heartbeat_at,
        draining=row.draining,
    )
