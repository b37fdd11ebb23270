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
from solegate.jobs.schedules import plan, schedules_of
from solegate.jobs.steps import StepRunner
from solegate.log import get_logger
from solegate.services.bulk.steps import BulkSteps
from solegate.services.upkeep import Retention, TokenRenewal

EngineName = Literal["local", "dbos", "command"]
ALL_LANES = tuple(range(len(CAPACITY)))
_GRACE_INSIDE = 5.0
"""Seconds that the end of the HTTP API waits for running steps."""

_log = get_logger("background")


def handlers_of(services: Services) -> Handlers:
    """Who advances each kind of task."""
    renewal = TokenRenewal(services.stockx, clock=services.clock)
    retention = Retention(services.database, account=services.settings.account, clock=services.clock)
    jobs = BulkSteps(
        services.database,
        services.stockx,
        services.catalog,
        guard=services.guard,
        events=services.events,
        clock=services.clock,
    )
    return {
        "job": ForSubject(jobs.advance),
        "intent": ForSubject(services.ledger.advance),
        "reconcile": ForAccount(services.ledger.reconcile),
        "sync": ForSubject(services.syncs.step),
        "deliver": ForSubject(services.telling.deliverer.step),
        "inbox": ForAccount(services.webhooks.steps.step),
        "market": ForAccount(partial(services.syncs.step, SyncName.MARKET)),
        "tokens": ForAccount(renewal.step),
        "retention": ForAccount(retention.step),
    }


def runner_of(services: Services, worker: str, *, lease_seconds: float = LEASE_SECONDS) -> StepRunner:
    """Does the steps of every kind under the name of a worker."""
    return StepRunner(
        services.tasks,
        handlers_of(services),
        worker=worker,
        clock=services.clock,
        metrics=services.metrics,
        lease_seconds=lease_seconds,
    )


def local_loop(
    services: Services,
    worker: str,
    *,
    subject: str | None = None,
    lanes: Sequence[int] = ALL_LANES,
    grace: float = GRACE_SECONDS,
) -> LocalLoop:
    """The engine of this process alone.

    Args:
        services: what it works with.
        worker: its name.
        subject: drive this one thing only.
        lanes: the lanes to serve.
        grace: seconds that a drain waits for running steps.
    """
    return LocalLoop(
        runner_of(services, worker),
        account=services.settings.account,
        clock=services.clock,
        subject=subject,
        lanes=lanes,
        grace=grace,
    )


async def work(services: Services, engine: Engine, *, worker: str, name: EngineName, stop: asyncio.Event) -> None:
    """Work until `stop` is set, then drain. Cancelled, give every lease back and end.

    Raises:
        DatabaseError: the database fails at the start.
    """
    await plan(services.database, services.tasks, services.settings.account, schedules_of(services.settings))
    await _run(services, engine, worker=worker, name=name, stop=stop)


async def drive(services: Services, subject: str, *, stop: asyncio.Event, grace: float = GRACE_SECONDS) -> None:
    """Advance one thing in this process, until `stop` is set; others may do the same.

    Raises:
        DatabaseError: the database fails at the start.
    """
    worker = new_worker_id()
    engine = local_loop(services, worker, subject=subject, grace=grace)
    await _run(services, engine, worker=worker, name="command", stop=stop)


async def _run(services: Services, engine: Engine, *, worker: str, name: EngineName, stop: asyncio.Event) -> None:
    presence = Presence(
        WorkerRepository(services.database), services.tasks, worker=worker, engine=name, clock=services.clock
    )
    async with presence.kept():
        services.tasks.call_when_queued(engine.wake)
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
async def working_inside(services: Services) -> AsyncIterator[None]:
    """Do the background work beside the block, in this process, and drain it at the end.

    What goes wrong with it is logged; the block goes on.
    """
    stop, worker = asyncio.Event(), new_worker_id()
    engine = local_loop(services, worker, grace=_GRACE_INSIDE)
    working = asyncio.create_task(work(services, engine, worker=worker, name="local", stop=stop))
    working.add_done_callback(_tell)
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait((working,))


def _tell(working: asyncio.Task[None]) -> None:
    if not working.cancelled() and (error := working.exception()) is not None:
        _log.error("background_work_ended", error=str(error), exc_info=error)
