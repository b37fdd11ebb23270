"""What the seller is paid at an ask, in whole numbers, so that a database works it out as `estimate_payout` does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from solegate.domain.money import ZERO_DECIMAL_CURRENCIES, Money
from solegate.domain.payout import CATEGORY_RATES, PROCESSING_RATE, SellerTerms
from solegate.domain.search.documents import UNITS, units_of
from solegate.domain.search.query import key_of

SHARES = 100_000
"""Parts of a whole that a rate is counted in."""


@dataclass(frozen=True, slots=True)
class NetTerms:
    """A seller's terms in one currency.

    Attributes:
        rate: transaction fee, in shares; `special` has that of product types that have their own.
        processing: payment processing, in shares.
        unit: smallest sum that is charged, in units; every line is rounded half-up to it.
        least_fee: least transaction fee, in units.
        shipping: per sale, in units; 0 where it is cancelled.
    """

    rate: int
    special: Mapping[str, int]
    processing: int
    unit: int
    least_fee: int
    shipping: int


def net_terms(terms: SellerTerms, currency: str) -> NetTerms:
    """Terms as whole numbers."""
    shipping = Decimal(0) if terms.drop_off else Money(terms.shipping, currency).rounded().amount
    return NetTerms(
        rate=_shares(terms.rate("")),
        special={key_of(name) or name: _shares(terms.rate(name)) for name in sorted(CATEGORY_RATES)},
        processing=_shares(PROCESSING_RATE),
        unit=UNITS if currency in ZERO_DECIMAL_CURRENCIES else UNITS // 100,
        least_fee=units_of(terms.minimum_fees.get(currency, Decimal(0))),
        shipping=units_of(shipping),
    )


def net_payout(ask: int, product_type: str | None, terms: NetTerms) -> int:
    """What is paid for a sale at an ask, in units."""
    rate = terms.special.get(product_type or "", terms.rate)
    fee = max(_charged(ask, rate, terms.unit), terms.least_fee)
    return ask - fee - _charged(ask, terms.processing, terms.unit) - terms.shipping


def ask_window(low: int | None, high: int | None, terms: NetTerms) -> tuple[int | None, int | None]:
    """Asks that may pay between two sums, and a few others: a hint for an index, no filter."""
    least = None if low is None else low + terms.shipping
    if high is None:
        return least, None
    kept = SHARES - terms.processing
    gross = high + terms.shipping + 2 * terms.unit
    dearest = kept - max(terms.rate, *terms.special.values())
    return least, max(gross * SHARES // dearest, (gross + terms.least_fee) * SHARES // kept) + 1


def _charged(ask: int, rate: int, unit: int) -> int:
    """A share of an ask, rounded half-up; asks are positive."""
    return (2 * ask * rate + SHARES * unit) // (2 * SHARES * unit) * unit


def _shares(rate: Decimal) -> int:
    return int((rate * SHARES).to_integral_value())
