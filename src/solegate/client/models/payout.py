"""What a seller is paid for a sale, as StockX reckons it: the exact fees, not an estimate (FACTS 5.2)."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from solegate.client.models.base import Amount, Part, null_as
from solegate.domain.money import Money


class Adjustment(Part):
    """One line: negative when the seller pays it. `percentage` is a share such as 0.085, also with a minimum fee."""

    adjustment_type: str
    amount: Decimal
    percentage: Amount = None


class Payout(Part):
    """A sale price, its adjustments and what is left. StockX may reckon in another currency than the listing's."""

    total_payout: Decimal
    sale_price: Decimal
    total_adjustments: Amount = None
    currency_code: str
    adjustments: Annotated[tuple[Adjustment, ...], null_as(tuple)] = ()

    @property
    def total(self) -> Money:
        """What the seller is paid."""
        return Money(self.total_payout, self.currency_code)
