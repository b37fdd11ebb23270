"""The queue in front of a limit: callers wait in lanes, first come first served, the most urgent lane first.

What they wait for stands behind `Supply`: the queue asks it when the next caller's turn is, lets it draw what has to
come from a store, and hands out what it grants.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from solegate.client.policy.call import Lane
from solegate.clock import Clock
from solegate.domain.limits import Unit

T = TypeVar("T")


class QuotaUsedUpError(Exception):
    """Raised by `acquire` when the day has nothing left for the lane; `retry_at` is the next reset (UTC)."""

    def __init__(self, retry_at: datetime, unit: Unit = Unit.REQUESTS) -> None:
        super().__init__(f"the day's quota of {unit} is used up")
        self.retry_at = retry_at
        self.unit = unit


class PausedTooLongError(Exception):
    """Raised by `acquire` when StockX's pause lasts longer than the caller may wait."""

    def __init__(self, retry_at: datetime) -> None:
        super().__init__("StockX asked for a longer pause")
        self.retry_at = retry_at


@dataclass(frozen=True, slots=True, eq=False)
class Waiter(Generic[T]):
    """A caller in a lane.

    Attributes:
        turn: what it waits for.
        until: when it gives up (monotonic seconds).
        weight: how many slots of the window it needs.
        hold: how long after its grant StockX can see its request at the latest, in seconds.
    """

    turn: asyncio.Future[T]
    until: float
    weight: int = 1
    hold: float = 0.0

    @property
    def granted(self) -> T | None:
        """What it was given and did not fetch, if its turn has come."""
        came = self.turn.done() and not self.turn.cancelled() and self.turn.exception() is None
        return self.turn.result() if came else None


class Supply(Protocol[T]):
    """What a queue hands out, and when."""

    @property
    def draw_at(self) -> float:
        """When to draw although nobody waits (monotonic seconds); infinity for never."""
        ...

    def refusal(self, lane: Lane, weight: int) -> Exception | None:
        """Why a caller cannot be served today, if so."""
        ...

    def ready_at(self, now: float, lane: Lane, weight: int) -> float:
        """When to grant or to draw for this caller; infinity while only an answer can bring that about."""
        ...

    def must_draw(self, weight: int) -> bool:
        """Whether `draw` has to run before this can be granted."""
        ...

    async def draw(self) -> None:
        """Get from the store what the callers who wait need."""
        ...

    def grant(self, now: float, weight: int) -> T:
        """Hand out what one caller waits for."""
        ...

    def unsent(self, granted: T) -> None:
        """Take back what was granted to a caller that had gone away."""
        ...


class LaneQueue(Generic[T]):
    """Callers waiting for one supply."""

    def __init__(self, supply: Supply[T], clock: Clock) -> None:
        self._supply = supply
        self._clock = clock
        self._lanes: dict[Lane, deque[Waiter[T]]] = {lane: deque() for lane in Lane}
        self._drawing: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    def __iter__(self) -> Iterator[tuple[Lane, deque[Waiter[T]]]]:
        """The lanes in which somebody waits, the most urgent first."""
        return ((lane, waiters) for lane, waiters in self._lanes.items() if waiters)

    @property
    def length(self) -> int:
        """Callers in all lanes together."""
        return sum(map(len, self._lanes.values()))

    def waiting(self, lane: Lane) -> int:
        """Callers in a lane."""
        return len(self._lanes[lane])

    async def wait(self, lane: Lane, *, within: float, weight: int = 1, hold: float = 0.0) -> T:
        """Stand in the lane until the turn comes.

        Raises:
            TimeoutError: it did not come within `within` seconds.
            RuntimeError: the queue is closed.
            Exception: what the supply refused with.
        """
        if self._closed:
            raise _closed()
        until = self._clock.monotonic() + within
        waiter: Waiter[T] = Waiter(asyncio.get_running_loop().create_future(), until, weight, hold)
        self._lanes[lane].append(waiter)
        self.dispatch()
        try:
            if not waiter.turn.done():
                async with asyncio.timeout(within):
                    await waiter.turn
            return waiter.turn.result()
        except (asyncio.CancelledError, TimeoutError):
            self._leave(lane, waiter)
            raise

    def turn_away(self, reason: Callable[[Waiter[T]], Exception | None], lanes: Iterable[Lane] = Lane) -> None:
        """Tell every waiter for whom there is a reason, and take it out of its lane."""
        for lane in lanes:
            for waiter in list(self._lanes[lane]):
                error = reason(waiter)
                if error is not None:
                    self._lanes[lane].remove(waiter)
                    if not waiter.turn.done():
                        waiter.turn.set_exception(error)

    def dispatch(self) -> None:
        """Grant turns while there are any; else look again when the next one can come."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self._closed:
            return
        wake_at = math.inf
        while (lane := self._next_lane()) is not None:
            now, waiters = self._clock.monotonic(), self._lanes[lane]
            weight = waiters[0].weight
            wake_at = self._supply.ready_at(now, lane, weight)
            if wake_at > now:
                break
            if self._supply.must_draw(weight):
                self._draw()
                return
            waiters.popleft().turn.set_result(self._supply.grant(now, weight))
            wake_at = math.inf
        wake_at = min(wake_at, self._supply.draw_at)
        if wake_at < math.inf:
            self._wake(wake_at)

    async def aclose(self) -> None:
        """Send the waiting away, and wait for what is being drawn."""
        self._closed = True
        self.turn_away(lambda _waiter: _closed())
        if self._drawing:
            await asyncio.wait([self._drawing])
        if self._timer:
            self._timer.cancel()

    def _leave(self, lane: Lane, waiter: Waiter[T]) -> None:
        """A caller went away: take it out of its lane, or take back what it was just granted."""
        granted = waiter.granted
        if granted is not None:
            self._supply.unsent(granted)
        elif waiter in self._lanes[lane]:
            self._lanes[lane].remove(waiter)
            self.dispatch()  # the one behind it may need less

    def _next_lane(self) -> Lane | None:
        """The lane whose turn it is; callers for whom the day has too little left are told so."""
        for lane, waiters in self._lanes.items():
            while waiters:
                turn = waiters[0].turn
                refusal = None if turn.done() else self._supply.refusal(lane, waiters[0].weight)
                if refusal is None and not turn.done():
                    return lane
                waiters.popleft()
                if refusal is not None:
                    turn.set_exception(refusal)
        return None

    def _wake(self, at: float) -> None:
        now = self._clock.monotonic()
        if at <= now:
            self._draw()
        else:
            self._timer = asyncio.get_running_loop().call_later(at - now, self.dispatch)

    def _draw(self) -> None:
        self._drawing = self._drawing or asyncio.get_running_loop().create_task(self._drawn())

    async def _drawn(self) -> None:
        try:
            await self._supply.draw()
        except Exception as error:  # noqa: BLE001 - handed to every caller that waits for it
            reason = error
            self.turn_away(lambda _waiter: reason)
        finally:
            self._drawing = None
            self.dispatch()


def _closed() -> RuntimeError:
    return RuntimeError("the client was closed")
