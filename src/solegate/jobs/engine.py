"""DBOS Transact as the engine for many processes and hosts on PostgreSQL (design 4.7, section 5).

DBOS keeps who drains which lane; what there is to do, and who may do it, stays in our own tasks and their leases. So a
workflow's body is trivial: claim a task, do its step, and again. A step that is repeated after a crash claims whatever
is due then. This is the only file that knows DBOS; it is written for 3.4 and uses its public interface only.

What DBOS leaves to us is done by whoever holds the lease of the task `engine`, see `Upkeep`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Sequence
from datetime import timedelta

from dbos import DBOS, DBOSConfig, EnqueueOptions, WorkflowSerializationFormat, WorkflowStatus
from dbos import error as dbos_errors

from solegate.clock import Clock
from solegate.db import Database
from solegate.db.libpq import libpq_url
from solegate.db.repositories.tasks import TaskRepository
from solegate.db.repositories.workers import WorkerRepository
from solegate.domain.leases import Lease
from solegate.domain.tasks import Progress, Selection, Task
from solegate.errors import DatabaseError
from solegate.jobs.handlers import ForAccount
from solegate.jobs.local import GRACE_SECONDS, LocalLoop
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
DRAINS = 2
"""Workflows of each lane in a worker at once, so that one waiting for StockX does not hold up its lane."""
STEPS_PER_DRAIN = 100
"""A workflow ends after this many steps; what a crash repeats of it stays short, and so does its log."""
FINISHED_KEPT = timedelta(hours=1)
TICK = 0.5
"""Seconds between two rounds of upkeep."""
_UPKEEP_LEASE = 6.0
_DELETED_AT_ONCE = 500
_ACTIVE = ["ENQUEUED", "PENDING", "DELAYED"]
_FINISHED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]

_log = get_logger("jobs")


class DbosEngine:
    """Does the steps of one account's tasks together with the engines of other processes.

    DBOS exists once in a process: so does this.

    Args:
        runner: claims tasks and does their steps.
        database: where the tasks are; PostgreSQL.
        url: of that database.
        account: whose tasks.
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
        account: str,
        worker: str,
        clock: Clock,
        metrics: Metrics,
        lanes: Sequence[int],
        grace: float = GRACE_SECONDS,
        kept: timedelta = FINISHED_KEPT,
    ) -> None:
        self._runner = runner
        self._account = account
        self._worker = worker
        self._database = database
        self._url = url
        self._lanes = tuple(lanes)
        self._grace = grace
        self._clock = clock
        self._draining = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        wanted = Selection(account, tuple(range(len(QUEUES))), runner.kinds)  # for workers that serve other lanes, too
        upkeep = Upkeep(runner.tasks, WorkerRepository(database), wanted, clock=clock, kept=kept)
        keeper = StepRunner(
            runner.tasks,
            {"engine": ForAccount(upkeep.step)},
            worker=worker,
            clock=clock,
            metrics=metrics,
            lease_seconds=_UPKEEP_LEASE,
        )
        self._upkeep = LocalLoop(keeper, account=account, clock=clock, poll=TICK, grace=1.0)

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
        async def drain(account: str, lane: int) -> int:
            return await self._drain_lane(account, lane)

        DBOS.listen_queues([QUEUES[lane] for lane in self._lanes])
        DBOS.launch()
        for queue, poll in zip(QUEUES, _POLLS, strict=True):
            await DBOS.register_queue_async(queue, worker_concurrency=DRAINS, polling_interval_sec=poll)
        async with self._database.transaction() as session:
            now = await self._database.now(session)
            task = Task(account=self._account, kind="engine", lane=0, due_at=now, every=TICK)
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

    async def _drain_lane(self, account: str, lane: int) -> int:
        """The workflow: steps of one lane until none is due."""
        steps = 0
        while steps < STEPS_PER_DRAIN and await DBOS.run_step_async({"name": "step"}, self._step, account, lane):
            steps += 1
        return steps

    async def _step(self, account: str, lane: int) -> bool:
        """Do one step of a task of the lane; returns whether there was one."""
        if self._draining.is_set():
            return False
        try:
            claimed = await self._runner.claim(Selection(account, (lane,), self._runner.kinds))
        except DatabaseError as error:
            _log.warning("claim_failed", error=error.message)
            return False
        if claimed is None:
            return False
        step = asyncio.create_task(self._runner.run(claimed), name=claimed.task.id)
        self._running.add(step)
        step.add_done_callback(self._running.discard)
        await asyncio.wait((step,))  # cancelled by a drain, it ends this workflow in the usual way
        return not self._draining.is_set()


