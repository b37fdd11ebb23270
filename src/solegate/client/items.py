"""The gate for batch items: callers wait here for their items before they stand in line for a request.

StockX counts the items of batch writes apart from requests: 500 in five minutes, 50,000 a day (FACTS 1.1). Waiting
here keeps everybody else's way free: who has no items left in the window holds up no read.
"""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import timedelta

from solegate.client.lanes import PausedTooLongError, QuotaUsedUpError, Waiter, turn_away
from solegate.client.policy.call import Lane
from solegate.client.policy.quota import next_reset
from solegate.client.policy.rate import AnswerHeldWindow, Claim, LimitProfile, pause_after_items_refused
from solegate.client.quota import DayQuota, LimitStore
from solegate.clock import Clock
from solegate.domain.limits import Unit
from solegate.errors import InvalidInputError
from solegate.metrics import Metrics


class ItemGate:
    """Grants claims on batch items. Each is given back by exactly one of `answered`, `unsent`."""

    def __init__(
        self, profile: LimitProfile, *, account: str, clock: Clock, metrics: Metrics, store: LimitStore | None = None
    ) -> None:
        self._limit = profile.items
        self._clock = clock
        self._quota = DayQuota(profile, account=account, clock=clock, metrics=metrics, store=store, unit=Unit.ITEMS)
        self._window = AnswerHeldWindow(0, 1.0) if self._limit is None else self._limit.window()
        self._lanes: dict[Lane, deque[Waiter[Claim]]] = {lane: deque() for lane in Lane}
        self._paused_until = 0.0
        self._strikes = 0
        self._drawing: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_limited(self) -> bool:
        """Whether items are limited at all."""
        return self._limit is not None

    @property
    def paused_for(self) -> float:
        """Seconds until the pause after a refused batch ends; 0 when there is none."""
        return max(0.0, self._paused_until - self._clock.monotonic())

    @property
    def used(self) -> int:
        """Items used today (UTC), as far as this process knows."""
        return self._quota.used

    @property
    def left(self) -> int | None:
        """Items left today; `None` without a limit."""
        return self._quota.left

    def waiting(self, lane: Lane) -> int:
        """Callers of a lane that wait for items."""
        return len(self._lanes[lane])

    async def claim(self, lane: Lane, items: int, *, within: float) -> Claim:
        """Wait until the window and the day have room for the items.

        Raises:
            InvalidInputError: they are more than a whole window holds.
            TimeoutError: there was no room within `within` seconds.
            QuotaUsedUpError: the day has too few left for this lane.
            PausedTooLongError: batches are refused for longer than `within`.
        """
        if items > self._window.capacity:
            raise InvalidInputError(
                f"{items} items never fit: StockX takes {self._window.capacity} in {self._window.period:g} s."
            )
        until = self._clock.monotonic() + within
        if self._paused_until > until:
            raise self._paused()
        waiter: Waiter[Claim] = Waiter(asyncio.get_running_loop().create_future(), until, items)
        self._lanes[lane].append(waiter)
        self._dispatch()
        try:
            async with asyncio.timeout(within):
                return await waiter.turn
        except (asyncio.CancelledError, TimeoutError):
            self._forget(lane, waiter)
            raise

    def answered(self, claim: Claim, at: float, *, refused: bool = False) -> None:
        """StockX has seen the items by `at`. Refused ones count too: nobody knows whether StockX counts them."""
        self._window.answered(at, claim.items)
        self._strikes = self._strikes if refused else 0
        self._dispatch()

    def unsent(self, claim: Claim) -> None:
        """The items surely never left."""
        self._window.unsent(claim.items)
        self._quota.refund(claim.day, claim.items)
        self._dispatch()

    def refused(self, retry_after: float | None) -> None:
        """A batch was refused: no batch is sent for a while."""
        self._strikes += 1
        pause = pause_after_items_refused(retry_after, strikes=self._strikes)
        self._paused_until = max(self._paused_until, self._clock.monotonic() + pause)
        paused = self._paused()
        turn_away(self._lanes, Lane, lambda waiter: paused if waiter.until < self._paused_until else None)
        self._dispatch()

    async def refresh(self) -> None:
        """Read today's use from the store."""
        await self._quota.draw(0)

    async def aclose(self) -> None:
        """Send the waiting away and give back what was drawn and not used."""
        turn_away(self._lanes, Lane, lambda _waiter: RuntimeError("the client was closed"))
        if self._timer:
            self._timer.cancel()
        if self._drawing:
            await asyncio.wait([self._drawing])
        await self._quota.aclose()

    def _paused(self) -> PausedTooLongError:
        return PausedTooLongError(self._clock.now() + timedelta(seconds=self.paused_for))

    def _forget(self, lane: Lane, waiter: Waiter[Claim]) -> None:
        claim = waiter.granted
        if claim is not None:
            self.unsent(claim)
        elif waiter in self._lanes[lane]:
            self._lanes[lane].remove(waiter)
            self._dispatch()  # the one behind it may want fewer items

    def _dispatch(self) -> None:
        """Grant claims while there is room; else look again when enough comes free."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        while (lane := self._next_lane()) is not None:
            items, now = self._lanes[lane][0].items, self._clock.monotonic()
            ready_at = max(self._window.ready_at(now, items), self._paused_until)
            if ready_at > now:
                if ready_at < float("inf"):
                    self._timer = asyncio.get_running_loop().call_later(ready_at - now, self._dispatch)
                return
            if self._quota.must_draw(items):
                self._drawing = self._drawing or asyncio.get_running_loop().create_task(self._draw(items))
                return
            self._window.take(items)
            self._lanes[lane].popleft().turn.set_result(Claim(items, self._quota.charge(items)))

    def _next_lane(self) -> Lane | None:
        """The lane whose turn it is; a caller for whom the day has too few items left is told so."""
        for lane, waiters in self._lanes.items():
            while waiters and (waiters[0].turn.done() or self._quota.forbids(lane, waiters[0].items)):
                waiter = waiters.popleft()
                if not waiter.turn.done():
                    waiter.turn.set_exception(QuotaUsedUpError(next_reset(self._quota.day), Unit.ITEMS))
            if waiters:
                return lane
        return None

    async def _draw(self, items: int) -> None:
        """Draw exactly what the next caller needs: a batch is so large that a store in its way costs nothing."""
        try:
            await self._quota.draw(items)
        except Exception as error:  # noqa: BLE001 - handed to every caller that waits for it
            reason = error
            turn_away(self._lanes, Lane, lambda _waiter: reason)
        finally:
            self._drawing = None
            self._dispatch()
