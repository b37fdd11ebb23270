"""The background work of a process, put together from its services: what is done, by which engine, until when.

Above the services and the engines, below the edges: the HTTP application, the worker and the command line.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from types import MappingProxyType
from typing import Literal

from solegate.bootstrap import House, Services
from solegate.db.repositories.tasks import LEASE_SECONDS
from solegate.db.repositories.workers import WorkerRepository
from solegate.domain.sync import SyncName
from solegate.jobs.claims import CAPACITY
from solegate.jobs.handlers import ForAccount, ForSubject, Handler, Handlers, PerAccount
from solegate.jobs.local import GRACE_SECONDS, LocalLoop
from solegate.jobs.port import Engine
from solegate.jobs.presence import Presence
from solegate.jobs.processes import new_worker_id
from solegate.jobs.roster import Everybody, Only, Roster
from solegate.jobs.schedules import plan
from solegate.jobs.steps import StepRunner
from solegate.log import get_logger
from solegate.services.bulk.steps import BulkSteps
from solegate.services.schedules import schedules_of
from solegate.services.upkeep import Retention, TokenRenewal

EngineName = Literal["local", "dbos", "command"]
ALL_LANES = tuple(range(len(CAPACITY)))
_GRACE_INSIDE = 5.0
"""Seconds that the end of the HTTP API waits for running steps."""

_log = get_logger("background")


def handlers_of(services: Services) -> Handlers:
    """Who advances each kind of task for one account."""
    return {kind: make(services) for kind, make in _HANDLERS.items()}


def bulk_steps(services: Services) -> BulkSteps:
    """Who advances the bulk jobs of one account."""
    return BulkSteps(
        services.database,
        services.stockx,
        services.catalog,
        guard=services.guard,
        events=services.events,
        clock=services.clock,
    )


def _tokens(services: Services) -> Handler:
    return ForAccount(TokenRenewal(services.stockx, clock=services.clock).step)


def _retention(services: Services) -> Handler:
    retention = Retention(services.database, account=services.settings.account, clock=services.clock)
    return ForAccount(retention.step)


_HANDLERS: Mapping[str, Callable[[Services], Handler]] = MappingProxyType({
    "job": lambda services: ForSubject(bulk_steps(services).advance),
    "intent": lambda services: ForSubject(services.ledger.advance),
    "reconcile": lambda services: ForAccount(services.ledger.reconcile),
    "sync": lambda services: ForSubject(services.syncs.step),
    "events": lambda services: ForAccount(services.event_rounds.step),
    "deliver": lambda services: ForSubject(services.telling.deliverer.step),
    "inbox": lambda services: ForAccount(services.webhooks.steps.step),
    "market": lambda services: ForAccount(partial(services.syncs.step, SyncName.MARKET)),
    "tokens": _tokens,
    "retention": _retention,
})  # fmt: skip
"""Each kind of task, and who advances it."""


class _Desks:
    """The handlers of each account, made when there is first something to do for it."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._made: dict[str, tuple[Services, Handlers]] = {}

    async def of(self, account: str) -> Handlers:
        """The handlers of an account, with its services as they are now.

        Raises:
            NoSuchAccountError: it was removed.
            DatabaseError: it cannot be opened.
        """
        services = await self._house.of(account)
        known = self._made.get(account)
        if known is None or known[0] is not services:
            known = self._made[account] = services, handlers_of(services)
        return known[1]


def runner_of(house: House, worker: str, *, lease_seconds: float = LEASE_SECONDS) -> StepRunner:
    """Does the steps of every kind for every account, under the name of a worker."""
    desks = _Desks(house)
    return StepRunner(
        house.tasks,
        {kind: PerAccount(kind, desks.of) for kind in _HANDLERS},
        worker=worker,
        clock=house.clock,
        metrics=house.metrics_of,
        lease_seconds=lease_seconds,
    )


def roster_of(house: House, only: str | None = None) -> Roster:
    """The accounts that a process works for: all that there are or will be, or only one."""
    schedules = schedules_of(house.settings)

    async def names() -> Sequence[str]:
        return await house.names() if only is None else (only,)

    async def welcome(account: str) -> None:
        await plan(house.database, house.tasks, account, schedules)

    return Everybody(names, welcome=welcome, clock=house.clock)


def house_loop(
    house: House,
    worker: str,
    *,
    only: str | None = None,
    lanes: Sequence[int] = ALL_LANES,
    grace: float = GRACE_SECONDS,
) -> LocalLoop:
    """The engine of this process alone, for every account.

    Args:
        house: what it works with.
        worker: its name.
        only: work for this account only.
        lanes: the lanes to serve.
        grace: seconds that a drain waits for running steps.
    """
    return LocalLoop(
        runner_of(house, worker), roster=roster_of(house, only), clock=house.clock, lanes=lanes, grace=grace
    )


def local_loop(
    services: Services, worker: str, *, subject: str | None = None, grace: float = GRACE_SECONDS
) -> LocalLoop:
    """The engine of a command, for the account that it works with.

    Args:
        services: what it works with.
        worker: its name.
        subject: drive this one thing only.
        grace: seconds that a drain waits for running steps.
    """
    runner = StepRunner(
        services.tasks, handlers_of(services), worker=worker, clock=services.clock, metrics=services.metrics
    )
    roster = Only(services.settings.account)
    return LocalLoop(runner, roster=roster, clock=services.clock, subject=subject, grace=grace)


async def work(house: House, engine: Engine, *, worker: str, name: EngineName, stop: asyncio.Event) -> None:
    """Work until `stop` is set, then drain. Cancelled, give every lease back and end.

    Raises:
        DatabaseError: the database fails at the start.
    """
    await _run(house, engine, worker=worker, name=name, stop=stop)


async def drive(services: Services, subject: str, *, stop: asyncio.Event, grace: float = GRACE_SECONDS) -> None:
    """Advance one thing in this process, until `stop` is set; others may do the same.

    Raises:
        DatabaseError: the database fails at the start.
    """
    worker = new_worker_id()
    engine = local_loop(services, worker, subject=subject, grace=grace)
    await _run(services, engine, worker=worker, name="command", stop=stop)


async def _run(place: House | Services, engine: Engine, *, worker: str, name: EngineName, stop: asyncio.Event) -> None:
    presence = Presence(WorkerRepository(place.database), place.tasks, worker=worker, engine=name, clock=place.clock)
    async with presence.kept():
        place.tasks.call_when_queued(engine.wake)
        running = asyncio.create_task(engine.run())
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait((running, stopping), return_when=asyncio.FIRST_COMPLETED)
            if not running.done():
                await presence.drains()
                engine.drain()
            await running
        finally:
            for each in (running, stopping):
                each.cancel()
            await asyncio.wait((running, stopping))


@asynccontextmanager
async def working_inside(house: House) -> AsyncIterator[None]:
    """Do the background work of every account beside the block, in this process, and drain it at the end.

    What goes wrong with it is logged; the block goes on.
    """
    stop, worker = asyncio.Event(), new_worker_id()
    engine = house_loop(house, worker, grace=_GRACE_INSIDE)
    working = asyncio.create_task(work(house, engine, worker=worker, name="local", stop=stop))
    working.add_done_callback(_tell)
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait((working,))


def _tell(working: asyncio.Task[None]) -> None:
    if not working.cancelled() and (error := working.exception()) is not None:
        _log.error("background_work_ended", error=str(error), exc_info=error)
