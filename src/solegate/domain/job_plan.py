"""What a bulk job will cost: requests, items, time under StockX's limits, and what is asked for the pairs.

StockX counts the items of batches apart from requests (FACTS 1.1): 500 in 5 minutes and 50,000 a day, against 1 request
a second and 25,000 a day. Whichever is used up last decides how long a job takes; what does not fit into today goes on
after 00:00 UTC.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from solegate.domain.batches import LARGEST_BATCH
from solegate.domain.job_rows import WantedRow
from solegate.domain.jobs import JobKind
from solegate.domain.money import Money
from solegate.domain.payout import SellerTerms, estimate_payout

REQUESTS_PER_CHUNK = 5
"""One to submit, two looks, one for the items, one to read back."""
REQUESTS_PER_SKU = 4
"""Of an enrichment: search, details, variants, prices; fewer where something is known."""
_A_DAY = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What is left under one kind of limit, of requests or of items.

    Attributes:
        capacity: how many per window; `None` for no limit.
        period: length of the window in seconds.
        left: how many are left today; `None` for no quota.
        per_day: how many a whole day has; `None` for no quota.
        until_reset: seconds until the next day begins (00:00 UTC).
    """

    capacity: int | None
    period: float = 1.0
    left: int | None = None
    per_day: int | None = None
    until_reset: float = _A_DAY

    def seconds(self, count: int) -> float:
        """The least time in which so many are used, with an empty window before them."""
        if count <= 0:
            return 0.0
        if self.left is None or self.per_day is None or count <= self.left:
            return self.windows(count)
        days, last = divmod(count - max(0, self.left) - 1, max(1, self.per_day))
        return self.until_reset + days * _A_DAY + self.windows(last + 1)

    def windows(self, count: int) -> float:
        """The least time in which so many are used, whatever the day has left: the first window is free."""
        if self.capacity is None or count <= 0:
            return 0.0
        return (math.ceil(count / self.capacity) - 1) * self.period


@dataclass(frozen=True, slots=True)
class Limits:
    """What StockX's limits leave now."""

    requests: Allowance
    items: Allowance


@dataclass(frozen=True, slots=True)
class JobPlan:
    """What a job will do and cost.

    Attributes:
        kind: what it does with each row.
        rows: pairs or listings.
        chunks: batches they go out in; none in an enrichment.
        items: batch items, which StockX counts.
        requests: requests, about.
        seconds: the least time it takes under the limits as they are now.
        value: what is asked for the pairs together, by currency.
        payout: what would be left of it, about; the category of the pairs is not looked at.
    """

    kind: JobKind
    rows: int
    chunks: int
    items: int
    requests: int
    seconds: float
    value: tuple[Money, ...] = ()
    payout: tuple[Money, ...] = ()

    @property
    def days(self) -> int:
        """Nights it goes over, at least."""
        return int(self.seconds // _A_DAY)


def plan_job(kind: JobKind, rows: Iterable[WantedRow], limits: Limits, terms: SellerTerms) -> JobPlan:
    """The plan of a job with these rows, one for every pair or listing."""
    prices: dict[Money, int] = {}
    count = 0
    for row in rows:
        count += 1
        if row.price is not None:
            prices[row.price] = prices.get(row.price, 0) + 1
    chunks, items, requests = work_of(kind, count)
    payouts: dict[Money, int] = {}
    for price, number in prices.items():
        left = estimate_payout(price, terms).total
        payouts[left] = payouts.get(left, 0) + number
    return JobPlan(
        kind=kind,
        rows=count,
        chunks=chunks,
        items=items,
        requests=requests,
        seconds=max(limits.items.seconds(items), limits.requests.seconds(requests)),
        value=_sums(prices),
        payout=_sums(payouts) if kind is JobKind.CREATE else (),
    )


def work_of(kind: JobKind, rows: int) -> tuple[int, int, int]:
    """Chunks, items and requests of so many rows."""
    if kind is JobKind.ENRICH:
        return 0, 0, rows * REQUESTS_PER_SKU
    chunks = math.ceil(rows / LARGEST_BATCH)
    return chunks, rows, chunks * REQUESTS_PER_CHUNK


def requests_left(kind: JobKind, *, ready: int, submitted: int) -> int:
    """Requests that a job still needs, about: `ready` rows were not sent, `submitted` ones have no result yet."""
    _, _, requests = work_of(kind, ready)
    if kind is JobKind.ENRICH:
        return requests
    return requests + math.ceil(submitted / LARGEST_BATCH) * (REQUESTS_PER_CHUNK - 1)


def seconds_left(kind: JobKind, *, ready: int, submitted: int, done: int, elapsed: float, limits: Limits) -> float:
    """The least time a job still takes.

    Args:
        kind: what it does.
        ready: rows that were not sent.
        submitted: rows that were sent and have no result; they cost no item any more.
        done: rows that were sent and have one.
        elapsed: seconds since its first row was sent; the windows in which that happened are used.
        limits: what is left.
    """
    _, items, requests = work_of(kind, ready)
    if kind is JobKind.ENRICH:
        return limits.requests.seconds(requests)
    requests = requests_left(kind, ready=ready, submitted=submitted)
    paced = limits.items.windows(ready + submitted + done) - elapsed if ready else 0.0
    return max(paced, limits.items.seconds(items), limits.requests.seconds(requests))


def _sums(prices: Mapping[Money, int]) -> tuple[Money, ...]:
    """Totals by currency, in the order of their codes."""
    totals: dict[str, Decimal] = {}
    for price, number in prices.items():
        totals[price.currency] = totals.get(price.currency, Decimal(0)) + price.amount * number
    return tuple(Money(totals[code], code) for code in sorted(totals))
