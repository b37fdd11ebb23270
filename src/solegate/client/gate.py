"""One unit's gate: callers wait here until the window and the day have room for them.

An account has two: one for requests, one for the items of batch writes (FACTS 1.1: 500 in five minutes, 50,000 a day).
Who waits at the one holds up nobody at the other.
"""

from __future__ import annotations

import math
from datetime import timedelta

from solegate.client.lanes import LaneQueue, PausedTooLongError, QuotaUsedUpError
from solegate.client.policy.call import Lane
from solegate.client.policy.quota import next_reset
from solegate.client.policy.rate import LimitProfile
from solegate.client.policy.sharing import Want
from solegate.client.policy.window import SLOWING, Fate, Slot
from solegate.client.quota import DayQuota, LimitStore
from solegate.client.shared_window import SharedWindow, WindowStore
from solegate.client.windows import OwnWindow, Window
from solegate.clock import Clock
from solegate.domain.limits import Unit
from solegate.errors import InvalidInputError
from solegate.metrics import Metrics

_RANKS = {lane: rank for rank, lane in enumerate(Lane)}


class Gate:
    """Grants slots of one unit. Each is given back by exactly one of `settle`, `unsent`."""

    def __init__(
        self,
        unit: Unit,
        profile: LimitProfile,
        *,
        account: str,
        clock: Clock,
        metrics: Metrics,
        store: LimitStore | None = None,
        windows: WindowStore | None = None,
    ) -> None:
        self._unit = unit
        limit = profile.window(unit)
        self.is_limited = limit is not None
        """Whether this unit has a limit at all."""
        self._capacity, self._period = limit or (0, 0.0)
        self._clock = clock
        self._quota = DayQuota(profile, account=account, clock=clock, metrics=metrics, store=store, unit=unit)
        self._window: Window = (
            OwnWindow(unit, profile, clock)
            if windows is None
            else SharedWindow(unit, profile, clock, account=account, store=windows)
        )
        self._queue: LaneQueue[Slot] = LaneQueue(self, clock)

    @property
    def paused_for(self) -> float:
        """Seconds until the pause after a 429 ends; 0 when there is none."""
        return max(0.0, self._window.paused_until - self._clock.monotonic())

    @property
    def share(self) -> float:
        """The share of the configured rate in force."""
        return self._window.share(self._clock.monotonic())

    @property
    def in_flight(self) -> int:
        """Slots of requests that are not answered yet."""
        return self._window.in_flight

    @property
    def used(self) -> int:
        """What is used today (UTC), as far as this process knows."""
        return self._quota.used

    @property
    def left(self) -> int | None:
        """What is left today; `None` without a limit."""
        return self._quota.left

    def waiting(self, lane: Lane) -> int:
        """Callers of a lane that wait."""
        return self._queue.waiting(lane)

    async def enter(self, lane: Lane, weight: int = 1, *, within: float, hold: float) -> Slot:
        """Wait until the window and the day have room.

        Args:
            lane: the caller's priority.
            weight: how much room it needs.
            within: seconds it may wait.
            hold: how long after the grant StockX can see its request at the latest, in seconds.

        Raises:
            InvalidInputError: it needs more than a whole window holds.
            TimeoutError: there was no room in time.
            QuotaUsedUpError: the day has too little left for this lane.
            PausedTooLongError: StockX asked for a pause longer than `within`.
        """
        if weight > self._capacity:
            raise self._too_heavy(weight)
        now, paused_until = self._clock.monotonic(), self._window.paused_until
        if paused_until > now and paused_until - now > within:
            raise self._paused_too_long()
        return await self._queue.wait(lane, within=within, weight=weight, hold=hold)

    def settle(self, slot: Slot, fate: Fate, at: float, retry_after: float | None = None) -> None:
        """Give a slot back, as in `Pacer.settle`."""
        self._window.settle(slot, fate, at, retry_after)
        if fate in SLOWING:
            self._turn_away_the_hasty()
        self._queue.dispatch()

    def unsent(self, granted: Slot) -> None:
        """Give back what surely never left: it counts neither for the window nor for the day."""
        granted.open = False
        self._quota.refund(granted.day, granted.weight)
        self.settle(granted, Fate.UNSENT, self._clock.monotonic())

    async def ready_in(self, lane: Lane, weight: int) -> float:
        """Seconds until a caller that asks now could be let in, as far as is known.

        Raises:
            InvalidInputError: it needs more than a whole window holds.
            DatabaseError: the store cannot be read.
        """
        if weight > self._capacity:
            raise self._too_heavy(weight)
        await self.refresh()
        if self._quota.forbids(lane, weight):
            return max(0.0, (next_reset(self._quota.day) - self._clock.now()).total_seconds())
        return max(0.0, await self._window.expected_at(_RANKS[lane], weight) - self._clock.monotonic())

    async def refresh(self) -> None:
        """Read today's use from the store."""
        await self._quota.draw(0)

    async def aclose(self) -> None:
        """Send the waiting away, give back what was drawn and not used, and tell the others what they must know."""
        await self._queue.aclose()
        await self._quota.aclose()
        await self._window.aclose()

    @property
    def draw_at(self) -> float:
        """See `Supply.draw_at`: at once when callers have gone away for whom something was drawn."""
        tickets = self._window.tickets
        return -math.inf if tickets and tickets > self._queue.length else self._window.draw_at

    def refusal(self, lane: Lane, weight: int) -> Exception | None:
        """See `Supply.refusal`."""
        if self._quota.forbids(lane, weight):
            return QuotaUsedUpError(next_reset(self._quota.day), self._unit)
        return None

    def ready_at(self, now: float, lane: Lane, weight: int) -> float:
        """See `Supply.ready_at`."""
        return self._window.ready_at(now, _RANKS[lane], weight)

    def must_draw(self, weight: int) -> bool:
        """See `Supply.must_draw`."""
        return self._quota.must_draw(weight) or self._window.must_draw(weight)

    async def draw(self) -> None:
        """See `Supply.draw`: first from the day, then from the window."""
        wants = [
            Want(_RANKS[lane], [each.weight for each in waiters], max(each.hold for each in waiters))
            for lane, waiters in self._queue
        ]
        needed = wants[0].weights[0] if wants else 0
        if needed and self._quota.must_draw(needed):
            await self._quota.draw(max(needed, self._quota.block))
        else:
            await self._window.draw(wants)
            self._turn_away_the_hasty()

    def grant(self, now: float, weight: int) -> Slot:
        """See `Supply.grant`."""
        return self._window.take(now, weight, self._quota.charge(weight))

    def _too_heavy(self, weight: int) -> InvalidInputError:
        return InvalidInputError(
            f"{weight} {self._unit} never fit: StockX takes {self._capacity} in {self._period:g} s."
        )

    def _paused_too_long(self) -> PausedTooLongError:
        return PausedTooLongError(self._clock.now() + timedelta(seconds=self.paused_for))

    def _turn_away_the_hasty(self) -> None:
        """Tell those at once who may not wait as long as the pause lasts."""
        if self.paused_for:
            paused, until = self._paused_too_long(), self._window.paused_until
            self._queue.turn_away(lambda waiter: paused if waiter.until < until else None)
