"""DBOS Transact as the engine for many processes and hosts on PostgreSQL (design 4.7, section 5).

DBOS keeps who drains which lane; what there is to do, and who may do it, stays in our own tasks and their leases. So a
workflow's body is trivial: claim a task, do its step, and again. A step that is repeated after a crash claims whatever
is due then. A queue is of no account: within a workflow the accounts take turns, see `Claims`.

What DBOS leaves to us is done by whoever holds the lease of the task `engine`, see `engine_upkeep`. No other file than
these two knows DBOS; they are written for 3.4 and use its public interface only.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from dbos import DBOS, DBOSConfig, WorkflowSerializationFormat

from solegate.clock import Clock
from solegate.db import Database
from solegate.db.libpq import libpq_url
from solegate.db.repositories.workers import WorkerRepository
from solegate.domain.tasks import Claimed, Task
from solegate.errors import DatabaseError
from solegate.jobs.claims import Claims
from solegate.jobs.engine_upkeep import DRAINS, EACH, Upkeep
from solegate.jobs.handlers import ForAccount
from solegate.jobs.local import GRACE_SECONDS, LocalLoop
from solegate.jobs.roster import Only, Roster
from solegate.jobs.steps import StepRunner
from solegate.log import get_logger
from solegate.metrics import Metrics

SCHEMA = "solegate_dbos"
"""DBOS's tables, in a schema of their own in our database."""
VERSION = "solegate-1"
"""Constant: DBOS leaves alone what another version began, and our workflows have nothing that could change."""
QUEUES = ("solegate-orders", "solegate-writes", "solegate-interactive", "solegate-background")
"""One for each lane: no lane ever waits for another's place in a worker."""
_POLLS = (0.5, 0.5, 1.0, 1.0)
"""Seconds between two looks into each queue."""
STEPS_PER_DRAIN = 100
"""A workflow ends after this many steps; what a crash repeats of it stays short, and so does its log."""
FINISHED_KEPT = timedelta(hours=1)
TICK = 0.5
"""Seconds between two rounds of upkeep."""
_UPKEEP_LEASE = 6.0

_log = get_logger("jobs")


