"""What a seller is paid: sale price less fees, line by line (FACTS 5.2).

Every line is rounded half-up on its own, as StockX does. The exact fees of a sale stand on its listing's `payout`;
this is the estimate for a price that nobody has listed yet, and it says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum
from types import MappingProxyType

from solegate.domain.money import Money

LEVEL_RATES: Mapping[int, Decimal] = MappingProxyType(
    {1: Decimal("0.09"), 2: Decimal("0.085"), 3: Decimal("0.08"), 4: Decimal("0.075"), 5: Decimal("0.07")}
)
"""Transaction fee by seller level (FACTS 5.2)."""

CATEGORY_RATES: Mapping[str, Decimal] = MappingProxyType({"watches": Decimal("0.099"), "handbags": Decimal("0.145")})
"""Transaction fee of the categories that ignore the seller level (FACTS 5.2, medium confidence)."""

PROCESSING_RATE = Decimal("0.03")
"""Payment processing, always (FACTS 5.2)."""

MINIMUM_FEES: Mapping[str, Decimal] = MappingProxyType(
    {
        "AUD": Decimal("7.50"),
        "CAD": Decimal(7),
        "CHF": Decimal("4.50"),
        "EUR": Decimal(5),
        "HKD": Decimal(45),
        "JPY": Decimal(800),
        "KRW": Decimal(7500),
        "MXN": Decimal(100),
        "NZD": Decimal(16),
        "SGD": Decimal(7),
        "USD": Decimal(10),
    }
)
"""Least transaction fee by currency (FACTS 5.2).

USD is the figure for "other countries", prudent for the United States, whose own is not established. A currency that
is missing here, such as GBP, has no established minimum: none is charged unless the caller knows one.
"""


class FeeKind(StrEnum):
    """What a payout line is for."""

    TRANSACTION = "transaction_fee"
    MINIMUM_TRANSACTION = "minimum_transaction_fee"
    """The least fee, charged instead of the percentage; the rate shown stays the percentage."""
    PROCESSING = "payment_processing"
    SHIPPING = "shipping"
    DROP_OFF = "in_person_drop_off"
    """Positive: handing the parcel in takes the shipping fee back."""


@dataclass(frozen=True, slots=True)
class PayoutLine:
    """One adjustment: negative when the seller pays it."""

    kind: FeeKind
    amount: Money
    rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Payout:
    """A sale price, its adjustments and what is left. `estimate` is true for everything computed here."""

    sale_price: Money
    lines: tuple[PayoutLine, ...]
    total: Money
    estimate: bool = True


@dataclass(frozen=True, slots=True)
class SellerTerms:
    """The seller's own conditions, as far as they are known.

    Attributes:
        level: StockX seller level, 1 to 5.
        bonus: reduction of the rate for quick and successful shipping from level 3, 0.01 each (medium confidence).
        shipping: fixed sum per sale in the sale's currency; it depends on the lane (FACTS 5.2), 0 by default.
        drop_off: whether the parcel is handed in, which cancels shipping.
        minimum_fees: least transaction fee by currency.
    """

    level: int = 1
    bonus: Decimal = Decimal(0)
    shipping: Decimal = Decimal(0)
    drop_off: bool = False
    minimum_fees: Mapping[str, Decimal] = field(default_factory=lambda: MINIMUM_FEES)

    def __post_init__(self) -> None:
        if self.level not in LEVEL_RATES:
            raise ValueError(f"no seller level {self.level}: levels are 1 to 5")
        if self.bonus < 0 or self.shipping < 0:
            raise ValueError("bonus and shipping cannot be negative")

    def rate(self, category: str) -> Decimal:
        """The transaction fee rate for a category (StockX's `productType`)."""
        fixed = CATEGORY_RATES.get(category.strip().casefold())
        return fixed if fixed is not None else max(Decimal(0), LEVEL_RATES[self.level] - self.bonus)


_ROUNDED_AWAY = Decimal(3)
"""More than rounding three lines can add to a payout, in any currency: below this start no price pays enough."""

STANDARD_TERMS = SellerTerms()
"""A new seller: level 1, no bonus, no shipping known."""


def estimate_payout(sale_price: Money, terms: SellerTerms = STANDARD_TERMS, *, category: str = "sneakers") -> Payout:
    """What the seller would be paid for a sale at this price."""
    lines = (
        _transaction_fee(sale_price, terms, category),
        PayoutLine(FeeKind.PROCESSING, -sale_price.times(PROCESSING_RATE), PROCESSING_RATE),
        *_shipping(sale_price.currency, terms),
    )
    return Payout(sale_price, lines, total=sum((line.amount for line in lines), start=sale_price))


def price_for_payout(target: Money, terms: SellerTerms = STANDARD_TERMS, *, category: str = "sneakers") -> Money:
    """The least whole price that would pay at least the target; prices are whole on StockX (FACTS 1.7)."""
    kept, shipping = 1 - PROCESSING_RATE, Decimal(0) if terms.drop_off else terms.shipping
    least_fee = terms.minimum_fees.get(target.currency, Decimal(0))
    gross = target.amount + shipping - _ROUNDED_AWAY
    start = max(gross / (kept - terms.rate(category)), (gross + least_fee) / kept, Decimal(1))
    price = Money(start.to_integral_value(ROUND_FLOOR), target.currency)
    while estimate_payout(price, terms, category=category).total < target:
        price += Money(Decimal(1), target.currency)
    return price


def _transaction_fee(sale_price: Money, terms: SellerTerms, category: str) -> PayoutLine:
    rate = terms.rate(category)
    fee = sale_price.times(rate)
    least = Money(terms.minimum_fees.get(sale_price.currency, Decimal(0)), sale_price.currency)
    if fee < least:
        return PayoutLine(FeeKind.MINIMUM_TRANSACTION, -least, rate)
    return PayoutLine(FeeKind.TRANSACTION, -fee, rate)


def _shipping(currency: str, terms: SellerTerms) -> tuple[PayoutLine, ...]:
    if not terms.shipping:
        return ()
    fee = Money(terms.shipping, currency).rounded()
    charged = PayoutLine(FeeKind.SHIPPING, -fee)
    return (charged, PayoutLine(FeeKind.DROP_OFF, fee)) if terms.drop_off else (charged,)
