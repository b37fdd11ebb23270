"""The limiter: makes callers wait for what `policy/rate.py` and `policy/quota.py` compute.

One limiter per StockX account. Waiting callers stand in lanes, first come first served within a lane; the lane
with the highest priority goes first.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from solegate.client.items import ItemGate
from solegate.client.lanes import PausedTooLongError, QuotaUsedUpError, Waiter, turn_away
from solegate.client.policy.call import Lane
from solegate.client.policy.quota import next_reset
from solegate.client.policy.rate import (
    AdaptiveRate,
    AnswerHeldWindow,
    LimitProfile,
    Refusal,
    Slot,
    pause_after_refusal,
    window_at,
)
from solegate.client.quota import DayQuota, LimitStore
from solegate.clock import Clock
from solegate.metrics import Metrics

__all__ = ["LimitStatus", "PausedTooLongError", "QuotaUsedUpError", "RateLimiter"]


@dataclass(frozen=True, slots=True)
class LimitStatus:
    """The limiter at one moment.

    Attributes:
        profile: what is configured.
        rate: requests per second in force.
        used: requests of today's quota that are used (UTC day), as far as this process knows.
        left: requests left today; `None` without a quota.
        paused_for: seconds until the pause after a 429 ends; 0 when there is none.
        waiting: callers waiting, by lane.
        items_used: batch items of today's quota that are used.
        items_left: batch items left today; `None` without a limit.
    """

    profile: LimitProfile
    rate: float
    used: int
    left: int | None
    paused_for: float
    waiting: Mapping[Lane, int]
    items_used: int = 0
    items_left: int | None = None


class RateLimiter:
    """Grants slots to send. Every slot is given back by exactly one of `answered`, `refused`, `lost`, `unsent`."""

    def __init__(
        self, profile: LimitProfile, *, account: str, clock: Clock, metrics: Metrics, store: LimitStore | None = None
    ) -> None:
        self.profile = profile
        self._clock = clock
        self._quota = DayQuota(profile, account=account, clock=clock, metrics=metrics, store=store)
        self._items = ItemGate(profile, account=account, clock=clock, metrics=metrics, store=store)
        self._window = AnswerHeldWindow(profile.capacity, profile.period)
        self._adaptive = AdaptiveRate()
        self._accepted: deque[float] = deque(maxlen=4 * profile.capacity)
        self._applied_share = 1.0
        self._refused: list[float] = []
        """When the requests were sent whose refusal has not been learnt from yet."""
        self._paused_until = 0.0
        self._lanes: dict[Lane, deque[Waiter[Slot]]] = {lane: deque() for lane in Lane}
        self._drawing: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._wait_seconds = {lane: metrics.limiter_wait.labels(lane.value) for lane in Lane}
        self._metrics = metrics
        metrics.limiter_rate.set(profile.rate)

    async def acquire(self, lane: Lane, *, within: float, items: int = 0) -> Slot:
        """Wait for a turn.

        Args:
            lane: the caller's priority.
            within: seconds the caller may wait.
            items: batch items the request uses up; who waits for items holds up nobody else.

        Raises:
            TimeoutError: no turn came in time.
            QuotaUsedUpError: the day has too little left for this lane.
            PausedTooLongError: StockX asked for a pause longer than `within`.
            InvalidInputError: no window ever holds so many items.
        """
        if items and self._items.is_limited:
            return await self._acquire_with_items(lane, items, within=within)
        asked = self._clock.monotonic()
        if self._paused_until > asked and self._paused_until - asked > within:
            raise PausedTooLongError(self._clock.now() + timedelta(seconds=self._paused_until - asked))
        waiter: Waiter[Slot] = Waiter(asyncio.get_running_loop().create_future(), asked + within)
        self._lanes[lane].append(waiter)
        self._dispatch()
        try:
            if not waiter.turn.done():
                async with asyncio.timeout(within):
                    await waiter.turn
            slot = waiter.turn.result()
        except (asyncio.CancelledError, TimeoutError):
            self._forget(lane, waiter)
            raise
        self._wait_seconds[lane].observe(self._clock.monotonic() - asked)
        return slot

    async def _acquire_with_items(self, lane: Lane, items: int, *, within: float) -> Slot:
        """First the items, then the turn: the items are ours while we wait for it."""
        asked = self._clock.monotonic()
        claim = await self._items.claim(lane, items, within=within)
        try:
            slot = await self.acquire(lane, within=within - (self._clock.monotonic() - asked))
        except BaseException:
            self._items.unsent(claim)
            raise
        slot.claim = claim
        return slot

    def answered(self, slot: Slot) -> None:
        """StockX answered with anything but 429."""
        if self._release(slot, self._clock.monotonic()):
            self._accepted.append(slot.sent_at)
            self._adaptive.strikes = 0 if slot.epoch == self._adaptive.epoch else self._adaptive.strikes
            self._dispatch()

    def lost(self, slot: Slot, *, timeout: float) -> None:
        """No answer came: StockX may see the request until its timeout, so it holds its slot until then."""
        if self._release(slot, max(self._clock.monotonic(), slot.sent_at + timeout)):
            self._dispatch()

    def unsent(self, slot: Slot) -> None:
        """The request surely never left."""
        if slot.open:
            slot.open = False
            self._window.unsent()
            self._quota.refund(slot.day)
            if slot.claim is not None:
                self._items.unsent(slot.claim)
            self._dispatch()

    def refused(self, slot: Slot, retry_after: float | None) -> None:
        """StockX answered 429: pause everybody, and lower the rate once per rate change.

        A refused batch may be about its items or about the rate, and no text tells which (FACTS 1.4, 1.5): batches
        pause for long, everybody else for one window, and nothing is learnt about the rate.
        """
        now = self._clock.monotonic()
        if self._release(slot, now, refused=True):
            self._metrics.rate_limit_hits.inc()
            if slot.claim is not None:
                self._items.refused(retry_after)
                self._pause(now, self.profile.period)
                return
            if slot.epoch == self._adaptive.epoch:
                self._adaptive.epoch += 1
                self._adaptive.strikes += 1
                self._refused = [slot.sent_at]
            elif self._refused:  # the rest of the same burst; once learnt from, it is not learnt from again
                self._refused.append(slot.sent_at)
            pause = pause_after_refusal(retry_after, period=self.profile.period, strikes=self._adaptive.strikes)
            self._pause(now, pause)

    def pause_of(self, items: int) -> float:
        """Seconds until a request with so many batch items may be sent again after a 429."""
        return max(self.paused_for, self._items.paused_for) if items else self.paused_for

    @property
    def paused_for(self) -> float:
        """Seconds until the shared pause ends."""
        return max(0.0, self._paused_until - self._clock.monotonic())

    def status(self) -> LimitStatus:
        """How the limiter stands."""
        return LimitStatus(
            profile=self.profile,
            rate=self.profile.rate * self._adaptive.share(self._clock.monotonic()),
            used=self._quota.used,
            left=self._quota.left,
            paused_for=self.paused_for,
            waiting={lane: len(turns) + self._items.waiting(lane) for lane, turns in self._lanes.items()},
            items_used=self._items.used,
            items_left=self._items.left,
        )

    async def refresh(self) -> None:
        """Read today's use from the store, so that `status` is right before the first request."""
        await self._quota.draw(0)
        await self._items.refresh()

    async def aclose(self) -> None:
        """Send the waiting away and give back the quota drawn and not used."""
        await self._items.aclose()
        turn_away(self._lanes, Lane, lambda _waiter: RuntimeError("the client was closed"))
        if self._timer:
            self._timer.cancel()
        if self._drawing:
            await asyncio.wait([self._drawing])
        await self._quota.aclose()

    def _release(self, slot: Slot, at: float, *, refused: bool = False) -> bool:
        if not slot.open:
            return False
        slot.open = False
        self._window.answered(at)
        if slot.claim is not None:
            self._items.answered(slot.claim, at, refused=refused)
        return True

    def _pause(self, now: float, seconds: float) -> None:
        """Let everybody wait; who may not wait so long is told at once."""
        self._paused_until = max(self._paused_until, now + seconds)
        paused = PausedTooLongError(self._clock.now() + timedelta(seconds=self._paused_until - now))
        turn_away(self._lanes, Lane, lambda waiter: paused if waiter.until < self._paused_until else None)
        self._dispatch()

    def _forget(self, lane: Lane, waiter: Waiter[Slot]) -> None:
        """A caller went away: take it out of its lane, or give back the slot it was just granted."""
        slot = waiter.granted
        if slot is not None:
            self.unsent(slot)
        elif waiter in self._lanes[lane]:
            self._lanes[lane].remove(waiter)

    def _dispatch(self) -> None:
        """Grant turns while there are slots; else look again when the next one comes free."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        while (lane := self._next_lane()) is not None:
            now = self._clock.monotonic()
            self._resize(now)
            ready_at = max(self._window.ready_at(now), self._paused_until)
            if ready_at > now:
                if ready_at < float("inf"):
                    self._timer = asyncio.get_running_loop().call_later(ready_at - now, self._dispatch)
                return
            if self._quota.must_draw():
                self._drawing = self._drawing or asyncio.get_running_loop().create_task(self._draw())
                return
            self._grant(lane, now)

    def _grant(self, lane: Lane, now: float) -> None:
        waiter = self._lanes[lane].popleft()
        self._window.take()
        waiter.turn.set_result(Slot(now, self._quota.charge(), self._adaptive.epoch))

    def _next_lane(self) -> Lane | None:
        """The lane whose turn it is; callers whose lane has no quota left today are told so."""
        for lane, waiters in self._lanes.items():
            while waiters and waiters[0].turn.done():
                waiters.popleft()
            if waiters and self._quota.forbids(lane):
                turn_away(self._lanes, [lane], lambda _waiter: QuotaUsedUpError(next_reset(self._quota.day)))
            if waiters:
                return lane
        return None

    async def _draw(self) -> None:
        try:
            await self._quota.draw()
        except Exception as error:  # noqa: BLE001 - handed to every caller that waits for it
            reason = error
            turn_away(self._lanes, Lane, lambda _waiter: reason)
        finally:
            self._drawing = None
            self._dispatch()

    def _resize(self, now: float) -> None:
        """Apply the rate in force; after a refusal, first learn what StockX accepted around it."""
        if self._refused and now >= self._paused_until:
            first, period = min(self._refused), self.profile.period
            accepted = sum(first - period < sent <= first + period / 10 for sent in self._accepted)
            seen = Refusal(accepted, len(self._refused), self._window.capacity)
            self._adaptive.lower(now, accepted_share=seen.accepted_share(self.profile))
            self._refused.clear()
        share = self._adaptive.share(now)
        if share == self._applied_share:
            return
        self._applied_share = share
        self._window.resize(*window_at(self.profile, share))
        self._metrics.limiter_rate.set(self.profile.rate * share)
