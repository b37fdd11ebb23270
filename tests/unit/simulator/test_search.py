"""Search is fuzzy: only an equal styleId proves a hit (FACTS 1.10)."""

from __future__ import annotations

import pytest

from solegate.simulator import Catalog


@pytest.fixture(scope="module")
def catalog():
    return Catalog.generate(1, 500)


def test_an_exact_code_finds_more_than_the_product(catalog):
    hits = catalog.search("DD1391-100")
    assert len(hits) > 5
    assert "DD1391-100" in [product.style_id for product in hits[:5]]


def test_the_exact_product_is_often_not_first_but_never_far(catalog):
    places = [
        [code in product.codes for product in catalog.search(code)].index(True)
        for code in catalog.sample_style_ids(200)
    ]
    assert 60 < sum(place > 0 for place in places) < 140
    assert max(places) <= 3


def test_one_code_of_several_finds_the_product(catalog):
    expected = catalog.by_style("315122-111/CW2288-111")
    for query in ("315122-111", "CW2288-111", "315122-111/CW2288-111"):
        assert expected in catalog.search(query)[:5]


def test_words_rank_by_how_many_are_found_and_case_does_not_matter(catalog):
    hits = catalog.search("nike DUNK low retro panda")
    assert hits[0].style_id == "DD1391-100"
    assert len(hits) > 100


def test_a_barcode_finds_exactly_its_product(catalog):
    product = next(p for p in catalog.products if p.variants[0].gtins)
    assert catalog.search(product.variants[0].gtins[0].identifier) == (product,)


@pytest.mark.parametrize("query", ["zzqqxx", "???", "4006381333931", "8" * 101])
def test_nothing_alike_is_an_empty_result(catalog, query):
    assert catalog.search(query) == ()


def test_the_same_query_gives_the_same_order(catalog):
    assert catalog.search("jordan") == Catalog.generate(1, 500).search("jordan")
