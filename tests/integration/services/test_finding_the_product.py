"""Which product a SKU means, whatever the database holds already."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from integration.services.conftest import Shop
from solegate.db.repositories import CatalogRepository
from solegate.domain.catalog import EnrichedProduct, ProductData
from solegate.services.results import EnrichmentStatus

SKU = "DD1391-100"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("sku", ["315122-111", "CW2288-111", "CW2288-111/315122-111", "BV2671-410"])
async def test_any_code_finds_its_product_and_the_whole_style_id_is_known_from_then_on(shop: Shop, sku: str) -> None:
    result = await shop.catalog.enrich_product_by_sku(sku)
    known = shop.simulator.catalog.by_style(sku.split("/", maxsplit=1)[0])

    assert known is not None
    assert result.stockx_product_id == known.id
    assert (await shop.catalog.enrich_product_by_sku("/".join(reversed(known.codes)))).requests == 0


async def test_a_code_of_a_stored_set_is_asked_of_stockx_which_may_know_it_alone(shop: Shop) -> None:
    """What a code means must not depend on what was stored before; only the search is paid again."""
    whole = await shop.catalog.enrich_product_by_sku("315122-111/CW2288-111")

    first = await shop.catalog.enrich_product_by_sku("CW2288-111")
    again = await shop.catalog.enrich_product_by_sku("CW2288-111")

    assert first.product_id == again.product_id == whole.product_id
    assert [first.status, again.status] == [EnrichmentStatus.FRESH, EnrichmentStatus.FRESH]
    assert (first.requests, again.requests) == (1, 0)


async def test_a_stored_set_does_not_hide_the_product_that_is_the_code(shop: Shop) -> None:
    async with shop.database.transaction() as session:
        stored_set = EnrichedProduct(ProductData("set", style_id=f"{SKU}/X1"), (), (), shop.clock.now())
        await CatalogRepository(session).save_enriched(stored_set)

    result = await shop.catalog.enrich_product_by_sku(SKU)

    known = shop.simulator.catalog.by_style(SKU)
    assert known is not None
    assert result.stockx_product_id == known.id
    assert (await shop.catalog.enrich_product_by_sku(SKU)).requests == 0


async def test_every_sku_of_the_catalog_finds_its_own_product(shop: Shop) -> None:
    """Half of all searches do not put the exact product first."""
    for sku in shop.simulator.catalog.sample_style_ids(20):
        result = await shop.catalog.enrich_product_by_sku(sku)
        known = shop.simulator.catalog.by_style(sku)
        assert known is not None
        assert result.stockx_product_id == known.id


@pytest.mark.parametrize("style_now", [SKU, "DD1391-101"])
async def test_a_known_id_that_vanished_or_changed_is_searched_anew(shop: Shop, style_now: str) -> None:
    """The database remembers an id that StockX no longer has, or that is now another style."""
    other = shop.simulator.catalog.by_style("HQ4276")
    assert other is not None
    old = ProductData("00000000-0000-4000-8000-000000000000" if style_now == SKU else other.id, style_id=SKU)
    async with shop.database.transaction() as session:
        await CatalogRepository(session).save_enriched(EnrichedProduct(old, (), (), LONG_AGO))

    result = await shop.catalog.enrich_product_by_sku(SKU)

    known = shop.simulator.catalog.by_style(SKU)
    assert known is not None
    assert result.stockx_product_id == known.id
    assert result.requests == shop.requests()
    again = await shop.catalog.enrich_product_by_sku(SKU)
    assert (again.status, again.product_id) == (EnrichmentStatus.FRESH, result.product_id)


async def test_a_known_id_whose_prices_are_old_may_have_vanished_as_well(shop: Shop) -> None:
    vanished = ProductData("00000000-0000-4000-8000-000000000000", style_id=SKU)
    async with shop.database.transaction() as session:
        await CatalogRepository(session).save_enriched(EnrichedProduct(vanished, (), (), shop.clock.now()))

    result = await shop.catalog.enrich_product_by_sku(SKU)

    known = shop.simulator.catalog.by_style(SKU)
    assert known is not None
    assert (result.stockx_product_id, result.requests) == (known.id, 5)
    assert (await shop.catalog.enrich_product_by_sku(SKU)).requests == 0
