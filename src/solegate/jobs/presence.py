"""Signs of life of this worker, and an eye on the others of the same machine.

The tasks of a worker that is dead for certain, because its process exists no more, are free at once. The leases of one
that is only silent run out by themselves: it may be frozen, with a request half sent.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

from solegate.clock import Clock
from solegate.db.repositories.tasks import TaskRepository
from solegate.db.repositories.workers import WorkerRepository
from solegate.domain.tasks import HEARTBEAT_SECONDS, Worker
from solegate.errors import DatabaseError
from solegate.jobs.processes import is_gone, this_place
from solegate.log import get_logger

_FORGOTTEN = timedelta(days=1)
"""A worker that died elsewhere is shown for so long."""

_log = get_logger("jobs")


class Presence:
    """Keeps the row of this worker fresh while it works.

    Args:
        workers: where it signs in.
        tasks: freed when their holder's process is gone.
        worker: its id.
        engine: see `Worker`.
        clock: tells the time and waits.
        every: seconds between two signs of life.
        gone: tells whether a process of this place exists no more.
    """

    def __init__(
        self,
        workers: WorkerRepository,
        tasks: TaskRepository,
        *,
        worker: str,
        engine: str,
        clock: Clock,
        every: float = HEARTBEAT_SECONDS,
        gone: Callable[[int], bool] = is_gone,
    ) -> None:
        now = clock.now()
        self._me = Worker(
            id=worker,
            host=socket.gethostname(),
            place=this_place(),
            pid=os.getpid(),
            engine=engine,
            started_at=now,
            heartbeat_at=now,
        )
        self._workers = workers
        self._tasks = tasks
        self._clock = clock
        self._every = every
        self._gone = gone

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Be present while the block runs; signed out at its end.

        Raises:
            DatabaseError: (at the start) the database fails. Later it is logged and tried again.
        """
        await self._workers.forget(_FORGOTTEN)
        await self._look()
        beating = asyncio.create_task(self._beat())
        try:
            yield
        finally:
            beating.cancel()
            try:
                await self._workers.leave(self._me.id)
            except DatabaseError as error:
                _log.warning("worker_not_signed_out", error=error.message)

    async def drains(self) -> None:
        """Tell that this worker takes nothing new."""
        self._me = replace(self._me, draining=True)
        try:
            await self._workers.beat(self._me)
        except DatabaseError as error:
            _log.warning("heartbeat_failed", error=error.message)

    async def _beat(self) -> None:
        heard = True
        while True:
            await self._clock.sleep(self._every)
            try:
                await self._look()
            except DatabaseError as error:
                if heard:  # told once; the engine tells when the database is back
                    _log.warning("heartbeat_failed", error=error.message)
                heard = False
            else:
                heard = True

    async def _look(self) -> None:
        """Give a sign of life, and free what the dead of this machine hold."""
        await self._workers.beat(self._me)
        known, _now = await self._workers.known()
        dead = [worker.id for worker in known if self._is_dead(worker)]
        if dead:
            freed = await self._tasks.free_held_by(dead)
            _log.warning("workers_died", workers=dead, tasks_freed=freed)
            for worker in dead:
                await self._workers.leave(worker)

    def _is_dead(self, worker: Worker) -> bool:
        return worker.place == self._me.place and worker.pid != self._me.pid and self._gone(worker.pid)
