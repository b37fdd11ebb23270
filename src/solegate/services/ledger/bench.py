"""What every part of the ledger works with, and the small things they all do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from solegate.client.service import StockXService
from solegate.clock import Clock
from solegate.db import Database
from solegate.db.repositories.intents import IntentRepository
from solegate.domain.events.listings import Sighting
from solegate.domain.intents import Intent, IntentState
from solegate.domain.reconciliation import ReconcilePolicy
from solegate.services.events.news import ListingNews
from solegate.services.guard import WriteGuard


@dataclass(frozen=True, slots=True)
class LedgerPolicy:
    """The ledger's numbers.

    Attributes:
        send_seconds: how long a sender may take until its last byte has left; nobody else acts on the write before.
        late: from when on a listing that differs is believed; FACTS 1.7 saw five minutes.
        first_wait, longest_wait: seconds between two looks at what StockX is working on.
        longest_busy_wait: most seconds until a write that waits for another one looks again.
        most_sends: how often a change that StockX does not take is sent; a create is sent for as long as it takes.
        reconcile: when an unknown write is looked for, and when it counts as never arrived.
        round_requests: most writes that one round of reconciliation looks at.
        stale: how long an open write may lie untouched until a round takes care of it.
    """

    send_seconds: float = 30.0
    late: timedelta = timedelta(minutes=10)
    first_wait: float = 1.5
    longest_wait: float = 300.0
    longest_busy_wait: float = 30.0
    most_sends: int = 4
    reconcile: ReconcilePolicy = field(default_factory=ReconcilePolicy)
    round_requests: int = 20
    stale: timedelta = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Bench:
    """The tools of the ledger's parts."""

    account: str
    stockx: StockXService
    database: Database
    intents: IntentRepository
    guard: WriteGuard
    news: ListingNews
    clock: Clock
    policy: LedgerPolicy

    async def now(self) -> datetime:
        """The time that deadlines are compared by."""
        async with self.database.reading() as session:
            return await self.database.now(session)

    def wait_for_others(self, intent: Intent, now: datetime) -> datetime:
        """When a write that has to wait for another one looks again: ever later, the longer that takes."""
        waited = (now - intent.updated_at) / timedelta(seconds=1)
        return in_seconds(now, min(self.policy.longest_busy_wait, max(self.policy.first_wait, waited / 4)))

    async def move(
        self,
        intent: Intent,
        new: IntentState,
        changes: Mapping[str, object] | None = None,
        *,
        why: str = "",
        evidence: Mapping[str, object] | None = None,
        looks: int | None = None,
        gone: str = "",
        seen: Sighting | None = None,
    ) -> Intent:
        """Move an intent in a transaction of its own.

        Args:
            intent: as the mover saw it.
            new: its next state.
            changes: other fields, by name.
            why: for the audit trail.
            evidence: what was seen, as JSON.
            looks: the rounds of reconciliation the mover saw.
            gone: why the pair of its listing is free, where the listing is seen to be gone.
            seen: its listing as it was read back, for the mirror and those who are told.

        Raises:
            UnitBusyError: somebody else moved it, or another write is in the way.
        """
        async with self.database.transaction() as session:
            told = await self.news.keep(session, [seen] if seen else [])
            moved = await self.intents.move(
                session, intent.id, new, intent.state, changes, why=why, evidence=evidence, looks=looks
            )
            if gone and moved.listing_id is not None:
                await self.intents.release(session, self.account, moved.listing_id, gone)
            await self.news.tell(session, told)
        if moved.state is not intent.state:
            self.count(moved)
        return moved

    def count(self, moved: Intent) -> None:
        """Count a write that has come to a state, once that is committed."""
        self.stockx.metrics.writes.labels(moved.action.value, moved.state.value).inc()


def not_before(moment: datetime | None, least: datetime) -> datetime:
    """The later of the two."""
    return least if moment is None else max(moment, least)


def in_seconds(now: datetime, seconds: float) -> datetime:
    """A moment some seconds from now."""
    return now + timedelta(seconds=seconds)


def listing_of(intent: Intent) -> str:
    """The listing a write is about.

    Raises:
        ValueError: it has none yet.
    """
    if intent.listing_id is None:
        raise ValueError(f"{intent.action} {intent.id} has no listing yet")
    return intent.listing_id
