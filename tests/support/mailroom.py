"""Subscribers and deliveries on a real database, with real receivers on sockets and a clock that jumps."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography.fernet import Fernet

from solegate.client.outbound import Outbound
from solegate.db import Database, SecretBox, Session
from solegate.db.repositories.deliveries import DeliveryRepository
from solegate.db.repositories.tasks import TaskRepository
from solegate.domain.deliveries.values import Delivery, DeliveryFilter, Happened, Subscriber, SubscriberKind
from solegate.domain.tasks import Selection
from solegate.jobs.handlers import ForSubject
from solegate.jobs.steps import StepRunner
from solegate.metrics import Metrics
from solegate.services.deliveries.sending import Deliverer
from solegate.services.deliveries.subscribers import Subscribers
from solegate.services.deliveries.tasks import DELIVER, deliver_task
from support.api import JumpClock

ACCOUNT = "default"
_KEY = Fernet.generate_key().decode()


@dataclass(frozen=True)
class Fact:
    """Something that happened."""

    id: str
    seq: int
    occurred_at: datetime
    type: str = "order.created"
    account: str = ACCOUNT
    subject: str = "323314425"
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Mailroom:
    """One process that delivers, and what it works with."""

    clock: JumpClock
    database: Database
    tasks: TaskRepository
    subscribers: Subscribers
    deliverer: Deliverer
    metrics: Metrics
    facts: dict[str, Happened]
    worker: str = "w"

    async def subscribe(self, url: str, *, kind: SubscriberKind = SubscriberKind.STANDARD, **more: Any) -> Subscriber:
        return (await self.subscribers.add(url, kind=kind, **more)).subscriber

    async def happen(self, *types: str, **more: Any) -> list[str]:
        """Let something happen, recorded and queued in one transaction; returns the events' ids."""
        first, now = len(self.facts) + 1, self.clock.now()
        facts = [Fact(f"evt_{first + n}", first + n, now, type=each, **more) for n, each in enumerate(types)]
        self.facts.update({each.id: each for each in facts})
        async with self.database.transaction() as session:
            for subscriber in await DeliveryRepository(session, ACCOUNT).enqueue(facts, now):
                await self.tasks.put(session, deliver_task(ACCOUNT, subscriber, now))
        return [each.id for each in facts]

    async def work(self, *, within: timedelta = timedelta(days=30)) -> None:
        """Do every step, letting time jump to the next one, until none is left within this time."""
        end = self.clock.now() + within
        wanted = Selection(ACCOUNT, (0, 1, 2, 3), (DELIVER,))
        runner = StepRunner(
            self.tasks, {DELIVER: ForSubject(self.deliverer.step)}, worker=self.worker, clock=self, metrics=self.metrics
        )
        while (seconds := await self.tasks.until_due(wanted)) is not None:
            if self.clock.now() + timedelta(seconds=seconds) > end:
                break
            self.clock.advance(seconds)
            claimed = await runner.claim(wanted)
            if claimed is not None:
                await runner.run(claimed)

    async def deliveries(self, **wanted: Any) -> list[Delivery]:
        """Every delivery, the oldest event first."""
        async with self.database.reading() as session:
            found = await DeliveryRepository(session, ACCOUNT).page(DeliveryFilter(**wanted), after=None, limit=1000)
        return list(reversed(found))

    def now(self) -> datetime:
        """As a clock for the steps: it is this one's."""
        return self.clock.now()

    def monotonic(self) -> float:
        return self.clock.monotonic()

    async def sleep(self, _seconds: float) -> None:
        """No lease is renewed: a step takes no time."""
        await asyncio.Event().wait()


@asynccontextmanager
async def mailroom(
    url: str,
    *,
    clock: JumpClock | None = None,
    database: Database | None = None,
    facts: dict[str, Happened] | None = None,
    patience: float = 5.0,
    private: bool = True,
) -> AsyncIterator[Mailroom]:
    """Open the database and start a process on it.

    Args:
        url: an upgraded database.
        clock: of the process and its database.
        database: instead of one of its own.
        facts: shared with another process.
        patience: for one attempt, in real seconds.
        private: whether receivers on this machine may be called.
    """
    clock = clock or JumpClock()
    known = {} if facts is None else facts
    outbound = Outbound(clock=clock, private=private, timeout=patience)
    metrics, ids = Metrics(), itertools.count(1)
    box = SecretBox([_KEY])

    async def events(_session: Session, wanted: Collection[str]) -> Mapping[str, Happened]:
        return {each: known[each] for each in wanted if each in known}

    async with database or Database(url, clock=clock) as opened:
        tasks = TaskRepository(opened, clock=clock)
        subscribers = Subscribers(
            opened,
            box,
            outbound,
            tasks,
            account=ACCOUNT,
            clock=clock,
            new_id=lambda: f"sub_{next(ids)}",
            new_key=lambda: bytes([next(ids)]) * 32,
        )
        deliverer = Deliverer(
            opened,
            box,
            outbound,
            events,
            account=ACCOUNT,
            clock=clock,
            metrics=metrics,
            chance=lambda: 0.5,
        )
        try:
            yield Mailroom(clock, opened, tasks, subscribers, deliverer, metrics, known)
        finally:
            await outbound.aclose()
