"""Time as an argument: whoever needs the time is given a `Clock`.

`SystemClock` is the real one. `LoopClock` follows the event loop's own time, so that on a virtual-time loop
(`solegate.testing.run_virtual`) hours pass in milliseconds for the client and the simulator alike.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What time it is, how much has passed, and how to wait."""

    def now(self) -> datetime:
        """Wall-clock time, aware, UTC. It may jump; use it for dates and expiry."""
        ...

    def monotonic(self) -> float:
        """Seconds since an arbitrary start. It never goes back; use it for durations."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait; zero or less only yields to other tasks."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """See `Clock.now`."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """See `Clock.monotonic`."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """See `Clock.sleep`."""
        await asyncio.sleep(max(0.0, seconds))


class LoopClock:
    """A clock that reads the running event loop; its wall time starts at `start` with the loop's current time."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, 12, tzinfo=UTC)) -> None:
        self._start = start
        self._origin: float | None = None

    def now(self) -> datetime:
        """See `Clock.now`."""
        elapsed = self.monotonic()
        if self._origin is None:
            self._origin = elapsed
        return self._start + timedelta(seconds=elapsed - self._origin)

    def monotonic(self) -> float:
        """See `Clock.monotonic`."""
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        """See `Clock.sleep`."""
        await asyncio.sleep(max(0.0, seconds))
