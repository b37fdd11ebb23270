"""StockX's search: passed through, or filtered and ordered page by page through the limiter."""

from __future__ import annotations

from dataclasses import dataclass, field

from solegate.client.models import Provenance, SearchPage, SearchProduct
from solegate.client.policy.paging import SEARCH_PAGE_SIZE, next_page
from solegate.client.service import StockXService
from solegate.domain.search_filter import EVERYTHING, SearchFilter, Sort, sort_products
from solegate.errors import InvalidInputError
from solegate.services.conversion import product_facts
from solegate.services.results import FilteredSearch


@dataclass(slots=True)
class _Reading:
    """What was read so far; a product that two pages show counts once."""

    seen: set[str] = field(default_factory=set)
    matches: list[SearchProduct] = field(default_factory=list)
    pages_read: int = 0
    total: int = 0
    complete: bool = False
    sources: list[Provenance] = field(default_factory=list)

    @property
    def oldest(self) -> Provenance:
        """Source and age of the oldest page: what it shows may be as old as that."""
        return max(self.sources, key=lambda each: each.age)

    def take(self, page: SearchPage, filters: SearchFilter) -> None:
        self.sources.append(page.provenance)
        self.total = page.count
        self.pages_read += 1
        for product in page.products:
            if product.product_id not in self.seen:
                self.seen.add(product.product_id)
                if filters.accepts(product_facts(product)):
                    self.matches.append(product)


async def search(
    stockx: StockXService,
    query: str,
    filters: SearchFilter,
    *,
    sort: Sort,
    page: int,
    page_size: int,
    max_pages: int,
) -> FilteredSearch:
    """See `StockXCatalogService.search`."""
    _check(page, page_size, max_pages)
    if filters == EVERYTHING and sort is Sort.RELEVANCE:
        return _passed_through(query, await stockx.search_stockx_catalog(query, page=page, page_size=page_size))
    return await _filtered(stockx, query, filters, sort=sort, page=page, page_size=page_size, max_pages=max_pages)


def _passed_through(query: str, found: SearchPage) -> FilteredSearch:
    return FilteredSearch(
        query=query,
        products=found.products,
        page=found.page_number,
        page_size=found.page_size,
        has_next_page=found.has_next_page,
        matched=len(found.products),
        looked_at=len(found.products),
        pages_read=1,
        total=found.count,
        complete=found.page_number == 1 and not found.has_next_page,
        provenance=found.provenance,
    )


async def _filtered(
    stockx: StockXService,
    query: str,
    filters: SearchFilter,
    *,
    sort: Sort,
    page: int,
    page_size: int,
    max_pages: int,
) -> FilteredSearch:
    start, end = (page - 1) * page_size, page * page_size
    enough = end + 1 if sort is Sort.RELEVANCE else None
    reading = await _read(stockx, query, filters, enough=enough, max_pages=max_pages)
    ordered = sort_products(reading.matches, sort, product_facts)
    return FilteredSearch(
        query=query,
        products=tuple(ordered[start:end]),
        page=page,
        page_size=page_size,
        has_next_page=len(ordered) > end or not reading.complete,
        matched=len(ordered),
        looked_at=len(reading.seen),
        pages_read=reading.pages_read,
        total=reading.total,
        complete=reading.complete,
        provenance=reading.oldest,
    )


async def _read(
    stockx: StockXService, query: str, filters: SearchFilter, *, enough: int | None, max_pages: int
) -> _Reading:
    """Read pages until there are `enough` matches, or the bound, or the end."""
    reading = _Reading()
    number: int | None = 1
    while number is not None and number <= max_pages and (enough is None or len(reading.matches) < enough):
        found = await stockx.search_stockx_catalog(query, page=number, page_size=SEARCH_PAGE_SIZE)
        reading.take(found, filters)
        number = next_page(number, received=len(found.products), has_next=found.has_next_page)
    reading.complete = number is None
    return reading


def _check(page: int, page_size: int, max_pages: int) -> None:
    if page < 1:
        raise InvalidInputError(f"Pages start at 1; {page} does not exist.")
    if not 1 <= page_size <= SEARCH_PAGE_SIZE:
        raise InvalidInputError(f"A page holds 1 to {SEARCH_PAGE_SIZE} products; {page_size} does not fit.")
    if max_pages < 1:
        raise InvalidInputError("At least one page has to be read.")
