"""Search as StockX gives it, and with the filters and orders it lacks."""

from __future__ import annotations

from decimal import Decimal

import pytest

from integration.services.conftest import Shop
from solegate.domain.search_filter import SearchFilter, Sort
from solegate.errors import InvalidInputError, RequestRejectedError
from solegate.services.conversion import product_facts


async def test_search_catalog_success(shop: Shop) -> None:
    page = await shop.catalog.search_catalog("555088-134")

    assert page.count > 0
    assert "555088-134" in [each.style_id for each in page.products]


async def test_search_catalog_not_found(shop: Shop) -> None:
    page = await shop.catalog.search_catalog("INVALIDSKU")

    assert (page.count, page.products) == (0, ())


@pytest.mark.parametrize("query", ["", "x" * 101])
async def test_an_impossible_query_is_refused(shop: Shop, query: str) -> None:
    with pytest.raises(InvalidInputError, match="search text"):
        await shop.catalog.search_catalog(query)


async def test_without_a_filter_a_page_is_passed_through_and_says_what_it_is(shop: Shop) -> None:
    whole = len(shop.simulator.catalog.search("nike"))
    last = -(-whole // 10)

    first, end = await shop.catalog.search("nike"), await shop.catalog.search("nike", page=last)

    assert (first.looked_at, first.matched, first.total) == (10, 10, whole)
    assert (end.looked_at, end.matched, end.total) == (len(end.products), len(end.products), whole)
    assert (first.has_next_page, end.has_next_page) == (True, False)
    assert not first.complete
    assert not end.complete, "only the last page was looked at"
    assert shop.requests("Search") == 2


async def test_a_search_that_fits_one_page_is_complete(shop: Shop) -> None:
    assert (await shop.catalog.search("INVALIDSKU")).complete


async def test_filters_apply_to_everything_that_was_looked_at(shop: Shop) -> None:
    filters = SearchFilter(brand="nike", product_type="sneakers", retail_max=Decimal(120))

    found = await shop.catalog.search("nike", filters, page_size=5)

    assert len(found.products) == 5
    assert all(filters.accepts(product_facts(each)) for each in found.products)
    assert found.looked_at <= 50 * found.pages_read
    assert found.pages_read == shop.requests("Search")
    assert found.total >= found.looked_at >= found.matched
    assert found.has_next_page


async def test_pages_of_a_filtered_search_follow_each_other(shop: Shop) -> None:
    filters = SearchFilter(brand="Nike")
    ids = []
    for page in (1, 2, 3):
        found = await shop.catalog.search("nike", filters, page=page, page_size=4)
        ids += [each.product_id for each in found.products]

    whole = await shop.catalog.search("nike", filters, page_size=12)
    assert ids == [each.product_id for each in whole.products]
    assert shop.requests("Search") == whole.pages_read, "pages are read once and then cached"


async def test_the_bound_is_kept_and_said(shop: Shop) -> None:
    found = await shop.catalog.search("sneakers", SearchFilter(color="no such colour"), max_pages=2)

    assert (found.products, found.matched) == ((), 0)
    assert (found.pages_read, shop.requests("Search")) == (2, 2)
    assert not found.complete
    assert found.has_next_page, "there may be more further on"


async def test_at_the_end_the_search_is_complete(shop: Shop) -> None:
    found = await shop.catalog.search("dunk panda", SearchFilter(brand="no such brand"), max_pages=50)

    assert found.complete
    assert found.looked_at == found.total
    assert not found.has_next_page


async def test_an_order_sorts_all_that_was_looked_at(shop: Shop) -> None:
    found = await shop.catalog.search(
        "sneakers", SearchFilter(), sort=Sort.RETAIL_PRICE_DESCENDING, page_size=50, max_pages=2
    )

    prices = [each.product_attributes.retail_price for each in found.products]
    known = [price for price in prices if price is not None]
    assert known == sorted(known, reverse=True)
    assert prices[: len(known)] == known
    assert found.pages_read == 2


@pytest.mark.parametrize("arguments", [{"page": 0}, {"page_size": 0}, {"page_size": 51}, {"max_pages": 0}])
async def test_impossible_pages_are_refused(shop: Shop, arguments: dict[str, int]) -> None:
    with pytest.raises(InvalidInputError):
        await shop.catalog.search("nike", **arguments)  # type: ignore[arg-type]


async def test_a_failing_search_is_an_error_and_no_empty_page(shop: Shop) -> None:
    shop.break_down("Search")

    with pytest.raises(RequestRejectedError):
        await shop.catalog.search("nike")
