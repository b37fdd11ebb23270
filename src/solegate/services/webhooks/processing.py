"""Processing the inbox: each entry once, in a transaction of its own with everything that follows from it."""

from __future__ import annotations

from solegate.db import Database
from solegate.db.repositories.inbox import InboxRepository
from solegate.domain.leases import Lease
from solegate.domain.tasks import Progress
from solegate.domain.webhooks.attempts import next_attempt
from solegate.domain.webhooks.values import Entry
from solegate.errors import DatabaseError
from solegate.log import get_logger
from solegate.services.webhooks.effects import Effects

PER_STEP = 20
"""Entries of one step: it stays short."""
_LONGEST_REASON = 300


class InboxSteps:
    """Processes the inbox of one account.

    Args:
        database: where it is.
        effects: what follows from an entry.
        account: whose.
    """

    def __init__(self, database: Database, effects: Effects, *, account: str) -> None:
        self._database = database
        self._effects = effects
        self._account = account
        self._log = get_logger("webhooks")

    async def step(self, _lease: Lease | None = None) -> Progress:
        """Process what is due, the oldest first; the next step is due when something is.

        Raises:
            DatabaseError: the database fails; what was not settled is looked at again.
        """
        async with self._database.reading() as session:
            now = await self._database.now(session)
            due = await InboxRepository(session, self._account).due(now, limit=PER_STEP)
        for entry_id in due:
            await self._process(entry_id)
        async with self._database.reading() as session:
            next_due = await InboxRepository(session, self._account).next_due()
        return Progress(next_due, f"{len(due)} webhooks" if due else "")

    async def _process(self, entry_id: int) -> None:
        held: Entry | None = None
        try:
            async with self._database.transaction() as session:
                inbox = InboxRepository(session, self._account)
                held = await inbox.hold(entry_id)
                if held is None:
                    return  # another process was faster
                now = await self._database.now(session)
                await inbox.settle(entry_id, await self._effects.apply(session, held, now), now)
        except DatabaseError:
            raise
        except Exception as error:  # noqa: BLE001 - one entry that fails, whatever the reason, must not stop the others
            if held is not None:
                await self._note(held, error)

    async def _note(self, entry: Entry, error: Exception) -> None:
        """Write down that an entry failed, and try it again later or give it up."""
        self._log.warning("webhook.failed", source=entry.source, entry=entry.id, exc_info=error)
        reason = f"{type(error).__name__}: {error}"[:_LONGEST_REASON]
        async with self._database.transaction() as session:
            inbox = InboxRepository(session, self._account)
            if await inbox.hold(entry.id) is not None:
                now = await self._database.now(session)
                await inbox.note_failure(entry.id, reason, now, again=next_attempt(entry.attempts + 1, now))
