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
from solegate.domain.limits import Unit
from solegate.metrics import Metrics

BLOCK = 25
"""Most requests drawn from the store at a time."""
_AHEAD = 5.0
"""Seconds of the permitted rate that are drawn at a time: a crash loses no more."""


class LimitStore(Protocol):
    """Counts requests, and batch items, per account and UTC day.

    Implementations: `MemoryLimitStore`, `db.SqlLimitStore`.
    """

    async def take(self, account: str, day: date, wanted: int, limit: int, unit: Unit = Unit.REQUESTS) -> int:
        """Add up to `wanted` without passing `limit`; returns how many were granted."""
        ...

    async def give_back(self, account: str, day: date, count: int, unit: Unit = Unit.REQUESTS) -> None:
        """Return what was granted and not used."""
        ...

    async def used(self, account: str, day: date, unit: Unit = Unit.REQUESTS) -> int:
        """How many are granted so far."""
        ...


class MemoryLimitStore:
    """A store that forgets with the process."""

    def __init__(self) -> None:
        self._used: dict[tuple[str, date, Unit], int] = {}

    async def take(self, account: str, day: date, wanted: int, limit: int, unit: Unit = Unit.REQUESTS) -> int:
        """See `LimitStore.take`."""
        used = self._used.get((account, day, unit), 0)
        granted = max(0, min(wanted, limit - used))
        self._used[account, day, unit] = used + granted
        return granted

    async def give_back(self, account: str, day: date, count: int, unit: Unit = Unit.REQUESTS) -> None:
        """See `LimitStore.give_back`."""
        self._used[account, day, unit] = max(0, self._used.get((account, day, unit), 0) - count)

    async def used(self, account: str, day: date, unit: Unit = Unit.REQUESTS) -> int:
        """See `LimitStore.used`."""
        return self._used.get((account, day, unit), 0)


class DayQuota:
    """One account's quota of the current UTC day in one unit, as far as this process knows it."""

    def __init__(
        self,
        profile: LimitProfile,
        *,
        account: str,
        clock: Clock,
        metrics: Metrics,
        store: LimitStore | None = None,
        unit: Unit = Unit.REQUESTS,
    ) -> None:
        self._per_day = profile.day_limit(unit)
        self.block = max(1, min(BLOCK, round(_AHEAD * profile.rate))) if unit is Unit.REQUESTS else 1
        """How much is worth drawing at a time. An item drawn ahead would be kept from everybody else."""
        self._reserved = round((self._per_day or 0) * profile.reserve)
        self._unit = unit
        self._account = account
        self._clock = clock
        self._gauges = {
            Unit.REQUESTS: (metrics.quota_used, metrics.quota_left),
            Unit.ITEMS: (metrics.items_used, metrics.items_left),
        }[unit]
        self._store: LimitStore = store if store is not None else MemoryLimitStore()
        self._drawn = 0
        self._used = 0
        self.day = quota_day(clock.now())

    @property
    def used(self) -> int:
        """What is used today, by everybody who shares the store, as far as this process knows."""
        return self._used if self._is_today() else 0

    @property
    def left(self) -> int | None:
        """What is left today; `None` without a quota."""
        return None if self._per_day is None else max(0, self._per_day - self.used)

    def forbids(self, lane: Lane, wanted: int = 1) -> bool:
        """Whether today has too little left for this lane."""
        if not self._is_today():
            return False
        return not may_send(lane, used=self._used, per_day=self._per_day, reserved=self._reserved, wanted=wanted)

    def must_draw(self, wanted: int = 1) -> bool:
        """Whether `draw` has to run before this can be charged."""
        if self._per_day is None:
            return False
        return self._drawn < wanted or not self._is_today()

    def charge(self, count: int = 1) -> date:
        """Count what is about to be sent; returns the day it counts for."""
        if not self._is_today():  # without a quota nothing is drawn, so nothing else begins the new day
            self.day, self._used = quota_day(self._clock.now()), 0
        self._drawn -= count
        self._used += count
        self._show()
        return self.day

    def refund(self, day: date, count: int = 1) -> None:
        """Take back what was never sent; what counted for a past day is past caring."""
        if day != self.day:
            return
        self._drawn += count
        self._used -= count
        self._show()

    async def draw(self, wanted: int) -> None:
        """Draw from the store, or with 0 only read how much of the day is used."""
        if self._per_day is None:
            return
        day = quota_day(self._clock.now())
        granted = await self._store.take(self._account, day, wanted, self._per_day, self._unit) if wanted else 0
        used = await self._store.used(self._account, day, self._unit)
        self._drawn = granted + (self._drawn if day == self.day else 0)
        self.day, self._used = day, used - self._drawn
        self._show()

    async def aclose(self) -> None:
        """Give back what was drawn and not used."""
        if self._per_day is not None and self._drawn > 0:
            unused, self._drawn = self._drawn, 0
            await self._store.give_back(self._account, self.day, unused, self._unit)

    def _is_today(self) -> bool:
        return self.day == quota_day(self._clock.now())

    def _show(self) -> None:
        used, left = self._gauges
        used.set(self._used)
        if self._per_day is not None:
            left.set(max(0, self._per_day - self._used))
