"""Whose turn it is to write: no task writes in two transactions at once, and on SQLite only one task writes at all."""

from __future__ import annotations

import asyncio
from types import TracebackType


class OneEach:
    """Each task writes in one transaction at a time.

    A second one inside the first would wait for a row that the first one has locked, or for a connection that the
    pool does not have, and PostgreSQL would not see that nobody can go on.
    """

    def __init__(self) -> None:
        self._owners: set[asyncio.Task[object] | None] = set()

    async def __aenter__(self) -> None:
        task = asyncio.current_task()
        if task in self._owners:
            raise RuntimeError(_NESTED)
        self._owners.add(task)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._owners.discard(asyncio.current_task())


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
            raise RuntimeError(_NESTED)
        await self._lock.acquire()
        self._owner = task

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._owner = None
        self._lock.release()


_NESTED = "this task is already in a transaction: pass its session on instead"
