"""A unit's window as the limiter sees it, and the one that a process keeps for itself alone.

The other one, which all processes of an account share, is `shared_window.SharedWindow`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import Protocol

from solegate.client.policy.pacing import pacer_of
from solegate.client.policy.rate import LimitProfile
from solegate.client.policy.sharing import Want
from solegate.client.policy.window import Fate, Slot
from solegate.clock import Clock
from solegate.domain.limits import Unit


class Window(Protocol):
    """A unit's window. Times are monotonic seconds."""

    @property
    def paused_until(self) -> float:
        """When the pause after a 429 ends."""
        ...

    @property
    def in_flight(self) -> int:
        """Slots of requests that are not answered yet."""
        ...

    @property
    def draw_at(self) -> float:
        """When `draw` has to run although nobody waits; infinity for never."""
        ...

    @property
    def tickets(self) -> int:
        """How many slots were drawn and not taken yet."""
        ...

    def share(self, now: float) -> float:
        """The share of the configured rate in force."""
        ...

    def ready_at(self, now: float, lane: int, weight: int) -> float:
        """When to take, or to draw, for a caller of this lane; infinity while only an answer can bring that about."""
        ...

    def must_draw(self, weight: int) -> bool:
        """Whether `draw` has to run before this can be taken."""
        ...

    async def draw(self, wants: Sequence[Want]) -> None:
        """Get what the waiting callers need, the most urgent lane first."""
        ...

    def take(self, now: float, weight: int, day: date) -> Slot:
        """Take a slot; the caller has checked `ready_at` and `must_draw`."""
        ...

    def settle(self, slot: Slot, fate: Fate, at: float, retry_after: float | None = None) -> None:
        """Give a slot back, as in `Pacer.settle`."""
        ...

    async def expected_at(self, lane: int, weight: int) -> float:
        """When a caller that asks now could send at the earliest, as far as is known."""
        ...

    async def aclose(self) -> None:
        """Tell what is still to be told."""
        ...


class OwnWindow:
    """A window that this process alone keeps; it forgets with the process."""

    draw_at = math.inf
    tickets = 0

    def __init__(self, unit: Unit, profile: LimitProfile, clock: Clock) -> None:
        self._pacer = pacer_of(unit, profile)
        self._memory = self._pacer.memory
        self._clock = clock
        self.share = self._pacer.share
        self._ready_at = self._pacer.ready_at

    @property
    def paused_until(self) -> float:
        """See `Window.paused_until`."""
        return self._memory.paused_until

    @property
    def in_flight(self) -> int:
        """Slots of requests that are not answered yet."""
        return self._memory.window.in_flight

    def ready_at(self, now: float, lane: int, weight: int) -> float:  # noqa: ARG002 - the window's shape
        """See `Window.ready_at`."""
        return self._ready_at(now, weight)

    def must_draw(self, weight: int) -> bool:  # noqa: ARG002 - the window's shape
        """See `Window.must_draw`: never."""
        return False

    async def draw(self, wants: Sequence[Want]) -> None:
        """See `Window.draw`: there is nothing to draw from."""

    def take(self, now: float, weight: int, day: date) -> Slot:
        """See `Window.take`."""
        return Slot(self._pacer.take(now, weight), day)

    def settle(self, slot: Slot, fate: Fate, at: float, retry_after: float | None = None) -> None:
        """See `Window.settle`."""
        self._pacer.settle(slot.sent, fate, at, retry_after)

    async def expected_at(self, lane: int, weight: int) -> float:  # noqa: ARG002 - the window's shape
        """See `Window.expected_at`."""
        now, window = self._clock.monotonic(), self._memory.window
        return min(self._ready_at(now, weight), max(self._memory.paused_until, now + window.period))

    async def aclose(self) -> None:
        """See `Window.aclose`: nobody else has to know."""
