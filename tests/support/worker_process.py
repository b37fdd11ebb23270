"""A worker in a process of its own, whose steps note in a table when they began, and what they did.

`python -m support.worker_process URL ENGINE NAME LEASE_SECONDS STEP_SECONDS GRACE KEPT`; SIGTERM drains it. Each
step of a job notes its beginning at once and its effect at its end, if the lease holds at that last moment, as a write
to StockX would.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from solegate.clock import SystemClock
from solegate.db import Database
from solegate.db.repositories.tasks import TaskRepository
from solegate.db.repositories.workers import WorkerRepository
from solegate.domain.leases import Lease
from solegate.domain.tasks import Progress, Task
from solegate.jobs.engine import DbosEngine
from solegate.jobs.local import LocalLoop
from solegate.jobs.port import Engine
from solegate.jobs.presence import Presence
from solegate.jobs.roster import Only
from solegate.jobs.steps import StepRunner
from solegate.log import configure_logging
from solegate.metrics import Metrics


class Noting:
    """The handler of jobs. A subject `NAME/3` takes three steps."""

    def __init__(self, database: Database, worker: str, seconds: float) -> None:
        self._database = database
        self._worker = worker
        self._seconds = seconds
        self._clock = SystemClock()

    async def step(self, task: Task, lease: Lease) -> Progress:
        began = self._clock.now().isoformat()
        await self._note("INSERT INTO began VALUES (:subject, :worker, :at)", task, at=began)
        await asyncio.sleep(self._seconds)
        if not lease.holds(self._clock.now(), self._clock.monotonic()):
            return Progress(None, "too late")
        at = self._clock.now().isoformat()
        await self._note("INSERT INTO effects VALUES (:subject, :worker, :began, :at)", task, began=began, at=at)
        async with self._database.reading() as session:
            done = await session.scalar(
                text("SELECT count(*) FROM effects WHERE subject = :subject"), {"subject": task.subject}
            )
        wanted = int(task.subject.rpartition("/")[2])
        return Progress(None if done is not None and done >= wanted else datetime.now(UTC))

    async def _note(self, statement: str, task: Task, **values: str) -> None:
        async with self._database.transaction() as session:
            await session.execute(text(statement), {"subject": task.subject, "worker": self._worker, **values})


async def main(url: str, engine_name: str, worker: str, lease: str, seconds: str, grace: str, kept: str) -> None:
    clock, stop = SystemClock(), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with Database(url) as database:
        tasks, workers = TaskRepository(database, clock=clock), WorkerRepository(database)
        handlers = {"job": Noting(database, worker, float(seconds))}
        metrics = Metrics()
        runner = StepRunner(tasks, handlers, worker=worker, clock=clock, metrics=metrics, lease_seconds=float(lease))
        engine: Engine
        if engine_name == "local":
            engine = LocalLoop(runner, roster=Only("default"), clock=clock, poll=0.1, grace=float(grace))
        else:
            engine = DbosEngine(
                runner,
                database,
                url=url,
                roster=Only("default"),
                scope="default",
                worker=worker,
                clock=clock,
                metrics=metrics,
                lanes=(0, 1, 2, 3),
                grace=float(grace),
                kept=timedelta(seconds=float(kept)),
            )
        # As from another machine: nobody sees that the process is gone, only that it is silent.
        presence = Presence(workers, tasks, worker=worker, engine=engine_name, clock=clock, gone=lambda _pid: False)
        async with presence.kept():
            running = asyncio.create_task(engine.run())
            print("ready", flush=True)
            await stop.wait()
            engine.drain()
            await running


if __name__ == "__main__":
    configure_logging(level="INFO")
    asyncio.run(main(*sys.argv[1:]))
