"""Catalog, sizes, barcodes: deterministic and as real ones are."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

import pytest

from solegate.simulator import Catalog, SimulatorConfig
from solegate.simulator.world import gtins
from solegate.simulator.world.models import Size
from solegate.simulator.world.sizes import CHARTS

FACTS_NIKE_MEN = """
3.5 3 22.5 225 35.5 5 | 9 8 27 270 42.5 10.5
4 3.5 23 230 36 5.5 | 9.5 8.5 27.5 275 43 11
4.5 4 23.5 235 36.5 6 | 10 9 28 280 44 11.5
5 4.5 23.5 235 37.5 6.5 | 10.5 9.5 28.5 285 44.5 12
5.5 5 24 240 38 7 | 11 10 29 290 45 12.5
6 5.5 24 240 38.5 7.5 | 11.5 10.5 29.5 295 45.5 13
6.5 6 24.5 245 39 8 | 12 11 30 300 46 13.5
7 6 25 250 40 8.5 | 12.5 11.5 30.5 305 47 14
7.5 6.5 25.5 255 40.5 9 | 13 12 31 310 47.5 14.5
8 7 26 260 41 9.5 | 14 13 32 320 48.5 15.5
8.5 7.5 26.5 265 42 10 | 15 14 33 330 49.5 16.5
"""


@pytest.fixture(scope="module")
def catalog():
    return Catalog.generate(1, 500)


def test_same_seed_same_catalog_other_seed_other_catalog(catalog):
    assert Catalog.generate(1, 500).products == catalog.products
    assert Catalog.generate(2, 500).products != catalog.products


def test_a_longer_catalog_starts_with_the_shorter_one(catalog):
    assert Catalog.generate(1, 600).products[:500] == catalog.products


def test_there_are_as_many_products_as_asked_for_all_distinct(catalog):
    assert len(catalog.products) == 500
    assert len({product.id for product in catalog.products}) == 500
    assert len({product.url_key for product in catalog.products}) == 500
    codes = [code for product in catalog.products for code in product.codes]
    assert not [code for code, count in Counter(codes).items() if count > 1 and code != "BV2671-410"]
    variants = [variant.id for product in catalog.products for variant in product.variants]
    assert len(set(variants)) == len(variants)


@pytest.mark.parametrize(
    "style_id", ["DD1391-100", "555088-134", "HQ4276", "315122-111/CW2288-111", "315122-111", "CW2288-111"]
)
def test_landmarks_are_there_whatever_the_seed(style_id):
    product = Catalog.generate(7, 20).by_style(style_id)
    assert product is not None
    assert style_id in (product.style_id, *product.codes)


def test_brands_and_categories_are_mixed(catalog):
    brands = {product.design.brand for product in catalog.products}
    assert {"Nike", "Jordan", "adidas", "New Balance", "ASICS", "Puma", "Converse", "Vans", "Salomon", "On"} <= brands
    kinds = Counter(product.design.product_type for product in catalog.products)
    assert set(kinds) == {"sneakers", "shoes", "streetwear", "collectibles", "handbags", "watches"}
    assert kinds["sneakers"] > 350


def test_what_stockx_leaves_out_is_sometimes_missing(catalog):
    designs = [product.design for product in catalog.products]
    assert any(design.style_id is None for design in designs)
    assert any(design.brand is None for design in designs)
    assert any(design.title is None for design in designs)
    assert any(design.retail_price is None for design in designs)
    assert any(len(design.style_id or "") > 50 for design in designs)


def test_things_that_are_no_shoes_have_no_style_code_and_one_variant(catalog):
    objects = [p for p in catalog.products if p.design.product_type in ("collectibles", "handbags", "watches")]
    assert objects
    assert all(not product.style_id and len(product.variants) == 1 for product in objects)
    assert all(product.variants[0].sizes.own is None for product in objects)


def test_ids_are_uuids_of_version_4_and_some_of_version_7(catalog):
    versions = Counter(UUID(product.id).version for product in catalog.products)
    assert set(versions) == {4, 7}
    assert versions[4] > versions[7] > 0


def test_barcodes_have_right_check_digits_and_some_variants_have_none(catalog):
    variants = [variant for product in catalog.products for variant in product.variants]
    codes = [gtin for variant in variants for gtin in variant.gtins]
    assert {gtin.type for gtin in codes} == {"UPC", "EAN-13"}
    assert all(gtins.is_valid(gtin.identifier) for gtin in codes)
    assert any(variant.gtins == () for variant in variants)


@pytest.mark.parametrize("gtin", ["887231059577", "4006381333931", "96385074", "00012345600012"])
def test_known_barcodes_are_valid(gtin):
    assert gtins.is_valid(gtin)


@pytest.mark.parametrize("gtin", ["887231059578", "12345", "", "88723105957x", "8872310595770", "٨٨٧٢٣١٠٥٩٥٧٧"])
def test_other_barcodes_are_not(gtin):
    assert not gtins.is_valid(gtin)


def test_a_variant_is_found_by_upc_ean_and_itf(catalog):
    product = next(p for p in catalog.products if p.variants[0].gtins)
    upc = product.variants[0].gtins[0].identifier
    assert catalog.by_gtin(upc) == catalog.by_gtin(f"0{upc}") == catalog.by_gtin(f"00{upc}")
    assert catalog.by_gtin(upc)[1] == product.variants[0]


def test_nike_men_is_the_captured_table():
    rows = {tuple(cells.split()) for line in FACTS_NIKE_MEN.strip().splitlines() for cells in line.split("|")}
    ours = {
        tuple(row[system] for system in ("US M", "UK", "CM", "KR", "EU", "US W")) for row in CHARTS["nike men"].rows
    }
    assert ours == rows


@pytest.mark.parametrize(
    ("chart", "size", "expected"),
    [
        ("nike women", "5", {"UK": "2.5", "CM": "22", "KR": "220", "EU": "35.5", "US M": "3.5"}),
        ("asics women", "5", {"UK": "3", "CM": "22.5", "KR": "225", "EU": "35.5", "US M": "3.5"}),
        ("asics men", "3.5", {"UK": "2.5", "CM": "22", "KR": "220", "EU": "35"}),
        ("adidas", "8", {"UK": "7.5", "EU": "41 1/3", "US W": "9"}),
        ("adidas", "10", {"UK": "9.5", "EU": "44"}),
        ("yeezy slide", "8", {"UK": "8"}),
        ("new balance", "9", {"UK": "8.5", "EU": "42.5", "US W": "10.5"}),
        ("nike kids", "10.5C", {"UK": "10", "EU": "27.5"}),
        ("nike grade school", "5.5Y", {"UK": "5", "EU": "38"}),
    ],
)
def test_other_charts_follow_facts(chart, size, expected):
    own = CHARTS[chart].systems[0]
    row = next(row for row in CHARTS[chart].rows if row[own] == size)
    assert {system: row[system] for system in expected} == expected


def spelled(chart: str, value: str) -> list[str]:
    return next([s.text for s in sizes.conversions] for called, sizes in CHARTS[chart].variants if called == value)


def test_conversions_are_prefixed_and_told_apart_where_they_collide():
    assert spelled("nike men", "3.5") == ["US M 3.5", "UK 3", "CM 22.5", "KR 225", "EU 35.5", "US W 5"]
    assert "CM 23.5 (US M 4.5)" in spelled("nike men", "4.5")
    assert "UK 6 (EU 39)" in spelled("nike men", "6.5")
    assert "UK 6 (EU 40)" in spelled("nike men", "7")


@pytest.mark.parametrize(
    ("chart", "value", "kind"),
    [
        ("nike men", "10", "us m"),
        ("nike women", "5W", "us w"),
        ("unisex", "5W / 3.5M", "us w"),
        ("new balance wide", "9 2E", "us m"),
        ("nike kids", "3Y", "us"),
        ("letters", "XL", "us"),
    ],
)
def test_variants_are_called_as_stockx_calls_them(chart, value, kind):
    sizes = dict(CHARTS[chart].variants)[value]
    assert sizes.own == Size(kind, value)


def test_every_kind_of_size_occurs_in_the_catalog(catalog):
    values = {variant.value for product in catalog.products for variant in product.variants}
    assert {"10", "5W", "5.5Y", "10.5C", "5W / 3.5M", "9 2E", "XL", None} <= values


def test_sample_style_ids_are_plain_sneakers(catalog):
    codes = catalog.sample_style_ids(300)
    assert len(set(codes)) == 300
    assert all("/" not in code and catalog.by_style(code).design.product_type == "sneakers" for code in codes)
    with pytest.raises(ValueError, match="configure more products"):
        catalog.sample_style_ids(501)


@pytest.mark.parametrize(
    "wrong", [{"products": 20_001}, {"latency": (0.2, 0.1)}, {"latency": (-1, 0)}, {"slow_tail": (2, 1)}]
)
def test_configurations_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match=r"products|latency|slow_tail"):
        SimulatorConfig(**wrong)
