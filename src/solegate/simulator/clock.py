"""The simulator's time: a clock handed in, and an offset that can be moved by hand."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class SimClock(Protocol):
    """What the simulator needs of a clock."""

    def now(self) -> datetime:
        """Wall-clock time, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds since an arbitrary start, never going back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class RealClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """See `SimClock.now`."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """See `SimClock.monotonic`."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """See `SimClock.sleep`."""
        await asyncio.sleep(seconds)


class MovableClock:
    """Another clock plus an offset: `advance` moves tokens, windows, days and markets on without waiting."""

    def __init__(self, base: SimClock) -> None:
        self._base = base
        self._offset = 0.0

    def now(self) -> datetime:
        """See `SimClock.now`."""
        return self._base.now() + timedelta(seconds=self._offset)

    def monotonic(self) -> float:
        """See `SimClock.monotonic`."""
        return self._base.monotonic() + self._offset

    async def sleep(self, seconds: float) -> None:
        """Wait on the base clock; zero does not even yield."""
        if seconds > 0:
            await self._base.sleep(seconds)

    def advance(self, seconds: float) -> None:
        """Move this clock forward.

        Raises:
            ValueError: `seconds` is negative; time does not run backwards.
        """
        if seconds < 0:
            raise ValueError("time can only be advanced, seconds must not be negative")
        self._offset += seconds
