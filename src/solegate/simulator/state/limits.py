"""Counting requests against the limits: sliding and fixed windows, and the UTC day.

A window is a small counter that is told the time; it never reads a clock. A sliding window holds the half-open
interval `(now - length, now]`: a request exactly one length later finds the first one gone. It reckons in whole
microseconds, because in floats 1.9 - 0.9 is less than 1.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from solegate.simulator.config import Limits


@dataclass(frozen=True, slots=True)
class Moment:
    """When a request was counted: steady seconds for sliding windows, wall time for aligned ones."""

    monotonic: float
    wall: datetime


class Window(Protocol):
    """How many requests the current window holds."""

    def count(self, at: Moment) -> int:
        """Requests in the window that `at` belongs to."""
        ...

    def add(self, at: Moment) -> int:
        """Count one more; returns the window's new count."""
        ...


class SlidingWindow:
    """The requests of the last `length` seconds."""

    def __init__(self, length: float) -> None:
        self._length = _microseconds(length)
        self._arrivals: deque[int] = deque()

    def count(self, at: Moment) -> int:
        """See `Window.count`."""
        oldest = _microseconds(at.monotonic) - self._length
        while self._arrivals and self._arrivals[0] <= oldest:
            self._arrivals.popleft()
        return len(self._arrivals)

    def add(self, at: Moment) -> int:
        """See `Window.add`."""
        self._arrivals.append(_microseconds(at.monotonic))
        return self.count(at)


class FixedWindow:
    """Requests in windows of `length` seconds aligned to the wall clock; a day of 86,400 s ends at midnight UTC."""

    def __init__(self, length: float) -> None:
        self._length = length
        self._index = -1
        self._count = 0

    def count(self, at: Moment) -> int:
        """See `Window.count`."""
        index = int(at.wall.timestamp() // self._length)
        if index != self._index:
            self._index, self._count = index, 0
        return self._count

    def add(self, at: Moment) -> int:
        """See `Window.add`."""
        self._count = self.count(at) + 1
        return self._count


class Overfull:
    """Counts windows in which something was over the limit, however often: one begins with its first refusal."""

    def __init__(self, length: float) -> None:
        self.length = length
        self.count = 0
        self._ends = 0.0

    def add(self, at: Moment) -> None:
        """Something was refused."""
        if not self.count or at.monotonic >= self._ends:
            self.count += 1
            self._ends = at.monotonic + self.length


class ItemLimiter:
    """Counts the items of batch writes: a call that does not fit is refused as a whole and uses up nothing.

    Attributes:
        refused: items of refused calls.
        busiest: most items that were accepted in one window.
        overfull: windows in which something was refused.
    """

    def __init__(self, limits: Limits) -> None:
        self.refused = 0
        self.busiest = 0
        self.overfull = Overfull(limits.items_window)
        self._limits = limits
        self._day = FixedWindow(86_400)
        self._window = SlidingWindow(limits.items_window)

    def change(self, limits: Limits) -> None:
        """Enforce other limits from now on; a window of another length starts empty."""
        if limits.items_window != self._limits.items_window:
            self._window = SlidingWindow(limits.items_window)
            self.overfull.length = limits.items_window
        self._limits = limits

    def admit(self, at: Moment, items: int) -> bool:
        """Count a call's items; `False` means they are over a limit."""
        per_window, per_day = self._limits.items_per_window, self._limits.items_per_day
        over_window = per_window is not None and self._window.count(at) + items > per_window
        if over_window or (per_day is not None and self._day.count(at) + items > per_day):
            self.refused += items
            self.overfull.add(at)
            return False
        for _ in range(items):
            self._day.add(at)
            self.busiest = max(self.busiest, self._window.add(at))
        return True


class RequestLimiter:
    """Admits or refuses, and remembers the busiest window of all arrivals and of the accepted ones.

    Attributes:
        items: the batch items, counted apart.
        overfull: windows in which something was refused.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.items = ItemLimiter(limits)
        self.refused = 0
        self.busiest_arrivals = 0
        self.busiest_accepted = 0
        self.overfull = Overfull(limits.window)
        self._day = FixedWindow(86_400)
        self._arrivals = _window(limits)
        self._accepted = _window(limits)

    def change(self, limits: Limits) -> None:
        """Enforce other limits from now on. What the day has used stays used; windows of another shape start empty."""
        if (limits.kind, limits.window) != (self.limits.kind, self.limits.window):
            self._arrivals, self._accepted = _window(limits), _window(limits)
        self.limits = limits
        self.overfull.length = limits.window
        self.items.change(limits)

    def admit(self, at: Moment) -> bool:
        """Count a request; `False` means it is over a limit and must be refused."""
        accepted = self._fits(at)
        self.busiest_arrivals = max(self.busiest_arrivals, self._arrivals.add(at))
        if accepted:
            self.busiest_accepted = max(self.busiest_accepted, self._accepted.add(at))
        else:
            self.refused += 1
            self.overfull.add(at)
        if accepted or self.limits.count_refused:
            self._day.add(at)
        return accepted

    def used_today(self, at: Moment) -> int:
        """Requests counted in the UTC day of `at`."""
        return self._day.count(at)

    def _fits(self, at: Moment) -> bool:
        limits = self.limits
        window = self._arrivals if limits.count_refused else self._accepted
        if limits.per_second is not None and window.count(at) >= limits.per_second:
            return False
        return limits.per_day is None or self._day.count(at) < limits.per_day


def _microseconds(seconds: float) -> int:
    return round(seconds * 1_000_000)


def _window(limits: Limits) -> Window:
    return SlidingWindow(limits.window) if limits.kind == "sliding" else FixedWindow(limits.window)
