"""Answers of the two market-data operations.

Amounts are in the answer's own `currency_code`, which may differ from the requested one (FACTS 1.9). The product
call covers every variant in one request but ignores the account's own asks; the variant call takes them into
account (FACTS 1.10).
"""

from __future__ import annotations

from pydantic import Field

from solegate.client.models.base import Amount, Answer, Part, money
from solegate.domain.money import Money


class ChannelMarketData(Part):
    """The market of one fulfilment channel (standard, flex or direct). Note the nested name `lowest_ask`."""

    lowest_ask: Amount = None
    highest_bid_amount: Amount = None
    sell_faster: Amount = None
    earn_more: Amount = None
    beat_us: Amount = Field(default=None, alias="beatUS")


class VariantMarketData(Answer):
    """The market of one variant. Every amount may be missing: no ask, no bid, no guidance."""

    product_id: str
    variant_id: str
    currency_code: str
    lowest_ask_amount: Amount = None
    highest_bid_amount: Amount = None
    sell_faster_amount: Amount = None
    earn_more_amount: Amount = None
    flex_lowest_ask_amount: Amount = None
    standard_market_data: ChannelMarketData | None = None
    flex_market_data: ChannelMarketData | None = None
    direct_market_data: ChannelMarketData | None = None

    @property
    def lowest_ask(self) -> Money | None:
        """The lowest ask with its currency."""
        return money(self.lowest_ask_amount, self.currency_code)

    @property
    def highest_bid(self) -> Money | None:
        """The highest bid with its currency."""
        return money(self.highest_bid_amount, self.currency_code)

    @property
    def sell_faster(self) -> Money | None:
        """StockX's guidance for a quick sale, with its currency."""
        return money(self.sell_faster_amount, self.currency_code)

    @property
    def earn_more(self) -> Money | None:
        """StockX's guidance for a better price, with its currency."""
        return money(self.earn_more_amount, self.currency_code)


class ProductMarketData(Answer):
    """The market of every variant of a product, from one call (guide: `get_market_data_from_stockx`)."""

    product_id: str
    currency_code: str
    variants: tuple[VariantMarketData, ...]

    def __len__(self) -> int:
        return len(self.variants)

    def variant(self, variant_id: str) -> VariantMarketData | None:
        """The market of one variant, or `None` if the product has no such variant."""
        return next((each for each in self.variants if each.variant_id == variant_id), None)
