"""StockX's answers as models: nothing is lost, nothing breaks on what StockX may send (FACTS 1.9, 1.10)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from solegate.client.models import (
    Answer,
    Product,
    ProductMarketData,
    ProductVariant,
    Provenance,
    SearchPage,
    Source,
    VariantMarketData,
)
from solegate.client.models.catalog import ProductVariants
from solegate.domain.money import Money

V7 = "019995f7-5f3a-7c41-9a3b-1f2e3d4c5b6a"

REAL_MARKET = """{"productId":"fbc2f03d-0000-4000-8000-000000000000","variantId":"6f3b057c-0000-4000-8000-000000000000",
"currencyCode":"GBP","highestBidAmount":"204","lowestAskAmount":"1025","flexLowestAskAmount":null,
"earnMoreAmount":"903","sellFasterAmount":"820",
"standardMarketData":{"lowestAsk":"1025","highestBidAmount":"204","sellFaster":"820","earnMore":"903","beatUS":"820"},
"flexMarketData":{"lowestAsk":null,"highestBidAmount":"204","sellFaster":"904","earnMore":"944","beatUS":null},
"directMarketData":{"lowestAsk":null,"highestBidAmount":null,"sellFaster":null,"earnMore":null,"beatUS":null}}"""

REAL_PRODUCT = {
    "productId": V7, "urlKey": "nike-dunk-low-panda", "styleId": "DD1391-100", "productType": "sneakers",
    "title": "Nike Dunk Low Panda", "brand": "Nike",
    "productAttributes": {
        "gender": "men", "season": None, "releaseDate": "2021-03-10", "retailPrice": 110, "colorway": "White/Black",
        "color": None,
    },
    "sizeChart": {
        "availableConversions": [{"name": "US M", "type": "us m"}, {"name": "EU", "type": "eu"}],
        "defaultConversion": {"name": "US M", "type": "us m"},
    },
    "isFlexEligible": True, "isDirectEligible": False,
}  # fmt: skip

REAL_VARIANT = {
    "productId": V7, "variantId": "v1", "variantName": "Nike-Dunk-Low:8", "variantValue": "3.5",
    "sizeChart": {
        "availableConversions": [{"size": "US M 3.5", "type": "us m"}, {"size": "EU 35.5", "type": "eu"}],
        "defaultConversion": {"size": "3.5", "type": "us m"},
    },
    "gtins": [{"identifier": "00195866137706", "type": "ITF-14"}], "isFlexEligible": True, "isDirectEligible": True,
}  # fmt: skip


def market(**amounts: object) -> VariantMarketData:
    body = {"productId": "p", "variantId": "v", "currencyCode": "EUR"} | amounts
    return VariantMarketData.model_validate_json(json.dumps(body))


@pytest.mark.parametrize(
    ("wire", "amount"),
    [
        ("204", "204"), ("48.94", "48.94"), ("-5", "-5"), ("-4.5", "-4.5"), ("23500.0000", "23500"), ("76.0000", "76"),
        ("0", "0"), ("0.085", "0.085"), (204, "204"), (110.0, "110"), (59.9, "59.9"), ("999999999", "999999999"),
        ("0.1", "0.1"), (0.1, "0.1"),
    ],
)  # fmt: skip
def test_every_shape_of_an_amount_is_exact(wire: object, amount: str) -> None:
    read = market(lowestAskAmount=wire).lowest_ask_amount
    assert isinstance(read, Decimal)
    assert read == Decimal(amount)


@given(st.decimals(-(10**9), 10**9, places=4))
def test_any_amount_survives_as_it_is(amount: Decimal) -> None:
    assert market(lowestAskAmount=str(amount)).lowest_ask_amount == amount


@pytest.mark.parametrize("wire", ["abc", "NaN", "Infinity", "1,204", "EUR 5", [], {}])
def test_what_is_no_amount_is_an_error_and_not_a_guess(wire: object) -> None:
    with pytest.raises(ValidationError):
        market(lowestAskAmount=wire)


def test_the_real_market_data_is_read() -> None:
    read = VariantMarketData.model_validate_json(REAL_MARKET)
    assert (read.lowest_ask, read.highest_bid) == (Money(Decimal(1025), "GBP"), Money(Decimal(204), "GBP"))
    assert (read.sell_faster, read.earn_more) == (Money(Decimal(820), "GBP"), Money(Decimal(903), "GBP"))
    assert read.flex_lowest_ask_amount is None
    assert read.standard_market_data is not None
    assert read.standard_market_data.lowest_ask == Decimal(1025)
    assert read.standard_market_data.beat_us == Decimal(820)
    assert read.flex_market_data is not None
    assert (read.flex_market_data.lowest_ask, read.flex_market_data.earn_more) == (None, Decimal(944))


def test_without_amounts_there_is_no_money() -> None:
    read = market(lowestAskAmount=None, standardMarketData=None)
    assert (read.lowest_ask, read.highest_bid, read.sell_faster, read.earn_more) == (None,) * 4


def test_the_real_product_is_read() -> None:
    read = Product.model_validate(REAL_PRODUCT)
    assert (read.product_id, read.style_id, read.brand) == (V7, "DD1391-100", "Nike")
    assert read.product_attributes.retail_price == Decimal(110)
    assert (read.product_attributes.season, read.product_attributes.release_date) == (None, "2021-03-10")
    assert [each.name for each in read.size_chart.available_conversions] == ["US M", "EU"]


def test_the_real_variant_is_read() -> None:
    read = ProductVariant.model_validate(REAL_VARIANT)
    assert read.size_chart.default_conversion is not None
    assert read.size_chart.default_conversion.size == "3.5"
    assert read.size_chart.available_conversions[1].size == "EU 35.5"
    assert (read.gtins[0].identifier, read.gtins[0].type) == ("00195866137706", "ITF-14")


@pytest.mark.parametrize("identifier", [V7, "6f3b057c-0000-4000-8000-000000000000", "12345678901234567890", "x"])
def test_ids_are_opaque(identifier: str) -> None:
    assert Product.model_validate({"productId": identifier}).product_id == identifier


def nulled(body: dict[str, object], keep: set[str]) -> dict[str, object]:
    return {name: value if name in keep else None for name, value in body.items()}


@pytest.mark.parametrize(
    ("model", "body", "keep"),
    [
        (Product, REAL_PRODUCT, {"productId"}),
        (ProductVariant, REAL_VARIANT, {"productId", "variantId"}),
        (VariantMarketData, json.loads(REAL_MARKET), {"productId", "variantId", "currencyCode"}),
        (Product, {"productId": "p", "productAttributes": nulled(dict.fromkeys(
            ["gender", "season", "releaseDate", "retailPrice", "colorway", "color"]), set())},
         {"productId", "productAttributes"}),
        (ProductVariant, {"productId": "p", "variantId": "v", "sizeChart": {
            "availableConversions": [{"size": None, "type": None}], "defaultConversion": None}},
         {"productId", "variantId", "sizeChart"}),
        (ProductVariant, {"productId": "p", "variantId": "v", "gtins": [{"identifier": "1", "type": None}]},
         {"productId", "variantId", "gtins"}),
    ],
)  # fmt: skip
def test_null_is_borne_wherever_a_value_can_be_missed(
    model: type[Answer], body: dict[str, object], keep: set[str]
) -> None:
    model.model_validate_json(json.dumps(nulled(body, keep)))
    model.model_validate_json(json.dumps({name: value for name, value in body.items() if name in keep}))


@pytest.mark.parametrize(
    ("model", "body"),
    [(Product, {}), (Product, {"productId": None}), (ProductVariant, {"productId": "p"}),
     (SearchPage, {"products": []}),
     (VariantMarketData, {"productId": "p", "variantId": "v"})],
)  # fmt: skip
def test_without_what_names_it_an_answer_is_not_understood(model: type[Answer], body: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(body)


def test_unknown_fields_are_kept_and_named() -> None:
    read = Product.model_validate(REAL_PRODUCT | {"newField": {"deep": 1}, "another": 2})
    assert read.unknown_fields == {"newField", "another"}
    assert json.loads(read.model_dump_json(by_alias=True))["newField"] == {"deep": 1}
    assert Product.model_validate(REAL_PRODUCT).unknown_fields == frozenset()


def test_unknown_values_of_open_sets_survive() -> None:
    body = REAL_PRODUCT | {"productType": "spaceships"}
    assert Product.model_validate(body).product_type == "spaceships"
    gtin = {"identifier": "1", "type": "GTIN-99"}
    assert ProductVariant.model_validate(REAL_VARIANT | {"gtins": [gtin]}).gtins[0].type == "GTIN-99"
    assert market(currencyCode="XTS").currency_code == "XTS"


@pytest.mark.parametrize(
    ("model", "body"),
    [(Product, REAL_PRODUCT), (ProductVariant, REAL_VARIANT), (VariantMarketData, json.loads(REAL_MARKET))],
)
def test_a_model_written_and_read_again_is_the_same(model: type[Answer], body: dict[str, object]) -> None:
    read = model.model_validate(body)
    again = model.model_validate_json(read.model_dump_json(by_alias=True))
    assert again == read
    assert hash(again) == hash(read)


@pytest.mark.parametrize("name", ["title", "brand", "product_attributes", "unheard_of"])
def test_models_cannot_be_changed(name: str) -> None:
    with pytest.raises(ValidationError):
        setattr(Product.model_validate(REAL_PRODUCT), name, "x")


class TestProvenance:
    live = Provenance(Source.LIVE, datetime(2026, 1, 1, tzinfo=UTC), 0.0, 2, "call-1")

    def test_of_an_answer_built_by_hand_does_not_exist(self) -> None:
        with pytest.raises(ValueError, match="not fetched"):
            _ = Product(product_id="p").provenance

    def test_comes_with_a_copy_that_shares_the_rest(self) -> None:
        built = Product.model_validate(REAL_PRODUCT | {"newField": 1})
        fetched = built.with_provenance(self.live)
        assert fetched.provenance == self.live
        assert fetched.product_attributes is built.product_attributes
        assert fetched.unknown_fields == {"newField"}
        with pytest.raises(ValueError, match="not fetched"):
            _ = built.provenance

    @pytest.mark.parametrize(("source", "stale"), [(Source.LIVE, False), (Source.CACHE, False), (Source.STALE, True)])
    def test_says_whether_it_is_stale(self, source: Source, stale: bool) -> None:
        assert Provenance(source, datetime(2026, 1, 1, tzinfo=UTC)).stale is stale


def test_a_product_finds_the_market_of_its_variant() -> None:
    one, two = market(variantId="one"), market(variantId="two")
    product = ProductMarketData(product_id="p", currency_code="EUR", variants=(one, two))
    assert len(product) == 2
    assert product.variant("two") is two
    assert product.variant("three") is None


def test_variants_keep_their_order() -> None:
    variants = tuple(ProductVariant(product_id="p", variant_id=str(number)) for number in range(5))
    product = ProductVariants(product_id="p", variants=variants)
    assert [each.variant_id for each in product.each()] == list("01234")
    assert len(product) == 5
