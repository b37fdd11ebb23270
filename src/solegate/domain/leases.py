"""A lease: who may act on something, and until when (design 4.6, the last-byte gate).

A process may be frozen by its host and wake after another took over. So a lease is asked again at the last moment,
just before the bytes of a write leave, and not only before the call.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class Lease:
    """The right to act until a moment.

    Its end moves: the holder's loop renews it while a step runs, and whoever asks at the last moment must see that.

    Attributes:
        owner: the worker that holds it.
        fence: counts the leases on the same thing; a lower one is stale.
        until: its end, by the database's clock.
        until_monotonic: its end, by the holder's monotonic clock, measured from before it was asked for.
    """

    owner: str
    fence: int
    until: datetime
    until_monotonic: float

    def holds(self, now: datetime, monotonic: float) -> bool:
        """Whether it is certainly still held; a clock that jumps or stands still errs on the safe side."""
        return now < self.until and monotonic < self.until_monotonic

    def extend(self, until: datetime, until_monotonic: float) -> None:
        """It was renewed."""
        self.until, self.until_monotonic = until, until_monotonic

    def lose(self) -> None:
        """Another holder has it, or it was given back: it never holds again."""
        self.until_monotonic = float("-inf")
