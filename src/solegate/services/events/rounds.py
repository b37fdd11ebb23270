"""What only the time, or a look at our own books, tells: a round every minute, without a request to StockX."""

from __future__ import annotations

from solegate.client.policy.quota import quota_day
from solegate.client.service import StockXService
from solegate.db import Database, Session
from solegate.db.repositories.events import EventRepository
from solegate.db.repositories.orders import OrderRepository
from solegate.db.repositories.quota import SqlLimitStore
from solegate.domain.events.orders import ship_by_soon
from solegate.domain.events.others import login_changed, quota_reached
from solegate.domain.events.values import Event, EventType
from solegate.domain.leases import Lease
from solegate.domain.tasks import Progress
from solegate.services.events.log import EventLog
from solegate.services.events.watches import WatchBook

_LOGIN = (EventType.ACCOUNT_NEEDS_REAUTH, EventType.ACCOUNT_CONNECTED)


class EventRounds:
    """Finds what is due to be told of one account. What was told is not told again: its id is the same.

    Args:
        stockx: knows the login and the limits.
        database: holds orders, readings and what is used of the quota.
        log: where it is told.
        watches: the prices that are watched.
    """

    def __init__(self, stockx: StockXService, database: Database, *, log: EventLog, watches: WatchBook) -> None:
        self._stockx = stockx
        self._database = database
        self._log = log
        self._watches = watches
        self._limits = SqlLimitStore(database)

    async def step(self, _lease: Lease | None = None) -> Progress:
        """Make one round.

        Raises:
            DatabaseError: the database failed; nothing of this round was kept.
        """
        told = 0
        for find in (self._watches.look, self._deadlines):
            async with self._database.transaction() as session:
                told += len(await self._log.record(session, await find(session)))
        for event in (await self._quota(), await self._login()):
            if event is not None:
                async with self._database.transaction() as session:
                    told += len(await self._log.record(session, [event]))
        return Progress(None, f"{told} events" if told else "")

    async def _deadlines(self, session: Session) -> tuple[Event, ...]:
        now = await self._database.now(session)
        due = [
            ship_by_soon(self._log.account, each, now)
            for each in await OrderRepository(session, self._log.account).active()
        ]
        return tuple(each for each in due if each is not None)

    async def _quota(self) -> Event | None:
        async with self._database.reading() as session:
            now = await self._database.now(session)
        day = quota_day(now)
        used = await self._limits.used(self._log.account, day)
        per_day = self._stockx.config.limits.per_day
        return quota_reached(self._log.account, day, used=used, per_day=per_day, now=now)

    async def _login(self) -> Event | None:
        record = await self._stockx.tokens.status()
        if record is None:
            return None
        async with self._database.reading() as session:
            now = await self._database.now(session)
            last = await EventRepository(session, self._log.account).newest(_LOGIN)
        kind = last.type if last else None
        return login_changed(self._log.account, record.state, record.version, last=kind, now=now)
