"""The rate limit as arithmetic: what is permitted, and a rate that learns from refusals.

**Learning.** A 429 although the limit was kept means that the limit is lower than configured. The rate drops to
what the server just accepted, then grows back: slowly at first, faster the longer nothing is refused.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from solegate.domain.limits import Unit


@dataclass(frozen=True, slots=True)
class ItemLimit:
    """What StockX permits one account in items of batch writes, besides its requests (FACTS 1.1).

    Attributes:
        capacity: items per window.
        period: length of the window in seconds.
        per_day: items per UTC day; `None` for no quota.
    """

    capacity: int = 500
    period: float = 300.0
    per_day: int | None = 50_000

    def __post_init__(self) -> None:
        if self.capacity < 1 or self.period <= 0:
            raise ValueError("a limit of items needs a capacity of at least 1 and a positive period")


@dataclass(frozen=True, slots=True)
class LimitProfile:
    """What StockX permits one account.

    Attributes:
        name: shown to people.
        capacity: requests per window.
        period: length of the window in seconds.
        per_day: requests per UTC day (FACTS 1.1: resets at 12 AM UTC); `None` for no quota.
        reserve: share of the day's quota that the background lane never touches; of the items' quota too.
        items: the limits of batch items; `None` for none.
    """

    name: str
    capacity: int
    period: float = 1.0
    per_day: int | None = 25_000
    reserve: float = 0.1
    items: ItemLimit | None = ItemLimit()

    def __post_init__(self) -> None:
        if self.capacity < 1 or self.period <= 0 or not 0 <= self.reserve < 1:
            raise ValueError("a limit needs a capacity of at least 1, a positive period and a reserve below 1")

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.capacity / self.period

    @property
    def reserved(self) -> int:
        """Requests of the day that are kept back from the background lane."""
        return round((self.per_day or 0) * self.reserve)

    def day_limit(self, unit: Unit) -> int | None:
        """The day's quota in this unit; `None` for none."""
        if unit is Unit.REQUESTS:
            return self.per_day
        return self.items.per_day if self.items is not None else None

    def window(self, unit: Unit) -> tuple[int, float] | None:
        """Capacity and period of the window in this unit; `None` when the unit has no limit."""
        if unit is Unit.REQUESTS:
            return self.capacity, self.period
        return (self.items.capacity, self.items.period) if self.items is not None else None


OFFICIAL = LimitProfile("official", capacity=1)
"""What StockX documents: 1 request a second, 25,000 a day (FACTS 1.1)."""
GUIDE = LimitProfile("guide", capacity=10)
"""What the guide assumes: 10 requests a second (guide section 1); ten times the documented limit."""


def profile_for_rate(rate: float, *, per_day: int | None, reserve: float) -> LimitProfile:
    """A profile for any rate: whole requests per second, or one request per longer window."""
    if rate >= 1:
        capacity = math.floor(rate)
        return LimitProfile("custom", capacity, capacity / rate, per_day, reserve)
    return LimitProfile("custom", 1, 1 / rate, per_day, reserve)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was seen around a refusal: requests of the window before it that were accepted and refused.

    `capacity` is the window's at that time: only who sent that many can tell what the server accepts at most.
    """

    accepted: int
    refused: int
    capacity: int

    def accepted_share(self, profile: LimitProfile) -> float | None:
        """The share of the profile's rate that the server accepts; `None` when too little was sent to tell."""
        saturated = self.accepted > 0 and self.accepted + self.refused >= self.capacity
        return self.accepted / profile.capacity if saturated else None


@dataclass(slots=True)
class AdaptiveRate:
    """A share of the configured rate, lowered by refusals and growing back with time.

    After `t` quiet seconds it has grown by the factor `1 + growth * (t + t*t / (2 * warmup))`: slow enough near a
    limit that hardly anything is refused, fast enough that a passing limit is forgotten. Each refusal at about the
    same rate as the last one doubles the patience, up to eightfold: a limit that stands is tested ever more rarely.
    """

    growth: ClassVar[float] = 0.0025
    warmup: ClassVar[float] = 60.0
    floor: ClassVar[float] = 0.02
    most_patience: ClassVar[float] = 8.0
    lowered_to: float = 1.0
    since: float = 0.0
    refused_share: float = 0.0
    patience: float = 1.0

    def share(self, now: float) -> float:
        """The share of the configured rate in force, in (0, 1]."""
        if self.lowered_to >= 1.0:
            return 1.0
        quiet = max(0.0, now - self.since) / self.patience
        return min(1.0, self.lowered_to * (1.0 + self.growth * (quiet + quiet * quiet / (2 * self.warmup))))

    def lower(self, now: float, *, accepted_share: float | None) -> None:
        """Drop to what the server was seen to accept, by at least 5 %; by half when nothing is known of that."""
        share = self.share(now)
        target = share * 0.5 if accepted_share is None else min(accepted_share, share * 0.95)
        again = abs(share - self.refused_share) <= 0.1 * share
        self.patience = min(self.most_patience, 2 * self.patience) if again else 1.0
        self.refused_share, self.lowered_to, self.since = share, max(self.floor, target), now


def window_at(profile: LimitProfile, share: float) -> tuple[int, float]:
    """Capacity and period for a share of the profile's rate.

    The capacity is rounded up and the period stretched, never shortened: a burst stays within the rate for a
    server whose window is as long as the profile's.
    """
    if share >= 1.0:
        return profile.capacity, profile.period
    exact = profile.capacity * share
    capacity = max(1, math.ceil(exact - 1e-9))
    return capacity, max(profile.period, profile.period * capacity / exact)


def pause_after_refusal(retry_after: float | None, *, period: float, strikes: int, longest: float = 60.0) -> float:
    """Seconds for which everybody waits after a 429: what StockX asks for, at least one window.

    StockX is not known to send Retry-After (FACTS 1.5): without it the pause doubles with each refusal in a row.
    """
    own = min(longest, period * 2.0 ** min(max(0, strikes - 1), 16))
    return own if retry_after is None else max(period, retry_after)


def pause_after_items_refused(retry_after: float | None, *, strikes: int, longest: float = 300.0) -> float:
    """Seconds for which no batch is sent after a 429 to one: what StockX asks for, else a minute, doubling.

    A refused batch recovers on the scale of its window of five minutes (FACTS 1.5).
    """
    return min(longest, 60.0 * 2.0 ** min(max(0, strikes - 1), 16)) if retry_after is None else retry_after
