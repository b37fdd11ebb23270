"""Reading the ledger of an account: its writes, what is known of them, and everything that happened to them."""

from __future__ import annotations

from datetime import datetime

from solegate.db import Database
from solegate.db.repositories.audit import AuditRepository
from solegate.db.repositories.intent_reads import IntentQuery, IntentReads
from solegate.db.repositories.write_pages import AuditFilter, WritePages
from solegate.domain.audit import AuditEntry
from solegate.domain.cursors import Page, cursor_of, read_cursor, read_moment, read_number
from solegate.domain.intents import Intent, IntentState
from solegate.errors import NoSuchRecordError


class WriteLog:
    """What the ledger of one account holds. Reads only, and asks StockX nothing."""

    def __init__(self, database: Database, *, account: str) -> None:
        self._database = database
        self._account = account

    async def page(
        self,
        *,
        states: tuple[IntentState, ...] = (),
        listing_id: str | None = None,
        job_id: str | None = None,
        cursor: str | None = None,
        limit: int,
    ) -> Page[Intent]:
        """Writes, newest first.

        Args:
            states: any of these; all of them when empty.
            listing_id: of this listing alone.
            job_id: of this job alone.
            cursor: where the page before ended.
            limit: most rows.

        Raises:
            NoSuchRecordError: the cursor is none of this list.
        """
        query = IntentQuery(account=self._account, states=states, listing_id=listing_id, job_id=job_id)
        after = _moment_and_id(cursor) if cursor is not None else None
        async with self._database.reading() as session:
            rows = await WritePages(session).intents(query, after=after, limit=limit + 1)
        ends = cursor_of(rows[limit - 1].created_at.isoformat(), rows[limit - 1].id) if len(rows) > limit else None
        return Page(rows[:limit], ends)

    async def get(self, intent_id: str) -> tuple[Intent, tuple[AuditEntry, ...]]:
        """A write and its trail, oldest line first.

        Raises:
            NoSuchRecordError: the account has no such write.
        """
        async with self._database.reading() as session:
            intent = await IntentReads(self._database).get(session, intent_id)
            if intent is None or intent.account != self._account:
                raise NoSuchRecordError(f"There is no write {intent_id}.")
            return intent, await AuditRepository(session).of_intent(intent_id)

    async def audit(self, wanted: AuditFilter, *, cursor: str | None = None, limit: int) -> Page[AuditEntry]:
        """What happened, newest first.

        Raises:
            NoSuchRecordError: the cursor is none of this list.
        """
        after = read_number(cursor) if cursor is not None else None
        async with self._database.reading() as session:
            lines = await WritePages(session).audit(self._account, wanted, after=after, limit=limit + 1)
        ends = cursor_of(str(lines[limit - 1][0])) if len(lines) > limit else None
        return Page(tuple(entry for _, entry in lines[:limit]), ends)


def _moment_and_id(cursor: str) -> tuple[datetime, str]:
    at, intent_id = read_cursor(cursor, 2)
    return read_moment(at), intent_id
