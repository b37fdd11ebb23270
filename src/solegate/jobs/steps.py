"""One step under a lease, whoever asked for it: both engines run their steps through here (design 4.7)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from solegate.client.usage import CAUSE
from solegate.clock import Clock
from solegate.db.repositories.tasks import LEASE_SECONDS, TaskRepository
from solegate.domain.tasks import Claimed, Progress, Selection
from solegate.errors import DatabaseError, SolegateError
from solegate.jobs.handlers import Handlers
from solegate.log import Redactor, get_logger
from solegate.metrics import Metrics

LONGEST_STEP = 600.0
"""Seconds after which a step counts as hanging: it is cancelled, recorded as failed, and tried again."""
_LONGEST_REASON = 500

_log = get_logger("jobs")


class StepRunner:
    """Claims a task, does its next step, records what came of it.

    Args:
        tasks: where the tasks are.
        handlers: who does each kind.
        worker: the name under which leases are taken.
        clock: measures steps and pauses.
        metrics: counts the steps; or says who counts those of an account.
        lease_seconds: how long this process may be silent before another takes over.
        longest_step: seconds after which a step is cancelled.
    """

    def __init__(
        self,
        tasks: TaskRepository,
        handlers: Handlers,
        *,
        worker: str,
        clock: Clock,
        metrics: Metrics | Callable[[str], Metrics],
        lease_seconds: float = LEASE_SECONDS,
        longest_step: float = LONGEST_STEP,
    ) -> None:
        self.tasks = tasks
        self.kinds = tuple(sorted(handlers))
        self._handlers = handlers
        self._worker = worker
        self._clock = clock
        self._metrics = metrics
        self._lease_seconds = lease_seconds
        self._longest_step = longest_step
        self._redact = Redactor()

    async def claim(self, wanted: Selection) -> Claimed | None:
        """Take the most urgent task; `None` when there is nothing to do now.

        Raises:
            DatabaseError: the database fails.
        """
        return await self.tasks.claim(self._worker, wanted, seconds=self._lease_seconds)

    async def run(self, claimed: Claimed) -> None:
        """Do the next step of a claimed task and give the lease back.

        Whatever the step raises is recorded. Cancelled from outside, the task is given back as it was found; if the
        database is gone, the lease lapses by itself.
        """
        started, kind = self._clock.monotonic(), claimed.task.kind
        try:
            result = await self._step(claimed)
        except asyncio.CancelledError:
            await asyncio.shield(self._give_back(claimed))
            raise
        except DatabaseError as error:
            _log.warning("step_not_recorded", task=claimed.task.id, error=error.message)
            result = "not_recorded"
        metrics = self._metrics if isinstance(self._metrics, Metrics) else self._metrics(claimed.task.account)
        metrics.steps.labels(kind, result).inc()
        metrics.step_duration.labels(kind).observe(self._clock.monotonic() - started)

    async def _step(self, claimed: Claimed) -> str:
        """Do it and record it; returns the result's label."""
        try:
            progress = await self._under_lease(claimed)
        except _LeaseLostError:
            _log.warning("lease_lost", task=claimed.task.id, fence=claimed.lease.fence)
            return "lost"
        except Exception as error:  # noqa: BLE001 - whatever a step raises is kept in its row and tried again
            return await self._failed(claimed, error)
        if not await self.tasks.finish(claimed, progress):
            return "lost"
        self._log_done(claimed, progress)
        return "done"

    async def _under_lease(self, claimed: Claimed) -> Progress:
        """The step, with its lease renewed beside it.

        Raises:
            _LeaseLostError: another process has taken over; the step was cancelled.
            SolegateError: the step takes too long; it was cancelled.
            Exception: whatever the step raises.
        """
        step = asyncio.ensure_future(self._caused(claimed))
        renewing = asyncio.ensure_future(self._renew_until_lost(claimed))
        try:
            await asyncio.wait((step, renewing), timeout=self._longest_step, return_when=asyncio.FIRST_COMPLETED)
            if step.done():
                return step.result()
            if renewing.done():
                raise _LeaseLostError
            raise SolegateError(f"The step had no end after {self._longest_step:.0f} s and was cancelled.")
        finally:
            step.cancel()
            renewing.cancel()
            await asyncio.wait((step, renewing))

    async def _caused(self, claimed: Claimed) -> Progress:
        """The step itself, named as the cause of whatever it asks StockX for."""
        CAUSE.set(claimed.task.kind)  # in this asyncio task and those that it starts
        return await self._handlers[claimed.task.kind].step(claimed.task, claimed.lease)

    async def _renew_until_lost(self, claimed: Claimed) -> None:
        held = True
        while held:
            await self._clock.sleep(self._lease_seconds / 3)
            try:
                held = await self.tasks.renew(claimed, seconds=self._lease_seconds)
            except DatabaseError as error:  # the lease says by itself how long it still holds
                _log.warning("lease_not_renewed", task=claimed.task.id, error=error.message)

    def _log_done(self, claimed: Claimed, progress: Progress) -> None:
        if claimed.task.failures:
            _log.warning("step_recovered", task=claimed.task.id, failures=claimed.task.failures)
        if progress.did:
            _log.info("step", task=claimed.task.id, did=progress.did, next_due=str(progress.next_due or ""))

    async def _failed(self, claimed: Claimed, error: Exception) -> str:
        reason = self._reason(error)
        unexpected = None if isinstance(error, SolegateError) else error
        tell = _log.info if claimed.task.failures else _log.warning  # loudly once, until it went well again
        tell("step_failed", task=claimed.task.id, error=reason, exc_info=unexpected)
        counted = await self.tasks.fail(claimed, reason, retry_at=_retry_at(error))
        return "failed" if counted else "lost"

    def _reason(self, error: Exception) -> str:
        text = str(error) if isinstance(error, SolegateError) else f"{type(error).__name__}: {error}"
        return self._redact.text(text)[:_LONGEST_REASON]

    async def _give_back(self, claimed: Claimed) -> None:
        try:
            await self.tasks.release(claimed)
        except DatabaseError as error:
            _log.warning("lease_not_given_back", task=claimed.task.id, error=error.message)


class _LeaseLostError(Exception):
    """Raised inside a step when another process holds its task."""


def _retry_at(error: Exception) -> datetime | None:
    moment = getattr(error, "retry_at", None)
    return moment if isinstance(moment, datetime) else None
