"""Answer-held slots: what holds them, and when they come free.

A slot is taken when a request is sent and comes free one window after its answer arrived. The server saw the request
somewhere between the two, so it never sees more than `capacity` requests in a window, whatever the network's jitter
and whether its window slides or is fixed (design 4.2).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from operator import itemgetter
from typing import NamedTuple

_AT = itemgetter(0)


class Fate(StrEnum):
    """What became of a request that held slots."""

    ANSWERED = "answered"
    """StockX answered with anything but 429."""
    LOST = "lost"
    """No answer came: StockX may have seen it until the time that is told with it."""
    UNSENT = "unsent"
    """It surely never left."""
    REFUSED = "refused"
    """StockX answered 429."""
    SET_BACK = "set back"
    """StockX answered 429, perhaps for another unit's limit: wait one window, learn nothing."""


SLOWING = frozenset({Fate.REFUSED, Fate.SET_BACK})
"""What makes everybody wait."""


class Sent(NamedTuple):
    """A request that holds slots: when it was sent (seconds), how many, and how many rate changes came before it."""

    at: float
    weight: int = 1
    epoch: int = 0


@dataclass(slots=True)
class Slot:
    """One request's share of the window and of the day. Times are monotonic seconds.

    Attributes:
        sent: what the window knows of it.
        day: the UTC day it counts for.
        ticket: its number in a window that is shared.
        send_by: when it has to be sent at the latest: others may count it as gone after that.
        open: whether it is still to be given back.
        items: what a batch write uses up besides.
    """

    sent: Sent
    day: date
    ticket: int = 0
    send_by: float = math.inf
    open: bool = True
    items: Slot | None = None

    @property
    def sent_at(self) -> float:
        """When it was granted."""
        return self.sent.at

    @property
    def weight(self) -> int:
        """How many slots of the window it holds."""
        return self.sent.weight


@dataclass(slots=True)
class AnswerHeldWindow:
    """Slots that are held until one period after the answer. Times are seconds of one clock.

    A request of weight `n` holds `n` slots: a batch counts by its items. `answers` are the times of answers that still
    hold slots, in order, each with its weight.
    """

    capacity: int
    period: float
    in_flight: int = 0
    answers: list[tuple[float, int]] = field(default_factory=list)
    resting: int = 0
    """Slots that `answers` hold."""

    def resize(self, capacity: int, period: float) -> None:
        """Change the limit; slots already held keep their answer times."""
        self.capacity, self.period = capacity, period

    def ready_at(self, now: float, weight: int = 1) -> float:
        """The earliest time at which `weight` slots are free; infinity while only an answer can free them."""
        self._forget(now)
        excess = self.in_flight + self.resting + weight - self.capacity
        if excess <= 0:
            return now
        if excess > self.resting:
            return math.inf
        for at, freed in self.answers:
            excess -= freed
            if excess <= 0:
                return at + self.period
        return math.inf

    def take(self, weight: int = 1) -> None:
        """Hold slots; the caller has checked `ready_at`."""
        self.in_flight += weight

    def answered(self, at: float, weight: int = 1) -> None:
        """The answer came, or can have come no later than `at`: the slots are free one period after."""
        self.in_flight -= weight
        self.resting += weight
        if not self.answers or at >= self.answers[-1][0]:
            self.answers.append((at, weight))
        else:
            self.answers.insert(bisect_right(self.answers, at, key=_AT), (at, weight))

    def unsent(self, weight: int = 1) -> None:
        """The request surely never left: its slots are free at once."""
        self.in_flight -= weight

    def _forget(self, now: float) -> None:
        gone = 0
        while gone < len(self.answers) and self.answers[gone][0] + self.period <= now:
            self.resting -= self.answers[gone][1]
            gone += 1
        del self.answers[:gone]
