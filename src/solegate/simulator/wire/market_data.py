"""Market-data bodies: the flat amounts are the standard channel's, under other names than in the nested objects."""

from __future__ import annotations

from solegate.simulator.wire.answer import Json
from solegate.simulator.world.currencies import CURRENCIES, Currency
from solegate.simulator.world.market import Channel, VariantMarket


def variant_market_data(product_id: str, variant_id: str, code: str, market: VariantMarket) -> Json:
    """The market of one variant in a currency; all three nested objects are always there (FACTS 1.9)."""
    currency = CURRENCIES[code]
    standard = market.standard
    return {
        "productId": product_id,
        "variantId": variant_id,
        "currencyCode": code,
        "lowestAskAmount": currency.amount(standard.lowest_ask),
        "highestBidAmount": currency.amount(standard.highest_bid),
        "sellFasterAmount": currency.amount(standard.sell_faster),
        "earnMoreAmount": currency.amount(standard.earn_more),
        "flexLowestAskAmount": currency.amount(market.flex.lowest_ask),
        "standardMarketData": _channel(standard, currency),
        "flexMarketData": _channel(market.flex, currency),
        "directMarketData": _channel(market.direct, currency),
    }


def _channel(channel: Channel, currency: Currency) -> Json:
    return {
        "lowestAsk": currency.amount(channel.lowest_ask),
        "highestBidAmount": currency.amount(channel.highest_bid),
        "sellFaster": currency.amount(channel.sell_faster),
        "earnMore": currency.amount(channel.earn_more),
        "beatUS": currency.amount(channel.beat_us),
    }
