"""Whether, and after what wait, a call is sent again.

The rules (design 4.1): at most three attempts (guide section 1), full-jitter exponential backoff, one deadline
over everything, and a budget shared by the process so that retries never multiply an outage. A create is sent
again only when the first surely did not arrive.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

from solegate.client.policy.call import Effect
from solegate.client.policy.outcome import Kind, Verdict
from solegate.errors import Outcome


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Attempts, and seconds of backoff. `longest_pause` is how long a Retry-After may be to be waited for."""

    max_attempts: int = 3
    base: float = 0.5
    cap: float = 20.0
    longest_pause: float = 120.0
    most_recycled: int = 4

    def with_attempts(self, max_attempts: int) -> RetryPolicy:
        """The same policy with another number of attempts."""
        return replace(self, max_attempts=max_attempts)


class RetryBudget:
    """Tokens that retries cost and successes give back, as in botocore's standard mode.

    An outage empties it and retries stop, whatever the number of callers; the first successes fill it again.
    """

    def __init__(self, capacity: int = 500, *, transient_cost: int = 14, throttled_cost: int = 5) -> None:
        self.capacity = capacity
        self.left = capacity
        self._costs = {Kind.THROTTLED: throttled_cost}
        self._transient_cost = transient_cost

    def spend(self, kind: Kind) -> bool:
        """Pay for one retry; `False` when the budget does not cover it."""
        cost = self._costs.get(kind, self._transient_cost)
        if cost > self.left:
            return False
        self.left -= cost
        return True

    def succeeded(self, retried_after: Kind | None) -> None:
        """Give back what the successful call's last retry cost, or one token if it needed none."""
        refund = 1 if retried_after is None else self._costs.get(retried_after, self._transient_cost)
        self.left = min(self.capacity, self.left + refund)


class Why(StrEnum):
    """Why a call is given up."""

    FINAL = "final"
    """Repeating cannot help."""
    UNSAFE = "unsafe"
    """Repeating could do it twice."""
    ATTEMPTS = "attempts"
    BUDGET = "budget"
    DEADLINE = "deadline"
    PAUSE = "pause"
    """StockX asks for a longer pause than a call may wait."""


@dataclass(frozen=True, slots=True)
class Resend:
    """Send it again after `wait` seconds. A free resend does not count as an attempt."""

    wait: float
    free: bool = False


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Stop and tell the caller."""

    why: Why


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a call is.

    Attributes:
        attempts: requests sent so far that count.
        recycled: requests the server did not process because it closed the connection.
        remaining: seconds left of the call's deadline.
        refreshed: whether its token was already renewed once after a 401.
    """

    attempts: int
    remaining: float
    recycled: int = 0
    refreshed: bool = False


_REPEATABLE = frozenset({Kind.THROTTLED, Kind.UPSTREAM, Kind.TIMEOUT, Kind.CONNECTION})


def decide(
    verdict: Verdict,
    effect: Effect,
    progress: Progress,
    *,
    policy: RetryPolicy,
    budget: RetryBudget,
    pause: float,
    chance: float,
) -> Resend | GiveUp:
    """Decide what follows a failed attempt; spends from `budget` only when it says resend.

    Args:
        verdict: the judgement on the last attempt.
        effect: what sending the call twice would mean.
        progress: attempts, deadline and so on.
        policy: the numbers.
        budget: the process's retry budget.
        pause: seconds for which a 429 stops everybody from now; waited for in the limiter, not here.
        chance: a random number in [0, 1).
    """
    kind = verdict.kind
    unsafe = effect is Effect.CREATE and verdict.outcome is not Outcome.NOT_APPLIED
    if kind is Kind.RECYCLED and not unsafe:
        return Resend(0.0, free=True) if progress.recycled <= policy.most_recycled else GiveUp(Why.ATTEMPTS)
    if kind is Kind.UNAUTHORIZED:
        return GiveUp(Why.FINAL) if progress.refreshed else Resend(0.0, free=True)
    wait = 0.0 if kind is Kind.THROTTLED else backoff(progress.attempts, policy, chance)
    obstacles = (
        (unsafe, Why.UNSAFE),
        (kind not in _REPEATABLE, Why.FINAL),
        (progress.attempts >= policy.max_attempts, Why.ATTEMPTS),
        (kind is Kind.THROTTLED and pause > policy.longest_pause, Why.PAUSE),
        (max(wait, pause) >= progress.remaining, Why.DEADLINE),
    )
    for stands, why in obstacles:
        if stands:
            return GiveUp(why)
    return Resend(wait) if budget.spend(kind) else GiveUp(Why.BUDGET)


_A_DAY = 86_400.0


def backoff(attempts: int, policy: RetryPolicy, chance: float) -> float:
    """Full jitter: anything between nothing and the exponential step, so that callers spread."""
    return chance * min(policy.cap, policy.base * 2.0 ** min(attempts - 1, 16))


def parse_retry_after(value: str | None, *, now: datetime, answered: str | None = None) -> float | None:
    """Seconds to wait from a Retry-After header; `None` when there is none or it makes no sense.

    Accepts seconds, fractions and HTTP-dates. A date is measured against the answer's own `Date` header where
    there is one, so a clock that is off does not matter; a date in the past means no wait. Anything longer than a
    day is cut to a day, when StockX's quota is new in any case.
    """
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        return _until_date(value, now=now, answered=answered)
    return min(max(0.0, seconds), _A_DAY) if math.isfinite(seconds) else None


def _until_date(value: str, *, now: datetime, answered: str | None) -> float | None:
    until = _http_date(value)
    if until is None:
        return None
    reference = (_http_date(answered) if answered else None) or now
    return min(max(0.0, (until - reference) / timedelta(seconds=1)), _A_DAY)


def _http_date(value: str) -> datetime | None:
    try:
        parsed = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
