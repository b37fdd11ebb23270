"""What the steps of a bulk job share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from solegate.client.options import CallOptions
from solegate.client.policy.call import Lane
from solegate.client.service import StockXService
from solegate.clock import Clock
from solegate.db import Database
from solegate.domain.job_steps import MOST_IN_FLIGHT
from solegate.domain.leases import Lease
from solegate.domain.reconciliation import ReconcilePolicy
from solegate.services.events.log import EventLog
from solegate.services.guard import WriteGuard

SEND_DEADLINE = 60.0
"""Seconds for one batch write. Its items are there when it is sent, so it waits for its request only."""

SHORTEST_PAUSE = timedelta(seconds=1)
"""Before something is tried again that was turned away: the moment that an error names is rounded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkPolicy:
    """How patient the steps are.

    Attributes:
        reconcile: when a chunk whose answer is lost is looked for, and when it is sent again.
        most_in_flight: chunks that StockX may have at once.
        retry_after: how long a chunk waits that could not be sent, where StockX does not say.
    """

    reconcile: ReconcilePolicy = field(default_factory=ReconcilePolicy)
    most_in_flight: int = MOST_IN_FLIGHT
    retry_after: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The tools of a step."""

    database: Database
    stockx: StockXService
    clock: Clock
    guard: WriteGuard
    events: EventLog
    policy: BulkPolicy

    async def now(self) -> datetime:
        """By the database's clock."""
        async with self.database.reading() as session:
            return await self.database.now(session)

    def gate(self, lease: Lease) -> Callable[[], bool]:
        """Whether a write may still leave: asked just before its bytes do (design 4.6)."""
        return lambda: lease.holds(self.clock.now(), self.clock.monotonic())

    def sending(self, lease: Lease) -> CallOptions:
        """How a write is sent."""
        return CallOptions(deadline=SEND_DEADLINE, gate=self.gate(lease))


READING = CallOptions(lane=Lane.WRITES)
"""How pages of listings are read: they belong to writes that are under way."""
READING_ONE = CallOptions(lane=Lane.BACKGROUND)
"""How single listings are read: there may be many, and nobody waits for one of them."""
