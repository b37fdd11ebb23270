"""Background work for tests: handlers that note when each step began and ended, and loops to run them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from solegate.clock import SystemClock
from solegate.db import Database
from solegate.db.repositories.tasks import TaskRepository
from solegate.domain.leases import Lease
from solegate.domain.tasks import Progress, Task
from solegate.jobs.handlers import Handler
from solegate.jobs.local import LocalLoop
from solegate.jobs.roster import Only
from solegate.jobs.steps import StepRunner
from solegate.metrics import Metrics

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def job(subject: str = "a", *, lane: int = 1, **changes: Any) -> Task:
    """A task that is due."""
    return Task(
        **{"account": "default", "kind": "job", "subject": subject, "lane": lane, "due_at": LONG_AGO, **changes}
    )


@dataclass
class Diary:
    """A handler that notes each step; `steps` of them are needed by each task."""

    seconds: float = 0.0
    steps: int = 1
    began: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    leases: list[Lease] = field(default_factory=list)
    fails: Callable[[Task], Exception | None] = lambda _task: None

    async def step(self, task: Task, lease: Lease) -> Progress:
        self.began.append(task.subject)
        self.leases.append(lease)
        await asyncio.sleep(self.seconds)
        error = self.fails(task)
        if error is not None:
            raise error
        self.ended.append(task.subject)
        left = self.steps - self.ended.count(task.subject)
        return Progress(LONG_AGO if left > 0 else None, "noted")


async def put(database: Database, tasks: Iterable[Task]) -> None:
    """Queue tasks."""
    repository = TaskRepository(database, clock=SystemClock())
    async with database.transaction() as session:
        for task in tasks:
            await repository.put(session, task)


def loop_on(
    database: Database, handlers: Mapping[str, Handler], *, worker: str = "w", lease_seconds: float = 30, **changes: Any
) -> LocalLoop:
    """A loop that is not running yet."""
    clock = SystemClock()
    tasks = TaskRepository(database, clock=clock)
    longest = changes.pop("longest_step", 60.0)
    runner = StepRunner(
        tasks,
        handlers,
        worker=worker,
        clock=clock,
        metrics=Metrics(),
        lease_seconds=lease_seconds,
        longest_step=longest,
    )
    return LocalLoop(runner, roster=Only("default"), clock=clock, **changes)


@asynccontextmanager
async def running(loop: LocalLoop) -> AsyncIterator[LocalLoop]:
    """Run a loop beside the block; drain it at the block's end."""
    task = asyncio.create_task(loop.run())
    try:
        yield loop
    finally:
        loop.drain()
        await task


async def until(condition: Callable[[], bool], *, seconds: float = 10) -> None:
    """Wait for something to become true."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - whatever it is about has no event
            await asyncio.sleep(0.005)
