"""What a sale at a price would pay out: the practice account is at seller level 1 (FACTS 5.2)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType

from solegate.simulator.wire.answer import Json

TRANSACTION, PROCESSING = Decimal("0.09"), Decimal("0.03")
MIN_FEES: Mapping[str, Decimal] = MappingProxyType(
    {
        "AUD": Decimal("7.50"),
        "CAD": Decimal("7.00"),
        "CHF": Decimal("4.50"),
        "EUR": Decimal("5.00"),
        "GBP": Decimal("5.00"),
        "HKD": Decimal(45),
        "JPY": Decimal(800),
        "KRW": Decimal(7_500),
        "MXN": Decimal(100),
        "NZD": Decimal(16),
        "SGD": Decimal(7),
        "USD": Decimal(5),
    }
)
"""Minimum transaction fees; those of GBP and USD are assumed, their rows of the official page were cut (FACTS 8)."""
WITHOUT_CENTS = ("JPY", "KRW")


def payout(price: Decimal, currency: str) -> dict[str, Json]:
    """The payout object of a listing or an order; the minimum fee still shows the level's rate (FACTS 5.2)."""
    least = MIN_FEES[currency]
    rated = _rounded(price * TRANSACTION, currency)
    transaction = max(rated, least)
    processing = _rounded(price * PROCESSING, currency)
    total = transaction + processing
    fee_type = "Transaction Fee (9%)" if rated >= least else "Minimum Transaction Fee"
    return {
        "totalPayout": plain(price - total),
        "salePrice": plain(price),
        "totalAdjustments": plain(-total),
        "currencyCode": currency,
        "adjustments": [
            {"adjustmentType": fee_type, "amount": plain(-transaction), "percentage": plain(TRANSACTION)},
            {"adjustmentType": "Payment Proc. (3%)", "amount": plain(-processing), "percentage": plain(PROCESSING)},
        ],
    }


def plain(amount: Decimal) -> str:
    """An amount as text: two decimals or fewer, no trailing zeros, no exponent (FACTS 1.9)."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _rounded(amount: Decimal, currency: str) -> Decimal:
    """Half up to the currency's smallest unit, for each line by itself."""
    unit = Decimal(1) if currency in WITHOUT_CENTS else Decimal("0.01")
    return amount.quantize(unit, ROUND_HALF_UP)
