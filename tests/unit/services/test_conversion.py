"""StockX's answers become values, whatever they leave out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from solegate.client.models import Product, ProductMarketData, ProductVariant, ProductVariants, Provenance, Source
from solegate.client.models.base import Answer
from solegate.domain.catalog import GtinData, MarketQuote, ProductData, SizeData, VariantData
from solegate.domain.sizes import SizeValue
from solegate.services.conversion import enriched_product, product_data, variant_data

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def fetched(answer: Answer, seconds: float = 0):
    return answer.with_provenance(Provenance(Source.LIVE, NOON + timedelta(seconds=seconds)))


def test_a_product_with_nothing_but_an_id_is_a_product() -> None:
    bare = {"productId": "p1", "styleId": "", "title": None, "brand": None, "productAttributes": {"releaseDate": "TBD"}}

    assert product_data(Product.model_validate(bare)) == ProductData("p1")


def test_a_product_keeps_what_it_has() -> None:
    product = Product.model_validate(
        {
            "productId": "p1",
            "urlKey": "dunk",
            "styleId": "DD1391-100",
            "productType": "sneakers",
            "title": "Dunk",
            "brand": "Nike",
            "productAttributes": {"releaseDate": "2021-03-10", "retailPrice": 59.9, "gender": "men"},
            "isFlexEligible": True,
        }
    )

    assert product_data(product) == ProductData(
        "p1",
        url_key="dunk",
        style_id="DD1391-100",
        product_type="sneakers",
        title="Dunk",
        brand="Nike",
        release_date=date(2021, 3, 10),
        retail_price=Decimal("59.9"),
        gender="men",
        is_flex_eligible=True,
    )


def test_a_variant_has_each_size_once_and_its_default_marked() -> None:
    variant = ProductVariant.model_validate(
        {
            "productId": "p1",
            "variantId": "v1",
            "variantValue": "3.5",
            "sizeChart": {
                "defaultConversion": {"size": "3.5", "type": "us m"},
                "availableConversions": [
                    {"size": "US M 3.5", "type": "us m"},
                    {"size": "UK 6 (EU 39)", "type": "uk"},
                    {"size": None, "type": "kr"},
                    {"size": "  ", "type": None},
                ],
            },
            "gtins": [{"identifier": "0194502876871", "type": "EAN-13"}],
        }
    )

    assert variant_data(variant) == VariantData(
        "v1",
        value="3.5",
        sizes=(SizeData(SizeValue("US M", "3.5"), is_default=True), SizeData(SizeValue("UK", "6", "EU 39"))),
        gtins=(GtinData("0194502876871", "EAN-13"),),
    )


def test_without_a_size_chart_the_value_is_the_label() -> None:
    variant = variant_data(ProductVariant.model_validate({"productId": "p1", "variantId": "v1", "variantValue": "PSA"}))

    assert (variant.sizes, variant.label) == ((), "PSA")


def test_an_enriched_product_is_as_old_as_its_older_catalog_answer_and_names_a_variant_once() -> None:
    variant = ProductVariant.model_validate({"productId": "p1", "variantId": "v1"})
    market = ProductMarketData.model_validate(
        {
            "productId": "p1",
            "currencyCode": "USD",
            "variants": [
                {"productId": "p1", "variantId": "v1", "currencyCode": "USD", "lowestAskAmount": "120",
                 "highestBidAmount": None, "flexLowestAskAmount": "99.5000"},
            ],
        }
    )  # fmt: skip

    enriched = enriched_product(
        fetched(Product.model_validate({"productId": "p1"}), 5),
        fetched(ProductVariants(product_id="p1", variants=(variant, variant)), 3),
        fetched(market, 9),
    )

    assert enriched.enriched_at == NOON + timedelta(seconds=3)
    assert [each.variant_id for each in enriched.variants] == ["v1"]
    assert enriched.quotes == (
        MarketQuote(
            "p1",
            "v1",
            "USD",
            NOON + timedelta(seconds=9),
            lowest_ask=Decimal(120),
            flex_lowest_ask=Decimal("99.5"),
        ),
    )
