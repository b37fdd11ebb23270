"""Who used the day's quota: counted in memory, and written down every few seconds.

The quota itself is charged before a request leaves and never forgets one; this only tells what the requests were for,
so a process that is killed loses the last `FLUSH_SECONDS` of it, and a store that fails costs a log line, not a call.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextvars import ContextVar
from typing import Protocol

from solegate.client.policy.call import Lane
from solegate.client.policy.quota import quota_day
from solegate.clock import Clock
from solegate.domain.usage import DIRECT, Usage, Use
from solegate.errors import DatabaseError
from solegate.log import get_logger

FLUSH_SECONDS = 5.0
"""How long a count may stay in memory: as long as what the quota draws ahead."""
CAUSE: ContextVar[str] = ContextVar("cause of requests to StockX", default=DIRECT)
"""What the requests of this task are caused by; whoever does background work says so."""


class UsageStore(Protocol):
    """Keeps counts over restarts. Implementation: `db.SqlUsageStore`."""

    async def add(self, account: str, usage: Usage) -> None:
        """Add these counts to what is kept."""
        ...


class UsageCounter:
    """Counts the requests of one account in this process. Without a store it counts nothing."""

    def __init__(self, *, account: str, clock: Clock, store: UsageStore | None = None) -> None:
        self._account = account
        self._clock = clock
        self._store = store
        self._unsaved: Counter[Use] = Counter()
        self._timer: asyncio.TimerHandle | None = None
        self._saving: asyncio.Task[None] | None = None
        self._log = get_logger("stockx.usage")

    def count(self, lane: Lane, operation: str) -> None:
        """Count a request that StockX can have seen."""
        if self._store is None:
            return
        self._unsaved[Use(quota_day(self._clock.now()), CAUSE.get(), lane.value, operation)] += 1
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(FLUSH_SECONDS, self._begin_saving)

    async def flush(self) -> None:
        """Write down what is counted so far. What cannot be written is kept for the next time."""
        if self._saving is not None:
            await asyncio.wait((self._saving,))
        await self._save()

    async def aclose(self) -> None:
        """Write down the rest."""
        if self._timer is not None:
            self._timer.cancel()
        await self.flush()

    def _begin_saving(self) -> None:
        self._timer = None
        self._saving = asyncio.get_running_loop().create_task(self._save())

    async def _save(self) -> None:
        """Save, taking the counts out first: what is counted meanwhile waits for the next time."""
        if self._store is None or not self._unsaved:
            return
        counts, self._unsaved = self._unsaved, Counter()
        try:
            await self._store.add(self._account, counts)
        except BaseException as error:
            self._unsaved.update(counts)
            if not isinstance(error, DatabaseError):
                raise
            self._log.warning("stockx.usage.not_saved", error=error.code)
