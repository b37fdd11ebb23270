"""The limiter: makes callers wait for what `policy/pacing.py` and `policy/quota.py` compute.

One limiter per StockX account and process. Waiting callers stand in lanes, first come first served within a lane; the
lane with the highest priority goes first. With a window store all processes of the account share the limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from solegate.client.gate import Gate
from solegate.client.lanes import PausedTooLongError, QuotaUsedUpError
from solegate.client.policy.call import Lane
from solegate.client.policy.rate import LimitProfile
from solegate.client.policy.window import Fate, Slot
from solegate.client.quota import LimitStore
from solegate.client.shared_window import ADMISSION, WindowStore
from solegate.clock import Clock
from solegate.domain.limits import Unit
from solegate.metrics import Metrics

__all__ = ["LimitStatus", "PausedTooLongError", "QuotaUsedUpError", "RateLimiter"]

_TIMEOUT = 30.0
"""Seconds that a request may take unless its caller says otherwise (guide section 2)."""


@dataclass(frozen=True, slots=True)
class LimitStatus:
    """The limiter at one moment.

    Attributes:
        profile: what is configured.
        rate: requests per second in force.
        used: requests of today's quota that are used (UTC day), as far as this process knows.
        left: requests left today; `None` without a quota.
        paused_for: seconds until the pause after a 429 ends; 0 when there is none.
        waiting: callers waiting in this process, by lane.
        items_used: batch items of today's quota that are used.
        items_left: batch items left today; `None` without a limit.
        in_flight: requests that are not answered yet, of all processes as far as this one knows.
        items_in_flight: batch items in such requests.
    """

    profile: LimitProfile
    rate: float
    used: int
    left: int | None
    paused_for: float
    waiting: Mapping[Lane, int]
    items_used: int = 0
    items_left: int | None = None
    in_flight: int = 0
    items_in_flight: int = 0


class RateLimiter:
    """Grants slots to send. Every slot is given back by exactly one of `answered`, `refused`, `lost`, `unsent`."""

    def __init__(
        self,
        profile: LimitProfile,
        *,
        account: str,
        clock: Clock,
        metrics: Metrics,
        store: LimitStore | None = None,
        windows: WindowStore | None = None,
    ) -> None:
        self.profile = profile
        self._clock = clock
        self._requests, self._items = (
            Gate(unit, profile, account=account, clock=clock, metrics=metrics, store=store, windows=windows)
            for unit in (Unit.REQUESTS, Unit.ITEMS)
        )
        self._wait_seconds = {lane: metrics.limiter_wait.labels(lane.value) for lane in Lane}
        self._metrics = metrics
        self._shown_share = 1.0
        metrics.limiter_rate.set(profile.rate)

    async def acquire(self, lane: Lane, *, within: float, items: int = 0, lasting: float = _TIMEOUT) -> Slot:
        """Wait for a turn.

        Args:
            lane: the caller's priority.
            within: seconds the caller may wait.
            items: batch items the request uses up; who waits for items holds up nobody else.
            lasting: seconds the request may take once it is sent.

        Raises:
            TimeoutError: no turn came in time.
            QuotaUsedUpError: the day has too little left for this lane.
            PausedTooLongError: StockX asked for a pause longer than `within`.
            InvalidInputError: no window ever holds so many items.
            DatabaseError: the limit is shared, and the database that keeps it failed.
        """
        if items and self._items.is_limited:
            return await self._acquire_with_items(lane, items, within=within, lasting=lasting)
        asked = self._clock.monotonic()
        slot = await self._requests.enter(lane, within=within, hold=ADMISSION + lasting)
        self._wait_seconds[lane].observe(self._clock.monotonic() - asked)
        if slot.sent.epoch:
            self._show_rate()
        return slot

    async def _acquire_with_items(self, lane: Lane, items: int, *, within: float, lasting: float) -> Slot:
        """First the items, then the turn: the items are ours while we wait for it."""
        asked = self._clock.monotonic()
        claim = await self._items.enter(lane, items, within=within, hold=within + ADMISSION + lasting)
        try:
            slot = await self.acquire(lane, within=within - (self._clock.monotonic() - asked), lasting=lasting)
        except BaseException:
            self._items.unsent(claim)
            raise
        slot.items = claim
        return slot

    def answered(self, slot: Slot) -> None:
        """StockX answered with anything but 429."""
        self._settle(slot, Fate.ANSWERED, self._clock.monotonic())

    def lost(self, slot: Slot, *, timeout: float) -> None:
        """No answer came: StockX may see the request until its timeout, so it holds its slot until then."""
        self._settle(slot, Fate.LOST, max(self._clock.monotonic(), slot.sent_at + timeout))

    def unsent(self, slot: Slot) -> None:
        """The request surely never left."""
        if slot.open:
            self._requests.unsent(slot)
            if slot.items is not None:
                self._items.unsent(slot.items)

    def refused(self, slot: Slot, retry_after: float | None) -> None:
        """StockX answered 429: pause everybody, and lower the rate once per rate change.

        A refused batch may be about its items or about the rate, and no text tells which (FACTS 1.4, 1.5): batches
        pause for long, everybody else for one window, and nothing is learnt about the rate.
        """
        if slot.open:
            self._metrics.rate_limit_hits.inc()
            fate = Fate.REFUSED if slot.items is None else Fate.SET_BACK
            self._settle(slot, fate, self._clock.monotonic(), retry_after)

    def pause_of(self, items: int) -> float:
        """Seconds until a request with so many batch items may be sent again after a 429."""
        return max(self.paused_for, self._items.paused_for) if items else self.paused_for

    @property
    def paused_for(self) -> float:
        """Seconds until the pause ends that concerns everybody."""
        return self._requests.paused_for

    async def items_ready_in(self, count: int, lane: Lane = Lane.WRITES) -> float:
        """Seconds until a batch of so many items could be sent, without waiting for it; 0 for now.

        It is what all processes know at this moment, and no promise: others may be faster, a request in flight may be
        refused, and an answer that is still to come frees its items a whole window later.

        Raises:
            InvalidInputError: no window ever holds so many items.
            DatabaseError: the limit is shared, and the database that keeps it failed.
        """
        wait = await self._requests.ready_in(lane, 1)
        return max(wait, await self._items.ready_in(lane, count)) if self._items.is_limited else wait

    async def items_room(self) -> int | None:
        """Items that a batch could have now without waiting for them; `None` without a limit. See `items_ready_in`.

        Raises:
            DatabaseError: the limit is shared, and the database that keeps it failed.
        """
        window = self.profile.window(Unit.ITEMS)
        if window is None:
            return None
        fits, too_many = 0, window[0] + 1
        while too_many - fits > 1:
            count = (fits + too_many) // 2
            if await self._items.ready_in(Lane.WRITES, count) <= 0:
                fits = count
            else:
                too_many = count
        return fits

    def status(self) -> LimitStatus:
        """How the limiter stands."""
        return LimitStatus(
            profile=self.profile,
            rate=self.profile.rate * self._requests.share,
            used=self._requests.used,
            left=self._requests.left,
            paused_for=self.paused_for,
            waiting={lane: self._requests.waiting(lane) + self._items.waiting(lane) for lane in Lane},
            items_used=self._items.used,
            items_left=self._items.left,
            in_flight=self._requests.in_flight,
            items_in_flight=self._items.in_flight,
        )

    async def refresh(self) -> None:
        """Read today's use from the store, so that `status` is right before the first request."""
        await self._requests.refresh()
        await self._items.refresh()

    async def aclose(self) -> None:
        """Send the waiting away and give back what was taken and not used."""
        await self._items.aclose()
        await self._requests.aclose()

    def _settle(self, slot: Slot, fate: Fate, at: float, retry_after: float | None = None) -> None:
        if not slot.open:
            return
        slot.open = False
        self._requests.settle(slot, fate, at, retry_after)
        if slot.items is not None:
            self._items.settle(slot.items, Fate.REFUSED if fate is Fate.SET_BACK else fate, at, retry_after)

    def _show_rate(self) -> None:
        """Once a 429 has changed the rate it goes on changing: it grows back."""
        share = self._requests.share
        if share != self._shown_share:
            self._shown_share = share
            self._metrics.limiter_rate.set(self.profile.rate * share)
