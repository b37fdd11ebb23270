"""Everything the market does by itself, in the order of its time: an operation settles, a buyer comes, a parcel leaves.

There are no background tasks. Entries wait in one heap until somebody says what time it is; each then runs with its own
due time, not with the time at which it was noticed, so that how often somebody looks changes nothing.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime

Action = Callable[[datetime], None]
"""What happens at an entry's time; it is given that time."""


class Agenda:
    """Entries by due time; entries of the same time run in the order in which they were made."""

    def __init__(self) -> None:
        self._entries: list[tuple[datetime, int, Action]] = []
        self._made = 0

    def __len__(self) -> int:
        return len(self._entries)

    def at(self, due: datetime, action: Action) -> None:
        """Have something happen at a time (aware, UTC). A time that has passed means: with the next `catch_up`."""
        self._made += 1
        heapq.heappush(self._entries, (due, self._made, action))

    def catch_up(self, now: datetime) -> None:
        """Run everything due by `now`, the entries that these runs make among it."""
        while self._entries and self._entries[0][0] <= now:
            due, _, action = heapq.heappop(self._entries)
            action(due)
