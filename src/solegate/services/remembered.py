"""What was looked up, remembered for some seconds, so that not every request costs a look into the database."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from solegate.clock import Clock

T = TypeVar("T")


class Remembered(Generic[T]):
    """Values by their names. Of too many, the one looked up longest ago is forgotten: anybody may send names.

    Args:
        load: looks a value up.
        clock: tells how long one is remembered.
        most: values in memory.
    """

    def __init__(self, load: Callable[[str], Awaitable[T]], *, clock: Clock, most: int) -> None:
        self._load = load
        self._clock = clock
        self._most = most
        self._known: dict[str, tuple[float, T]] = {}

    async def get(self, name: str, *, max_age: float) -> T:
        """A value as it is now, or was at most so many seconds ago."""
        now = self._clock.monotonic()
        remembered = self._known.get(name)
        if remembered is not None and now - remembered[0] < max_age:
            return remembered[1]
        found = await self._load(name)
        self._known.pop(name, None)
        if len(self._known) >= self._most:
            del self._known[next(iter(self._known))]
        self._known[name] = (now, found)
        return found

    def amend(self, name: str, value: T) -> None:
        """Remember a value as it is now known to be, no longer than the one that was looked up."""
        if name in self._known:
            self._known[name] = (self._known[name][0], value)

    def forget(self, name: str) -> None:
        """Look a value up when it is next asked for."""
        self._known.pop(name, None)
