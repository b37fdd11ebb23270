"""SQLite's own ways: a private file, WAL, and transactions that begin when we say so.

Python's `sqlite3` begins transactions by itself, late and never IMMEDIATE. That is turned off here
(`isolation_level = None`) and SQLAlchemy's `begin` event sends our BEGIN instead, as its documentation advises.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import TracebackType

from sqlalchemy import Connection, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine

BUSY_TIMEOUT = 10.0
"""Seconds to wait for another process's write transaction. Ours are short; a longer wait means it hangs."""

_PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT * 1000:.0f}",  # first: switching to WAL may have to wait
    "PRAGMA journal_mode = WAL",  # readers and the writer do not block each other
    "PRAGMA synchronous = NORMAL",  # with WAL: consistent after a power cut, at most the last commits lost
    "PRAGMA foreign_keys = ON",
)


def prepare(engine: AsyncEngine, path: Path) -> None:
    """Set up an engine for a SQLite file that may not exist yet."""

    @event.listens_for(engine.sync_engine, "do_connect")
    def _create_file(*_connect: object) -> None:
        create_private(path)

    @event.listens_for(engine.sync_engine, "connect")
    def _configure(connection: DBAPIConnection, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get("begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")


def create_private(path: Path) -> None:
    """Create the file, and its folder, for the owner alone; SQLite gives its WAL files the same mode."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)


class SingleWriter:
    """One write transaction at a time in this process.

    SQLite has one writer anyway; waiting here is fair and holds no connection, whereas its busy handler polls.
    """

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._owner: asyncio.Task[object] | None = None

    async def __aenter__(self) -> None:
        task = asyncio.current_task()
        if task is self._owner:
            raise RuntimeError("this task is already in a transaction: pass its session on instead")
        await self._lock.acquire()
        self._owner = task

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._owner = None
        self._lock.release()
