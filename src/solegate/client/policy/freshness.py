"""How old an answer may be: fresh, servable while it is refreshed, a last resort when StockX fails, or of no use."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from solegate.errors import (
    AuthenticationError,
    NotFoundError,
    PermissionDeniedError,
    RequestRejectedError,
    StockXError,
)


@dataclass(frozen=True, slots=True)
class FreshnessPolicy:
    """Ages in seconds (design 4.4).

    Attributes:
        fresh: served as it is.
        stale_while_revalidate: served at once while it is being refreshed.
        stale_if_error: served, marked stale, when StockX cannot be reached.
        negative: how long a 404 is remembered.
    """

    fresh: float
    stale_while_revalidate: float
    stale_if_error: float = 86_400.0
    negative: float = 60.0

    @classmethod
    def of(cls, fresh: float) -> FreshnessPolicy:
        """The house's shape: stale-while-revalidate up to twice the freshness, a last resort for a day more."""
        return cls(fresh, 2 * fresh, 2 * fresh + 86_400.0)


MARKET_DATA = FreshnessPolicy.of(300.0)
"""Market data: five minutes (guide section 6)."""
CATALOG = FreshnessPolicy.of(86_400.0)
"""Catalog data: a day; product ids are stable over years (FACTS 1.10)."""

LOAD_LEASE = 6.0
"""Seconds for which one process alone may load an answer that all share; a process that died blocks it no longer."""
LOAD_RENEW = 2.0
"""Seconds after which a load under way renews its lease: it may wait for its turn under the limit for long."""
STORE_REST = 5.0
"""Seconds for which a shared store that failed is left alone."""
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.02, 0.5


def load_pause(looks: int) -> float:
    """Seconds after which a process that waits for another's load looks again: a short load is noticed soon."""
    return min(_LONGEST_PAUSE, _SHORTEST_PAUSE * 1.5 ** min(looks, 20))


class Freshness(StrEnum):
    """What may be done with a remembered answer."""

    FRESH = "fresh"
    REVALIDATE = "revalidate"
    ONLY_ON_ERROR = "only_on_error"
    EXPIRED = "expired"


def judge(age: float, policy: FreshnessPolicy, max_age: float | None = None) -> Freshness:
    """Judge an answer by its age; `max_age` is the caller's own, stricter or looser, idea of fresh.

    A caller who names a `max_age` gets nothing older, except when StockX cannot be reached.
    """
    if age < fresh_for(policy, max_age):
        return Freshness.FRESH
    if max_age is None and age < policy.stale_while_revalidate:
        return Freshness.REVALIDATE
    return Freshness.ONLY_ON_ERROR if age < policy.stale_if_error else Freshness.EXPIRED


def judge_missing(age: float, policy: FreshnessPolicy, max_age: float | None = None) -> Freshness:
    """Judge a remembered 404: it is fresh for a short time and never served afterwards."""
    return Freshness.FRESH if age < missing_for(policy, max_age) else Freshness.EXPIRED


def fresh_for(policy: FreshnessPolicy, max_age: float | None) -> float:
    """Seconds for which an answer counts as fresh for this caller."""
    return policy.fresh if max_age is None else max_age


def missing_for(policy: FreshnessPolicy, max_age: float | None) -> float:
    """Seconds for which a 404 is remembered for this caller."""
    return policy.negative if max_age is None else min(policy.negative, max_age)


def excusable(error: StockXError) -> bool:
    """Whether an old answer may stand in: StockX could not be asked, as opposed to having said no."""
    return not isinstance(error, NotFoundError | RequestRejectedError | AuthenticationError | PermissionDeniedError)
