"""Doing the steps of one write here and now, for a caller who waits. A worker does the same, under the same lease.

If this process dies in between, the lease lapses and a worker goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from solegate.client.policy.call import Lane
from solegate.clock import Clock
from solegate.db.repositories.tasks import LEASE_SECONDS, TaskRepository
from solegate.domain.leases import Lease
from solegate.domain.tasks import Claimed, Progress, Selection
from solegate.errors import SolegateError
from solegate.services.ledger.planner import INTENT_TASK

_LANES = tuple(range(len(Lane)))
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.05, 20.0
"""Seconds between two looks at a write that is not due: somebody else may be driving it."""

Advance = Callable[[str, Lease], Awaitable[Progress]]


class Driver:
    """Claims the task of one write and does its next step.

    Args:
        tasks: where the tasks are.
        account: whose.
        worker: the name under which leases are taken.
        clock: for waiting.
    """

    def __init__(self, tasks: TaskRepository, *, account: str, worker: str, clock: Clock) -> None:
        self._tasks = tasks
        self._account = account
        self._worker = worker
        self._clock = clock

    async def step(self, intent_id: str, advance: Advance) -> bool:
        """Do one step if it is due and nobody else does it; returns whether it was done.

        A step that fails is recorded and tried again later, as a worker's is.

        Raises:
            DatabaseError: the database fails.
        """
        claimed = await self._tasks.claim(self._worker, self._wanted(intent_id))
        if claimed is None:
            return False
        renewing = asyncio.ensure_future(self._renew(claimed))
        try:
            progress = await advance(intent_id, claimed.lease)
        except SolegateError as error:
            await self._tasks.fail(claimed, error.message, retry_at=getattr(error, "retry_at", None))
        except asyncio.CancelledError:
            await asyncio.shield(self._tasks.release(claimed))
            raise
        else:
            await self._tasks.finish(claimed, progress)
        finally:
            renewing.cancel()
            await asyncio.wait((renewing,))
        return True

    async def until_due(self, intent_id: str) -> float | None:
        """Seconds until the next step is due, or until its holder's lease lapses; `None` where none is left."""
        return await self._tasks.until_due(self._wanted(intent_id))

    async def pause(self, seconds: float, within: float, *, pauses: int) -> None:
        """Wait for the next step, for `within` seconds at most.

        `pauses` are those since the last step: another process may do it sooner, so it is asked for now and then.
        """
        longest = min(_LONGEST_PAUSE, 0.5 * 2.0 ** min(pauses, 8))
        await self._clock.sleep(min(max(seconds, _SHORTEST_PAUSE), longest, within))

    async def _renew(self, claimed: Claimed) -> None:
        held = True
        while held:
            await self._clock.sleep(LEASE_SECONDS / 3)
            held = await self._tasks.renew(claimed)

    def _wanted(self, intent_id: str) -> Selection:
        return Selection(self._account, _LANES, (INTENT_TASK,), intent_id)
