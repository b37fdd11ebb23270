"""When to look again at something StockX is still working on: as seldom as is still prompt.

Looks get rarer the longer it takes. Where the share that is done is known, the next look is when the rest should be
done: a batch of 100 at ten items a second costs four looks instead of thirty.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """How looks are spaced, in seconds. `growth` is the factor from one wait to the next."""

    first: float = 1.0
    growth: float = 1.7
    longest: float = 30.0


OPERATION_PATIENCE = Patience(first=1.0)
"""Operations settle in seconds, some in minutes (FACTS 8)."""
BATCH_PATIENCE = Patience(first=3.0, growth=1.6, longest=60.0)
"""Batches take as long as their items."""

_MARGIN = 1.1
"""The next look is a little later than the rest should be done, or it would find the last items under way."""
_STRETCH = 2.5


def next_look(patience: Patience, *, looks: int, elapsed: float, done: float = 0.0) -> float:
    """Seconds to wait before the next look.

    Args:
        patience: the spacing.
        looks: how often it was looked at.
        elapsed: seconds since the wait began.
        done: share that is done, 0 to 1; 0 where nothing is known.
    """
    backed_off = min(patience.longest, patience.first * patience.growth ** min(looks, 32))
    if not 0 < done < 1 or elapsed <= 0:
        return backed_off
    remaining = elapsed * (1 - done) / done
    # The time before the first item was begun makes early estimates far too long, so they stretch a wait only so far.
    return min(patience.longest, max(patience.first, remaining * _MARGIN), backed_off * _STRETCH)
