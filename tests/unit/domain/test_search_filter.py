"""Search results filtered and sorted here, since StockX filters nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solegate.domain.search_filter import ProductFacts, SearchFilter, Sort, parse_release_date, sort_products
from solegate.errors import InvalidInputError

DUNK = ProductFacts(
    title="Nike Dunk Low",
    brand="Nike",
    product_type="sneakers",
    gender="men",
    release_date=date(2021, 3, 10),
    retail_price=Decimal(100),
    color=None,
    colorway="White/Black/White",
)
BARE = ProductFacts()


@pytest.mark.parametrize(
    "wanted",
    [
        SearchFilter(),
        SearchFilter(brand="nike"),
        SearchFilter(brand=" NIKE "),
        SearchFilter(product_type="Sneakers"),
        SearchFilter(gender="MEN"),
        SearchFilter(released_from=date(2021, 3, 10), released_to=date(2021, 3, 10)),
        SearchFilter(retail_min=Decimal("99.99"), retail_max=Decimal(100)),
        SearchFilter(color="black"),
        SearchFilter(brand="Nike", gender="men", color="white"),
    ],
)
def test_a_product_that_is_all_it_has_to_be_passes(wanted: SearchFilter) -> None:
    assert wanted.accepts(DUNK)


@pytest.mark.parametrize(
    "wanted",
    [
        SearchFilter(brand="nik"),
        SearchFilter(brand="Nike", gender="women"),
        SearchFilter(released_from=date(2021, 3, 11)),
        SearchFilter(released_to=date(2021, 3, 9)),
        SearchFilter(retail_min=Decimal("100.01")),
        SearchFilter(retail_max=Decimal("99.99")),
        SearchFilter(color="red"),
    ],
)
def test_one_failed_filter_leaves_a_product_out(wanted: SearchFilter) -> None:
    assert not wanted.accepts(DUNK)


@pytest.mark.parametrize(
    "wanted",
    [
        SearchFilter(brand="nike"),
        SearchFilter(product_type="sneakers"),
        SearchFilter(gender="men"),
        SearchFilter(released_from=date(1980, 1, 1)),
        SearchFilter(retail_max=Decimal(10_000)),
        SearchFilter(color="white"),
    ],
)
def test_a_missing_value_fails_the_filter_that_asks_for_it(wanted: SearchFilter) -> None:
    assert SearchFilter().accepts(BARE)
    assert not wanted.accepts(BARE)


@pytest.mark.parametrize(
    "arguments",
    [
        {"released_from": date(2021, 1, 2), "released_to": date(2021, 1, 1)},
        {"retail_min": Decimal(2), "retail_max": Decimal(1)},
    ],
)
def test_a_range_that_ends_before_it_starts_is_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError, match="swap them"):
        SearchFilter(**arguments)


def test_the_colour_may_stand_in_color_or_colorway() -> None:
    assert SearchFilter(color="red").accepts(ProductFacts(color="University Red"))
    assert SearchFilter(color="red").accepts(ProductFacts(colorway="White/RED"))


PRODUCTS = [
    ProductFacts(title="b", release_date=date(2022, 1, 1), retail_price=Decimal(90)),
    BARE,
    ProductFacts(title="A", release_date=date(2020, 1, 1), retail_price=Decimal(120)),
    ProductFacts(title="c", release_date=date(2021, 1, 1), retail_price=Decimal(90)),
]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Sort.RELEVANCE, [0, 1, 2, 3]),
        (Sort.TITLE, [2, 0, 3, 1]),
        (Sort.TITLE_DESCENDING, [3, 0, 2, 1]),
        (Sort.RELEASE_DATE, [2, 3, 0, 1]),
        (Sort.RELEASE_DATE_DESCENDING, [0, 3, 2, 1]),
        (Sort.RETAIL_PRICE, [0, 3, 2, 1]),
        (Sort.RETAIL_PRICE_DESCENDING, [2, 0, 3, 1]),
    ],
)
def test_products_are_sorted_and_missing_values_come_last(order: Sort, expected: list[int]) -> None:
    assert sort_products(PRODUCTS, order, lambda facts: facts) == [PRODUCTS[place] for place in expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2021-03-10", date(2021, 3, 10)),
        (" 2021-03-10T00:00:00Z ", date(2021, 3, 10)),
        ("2021", None),
        ("TBD", None),
        ("2021-02-30", None),
        ("", None),
        (None, None),
    ],
)
def test_a_release_date_is_read_or_missing(text: str | None, expected: date | None) -> None:
    assert parse_release_date(text) == expected


facts = st.builds(
    ProductFacts,
    title=st.none() | st.text(max_size=5),
    retail_price=st.none() | st.decimals(0, 500, places=2),
    release_date=st.none() | st.dates(),
)


@given(st.lists(facts, max_size=12), st.sampled_from(Sort))
def test_sorting_loses_nothing(products: list[ProductFacts], order: Sort) -> None:
    found = sort_products(products, order, lambda each: each)

    assert sorted(map(repr, found)) == sorted(map(repr, products))
