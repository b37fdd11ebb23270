"""The engine without an engine: a loop that leases due tasks and does their steps (design 4.7, local).

It is enough for one process on SQLite, and right for any number of processes on either database, for exclusivity
rests on the leases alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from solegate.clock import Clock
from solegate.domain.tasks import Claimed
from solegate.errors import DatabaseError
from solegate.jobs.claims import CAPACITY, Claims
from solegate.jobs.roster import Roster
from solegate.jobs.steps import StepRunner
from solegate.log import get_logger

POLL_SECONDS = 1.0
"""How soon work that another process queued is noticed; work of this process wakes the loop at once."""
GRACE_SECONDS = 20.0
"""How long a drain waits for the steps that run; shorter than the lease, so that a hung step is not repeated early."""

_LEAST_PAUSE = 0.01
"""Seconds between two looks although something is due: another process may be about to take it."""

_log = get_logger("jobs")


class LocalLoop:
    """Does the steps of some accounts' tasks in this process.

    Args:
        runner: claims tasks and does their steps.
        roster: whose tasks.
        clock: measures the pauses.
        subject: drive this one thing only.
        lanes: the lanes to serve.
        capacity: see `claims.CAPACITY`.
        poll: seconds between two looks while there is nothing to do.
        grace: seconds that a drain waits for running steps.
    """

    def __init__(
        self,
        runner: StepRunner,
        *,
        roster: Roster,
        clock: Clock,
        subject: str | None = None,
        lanes: Sequence[int] = range(len(CAPACITY)),
        capacity: Sequence[int] = CAPACITY,
        poll: float = POLL_SECONDS,
        grace: float = GRACE_SECONDS,
    ) -> None:
        self._runner = runner
        self._claims = Claims(runner, roster, clock=clock, lanes=lanes, capacity=capacity, subject=subject)
        self._clock = clock
        self._poll = poll
        self._grace = grace
        self._changed = asyncio.Event()
        self._draining = False
        self._reachable = True
        self._running: dict[asyncio.Task[None], Claimed] = {}

    def wake(self) -> None:
        """Look for work now: some was queued in this process."""
        self._claims.changed()
        self._changed.set()

    def drain(self) -> None:
        """Claim nothing more; `run` ends when the running steps have, or when their time is over."""
        self._draining = True
        self._changed.set()

    async def run(self, *, until_done: bool = False) -> None:
        """Do steps until `drain` is called.

        Args:
            until_done: end as soon as nothing is left to do either.
        """
        try:
            while not self._draining:
                self._changed.clear()
                found = await self._start_one()
                if not found and until_done and not self._running and await self._nothing_left():
                    return
                if not found:
                    await self._pause()
            await self._finish_running()
        finally:
            await self._cancel_running()

    async def _start_one(self) -> bool:
        """Claim a task for a free place and start its step; returns whether there was one."""
        try:
            claimed = await self._claims.next()
        except DatabaseError as error:
            self._note_reachable(error)
            return False
        self._note_reachable(None)
        if claimed is None:
            return False
        step = asyncio.create_task(self._runner.run(claimed), name=claimed.task.id)
        self._running[step] = claimed
        step.add_done_callback(self._ended)
        return True

    async def _pause(self) -> None:
        """Wait for new work, the end of a step, the next due time, or the next look, whichever is first."""
        seconds = self._poll
        if self._reachable:
            try:
                until_turn = await self._claims.until_turn()
            except DatabaseError as error:
                self._note_reachable(error)
            else:
                seconds = min(self._poll, max(until_turn, _LEAST_PAUSE))
        waiting = asyncio.ensure_future(self._changed.wait())
        pausing = asyncio.ensure_future(self._clock.sleep(seconds))
        try:
            await asyncio.wait((waiting, pausing), return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            pausing.cancel()

    async def _nothing_left(self) -> bool:
        try:
            return await self._claims.nothing_left()
        except DatabaseError as error:
            self._note_reachable(error)
            return False

    async def _finish_running(self) -> None:
        if self._running:
            _log.info("draining", steps=len(self._running), seconds=self._grace)
            await asyncio.wait(self._running, timeout=self._grace)

    async def _cancel_running(self) -> None:
        """Stop what still runs; each step gives its lease back."""
        left = list(self._running)
        for step in left:
            step.cancel()
        if left:
            await asyncio.wait(left)

    def _ended(self, step: asyncio.Task[None]) -> None:
        self._claims.ended(self._running.pop(step))
        if not step.cancelled() and (error := step.exception()) is not None:
            _log.error("step_runner_failed", task=step.get_name(), exc_info=error)
        self._changed.set()

    def _note_reachable(self, error: DatabaseError | None) -> None:
        """Log that the database went, and that it came back, once each."""
        if error is not None and self._reachable:
            _log.warning("database_unreachable", error=error.message)
        elif error is None and not self._reachable:
            _log.info("database_reachable")
        self._reachable = error is None
