"""What the demo would trade: the sizes for which ask and bid are close together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from solegate.cli.output import Output
from solegate.domain.money import Money
from solegate.services.market_data import MarketReading, PricedQuote

DEALS = 5
"""Rows of the price table."""


@dataclass(frozen=True, slots=True)
class Deal:
    """A size for which ask and bid are close together."""

    title: str
    row: PricedQuote
    ask: Money
    bid: Money

    @property
    def spread(self) -> Decimal:
        """The gap as a share of the ask."""
        return (self.ask - self.bid).amount / self.ask.amount


def closest_spreads(readings: Sequence[MarketReading], count: int = DEALS) -> list[Deal]:
    """The sizes that change hands most easily: the best one of each product, closest first."""
    best: dict[str, Deal] = {}
    for reading in readings:
        for row in reading.rows:
            bid = row.quote.money(row.quote.highest_bid)
            if row.lowest_ask and bid:
                deal = Deal(reading.title or reading.product_id, row, row.lowest_ask, bid)
                known = best.setdefault(reading.product_id, deal)
                best[reading.product_id] = min(known, deal, key=lambda each: each.spread)
    return sorted(best.values(), key=lambda each: each.spread)[:count]


def show_step(output: Output, text: str) -> None:
    """One step, as it begins or once it is done."""
    output.line(f"> {text}", style="cyan")
