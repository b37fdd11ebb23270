"""Money: an exact amount with its currency. Amounts of two currencies never mix."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

ZERO_DECIMAL_CURRENCIES = frozenset({"CLP", "IDR", "JPY", "KRW", "TWD", "VND"})
"""Currencies whose smallest unit is the whole: they are shown and rounded without decimals."""


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount in the currency's main unit (euros, not cents)."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if len(self.currency) != 3 or not self.currency.isupper():
            raise ValueError(f"not a currency code: {self.currency!r}")

    def _same(self, other: Money) -> Decimal:
        if other.currency != self.currency:
            raise ValueError(f"cannot mix {self.currency} and {other.currency}")
        return other.amount

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other)

    def times(self, factor: Decimal) -> Money:
        """The product, rounded half-up to the currency's smallest unit, as StockX rounds each line (FACTS 5.2)."""
        return Money(self.amount * factor, self.currency).rounded()

    def rounded(self) -> Money:
        """The amount rounded half-up to the currency's smallest unit."""
        unit = Decimal(1) if self.currency in ZERO_DECIMAL_CURRENCIES else Decimal("0.01")
        return Money(self.amount.quantize(unit, ROUND_HALF_UP), self.currency)

    def __str__(self) -> str:
        """Write it for people: `EUR 1,204.50`, and without decimals where there are none to show."""
        amount = self.rounded().amount
        whole = amount == amount.to_integral_value()
        return f"{self.currency} {amount:,.0f}" if whole else f"{self.currency} {amount:,}"