class DbosEngine:
    """Does the steps of some accounts' tasks together with the engines of other processes.

    DBOS exists once in a process: so does this.

    Args:
        runner: claims tasks and does their steps.
        database: where the tasks are; PostgreSQL.
        url: of that database.
        roster: whose tasks.
        scope: names the engines that share the work: those with the same roster; empty for all accounts.
        worker: the name of this process among DBOS's executors.
        clock: measures pauses.
        metrics: count the steps of upkeep.
        lanes: the lanes to serve.
        grace: seconds that a drain waits for running steps.
        kept: how long finished workflows are kept.
    """

    def __init__(
        self,
        runner: StepRunner,
        database: Database,
        *,
        url: str,
        roster: Roster,
        scope: str = "",
        worker: str,
        clock: Clock,
        metrics: Metrics,
        lanes: Sequence[int],
        grace: float = GRACE_SECONDS,
        kept: timedelta = FINISHED_KEPT,
    ) -> None:
        self._runner = runner
        self._scope = scope
        self._worker = worker
        self._database = database
        self._url = url
        self._lanes = tuple(lanes)
        self._grace = grace
        self._clock = clock
        self._draining = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        # Of each account at most EACH in each lane, and all lanes beside each other.
        self._claims = tuple(
            Claims(runner, roster, clock=clock, lanes=(lane,), capacity=(EACH,) * len(QUEUES))
            for lane in range(len(QUEUES))
        )
        upkeep = Upkeep(
            runner, WorkerRepository(database), roster, queues=self._queues, scope=scope, clock=clock, kept=kept
        )
        keeper = StepRunner(
            runner.tasks,
            {"engine": ForAccount(upkeep.step)},
            worker=worker,
            clock=clock,
            metrics=metrics,
            lease_seconds=_UPKEEP_LEASE,
        )
        self._upkeep = LocalLoop(keeper, roster=Only(scope), clock=clock, poll=TICK, grace=1.0)

    @property
    def _queues(self) -> tuple[str, ...]:
        return tuple(f"{queue}-{self._scope}" if self._scope else queue for queue in QUEUES)

    async def run(self) -> None:
        """See `Engine.run`.

        Raises:
            DatabaseError: the database fails at the start.
        """
        await self._launch()
        upkeep = asyncio.create_task(self._upkeep.run())
        try:
            await self._draining.wait()
            await upkeep
            if self._running:
                await asyncio.wait(self._running, timeout=self._grace)
        finally:
            upkeep.cancel()
            await self._stop()

    def drain(self) -> None:
        """See `Engine.drain`."""
        self._draining.set()
        self._upkeep.drain()

    def wake(self) -> None:
        """See `Engine.wake`; it matters where this process has the upkeep, the others look twice a second."""
        self._upkeep.wake()

    async def _launch(self) -> None:
        """Start DBOS on this event loop, so that workflows share the services' connections."""
        config: DBOSConfig = {
            "name": "solegate",
            "system_database_url": libpq_url(self._url),
            "dbos_system_schema": SCHEMA,
            "application_version": VERSION,
            "executor_id": self._worker,
            "sys_db_pool_size": 8,
            "use_listen_notify": False,  # nothing here waits for DBOS's events, and poolers do not carry them
            "notification_listener_polling_interval_sec": 1.0,
            "log_level": "ERROR",  # its queues warn every second while the database is away; we tell that once
            "enable_otlp": False,
        }
        _hand_over_logs()
        DBOS(config=config)

        @DBOS.workflow(name="drain", serialization_type=WorkflowSerializationFormat.PORTABLE)
        async def drain(_scope: str, lane: int) -> int:
            return await self._drain_lane(lane)

        DBOS.listen_queues([self._queues[lane] for lane in self._lanes])
        DBOS.launch()
        for queue, poll in zip(self._queues, _POLLS, strict=True):
            await DBOS.register_queue_async(queue, worker_concurrency=DRAINS, polling_interval_sec=poll)
        async with self._database.transaction() as session:
            now = await self._database.now(session)
            task = Task(account=self._scope, kind="engine", lane=0, due_at=now, every=TICK)
            await self._runner.tasks.repeat(session, task)

    async def _stop(self) -> None:
        """Cancel what still runs, so that it gives its leases back, and let DBOS note the ends of its workflows."""
        self._draining.set()
        left = list(self._running)
        for step in left:
            step.cancel()
        if left:
            await asyncio.wait(left)
        # Its own threads: DBOS's pool, which serves this loop, is closed in there.
        await asyncio.get_running_loop().run_in_executor(None, _destroy)

    async def _drain_lane(self, lane: int) -> int:
        """The workflow: steps of one lane until none is due."""
        self._claims[lane].changed()  # it was sent out because something is due
        steps = 0
        while steps < STEPS_PER_DRAIN and await DBOS.run_step_async({"name": "step"}, self._step, lane):
            steps += 1
        return steps

    async def _step(self, lane: int) -> bool:
        """Do one step of a task of the lane; returns whether there was one."""
        if self._draining.is_set():
            return False
        try:
            claimed = await self._claims[lane].next()
        except DatabaseError as error:
            _log.warning("claim_failed", error=error.message)
            return False
        if claimed is None:
            return False
        step = asyncio.create_task(self._runner.run(claimed), name=claimed.task.id)
        self._running.add(step)
        step.add_done_callback(partial(self._ended, claimed))
        await asyncio.wait((step,))  # cancelled by a drain, it ends this workflow in the usual way
        return not self._draining.is_set()

    def _ended(self, claimed: Claimed, step: asyncio.Task[None]) -> None:
        self._running.discard(step)
        self._claims[claimed.task.lane].ended(claimed)


def _destroy() -> None:
    DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=5)


def _hand_over_logs() -> None:
    """Let DBOS's log lines go the way of all others; it adds a handler of its own only where there is none."""
    logger = logging.getLogger("dbos")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    logger.propagate = True
