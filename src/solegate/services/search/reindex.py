"""Make the index of searches anew, a few products at a time; what was interrupted goes on where it was."""

from __future__ import annotations

from collections.abc import Callable

from solegate.db.engine import Database
from solegate.db.repositories.search_backlog import SearchBacklog

AT_ONCE = 200
"""Products of one transaction: short enough that others get their turn to write."""


async def reindex(database: Database, *, progress: Callable[[int, int], None]) -> int:
    """Index every product of the catalog; how many there are.

    Args:
        database: the catalog.
        progress: told after each step how many are done, and of how many.

    Raises:
        DatabaseError: it cannot be read or written; what is done is kept.
    """
    async with database.transaction() as session:
        total = await SearchBacklog(session).fill()
    done = 0
    while True:
        async with database.transaction() as session:
            indexed = await SearchBacklog(session).work_off(AT_ONCE)
        if not indexed:
            break
        done += indexed
        progress(min(done, total), total)
    async with database.transaction() as session:
        await SearchBacklog(session).analyse()
    return total
