"""Waiting for StockX to settle something, with as few requests as `policy/waiting.py` computes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from solegate.client.policy.waiting import Patience, next_look
from solegate.clock import Clock
from solegate.errors import Outcome, StillPendingError

T = TypeVar("T")


async def wait_until_settled(
    look: Callable[[], Awaitable[T]],
    *,
    is_settled: Callable[[T], bool],
    done: Callable[[T], float],
    patience: Patience,
    deadline: float,
    clock: Clock,
    operation: str,
    what: str,
    on_progress: Callable[[T], None] | None,
) -> T:
    """Look, wait, look again, until it is settled or `deadline` seconds are over.

    Raises:
        StillPendingError: the time is over.
        StockXError: a look failed for good.
    """
    began = clock.monotonic()
    looks, share = 0, 0.0
    while True:
        elapsed = clock.monotonic() - began
        wait = next_look(patience, looks=looks, elapsed=elapsed, done=share)
        if elapsed >= deadline:
            raise StillPendingError(
                f"{what} is still pending after {deadline:g} s.",
                operation=operation,
                outcome=Outcome.UNKNOWN,
            )
        await clock.sleep(min(wait, deadline - elapsed))
        seen = await look()
        looks += 1
        if on_progress is not None:
            on_progress(seen)
        if is_settled(seen):
            return seen
        share = done(seen)
