"""Upkeep: the tokens are renewed before anybody needs them, and what is of no more use is deleted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from solegate.client.policy.oauth import REFRESH_EARLY
from solegate.client.service import StockXService
from solegate.clock import Clock
from solegate.db import Database
from solegate.db.repositories.events import EventRepository
from solegate.db.repositories.retention import RetentionRepository
from solegate.db.repositories.tasks import TaskRepository
from solegate.domain.accounts import AccountState
from solegate.domain.leases import Lease
from solegate.domain.tasks import Progress

_LONGEST_WAIT = timedelta(hours=1)
"""How long the state of the login is not looked at: a person may log in meanwhile."""
_ROWS_PER_STEP = 1_000
"""Rows that one step deletes: its transaction stays short."""


class TokenRenewal:
    """Asks for a token when the one there is comes near its end, so that no call has to wait for the renewal."""

    def __init__(self, stockx: StockXService, *, clock: Clock) -> None:
        self._stockx = stockx
        self._clock = clock

    async def step(self, _lease: Lease | None = None) -> Progress:
        """Renew the token if it is time; the next step is due when it will be.

        Raises:
            UpstreamError: the login server gave none; the token that is there lasts a while yet.
            AuthenticationError: only a person can mend it.
        """
        record = await self._stockx.tokens.status()
        now = self._clock.now()
        if record is None or record.state is AccountState.NEEDS_REAUTH:
            return Progress(now + _LONGEST_WAIT, "nobody is logged in")
        due_at = record.expires_at - REFRESH_EARLY
        if due_at > now:
            return Progress(min(due_at, now + _LONGEST_WAIT), "the token is good")
        await self._stockx.tokens.token()
        renewed = await self._stockx.tokens.status()
        later = now + timedelta(minutes=1) if renewed is None else renewed.expires_at - REFRESH_EARLY
        return Progress(max(now + timedelta(minutes=1), min(later, now + _LONGEST_WAIT)), "the token was renewed")


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long things are kept. Snapshots, orders, listings and intents are kept for ever: they are the history.

    Attributes:
        audit: lines of the audit trail.
        jobs: jobs that have ended, with their rows.
        tasks: tasks that are done.
        webhooks: that have been processed; far longer than a repetition is expected (`REPLAY_WINDOW`).
        dead_webhooks: that could not be.
        events: that were told; far longer than their delivery is tried.
        deliveries: that arrived, were given up or skipped.
    """

    audit: timedelta = timedelta(days=400)
    jobs: timedelta = timedelta(days=90)
    tasks: timedelta = timedelta(days=14)
    webhooks: timedelta = timedelta(days=30)
    dead_webhooks: timedelta = timedelta(days=90)
    events: timedelta = timedelta(days=30)
    deliveries: timedelta = timedelta(days=30)


class Retention:
    """Deletes what is of no more use, a thousand rows at a step."""

    def __init__(self, database: Database, *, account: str, clock: Clock, keeping: Keeping | None = None) -> None:
        self._database = database
        self._account = account
        self._tasks = TaskRepository(database, clock=clock)
        self._keeping = keeping or Keeping()

    async def step(self, _lease: Lease | None = None) -> Progress:
        """Delete some of it; the next step is due at once as long as there is more.

        Raises:
            DatabaseError: the database failed; nothing of this step was deleted.
        """
        async with self._database.transaction() as session:
            now = await self._database.now(session)
            deleted = await self._delete(RetentionRepository(session, self._account), now)
            old = now - self._keeping.events
            deleted["events"] = await EventRepository(session, self._account).forget(old, limit=_ROWS_PER_STEP)
            tasks = await self._tasks.forget(session, now - self._keeping.tasks)
        did = ", ".join(f"{count} {thing}" for thing, count in (deleted | {"tasks": tasks}).items() if count)
        more = any(count >= _ROWS_PER_STEP for count in deleted.values())
        return Progress(now if more else None, f"deleted {did}" if did else "")

    async def _delete(self, rows: RetentionRepository, now: datetime) -> dict[str, int]:
        keeping = self._keeping
        return {
            "idempotency keys": await rows.delete_keys(now, limit=_ROWS_PER_STEP),
            "audit lines": await rows.delete_audit(now - keeping.audit, limit=_ROWS_PER_STEP),
            "webhooks": await rows.delete_webhooks(
                now - keeping.webhooks, dead_before=now - keeping.dead_webhooks, limit=_ROWS_PER_STEP
            ),
            "webhook marks": await rows.delete_marks(now - keeping.webhooks, limit=_ROWS_PER_STEP),
            "deliveries": await rows.delete_deliveries(now - keeping.deliveries, limit=_ROWS_PER_STEP),
            "job rows": await rows.delete_jobs(now - keeping.jobs, limit=_ROWS_PER_STEP),
        }
