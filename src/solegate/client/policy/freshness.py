"""How old an answer may be: fresh, servable while it is refreshed, a last resort when StockX fails, or of no use."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
    fresh = policy.fresh if max_age is None else max_age
    if age < fresh:
        return Freshness.FRESH
    if max_age is None and age < policy.stale_while_revalidate:
        return Freshness.REVALIDATE
    return Freshness.ONLY_ON_ERROR if age < policy.stale_if_error else Freshness.EXPIRED


def judge_missing(age: float, policy: FreshnessPolicy, max_age: float | None = None) -> Freshness:
    """Judge a remembered 404: it is fresh for a short time and never served afterwards."""
    fresh = policy.negative if max_age is None else min(policy.negative, max_age)
    return Freshness.FRESH if age < fresh else Freshness.EXPIRED