class Upkeep:
    """What DBOS leaves to its users; one worker at a time does it.

    - dispatch: a `drain` workflow for every lane in which something is due, up to `DRAINS` for each living worker;
    - reaping: a dead executor's workflows would stay PENDING, and keep their deduplication ids, for ever;
    - retention: finished workflows are deleted after a while.

    Args:
        tasks: what is due.
        workers: who lives.
        wanted: the account, lanes and kinds that are drained.
        clock: tells what is old.
        kept: how long finished workflows are kept.
    """

    def __init__(
        self, tasks: TaskRepository, workers: WorkerRepository, wanted: Selection, *, clock: Clock, kept: timedelta
    ) -> None:
        self._tasks = tasks
        self._workers = workers
        self._wanted = wanted
        self._clock = clock
        self._kept = kept
        self._retention_after = 0.0

    async def step(self, _lease: Lease) -> Progress:
        """One round.

        Raises:
            DatabaseError: the database fails.
        """
        known, now = await self._workers.known()
        living = [worker.id for worker in known if worker.alive(now) and worker.engine == "dbos"]
        active = await DBOS.list_workflows_async(status=_ACTIVE, load_input=False, load_output=False)
        reaped = await self._reap(active, living)
        sent = await self._dispatch(active, workers=len(living))
        if self._clock.monotonic() >= self._retention_after:
            await self._forget_finished()
        return Progress(None, f"{reaped} taken over, {sent} sent out" if reaped or sent else "")

    async def _reap(self, active: Collection[WorkflowStatus], living: Collection[str]) -> int:
        """Let the living resume what the dead began."""
        left = [each for each in active if each.status == "PENDING" and each.executor_id not in living]
        for queue in {each.queue_name for each in left}:
            theirs = [each.workflow_id for each in left if each.queue_name == queue]
            await DBOS.resume_workflows_async(theirs, queue_name=queue)
        if left:
            dead = sorted({each.executor_id or "" for each in left})
            _log.warning("workflows_taken_over", executors=dead, workflows=len(left))
        return len(left)

    async def _dispatch(self, active: Collection[WorkflowStatus], *, workers: int) -> int:
        """Send out as many workflows as there is work for, and places that are free."""
        taken = {(each.queue_name, each.deduplication_id) for each in active}
        sent = 0
        for lane, due in sorted((await self._tasks.due_by_lane(self._wanted)).items()):
            places = [f"{self._wanted.account}:{number}" for number in range(DRAINS * max(1, workers))]
            free = [place for place in places if (QUEUES[lane], place) not in taken]
            for place in free[:due]:
                sent += await self._enqueue(lane, place)
        return sent

    async def _enqueue(self, lane: int, place: str) -> bool:
        options: EnqueueOptions = {
            "workflow_name": "drain",
            "queue_name": QUEUES[lane],
            "deduplication_id": place,
            "serialization_type": WorkflowSerializationFormat.PORTABLE,
        }
        try:
            await DBOS.enqueue_workflow_with_options_async(options, self._wanted.account, lane)
        except dbos_errors.DBOSQueueDeduplicatedError:  # a holder of this lease that was frozen was faster
            return False
        return True

    async def _forget_finished(self) -> None:
        old = await DBOS.list_workflows_async(
            status=_FINISHED,
            completed_before=(self._clock.now() - self._kept).isoformat(),
            limit=_DELETED_AT_ONCE,
            load_input=False,
            load_output=False,
        )
        await DBOS.delete_workflows_async([each.workflow_id for each in old])
        pause = 0.0 if len(old) == _DELETED_AT_ONCE else self._kept.total_seconds() / 10
        self._retention_after = self._clock.monotonic() + pause


def _destroy() -> None:
    DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=5)


def _hand_over_logs() -> None:
    """Let DBOS's log lines go the way of all others; it adds a handler of its own only where there is none."""
    logger = logging.getLogger("dbos")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    logger.propagate = True
