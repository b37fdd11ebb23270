"""SQLite's own ways: a private file, WAL, and transactions that begin when we say so.

Python's `sqlite3` begins transactions by itself, late and never IMMEDIATE. That is turned off here
(`isolation_level = None`) and SQLAlchemy's `begin` event sends our BEGIN instead, as its documentation advises.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, event
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.ext.asyncio import AsyncEngine

BUSY_TIMEOUT = 10.0
"""Seconds to wait for another process's write transaction. Ours are short; a longer wait means it hangs."""

_WAL_ATTEMPTS = 5

_PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT * 1000:.0f}",
    "PRAGMA synchronous = NORMAL",  # with WAL: consistent after a power cut, at most the last commits lost
    "PRAGMA foreign_keys = ON",
)


def prepare(engine: AsyncEngine, path: Path) -> None:
    """Set up an engine for a SQLite file that may not exist yet."""

    @event.listens_for(engine.sync_engine, "do_connect")
    def _create_file(*_connect: object) -> None:
        make_usable(path)

    @event.listens_for(engine.sync_engine, "connect")
    def _configure(connection: DBAPIConnection, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(pragma)
        _switch_to_wal(cursor)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get("begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")

    @event.listens_for(engine.sync_engine, "invalidate")
    def _roll_back(connection: DBAPIConnection, _record: object, _error: object) -> None:
        """Give the locks back: a task was cancelled in the middle of a statement, and its connection is thrown away.

        Closing does not: SQLite waits for the cursors that the cancelled task has left behind.
        """
        with suppress(MissingGreenlet):  # nobody can wait here when the garbage collector found it
            connection.rollback()


def _switch_to_wal(cursor: DBAPICursor) -> None:
    """Let readers and the writer not block each other; the file remembers it.

    When two processes switch a new file at once, SQLite fails one of them without waiting, lest they deadlock; its
    next attempt waits for the other and finds the work done.
    """
    for left in reversed(range(_WAL_ATTEMPTS)):
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if not left:
                raise
        else:
            return


def make_usable(path: Path) -> None:
    """Create the file, and its folder, for the owner alone; SQLite gives its WAL files the same mode.

    A file that exists is only asked about, never opened: closing it would drop the locks that SQLite's own
    connections in this process hold on it (POSIX locks belong to the process).

    Raises:
        OSError: it cannot be created, or not be read and written.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)
    elif not path.is_file():
        raise OSError(errno.EINVAL, "Not a file", str(path))
    elif not os.access(path, os.R_OK | os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
