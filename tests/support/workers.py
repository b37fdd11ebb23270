"""Workers as real processes, to be killed, frozen and ended politely."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text

from solegate.db import Database

TESTS = Path(__file__).parents[1]

CREATE = (
    "CREATE TABLE began (subject TEXT NOT NULL, worker TEXT NOT NULL, at TEXT NOT NULL)",
    "CREATE TABLE effects (subject TEXT NOT NULL, worker TEXT NOT NULL, began TEXT NOT NULL, at TEXT NOT NULL)",
)


@dataclass
class Workers:
    """The processes of one test on one database."""

    url: str
    engine: str
    logs: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(
        self, name: str, *, lease: float = 30, seconds: float = 0.0, grace: float = 10, kept: float = 3600
    ) -> subprocess.Popen[bytes]:
        """Start a worker; it begins to work soon."""
        command = [sys.executable, "-m", "support.worker_process", self.url, self.engine, name]
        with (self.logs / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [*command, str(lease), str(seconds), str(grace), str(kept)],
                env={**os.environ, "PYTHONPATH": str(TESTS)},
                stdout=log,
                stderr=log,
            )
        return self.processes[name]

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a worker."""
        os.kill(self.processes[name].pid, number)

    def log(self, name: str) -> str:
        """What a worker has written so far."""
        return (self.logs / f"{name}.log").read_text()

    def end(self, name: str, *, seconds: float = 20) -> int:
        """Wait for a worker's end; returns its exit code."""
        return self.processes[name].wait(seconds)

    def kill_all(self) -> None:
        """End whatever is left."""
        for process in self.processes.values():
            process.kill()
            process.wait()


@contextmanager
def workers_on(url: str, engine: str, logs: Path) -> Iterator[Workers]:
    """Workers for a test, surely ended after it."""
    workers = Workers(url, engine, logs)
    try:
        yield workers
    finally:
        workers.kill_all()


async def prepare(database: Database) -> None:
    """Make the tables that the steps write to."""
    async with database.transaction() as session:
        for statement in CREATE:
            await session.execute(text(statement))


async def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    """What the steps wrote."""
    async with database.reading() as session:
        return [tuple(row) for row in await session.execute(text(query))]


async def until(condition: Callable[[], Awaitable[bool]], *, seconds: float = 30) -> float:
    """Wait for something to become true; returns the seconds it took."""
    started = time.monotonic()
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - it is about other processes
            await asyncio.sleep(0.05)
    return time.monotonic() - started
