"""Subscribers and deliveries on a real database, with real receivers on sockets and a clock that jumps."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.fernet import Fernet

from solegate.client.outbound import Outbound
from solegate.db import Database, SecretBox
from solegate.db.repositories.deliveries import DeliveryRepository
from solegate.db.repositories.events import EventRepository
from solegate.db.repositories.tasks import TaskRepository
from solegate.domain.deliveries.values import Delivery, DeliveryFilter, Subscriber, SubscriberKind
from solegate.domain.events.values import Data, Event, EventType
from solegate.domain.tasks import Selection
from solegate.jobs.handlers import ForSubject
from solegate.jobs.steps import StepRunner
from solegate.metrics import Metrics
from solegate.services.deliveries.log import DeliveryLog
from solegate.services.deliveries.sending import Deliverer
from solegate.services.deliveries.subscribers import Subscribers
from solegate.services.deliveries.tasks import DELIVER
from solegate.services.events.log import EventLog
from support.api import JumpClock

ACCOUNT = "default"
_KEY = Fernet.generate_key().decode()


@dataclass
class Mailroom:
    """One process that delivers, and what it works with."""

    clock: JumpClock
    database: Database
    tasks: TaskRepository
    subscribers: Subscribers
    deliverer: Deliverer
    metrics: Metrics
    log: EventLog
    deliveries_log: DeliveryLog
    worker: str = "w"

    async def subscribe(self, url: str, *, kind: SubscriberKind = SubscriberKind.STANDARD, **more: Any) -> Subscriber:
        return (await self.subscribers.add(url, kind=kind, **more)).subscriber

    async def happen(self, *types: EventType, data: Data | None = None) -> list[str]:
        """Let something happen, recorded and queued in one transaction; returns the events' ids."""
        async with self.database.transaction() as session:
            first, now = await EventRepository(session, ACCOUNT).last_seq() + 1, self.clock.now()
            events = [
                Event(account=ACCOUNT, id=f"evt_{place}", type=kind, subject="1", occurred_at=now, data=data or {})
                for place, kind in enumerate(types, start=first)
            ]
            await self.log.record(session, events)
        return [each.id for each in events]

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
    patience: float = 5.0,
    private: bool = True,
) -> AsyncIterator[Mailroom]:
    """Open the database and start a process on it.

    Args:
        url: an upgraded database.
        clock: of the process and its database.
        database: instead of one of its own.
        patience: for one attempt, in real seconds.
        private: whether receivers on this machine may be called.
    """
    clock = clock or JumpClock()
    outbound = Outbound(clock=clock, private=private, timeout=patience)
    metrics, ids = Metrics(), itertools.count(1)
    box = SecretBox([_KEY])

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
        log = EventLog(opened, tasks, account=ACCOUNT)
        deliverer = Deliverer(
            opened,
            box,
            outbound,
            log,
            account=ACCOUNT,
            clock=clock,
            metrics=metrics,
            chance=lambda: 0.5,
        )
        deliveries = DeliveryLog(opened, subscribers, tasks, account=ACCOUNT)
        try:
            yield Mailroom(clock, opened, tasks, subscribers, deliverer, metrics, log, deliveries)
        finally:
            await outbound.aclose()
