"""A watch fires when the price comes to its side, once, and again only after it was back on the other one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from solegate.domain.catalog import MarketQuote
from solegate.domain.events.watches import Direction, PriceWatch, WatchedPrice, look, value_of

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


def watch(direction: str = "below", price: str = "lowest_ask", variant: str | None = None) -> PriceWatch:
    return PriceWatch(
        id="w",
        account="a",
        product_id="p",
        variant_id=variant,
        currency="EUR",
        price=WatchedPrice(price),
        direction=Direction(direction),
        amount=Decimal(140),
        created_at=NOW,
    )


def quote(variant: str, ask: int | None, bid: int | None = None, currency: str = "EUR") -> MarketQuote:
    amounts = [None if each is None else Decimal(each) for each in (ask, bid)]
    return MarketQuote("p", variant, currency, NOW, *amounts)


@pytest.mark.parametrize(
    ("direction", "asks", "fired_at"),
    [
        ("below", [150, 141, 140], [2]),
        ("below", [150, 140, 139, 138], [1]),
        ("below", [150, 140, 141, 140], [1, 3]),
        ("below", [130, 120], []),
        ("below", [130, 150, 130], [2]),
        ("below", [150, None, 130], [2]),
        ("below", [None, 130], []),
        ("below", [150, 500_000_000, 130], [2]),
        ("above", [130, 139, 140, 150], [2]),
        ("above", [150, 130, 150], [2]),
        ("below", [], []),
    ],
)
def test_it_fires_on_each_crossing(direction: str, asks: list[int | None], fired_at: list[int]) -> None:
    seen, fired, ids = watch(direction), [], set()
    for place, ask in enumerate(asks):
        found = look(seen, [quote("v", ask)], NOW + timedelta(minutes=place))
        seen = found.watch
        if found.event:
            fired.append(place)
            ids.add(found.event.id)

    assert fired == fired_at
    assert seen.crossings == len(fired_at) == len(ids)


def test_without_a_size_the_best_of_all_counts_and_other_currencies_do_not() -> None:
    quotes = [quote("v", 150, 90), quote("w", 145, 95), quote("x", 20, 999, "USD")]

    assert value_of(watch(), quotes) == 145
    assert value_of(watch(price="highest_bid"), quotes) == 95
    assert value_of(watch(variant="v"), quotes) == 150
    assert value_of(watch(variant="nowhere"), quotes) is None
