"""Processes that die or freeze: each with its own connections and memory, all on one database and one market."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from solegate.client.auth import MemoryTokenStore
from solegate.client.policy.outcome import Failed, Received
from solegate.client.service import StockXService
from solegate.client.transport import HttpTransport, WireRequest
from solegate.clock import Clock
from solegate.db import Database, Session
from solegate.db.repositories.tasks import TaskRepository
from solegate.domain.guard_rails import GuardRails
from solegate.domain.leases import Lease
from solegate.jobs.handlers import ForSubject
from solegate.jobs.local import LocalLoop
from solegate.jobs.roster import Only
from solegate.jobs.steps import StepRunner
from solegate.metrics import Metrics
from solegate.services.events.log import EventLog
from solegate.services.guard import WriteGuard
from solegate.services.ledger import INTENT_TASK, Ledger, LedgerPolicy
from solegate.simulator import Simulator
from solegate.testing import fresh_tokens, practice_config


class Crash(BaseException):
    """The process is dead: nothing of it runs any more, and it gives nothing back."""


@dataclass
class Fate:
    """When a process dies or freezes; counted in its own transactions and writes."""

    before_commit: int = 0
    after_commit: int = 0
    before_write: int = 0
    during_write: int = 0
    after_write: int = 0
    freezes: bool = False
    commits: int = 0
    writes: int = 0
    dead: bool = False
    frozen: asyncio.Event = field(default_factory=asyncio.Event)
    thawed: asyncio.Event = field(default_factory=asyncio.Event)

    def die(self) -> None:
        self.dead = True
        raise Crash

    async def live(self) -> None:
        """Go on, unless dead; wait while frozen."""
        if self.frozen.is_set():
            await self.thawed.wait()
        if self.dead:
            raise Crash


class MortalDatabase(Database):
    """A database whose process may die just before or after it commits."""

    def __init__(self, url: str, fate: Fate, clock: Clock) -> None:
        super().__init__(url, clock=clock)
        self._fate = fate

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        fate = self._fate
        await fate.live()
        fate.commits += 1
        mine = fate.commits
        async with super().transaction() as session:
            yield session
            if mine == fate.before_commit:
                fate.die()
        if mine == fate.after_commit:
            fate.die()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Session]:
        await self._fate.live()
        async with super().reading() as session:
            yield session


class MortalTransport:
    """A transport whose process may die or freeze around a write."""

    def __init__(self, network: HttpTransport, fate: Fate, clock: Clock) -> None:
        self._network = network
        self._fate = fate
        self._clock = clock

    async def send(self, request: WireRequest) -> Received | Failed:
        fate = self._fate
        await fate.live()
        fate.writes += request.method != "GET" and request.url.find("/oauth/") < 0
        mine = fate.writes if request.method != "GET" else -1
        if mine == fate.before_write:
            if not fate.freezes:
                fate.die()
            fate.frozen.set()
            await fate.thawed.wait()
        if mine == fate.during_write:
            sending = asyncio.ensure_future(self._network.send(request))
            await self._clock.sleep(0.05)
            sending.cancel()
            fate.die()
        # What has left arrives, whether or not somebody still waits for the answer.
        answer = await asyncio.shield(asyncio.ensure_future(self._network.send(request)))
        if mine == fate.after_write:
            fate.die()
        return answer

    async def aclose(self) -> None:
        """The network is everybody's."""


@dataclass(frozen=True)
class Process:
    """One process: its own connections, its own memory, the same database."""

    ledger: Ledger
    tasks: TaskRepository
    clock: Clock
    fate: Fate
    stockx: StockXService
    database: Database
    guard: WriteGuard

    async def work(self) -> None:
        """Reconcile, and then do every step of every write until nothing is left, as a worker does."""
        now, monotonic = self.clock.now(), self.clock.monotonic()
        await self.ledger.reconcile(Lease("round", 1, now + timedelta(days=9), monotonic + 1e9))
        runner = StepRunner(
            self.tasks,
            {INTENT_TASK: ForSubject(self.ledger.advance)},
            worker="w",
            clock=self.clock,
            metrics=Metrics(),
            longest_step=1e9,  # a frozen process does not see how long it takes
        )
        await LocalLoop(runner, roster=Only("default"), clock=self.clock, poll=3_600.0).run(until_done=True)


@asynccontextmanager
async def process(
    url: str,
    simulator: Simulator,
    network: HttpTransport,
    clock: Clock,
    fate: Fate,
    name: str,
    *,
    rails: GuardRails | None = None,
    policy: LedgerPolicy | None = None,
) -> AsyncIterator[Process]:
    """Start a process. It holds no state but what is in the database."""
    async with MortalDatabase(url, fate, clock) as database:
        config = practice_config(simulator)
        store = MemoryTokenStore(fresh_tokens(simulator, clock))
        transport = MortalTransport(network, fate, clock)
        async with StockXService(config, token_store=store, transport=transport, clock=clock) as stockx:
            tasks = TaskRepository(database, clock=clock)
            ids = (f"{name}-{number}" for number in range(10_000))
            guard = WriteGuard(database, account=config.account, rails=rails or GuardRails())
            ledger = Ledger(
                stockx,
                database,
                tasks,
                guard=guard,
                events=EventLog(database, tasks, account=config.account),
                clock=clock,
                new_id=lambda: next(ids),
                worker=name,
                policy=policy or LedgerPolicy(),
            )
            yield Process(ledger, tasks, clock, fate, stockx, database, guard)
