"""Where what happened is written down: in the transaction of the change it tells of, with who is to be told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from solegate.db import Database, Session
from solegate.db.repositories.deliveries import DeliveryRepository
from solegate.db.repositories.events import EventRepository
from solegate.db.repositories.tasks import TaskRepository
from solegate.domain.events.values import Event
from solegate.services.deliveries.tasks import deliver_task


class EventLog:
    """Records the events of one account.

    Event, deliveries and the tasks that send them stand in the caller's transaction: what is rolled back never
    happened and is told to nobody, and what is committed is told, whatever dies then.
    """

    def __init__(self, database: Database, tasks: TaskRepository, *, account: str) -> None:
        self._database = database
        self._tasks = tasks
        self.account = account

    async def record(self, session: Session, events: Sequence[Event]) -> tuple[Event, ...]:
        """Write down what happened. What is written down already counts once.

        Call it last in a transaction: until it ends, others who record events of the account wait.

        Returns:
            The events that are new, with their numbers.
        """
        if not events:
            return ()
        now = await self._database.now(session)
        new = await EventRepository(session, self.account).add(events, now)
        for subscriber in await DeliveryRepository(session, self.account).enqueue(new, now):
            await self._tasks.put(session, deliver_task(self.account, subscriber, now))
        return new

    async def now(self, session: Session) -> datetime:
        """The time by which things are told."""
        return await self._database.now(session)
