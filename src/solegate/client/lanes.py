"""Callers that wait in lanes, and why they are sent away: what the queues of the limiter share."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from solegate.client.policy.call import Lane
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
    """A caller in a lane, when it gives up (monotonic seconds), and how many batch items it wants."""

    turn: asyncio.Future[T]
    until: float
    items: int = 0

    @property
    def granted(self) -> T | None:
        """What it was given and did not fetch, if its turn has come."""
        came = self.turn.done() and not self.turn.cancelled() and self.turn.exception() is None
        return self.turn.result() if came else None


def turn_away(
    queues: Mapping[Lane, deque[Waiter[T]]], lanes: Iterable[Lane], reason: Callable[[Waiter[T]], Exception | None]
) -> None:
    """Tell every waiter for whom there is a reason, and take it out of its lane."""
    for lane in lanes:
        for waiter in list(queues[lane]):
            error = reason(waiter)
            if error is not None:
                queues[lane].remove(waiter)
                if not waiter.turn.done():
                    waiter.turn.set_exception(error)
