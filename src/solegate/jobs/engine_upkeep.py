"""What DBOS leaves to its users: sending out workflows, taking over those of the dead, deleting those that ended."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from itertools import islice

from dbos import DBOS, EnqueueOptions, WorkflowSerializationFormat, WorkflowStatus
from dbos import error as dbos_errors

from solegate.clock import Clock
from solegate.db.repositories.workers import WorkerRepository
from solegate.domain.leases import Lease
from solegate.domain.tasks import Progress, drains_wanted
from solegate.jobs.roster import Roster
from solegate.jobs.steps import StepRunner
from solegate.log import get_logger

EACH = 2
"""Steps of each account in each lane in a worker at once, so that one waiting for StockX does not hold up its lane."""
DRAINS = 32
"""Workflows of each lane in a worker at once, for all accounts together."""
_DELETED_AT_ONCE = 500
_ACTIVE = ["ENQUEUED", "PENDING", "DELAYED"]
_FINISHED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]

_log = get_logger("jobs")


class Upkeep:
    """What DBOS leaves to its users; one worker at a time does it.

    - dispatch: `drain` workflows for every lane in which something is due: `EACH` for each account that has as much
      to do, and `DRAINS` at most, for each living worker;
    - reaping: a dead executor's workflows would stay PENDING, and keep their deduplication ids, for ever;
    - retention: finished workflows are deleted after a while.

    Args:
        runner: knows the tasks, and the kinds that are done.
        workers: who lives.
        roster: the accounts that are worked for.
        queues: one for each lane.
        scope: of the engines that share this upkeep.
        clock: tells what is old.
        kept: how long finished workflows are kept.
    """

    def __init__(
        self,
        runner: StepRunner,
        workers: WorkerRepository,
        roster: Roster,
        *,
        queues: Sequence[str],
        scope: str,
        clock: Clock,
        kept: timedelta,
    ) -> None:
        self._turns, self._kinds = runner.tasks.turns, runner.kinds
        self._workers = workers
        self._roster = roster
        self._queues = tuple(queues)
        self._scope = scope
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
        sent, burdens = 0, await self._turns.burdens(await self._roster.accounts(), self._kinds)
        for lane, accounts in sorted(burdens.items()):
            theirs = {each.deduplication_id for each in active if each.queue_name == self._queues[lane]}
            wanted = drains_wanted(
                {account: due for account, (due, _held) in accounts.items()},
                {account: held for account, (_due, held) in accounts.items()},
                each=EACH * max(1, workers),
                most=DRAINS * max(1, workers),
                active=len(theirs),
            )
            places = (f"{self._scope}:{number}" for number in range(DRAINS * max(1, workers)))
            for place in islice((each for each in places if each not in theirs), wanted):
                sent += await self._enqueue(lane, place)
        return sent

    async def _enqueue(self, lane: int, place: str) -> bool:
        options: EnqueueOptions = {
            "workflow_name": "drain",
            "queue_name": self._queues[lane],
            "deduplication_id": place,
            "serialization_type": WorkflowSerializationFormat.PORTABLE,
        }
        try:
            await DBOS.enqueue_workflow_with_options_async(options, self._scope, lane)
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
