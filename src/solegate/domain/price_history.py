"""A product's prices over time: every reading, or one row for every hour or day (UTC).

StockX tells no past prices (FACTS 1.3): the history is what Solegate has read since it was set up. Asks that are
placeholders count as none (FACTS 1.10).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from solegate.domain.catalog import MarketQuote
from solegate.domain.money import Money
from solegate.domain.pricing import plausible_ask
from solegate.domain.sorting import SortOrder


class Interval(StrEnum):
    """What one row of a history tells of."""

    RAW = "raw"
    HOUR = "hour"
    DAY = "day"


class HistorySort(SortOrder):
    """Orders of a history."""

    AT = "at"
    AT_DESCENDING = "-at"


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryQuery:
    """Which part of a history is wanted.

    Attributes:
        product_id: StockX's id.
        currency: of the prices, as StockX answered.
        variant_id: of one size alone.
        at_from: read at that moment or later.
        at_before: read before that moment.
        interval: what a row tells of.
    """

    product_id: str
    currency: str
    variant_id: str | None = None
    at_from: datetime | None = None
    at_before: datetime | None = None
    interval: Interval = Interval.RAW


@dataclass(frozen=True, slots=True)
class Span:
    """A price over a while: where it began and ended, and its extremes. Each may be missing."""

    first: Decimal | None
    last: Decimal | None
    lowest: Decimal | None
    highest: Decimal | None

    @property
    def is_empty(self) -> bool:
        """Whether there was none at any time."""
        return self.lowest is None and self.highest is None


@dataclass(frozen=True, slots=True)
class PricePoint:
    """The prices of one size in one reading, hour or day.

    Attributes:
        at: when it was read, or when the hour or day begins (UTC).
        variant_id: the size.
        readings: how many it is made of.
        first, last: the first and the last of them.
        ask, bid: lowest ask and highest bid meanwhile.
    """

    at: datetime
    variant_id: str
    readings: int
    first: MarketQuote
    last: MarketQuote
    ask: Span
    bid: Span


def reading(quote: MarketQuote) -> PricePoint:
    """One reading as a row of the history."""
    ask, bid = believable_ask(quote), quote.highest_bid
    return PricePoint(
        quote.fetched_at, quote.variant_id, 1, quote, quote, Span(ask, ask, ask, ask), Span(bid, bid, bid, bid)
    )


def believable_ask(quote: MarketQuote) -> Decimal | None:
    """The lowest ask, unless it is a placeholder."""
    asked = plausible_ask(None if quote.lowest_ask is None else Money(quote.lowest_ask, quote.currency))
    return None if asked is None else asked.amount
