"""One SKU from the search to the database: what is taken, what is written, what it costs."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import func, select

from integration.services.conftest import Shop
from solegate.db.repositories import MarketDataRepository
from solegate.db.tables import Base
from solegate.domain.sizes import SizeValue
from solegate.errors import (
    DatabaseError,
    InvalidInputError,
    NotFoundError,
    ProductNotFoundError,
    RequestRejectedError,
    StockXError,
)
from solegate.services.results import EnrichmentResult, EnrichmentStatus
from solegate.simulator import Fault, FaultKind

SKU = "DD1391-100"


async def rows(shop: Shop) -> dict[str, int]:
    async with shop.database.reading() as session:
        return {
            table.name: await session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


async def test_a_cold_sku_costs_four_requests_and_everything_is_written(shop: Shop) -> None:
    result = await shop.catalog.enrich_product_by_sku(SKU)

    assert result.success
    assert (result.status, result.requests, shop.requests()) == (EnrichmentStatus.ENRICHED, 4, 4)
    known = shop.simulator.catalog.by_style(SKU)
    assert known is not None
    assert (result.stockx_product_id, result.title) == (known.id, known.title)
    assert result.variants == result.quotes == len(known.variants)
    written = await rows(shop)
    assert (written["products"], written["brands"], written["categories"]) == (1, 1, 1)
    assert written["variants"] == written["market_snapshots"] == len(known.variants)
    assert written["gtins"] == sum(len(each.gtins) for each in known.variants)


async def test_what_was_written_is_what_stockx_said(shop: Shop) -> None:
    result = await shop.catalog.enrich_product_by_sku(SKU)

    assert result.stockx_product_id is not None
    assert result.product_id is not None
    stored = await shop.catalog.find_product(result.stockx_product_id)
    assert stored is not None
    assert stored.id == result.product_id
    assert stored.enriched_at == result.as_of
    assert (stored.product.brand, stored.product.product_type) == ("Nike", "sneakers")
    assert stored.product.retail_price == Decimal(115)
    variants = await shop.catalog.find_variants(result.product_id)
    known = shop.simulator.catalog.by_style(SKU)
    assert known is not None
    assert [each.variant_id for each in variants] == [each.id for each in known.variants]
    for variant in variants:
        assert sum(each.is_default for each in variant.sizes) == 1
        assert {"US M", "UK", "CM", "KR", "EU"} <= {each.size.system for each in variant.sizes}


async def test_fresh_data_costs_nothing(shop: Shop) -> None:
    first = await shop.catalog.enrich_product_by_sku(SKU)
    before = shop.requests()

    again = await shop.catalog.enrich_product_by_sku(" dd1391 100 ")

    assert again.success
    assert (again.status, again.requests, shop.requests()) == (EnrichmentStatus.FRESH, 0, before)
    assert (again.product_id, again.variants, again.quotes) == (first.product_id, first.variants, first.quotes)


async def test_old_prices_cost_one_request_and_become_history(shop: Shop) -> None:
    first = await shop.catalog.enrich_product_by_sku(SKU)
    shop.pass_time(minutes=6)

    result = await shop.catalog.enrich_product_by_sku(SKU)

    assert (result.status, result.requests) == (EnrichmentStatus.ENRICHED, 1)
    assert shop.requests("GetProductMarketData") == 2
    assert result.as_of == first.as_of
    assert (await rows(shop))["market_snapshots"] == 2 * first.quotes


async def test_another_currency_costs_one_request(shop: Shop) -> None:
    await shop.catalog.enrich_product_by_sku(SKU)

    assert (await shop.catalog.enrich_product_by_sku(SKU, currency="usd")).requests == 1
    assert (await shop.catalog.enrich_product_by_sku(SKU, currency="USD")).requests == 0


async def test_an_old_product_costs_three_requests_as_its_id_is_known(shop: Shop) -> None:
    await shop.catalog.enrich_product_by_sku(SKU)
    shop.pass_time(hours=25)

    result = await shop.catalog.enrich_product_by_sku(SKU)

    assert (result.status, result.requests) == (EnrichmentStatus.ENRICHED, 3)
    assert shop.requests("Search") == 1


async def test_force_asks_for_what_is_fresh(shop: Shop) -> None:
    first = await shop.catalog.enrich_product_by_sku(SKU)

    result = await shop.catalog.enrich_product_by_sku(SKU, force=True)

    assert (result.requests, result.product_id) == (3, first.product_id)


async def test_enriching_again_writes_nothing_twice(shop: Shop) -> None:
    await shop.catalog.enrich_product_by_sku(SKU)
    before = await rows(shop)

    await shop.catalog.enrich_product_by_sku(SKU, force=True)

    after = await rows(shop)
    for grows in ("market_snapshots", "market_reads"):
        assert after.pop(grows) == 2 * before.pop(grows)
    assert after == before


async def test_similar_products_need_review_and_nothing_is_written(shop: Shop) -> None:
    result = await shop.catalog.enrich_product_by_sku("DD1391-999")

    assert result.status is EnrichmentStatus.NEEDS_REVIEW
    assert not result.success
    assert result.requests == shop.requests() == 1
    assert SKU in [each.style_id for each in result.alternatives]
    assert sum((await rows(shop)).values()) == 0


async def test_an_unknown_sku_is_not_found(shop: Shop) -> None:
    with pytest.raises(ProductNotFoundError, match="not found on StockX"):
        await shop.catalog.enrich_product_by_sku("QQQQQ-QQQ")

    with pytest.raises(ValueError, match="not found on StockX"):
        await shop.catalog.enrich_product_by_sku("QQQQQ-QQQ")
    assert sum((await rows(shop)).values()) == 0


@pytest.mark.parametrize("sku", ["", "  ", "-", "x" * 201, "a\0", "DD1391\udcff"])
async def test_what_is_no_sku_is_refused_before_anything_is_asked(shop: Shop, sku: str) -> None:
    with pytest.raises(InvalidInputError, match="SKU"):
        await shop.catalog.enrich_product_by_sku(sku)

    assert shop.requests() == 0


async def test_a_currency_without_market_data_is_refused_before_anything_is_asked(shop: Shop) -> None:
    with pytest.raises(InvalidInputError, match="XYZ"):
        await shop.catalog.enrich_product_by_sku(SKU, currency="XYZ")

    assert shop.requests() == 0


@pytest.mark.parametrize("operation", ["Search", "GetProduct", "GetVariants", "GetProductMarketData"])
async def test_if_any_call_fails_nothing_is_written(shop: Shop, operation: str) -> None:
    shop.break_down(operation)

    with pytest.raises(RequestRejectedError):
        await shop.catalog.enrich_product_by_sku(SKU)

    assert sum((await rows(shop)).values()) == 0


async def test_a_failure_is_told_with_its_cost(shop: Shop) -> None:
    shop.break_down("GetProduct")

    result = await shop.catalog.try_enrich(SKU)

    assert result.status is EnrichmentStatus.FAILED
    assert isinstance(result.error, StockXError)
    assert result.requests >= 2


async def test_it_goes_on_after_a_failure_where_the_cache_helps(shop: Shop) -> None:
    shop.break_down("GetProductMarketData", times=1)
    with pytest.raises(RequestRejectedError):
        await shop.catalog.enrich_product_by_sku(SKU)

    result = await shop.catalog.enrich_product_by_sku(SKU)

    assert result.success
    assert shop.requests("Search") == 1


async def test_an_id_that_cannot_be_fetched_although_it_was_just_found_is_an_error(shop: Shop) -> None:
    shop.break_down("GetProduct", status=404)

    with pytest.raises(NotFoundError):
        await shop.catalog.enrich_product_by_sku(SKU)


async def test_a_product_without_brand_style_and_title_is_no_problem(shop: Shop) -> None:
    """SCHEMA_DRIFT adds unknown fields and values as well."""
    nameless = next(each for each in shop.simulator.catalog.products if each.title is None)
    shop.simulator.inject(Fault(kind=FaultKind.SCHEMA_DRIFT))

    result = await shop.catalog.enrich_product_by_sku(SKU)
    reading = await shop.market.read(nameless.id)

    assert result.success
    assert len(reading.rows) == len(nameless.variants)


async def test_the_latest_quotes_are_in_the_database(shop: Shop) -> None:
    result = await shop.catalog.enrich_product_by_sku(SKU)
    market = await shop.stockx.get_market_data_from_stockx(result.stockx_product_id or "")

    async with shop.database.reading() as session:
        latest = await MarketDataRepository(session).latest(market.product_id, "EUR")
    assert {each.variant_id: each.lowest_ask_amount for each in market.variants} == {
        variant_id: quote.lowest_ask for variant_id, quote in latest.items()
    }


async def test_a_database_that_fails_says_so(shop: Shop) -> None:
    async with shop.database.transaction() as session:
        connection = await session.connection()
        await connection.run_sync(Base.metadata.tables["market_snapshots"].drop)

    with pytest.raises(DatabaseError, match="market_snapshots"):
        await shop.catalog.enrich_product_by_sku(SKU)
    assert "products" not in {name for name, count in (await rows_without_market(shop)).items() if count}


async def rows_without_market(shop: Shop) -> dict[str, int]:
    async with shop.database.reading() as session:
        tables = [table for table in Base.metadata.sorted_tables if table.name != "market_snapshots"]
        return {each.name: await session.scalar(select(func.count()).select_from(each)) or 0 for each in tables}


async def test_get_or_create_size_master(shop: Shop) -> None:
    first = await shop.catalog._get_or_create_size_master("8.5", "us m")

    assert await shop.catalog._get_or_create_size_master("US M 8.5") == first
    assert await shop.catalog._get_or_create_size_master("8.5") != first
    assert str(SizeValue("US M", "8.5")) == "US M 8.5"


def test_a_result_is_a_success_only_when_the_product_is_up_to_date() -> None:
    successes = {status for status in EnrichmentStatus if EnrichmentResult("x", status).success}

    assert successes == {EnrichmentStatus.ENRICHED, EnrichmentStatus.FRESH}
