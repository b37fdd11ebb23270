"""Every catalog operation against the simulator in the same process, with the quirks of the real one."""

from __future__ import annotations

from decimal import Decimal

import pytest

from solegate import CallOptions
from solegate.client.models import Source
from solegate.errors import InvalidInputError, NotFoundError, RequestRejectedError
from solegate.simulator import Fault, FaultKind
from solegate.testing import practice_client

PANDA = "DD1391-100"


@pytest.fixture
async def market():
    async with practice_client() as market:
        yield market


async def test_a_search_finds_the_style_code_among_others(market):
    page = await market.service.search_stockx_catalog(PANDA)

    assert PANDA in [product.style_id for product in page.products]
    assert page.count > 1, "search is fuzzy (FACTS 1.10)"
    assert page.provenance.source is Source.LIVE


async def test_an_unknown_text_finds_nothing_and_is_no_error(market):
    page = await market.service.search_stockx_catalog("zzzz-nothing-like-this")

    assert (page.count, page.products, page.has_next_page) == (0, (), False)


async def test_pages_are_walked_once_each(market):
    found = [product.product_id async for product in market.service.iter_search("nike", page_size=20, limit=70)]

    assert len(found) == len(set(found)) == 70


async def test_a_product_its_variants_and_their_market(market):
    known = market.simulator.catalog.by_style(PANDA)

    product = await market.service.get_product_details(known.id)
    variants = await market.service.get_all_product_variants(known.id)
    prices = await market.service.get_market_data_from_stockx(known.id, "eur")

    assert product.style_id == PANDA
    assert len(variants) == len(known.variants)
    assert {each.variant_id for each in prices.variants} == {each.variant_id for each in variants.variants}
    assert all(isinstance(each.lowest_ask_amount, Decimal | None) for each in prices.variants)
    assert {each.currency_code for each in prices.variants} == {"EUR"}


async def test_one_variant_alone(market):
    known = market.simulator.catalog.by_style(PANDA)
    variant = known.variants[0]

    alone = await market.service.get_product_variant(known.id, variant.id)
    prices = await market.service.get_variant_market_data(known.id, variant.id, "USD")

    assert alone.variant_id == prices.variant_id == variant.id
    assert prices.standard_market_data is not None


async def test_a_barcode_leads_to_its_variant(market):
    known = market.simulator.catalog.by_style(PANDA)
    variants = await market.service.get_all_product_variants(known.id)
    wanted = next(each for each in variants.variants if each.gtins)

    found = await market.service.get_variants_by_gtin(wanted.gtins[0].identifier)

    assert found.variant_id == wanted.variant_id


async def test_an_unknown_product_is_not_found_and_remembered(market):
    for _ in range(3):
        with pytest.raises(NotFoundError) as caught:
            await market.service.get_product_details("11111111-1111-4111-8111-111111111111")
        assert caught.value.status == 404

    assert market.simulator.report().count("GetProduct") == 1


async def test_a_variant_of_another_product_is_rejected(market):
    first, second = market.simulator.catalog.products[:2]

    with pytest.raises(RequestRejectedError, match="does not belong to the product"):
        await market.service.get_product_variant(first.id, second.variants[0].id)


async def test_bad_input_costs_no_request(market):
    service = market.service
    for attempt in (
        service.search_stockx_catalog("  "),
        service.search_stockx_catalog("x" * 101),
        service.search_stockx_catalog("nike", page=0),
        service.search_stockx_catalog("nike", page_size=51),
        service.get_product_details(""),
        service.get_market_data_from_stockx("some-id", "XXX"),
        service.get_variants_by_gtin("123"),
    ):
        with pytest.raises(InvalidInputError):
            await attempt

    assert market.simulator.report().total == 0


async def test_unknown_fields_and_values_survive(market):
    market.simulator.inject(Fault(kind=FaultKind.SCHEMA_DRIFT))

    product = await market.service.get_product_details(market.simulator.catalog.products[0].id)

    assert product.unknown_fields


async def test_the_cache_is_asked_first_unless_told_otherwise(market):
    product_id = market.simulator.catalog.products[0].id

    await market.service.get_market_data_from_stockx(product_id)
    cached = await market.service.get_market_data_from_stockx(product_id)
    asked = await market.service.get_market_data_from_stockx(product_id, use_cache=False)
    strict = await market.service.get_market_data_from_stockx(product_id, options=CallOptions(max_age=0.0))

    assert cached.provenance.source is Source.CACHE
    assert asked.provenance.source is strict.provenance.source is Source.LIVE
    assert market.simulator.report().count("GetProductMarketData") == 3
