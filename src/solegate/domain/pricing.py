"""Prices worth believing: StockX's market holds placeholder asks in the hundreds of millions (FACTS 1.10)."""

from __future__ import annotations

from decimal import Decimal

from solegate.domain.money import Money

HIGHEST_PLAUSIBLE_ASK = Decimal(1_000_000)
"""An ask above it is a placeholder (FACTS 1.10), in a currency worth about as much as a dollar or a euro."""

_UNITS_PER_DOLLAR = {
    **dict.fromkeys(("CNY", "CZK", "DKK", "HKD", "MOP", "MXN", "NOK", "SEK"), 10),
    **dict.fromkeys(("JPY", "PHP", "THB", "TWD"), 100),
    **dict.fromkeys(("CLP", "HUF", "KRW"), 1_000),
    **dict.fromkeys(("IDR", "VND"), 10_000),
}
"""Orders of magnitude, not exchange rates: the bound only has to tell a price from a placeholder."""


def highest_plausible_ask(currency: str) -> Decimal:
    """The largest ask in a currency that is no placeholder."""
    return HIGHEST_PLAUSIBLE_ASK * _UNITS_PER_DOLLAR.get(currency, 1)


def is_plausible_ask(ask: Money) -> bool:
    """Whether somebody may really mean to sell at this price."""
    return Decimal(0) < ask.amount <= highest_plausible_ask(ask.currency)


def plausible_ask(ask: Money | None) -> Money | None:
    """The ask, or `None` where there is none but a placeholder."""
    return ask if ask is not None and is_plausible_ask(ask) else None
