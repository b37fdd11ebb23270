"""The inbox for people: what came, what became of it, and having it looked at again."""

from __future__ import annotations

from collections.abc import Mapping

from solegate.db import Database
from solegate.db.repositories.inbox import InboxRepository
from solegate.db.repositories.tasks import TaskRepository
from solegate.domain.cursors import Page, cursor_of, read_cursor
from solegate.domain.webhooks.values import Entry, EntryFilter, EntryState
from solegate.errors import NoSuchRecordError
from solegate.services.webhooks.tasks import inbox_task


class WebhookInbox:
    """The inbox of one account.

    Args:
        database: where it is.
        tasks: where processing is queued.
        account: whose.
    """

    def __init__(self, database: Database, tasks: TaskRepository, *, account: str) -> None:
        self._database = database
        self._tasks = tasks
        self._account = account

    async def page(self, wanted: EntryFilter, *, cursor: str | None = None, limit: int) -> Page[Entry]:
        """Entries, the newest first.

        Raises:
            NoSuchRecordError: the cursor is none of this list.
        """
        before = _place(cursor) if cursor is not None else None
        async with self._database.reading() as session:
            rows = await InboxRepository(session, self._account).page(wanted, before=before, limit=limit + 1)
        more = len(rows) > limit
        return Page(rows[:limit], cursor_of(str(rows[limit - 1].id)) if more else None)

    async def after(self, entry_id: int, wanted: EntryFilter, *, limit: int) -> tuple[Entry, ...]:
        """Entries that came after one, the oldest first."""
        async with self._database.reading() as session:
            return await InboxRepository(session, self._account).after(entry_id, wanted, limit=limit)

    async def get(self, entry_id: int) -> Entry:
        """One of them.

        Raises:
            NoSuchRecordError: there is none.
        """
        async with self._database.reading() as session:
            found = await InboxRepository(session, self._account).get(entry_id)
        if found is None:
            raise NoSuchRecordError(f"There is no webhook {entry_id} in the inbox.")
        return found

    async def counts(self) -> Mapping[EntryState, int]:
        """How many are at what."""
        async with self._database.reading() as session:
            return await InboxRepository(session, self._account).counts()

    async def replay(self, entry_id: int) -> Entry:
        """Have an entry processed as if it had just come: after an update, or when it had failed too often.

        What followed from it before does not follow twice, and what is stale stays so.

        Raises:
            NoSuchRecordError: there is none.
        """
        await self.get(entry_id)
        async with self._database.transaction() as session:
            now = await self._database.now(session)
            await InboxRepository(session, self._account).again(entry_id, now)
            await self._tasks.put(session, inbox_task(self._account, now))
        return await self.get(entry_id)


def _place(cursor: str) -> int:
    (text,) = read_cursor(cursor, 1)
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise NoSuchRecordError("This is no cursor of this list; take `nextCursor` of the page before.")
    return int(text)
