"""The day's quota, drawn from a `LimitStore` in small blocks.

The store survives restarts and can be shared by processes; drawing in blocks keeps it out of the way of single
requests, at the price of losing at most one block in a crash.
"""

from __future__ import annotations

from datetime import date
from typing import Protocol

from solegate.client.policy.call import Lane
from solegate.client.policy.quota import may_send, quota_day
from solegate.client.policy.rate import LimitProfile
from solegate.clock import Clock
from solegate.metrics import Metrics

BLOCK = 25
"""Requests drawn from the store at a time."""


class LimitStore(Protocol):
    """Counts requests per account and UTC day. Implementations: `MemoryLimitStore`, `db.SqlLimitStore`."""

    async def take(self, account: str, day: date, wanted: int, limit: int) -> int:
        """Add up to `wanted` without passing `limit`; returns how many were granted."""
        ...

    async def give_back(self, account: str, day: date, count: int) -> None:
        """Return what was granted and not used."""
        ...

    async def used(self, account: str, day: date) -> int:
        """How many are granted so far."""
        ...


class MemoryLimitStore:
    """A store that forgets with the process."""

    def __init__(self) -> None:
        self._used: dict[tuple[str, date], int] = {}

    async def take(self, account: str, day: date, wanted: int, limit: int) -> int:
        """See `LimitStore.take`."""
        used = self._used.get((account, day), 0)
        granted = max(0, min(wanted, limit - used))
        self._used[account, day] = used + granted
        return granted

    async def give_back(self, account: str, day: date, count: int) -> None:
        """See `LimitStore.give_back`."""
        self._used[account, day] = max(0, self._used.get((account, day), 0) - count)

    async def used(self, account: str, day: date) -> int:
        """See `LimitStore.used`."""
        return self._used.get((account, day), 0)


class DayQuota:
    """One account's quota of the current UTC day, as far as this process knows it."""

    def __init__(
        self, profile: LimitProfile, *, account: str, clock: Clock, metrics: Metrics, store: LimitStore | None = None
    ) -> None:
        self._profile = profile
        self._account = account
        self._clock = clock
        self._metrics = metrics
        self._store: LimitStore = store if store is not None else MemoryLimitStore()
        self._drawn = 0
        self._used = 0
        self.day = quota_day(clock.now())

    @property
    def used(self) -> int:
        """Requests used today, by everybody who shares the store, as far as this process knows."""
        return self._used if self._is_today() else 0

    @property
    def left(self) -> int | None:
        """Requests left today; `None` without a quota."""
        return None if self._profile.per_day is None else max(0, self._profile.per_day - self.used)

    def forbids(self, lane: Lane) -> bool:
        """Whether today has nothing left for this lane."""
        return self._is_today() and not may_send(lane, used=self._used, profile=self._profile)

    def must_draw(self) -> bool:
        """Whether `draw` has to run before the next request can be charged."""
        if self._profile.per_day is None:
            return False
        return self._drawn == 0 or not self._is_today()

    def charge(self) -> date:
        """Count one request; returns the day it counts for."""
        if not self._is_today():  # without a quota nothing is drawn, so nothing else begins the new day
            self.day, self._used = quota_day(self._clock.now()), 0
        self._drawn -= 1
        self._used += 1
        self._show()
        return self.day

    def refund(self, day: date) -> None:
        """Take one back that was never sent; a request of a past day is past caring."""
        if day != self.day:
            return
        self._drawn += 1
        self._used -= 1
        self._show()

    async def draw(self, wanted: int = BLOCK) -> None:
        """Draw a block from the store, or with 0 only read how much of the day is used."""
        if self._profile.per_day is None:
            return
        day = quota_day(self._clock.now())
        granted = await self._store.take(self._account, day, wanted, self._profile.per_day) if wanted else 0
        used = await self._store.used(self._account, day)
        self._drawn = granted + (self._drawn if day == self.day else 0)
        self.day, self._used = day, used - self._drawn
        self._show()

    async def aclose(self) -> None:
        """Give back what was drawn and not used."""
        if self._profile.per_day is not None and self._drawn > 0:
            unused, self._drawn = self._drawn, 0
            await self._store.give_back(self._account, self.day, unused)

    def _is_today(self) -> bool:
        return self.day == quota_day(self._clock.now())

    def _show(self) -> None:
        self._metrics.quota_used.set(self.used)
        if self.left is not None:
            self._metrics.quota_left.set(self.left)
