"""Markets are functions of seed, variant and time, with the null rates of FACTS 1.9."""

from __future__ import annotations

from datetime import timedelta

import pytest

from solegate.simulator import Catalog
from solegate.simulator.world.currencies import CURRENCIES
from solegate.simulator.world.market import one_variant_market, product_market
from unit.simulator.helpers import START


@pytest.fixture(scope="module")
def catalog():
    return Catalog.generate(1, 500)


@pytest.fixture(scope="module")
def markets(catalog):
    return [market for product in catalog.products for market in product_market(1, product, START)]


def test_the_market_of_one_variant_is_the_one_in_the_products(catalog):
    product = catalog.products[0]
    markets = product_market(1, product, START)
    assert one_variant_market(1, product, product.variants[5], START) == markets[5]


def test_within_ten_minutes_nothing_moves_then_it_does(catalog):
    product = catalog.products[0]
    first = product_market(1, product, START)
    assert product_market(1, product, START + timedelta(seconds=599)) == first
    assert product_market(1, product, START + timedelta(seconds=600)) != first
    assert product_market(2, product, START) != first


def test_prices_drift_but_stay_near(catalog):
    product = catalog.products[0]
    days = [product_market(1, product, START + timedelta(days=day))[10].standard.sell_faster for day in range(60)]
    prices = [price for price in days if price]
    assert len(set(prices)) > 40
    assert 1.05 < max(prices) / min(prices) < 1.6


@pytest.mark.parametrize(
    ("channel", "field", "expected"),
    [
        ("standard", "lowest_ask", 97 / 1113),
        ("standard", "beat_us", 97 / 1113),
        ("standard", "highest_bid", 68 / 1113),
        ("standard", "sell_faster", 83 / 1113),
        ("standard", "earn_more", 83 / 1113),
        ("flex", "lowest_ask", 374 / 1113),
    ],
)
def test_amounts_are_missing_as_often_as_in_reality(markets, channel, field, expected):
    missing = sum(getattr(getattr(market, channel), field) is None for market in markets)
    assert missing / len(markets) == pytest.approx(expected, abs=0.015)


def test_the_bid_is_the_same_in_every_channel_and_below_the_ask(markets):
    for market in markets:
        assert market.standard.highest_bid == market.flex.highest_bid == market.direct.highest_bid
        if market.standard.lowest_ask and market.standard.highest_bid:
            assert market.standard.highest_bid < market.standard.lowest_ask


def test_without_any_ask_there_is_still_guidance_but_only_the_standard_one(markets):
    bare = [m for m in markets if m.standard.lowest_ask is m.flex.lowest_ask is m.direct.lowest_ask is None]
    assert any(market.standard.sell_faster for market in bare)
    assert all(market.flex.sell_faster is None and market.direct.earn_more is None for market in bare)


def test_placeholder_asks_exist_and_are_rare(markets):
    asks = [market.standard.lowest_ask for market in markets if market.standard.lowest_ask]
    assert 0 < sum(ask >= 1e8 for ask in asks) < len(asks) / 200


def test_all_thirty_currencies_write_whole_numbers():
    assert len(CURRENCIES) == 30
    for currency in CURRENCIES.values():
        amount = currency.amount(123.4)
        assert amount is not None
        assert amount.isdigit()
        assert int(amount) % currency.step == 0
        assert currency.amount(None) is None
    assert CURRENCIES["USD"].amount(123.4) == "123"
    assert CURRENCIES["JPY"].amount(100) == "15200"
    assert CURRENCIES["KWD"].amount(0.1) == "1"
