"""The 30 currencies of market data (FACTS 1.9), with exchange rates that stand still."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Currency:
    """Units for one US dollar, and the step to which amounts are rounded (JPY 100: FACTS 1.9)."""

    rate: float
    step: int = 1

    def amount(self, dollars: float | None) -> str | None:
        """An amount of market data: a whole number as text, at least one step."""
        if dollars is None:
            return None
        return str(max(1, round(dollars * self.rate / self.step)) * self.step)


CURRENCIES: Mapping[str, Currency] = {
    "AUD": Currency(1.52),
    "BRL": Currency(5.4),
    "CAD": Currency(1.38),
    "CHF": Currency(0.8),
    "CLP": Currency(950, 100),
    "CNY": Currency(7.12),
    "DKK": Currency(6.42),
    "EUR": Currency(0.86),
    "GBP": Currency(0.75),
    "HKD": Currency(7.78),
    "HUF": Currency(338, 10),
    "IDR": Currency(16_500, 1000),
    "ILS": Currency(3.35),
    "JPY": Currency(152, 100),
    "KRW": Currency(1_410, 1000),
    "KWD": Currency(0.31),
    "MOP": Currency(8.01),
    "MXN": Currency(18.5),
    "MYR": Currency(4.2),
    "NOK": Currency(10.1),
    "NZD": Currency(1.74),
    "PEN": Currency(3.4),
    "PHP": Currency(58.2),
    "PLN": Currency(3.66),
    "SEK": Currency(9.45),
    "SGD": Currency(1.29),
    "THB": Currency(32.5),
    "TWD": Currency(30.8),
    "USD": Currency(1),
    "VND": Currency(26_300, 1000),
}
