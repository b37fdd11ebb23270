"""What a practice StockX is like: its limits, its credentials, its network."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Request limits, enforced strictly: a request over the limit is answered 429.

    Attributes:
        per_second: requests per window; `None` switches the window off.
        window: length of the window in seconds.
        kind: `sliding` counts the requests of the last `window` seconds, `fixed` counts in aligned windows.
        per_day: requests per UTC day; `None` switches the day off. StockX resets at midnight UTC (FACTS 1.1).
        count_refused: whether a refused request uses up the limit too. Unknown of StockX (FACTS 8), so a switch.
        items_per_window: items of batch writes per `items_window` seconds, sliding; `None` switches the window off.
        items_window: its length in seconds.
        items_per_day: items of batch writes per UTC day; `None` switches the day off.
    """

    per_second: int | None
    window: float = 1.0
    kind: Literal["sliding", "fixed"] = "sliding"
    per_day: int | None = 25_000
    count_refused: bool = False
    items_per_window: int | None = 500
    items_window: float = 300.0
    items_per_day: int | None = 50_000

    def __post_init__(self) -> None:
        if self.per_second is not None and self.per_second < 1:
            raise ValueError("per_second must be at least 1, or null for no limit")
        if self.per_day is not None and self.per_day < 0:
            raise ValueError("per_day must not be negative; null means no limit")
        if self.window <= 0:
            raise ValueError("window must be longer than 0 seconds")
        if min(self.items_per_window or 0, self.items_per_day or 0) < 0:
            raise ValueError("items_per_window and items_per_day must not be negative; null means no limit")
        if self.items_window <= 0:
            raise ValueError("items_window must be longer than 0 seconds")

    @classmethod
    def official(cls) -> Self:
        """What StockX documents: 1 request a second, 25,000 a day; 500 batch items in 5 minutes, 50,000 a day."""
        return cls(per_second=1)

    @classmethod
    def guide(cls) -> Self:
        """What the guide assumes: 10 requests a second."""
        return cls(per_second=10)

    @classmethod
    def off(cls) -> Self:
        """No limit at all; requests are still counted."""
        return cls(per_second=None, per_day=None, items_per_window=None, items_per_day=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast the market moves, and how often it says no. Times are seconds, ranges the least and the most.

    Attributes:
        settle_seconds: until an operation of a listing settles. "Seconds to about five minutes" is all that is known
            (FACTS 8), so it is set low and a scenario raises it.
        settle_failure: share of activations that fail, besides those of variants that cannot be sold at all.
        batch_start_seconds: how long a batch stays QUEUED.
        batch_items_per_second: how fast its items are worked off.
        batch_view_seconds: until the `batchIds` filter shows a listing (FACTS 1.7: filled slowly, later emptied).
        buyers_per_day: visits of buyers per day to a variant with a live ask; 0 means nobody comes.
        label_seconds: from a sale to its shipping label.
        parcels: whether parcels leave once their label was fetched, without being asked, or not at all.
        locale: language of the sentences in failed operations.
    """

    settle_seconds: tuple[float, float] = (0.4, 2.5)
    settle_failure: float = 0.02
    batch_start_seconds: tuple[float, float] = (0.5, 2.0)
    batch_items_per_second: float = 10.0
    batch_view_seconds: tuple[float, float] = (5.0, 60.0)
    buyers_per_day: float = 6.0
    label_seconds: tuple[float, float] = (60.0, 900.0)
    parcels: Literal["labelled", "always", "never"] = "labelled"
    locale: str = "en"

    def __post_init__(self) -> None:
        for least, most in (self.settle_seconds, self.batch_start_seconds, self.batch_view_seconds, self.label_seconds):
            if not 0 <= least <= most < math.inf:
                raise ValueError("a range is the least and the most seconds, in this order")
        if not 0 <= self.settle_failure <= 1:
            raise ValueError("settle_failure is a share from 0 to 1")
        if not 0 < self.batch_items_per_second < math.inf:
            raise ValueError("batch_items_per_second must be more than 0")
        if not 0 <= self.buyers_per_day < math.inf:
            raise ValueError("buyers_per_day must not be negative")


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorConfig:
    """Everything that decides how a simulator behaves. The same configuration gives the same world.

    Attributes:
        seed: decides catalog, market, identifiers, latency and the chance of faults.
        products: size of the catalog, at most 20,000; the landmarks are always in it.
        limits: request limits of the API; `Simulator.set_limits` changes them during a run.
        client_id, client_secret, api_key: the one application StockX knows.
        redirect_uris: allowed callbacks, compared exactly; empty allows any http callback on the loopback.
        rotate_refresh_tokens: each refresh gives a new refresh token, and using an old one again ends the session.
            StockX documents none (FACTS 2), so it is off by default.
        access_token_seconds: life of an access token; 12 hours at StockX (FACTS 2).
        latency: least and most seconds a request takes. Half passes before the request is counted and half after
            the answer is made, so arrivals jitter as on a network.
        slow_tail: chance of a slow request and the seconds it takes longer, split in the same way.
        pace: how the market moves; `Simulator.set_pace` changes it during a run.
    """

    seed: int = 1
    products: int = 500
    limits: Limits = field(default_factory=Limits.official)
    client_id: str = "practice-client"
    client_secret: str = "practice-secret"  # noqa: S105 - the practice application's, not a secret
    api_key: str = "practice-key"
    redirect_uris: tuple[str, ...] = ()
    rotate_refresh_tokens: bool = False
    access_token_seconds: float = 43_200
    latency: tuple[float, float] = (0.0, 0.0)
    slow_tail: tuple[float, float] = (0.0, 0.0)
    pace: Pace = field(default_factory=Pace)

    def __post_init__(self) -> None:
        if self.products > 20_000:
            raise ValueError("the practice catalog holds at most 20,000 products")
        if not 0 <= self.latency[0] <= self.latency[1]:
            raise ValueError("latency is the least and the most seconds, in this order")
        if not 0 <= self.slow_tail[0] <= 1 or self.slow_tail[1] < 0:
            raise ValueError("slow_tail is a probability and the extra seconds")
