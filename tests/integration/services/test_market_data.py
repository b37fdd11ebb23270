"""One market-data read: its age and source, its history, its payouts."""

from __future__ import annotations

from decimal import Decimal

import pytest

from integration.services.conftest import Shop
from solegate.client.models import Source
from solegate.db.repositories import MarketDataRepository
from solegate.errors import InvalidInputError, NotFoundError


def product_id(shop: Shop, sku: str = "DD1391-100") -> str:
    product = shop.simulator.catalog.by_style(sku)
    assert product is not None
    return product.id


async def history(shop: Shop, variant_id: str) -> int:
    async with shop.database.reading() as session:
        return len(await MarketDataRepository(session).history(variant_id, "EUR"))


async def test_a_live_read_is_kept_and_a_cached_one_is_not_kept_again(shop: Shop) -> None:
    live = await shop.market.read(product_id(shop))
    shop.pass_time(seconds=30)
    cached = await shop.market.read(product_id(shop))

    assert (live.source, cached.source) == (Source.LIVE, Source.CACHE)
    assert cached.fetched_at == live.fetched_at
    assert cached.age == pytest.approx(30, abs=1)
    assert shop.requests() == 1
    assert await history(shop, live.rows[0].quote.variant_id) == 1


async def test_a_later_read_adds_to_the_history(shop: Shop) -> None:
    first = await shop.market.read(product_id(shop))
    shop.pass_time(minutes=11)
    second = await shop.market.read(product_id(shop))

    assert second.source is Source.LIVE
    assert await history(shop, first.rows[0].quote.variant_id) == 2


async def test_what_was_refreshed_behind_a_stale_answer_is_kept_too(shop: Shop) -> None:
    first = await shop.market.read(product_id(shop))
    shop.pass_time(minutes=6)
    stale = await shop.market.read(product_id(shop))
    assert stale.stale
    fresh = await shop.market.read(product_id(shop), max_age=60)  # joins the refresh under way

    assert shop.requests() == 2
    assert fresh.fetched_at > first.fetched_at
    assert await history(shop, first.rows[0].quote.variant_id) == 2


async def test_max_age_zero_asks_stockx(shop: Shop) -> None:
    await shop.market.read(product_id(shop))
    await shop.market.read(product_id(shop), max_age=0)

    assert shop.requests() == 2


async def test_before_the_enrichment_ids_stand_for_sizes_and_afterwards_sizes(shop: Shop) -> None:
    before = await shop.market.read(product_id(shop))
    await shop.catalog.enrich_product_by_sku("DD1391-100")
    after = await shop.market.read(product_id(shop))

    assert before.title is None
    assert [row.size for row in before.rows] == [row.quote.variant_id for row in before.rows]
    assert after.title
    assert all(row.size.startswith("US M ") for row in after.rows)


async def test_every_row_is_priced_where_there_is_a_price(shop: Shop) -> None:
    reading = await shop.market.read(product_id(shop))

    assert reading.currency == "EUR"
    assert any(row.payout_at_ask for row in reading.rows)
    for row in reading.rows:
        assert (row.payout_at_ask is None) == (row.lowest_ask is None)
        assert (row.payout_at_bid is None) == (row.quote.highest_bid is None)
        if row.payout_at_ask is not None:
            assert row.payout_at_ask.estimate
            assert row.payout_at_ask.lines[0].rate == Decimal("0.085"), "seller level 2"


async def test_a_placeholder_ask_is_no_price(shop: Shop) -> None:
    product, variant = next(
        (product, variant)
        for product in shop.simulator.catalog.products
        for variant in product.variants
        if variant.placeholder_ask
    )

    reading = await shop.market.read(product.id)

    row = next(row for row in reading.rows if row.quote.variant_id == variant.id)
    assert row.quote.lowest_ask is not None
    assert row.quote.lowest_ask > 1_000_000
    assert (row.lowest_ask, row.payout_at_ask) == (None, None)


async def test_an_unknown_product_and_a_wrong_currency_are_told(shop: Shop) -> None:
    with pytest.raises(NotFoundError):
        await shop.market.read("00000000-0000-4000-8000-000000000000")
    with pytest.raises(InvalidInputError, match="XYZ"):
        await shop.market.read(product_id(shop), "XYZ")


async def test_with_stockx_down_the_last_answer_is_served_as_stale(shop: Shop) -> None:
    await shop.market.read(product_id(shop))
    shop.pass_time(hours=1)
    shop.break_down("GetProductMarketData", status=503)

    reading = await shop.market.read(product_id(shop))

    assert reading.stale
    assert reading.age == pytest.approx(3600, abs=5)
