"""The intent ledger: every single write to StockX goes through here (design 4.6).

A write is first written down, with the task that follows it. Then it is advanced by short steps, each under the
task's lease: marked as sent, sent once, read back, and, where nobody knows whether it arrived, looked for. `create`
and its neighbours plan; `settle` does the steps here until the write is settled or the caller's patience ends, and
whatever is left then a worker does.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from solegate.client.requests import NewListing
from solegate.client.service import StockXService
from solegate.clock import Clock
from solegate.db import Database
from solegate.db.repositories.audit import AuditRepository
from solegate.db.repositories.intent_reads import IntentQuery
from solegate.db.repositories.intents import IntentRepository
from solegate.db.repositories.tasks import TaskRepository
from solegate.domain.audit import AuditEntry
from solegate.domain.intents import OPEN, Action, Intent, IntentState
from solegate.domain.leases import Lease
from solegate.domain.money import Money
from solegate.domain.tasks import Progress
from solegate.errors import NoSuchRecordError, UnitBusyError
from solegate.services.events.log import EventLog
from solegate.services.events.news import ListingNews
from solegate.services.guard import WriteGuard
from solegate.services.ledger.bench import Bench, LedgerPolicy
from solegate.services.ledger.driver import Driver
from solegate.services.ledger.follower import Follower
from solegate.services.ledger.planner import Origin, Planner
from solegate.services.ledger.sender import Sender

DEFAULT_POLICY = LedgerPolicy()


class Ledger:
    """The single writes of one account.

    Args:
        stockx: the account's client.
        database: where intents are kept.
        tasks: where their tasks are queued.
        guard: guard rails and kill switch.
        events: where what its writes bring about is told.
        clock: for waiting, and for the last-byte gate.
        new_id: gives ids that nobody else has.
        worker: the name under which this process takes leases.
        policy: the numbers.
    """

    def __init__(
        self,
        stockx: StockXService,
        database: Database,
        tasks: TaskRepository,
        *,
        guard: WriteGuard,
        events: EventLog,
        clock: Clock,
        new_id: Callable[[], str],
        worker: str,
        policy: LedgerPolicy = DEFAULT_POLICY,
    ) -> None:
        account = stockx.config.account
        intents, news = IntentRepository(database), ListingNews(events)
        self._bench = Bench(account, stockx, database, intents, guard, news, clock, policy)
        self._planner = Planner(self._bench, tasks, new_id=new_id)
        self._sender = Sender(self._bench)
        self._follower = Follower(self._bench, self._sender)
        self._driver = Driver(tasks, account=account, worker=worker, clock=clock)

    async def create(self, listing: NewListing, origin: Origin, *, unit: str | None = None) -> Intent:
        """Plan to list a pair: as a draft, which is then put up for sale unless `listing.active` is false.

        Args:
            listing: what is listed; without an expiry the ask stands 365 days.
            origin: who, why, and the caller's key.
            unit: the pair's own name, such as a number in the shop. A pair is listed once at a time; without a name it
                is just another pair of its size.

        Raises:
            AlreadyListedError: the pair is listed, or about to be.
            InvalidInputError: StockX would not take it, or the key was used for another write.
            GuardRailError: it breaks a guard rail.
            WritesStoppedError: every write is stopped.
        """
        return await self._planner.create(listing, origin, unit=unit)

    async def reprice(
        self, listing_id: str, origin: Origin, *, price: Money | None = None, expires_at: datetime | None = None
    ) -> Intent:
        """Plan another price or expiry of a listing. The newest wish wins; one not sent yet is given up for it.

        Raises:
            UnitBusyError: the listing is still being made, or an older wish has to be sent before.
            InvalidInputError, GuardRailError, WritesStoppedError: see `create`.
        """
        return await self._planner.change(Action.UPDATE, listing_id, origin, price=price, expires_at=expires_at)

    async def activate(
        self, listing_id: str, origin: Origin, *, price: Money | None = None, expires_at: datetime | None = None
    ) -> Intent:
        """Plan to put a listing up for sale, at its price or another. See `reprice` for what is raised."""
        return await self._planner.change(Action.ACTIVATE, listing_id, origin, price=price, expires_at=expires_at)

    async def deactivate(self, listing_id: str, origin: Origin) -> Intent:
        """Plan to take a listing off sale; it stays as a draft. See `reprice` for what is raised."""
        return await self._planner.change(Action.DEACTIVATE, listing_id, origin)

    async def delete(self, listing_id: str, origin: Origin) -> Intent:
        """Plan to remove a listing that is not sold; its pair is free afterwards. See `reprice` for what is raised."""
        return await self._planner.change(Action.DELETE, listing_id, origin)

    async def cancel(self, intent_id: str, *, actor: str) -> Intent:
        """Give up a write that was not sent.

        Raises:
            UnitBusyError: it was sent.
            NoSuchRecordError: there is no such write.
            InvalidInputError: it belongs to a job.
        """
        return await self._planner.cancel(intent_id, actor=actor)

    async def get(self, intent_id: str) -> Intent:
        """One write as it stands; `.knowledge` tells what is known of its effect.

        Raises:
            NoSuchRecordError: there is no such write.
        """
        async with self._bench.database.reading() as session:
            intent = await self._bench.intents.get(session, intent_id)
        if intent is None or intent.account != self._bench.account:
            raise NoSuchRecordError(f"There is no write {intent_id}.")
        return intent

    async def find(
        self,
        *,
        states: tuple[IntentState, ...] = (),
        listing_id: str | None = None,
        job_id: str | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> tuple[Intent, ...]:
        """Writes, newest first."""
        query = IntentQuery(account=self._bench.account, states=states, listing_id=listing_id, job_id=job_id)
        async with self._bench.database.reading() as session:
            return await self._bench.intents.page(session, query, limit=limit, offset=offset)

    async def trail(self, intent_id: str) -> tuple[AuditEntry, ...]:
        """What happened to a write, oldest first."""
        async with self._bench.database.reading() as session:
            return await AuditRepository(session).of_intent(intent_id)

    async def settle(self, intent_id: str, *, wait: float, sent_is_enough: bool = False) -> Intent:
        """Do a write's steps here until it is settled, or for `wait` seconds; a worker does what is left.

        Args:
            intent_id: which one.
            wait: seconds; an unknown write whose next look comes later is not waited for.
            sent_is_enough: end once it is no longer planned.

        Returns:
            The write as it stands then.

        Raises:
            NoSuchRecordError: there is no such write.
            DatabaseError: the database fails.
        """
        until, pauses = self._bench.clock.monotonic() + wait, 0
        while True:
            intent = await self.get(intent_id)
            left = until - self._bench.clock.monotonic()
            sent = sent_is_enough and intent.state is not IntentState.PLANNED
            if intent.state not in OPEN or sent or left <= 0:
                return intent
            if await self._driver.step(intent_id, self.advance):
                pauses = 0
                continue
            seconds = await self._driver.until_due(intent_id)
            if seconds is None or (intent.state is IntentState.UNKNOWN and seconds > left):
                return await self.get(intent_id)
            await self._driver.pause(seconds, left, pauses=pauses)
            pauses += 1

    async def advance(self, intent_id: str, lease: Lease) -> Progress:
        """Do the next short step of a write, whose task's lease the caller holds.

        Raises:
            StockXError: StockX cannot be read now.
            DatabaseError: the database fails.
        """
        async with self._bench.database.reading() as session:
            intent = await self._bench.intents.get(session, intent_id)
        if intent is None or intent.state not in OPEN or intent.job_id is not None:
            return Progress(None)
        try:
            return await self._advance(intent, lease)
        except UnitBusyError as error:
            return Progress(self._bench.wait_for_others(intent, await self._bench.now()), error.message)

    async def reconcile(self, lease: Lease) -> Progress:
        """One round: every write that somebody has to look at gets its next step, up to a number of them.

        Those are the unknown ones whose look is due, those whose sender died, and open ones that nobody has touched for
        long. Each step is done under the write's own lease, so a worker that follows it is not in the way.

        Raises:
            DatabaseError: the database fails.
        """
        policy, done = self._bench.policy, 0
        async with self._bench.database.reading() as session:
            now = await self._bench.database.now(session)
            due = await self._bench.intents.due(
                session, self._bench.account, stale=now - policy.stale, limit=policy.round_requests
            )
        for intent in due:
            if not lease.holds(self._bench.clock.now(), self._bench.clock.monotonic()):
                break
            if intent.state is IntentState.UNKNOWN and policy.reconcile.next_look(intent) > now:
                continue
            async with self._bench.database.transaction() as session:
                await self._planner.queue(session, intent, now)
            done += await self._driver.step(intent.id, self.advance)
        return Progress(None, f"{done} of {len(due)} writes looked at")

    async def _advance(self, intent: Intent, lease: Lease) -> Progress:
        match intent.state:
            case IntentState.PLANNED:
                return await self._sender.send(intent, lease)
            case IntentState.SENT:
                return await self._follower.sent(intent)
            case IntentState.ACCEPTED:
                return await self._follower.follow(intent, lease)
            case _:
                return await self._follower.look(intent)
