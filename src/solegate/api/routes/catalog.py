"""The catalog: search, enrich, and read products and their sizes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Self

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field, model_validator

from solegate.api.dependencies import Opened, ProductId
from solegate.api.idempotency import CallerKey
from solegate.api.openapi import CHANGE_FAILURES, STOCKX_FAILURES, problems
from solegate.api.schemas.base import Schema
from solegate.api.schemas.catalog import Enrich, EnrichmentOut, ProductDetails, SearchResult, VariantsOut
from solegate.client.policy.paging import LONGEST_QUERY, SEARCH_PAGE_SIZE
from solegate.domain.search_filter import SearchFilter, Sort

router = APIRouter(prefix="/api/v1/products", tags=["catalog"])

_EXACT = "Only products that equal it; case does not matter."


class SearchParameters(Schema):
    """What to search for. A parameter that does not exist is refused: a misspelt filter must not pass for none."""

    model_config = ConfigDict(extra="forbid")

    query: str = Field(
        min_length=1, max_length=LONGEST_QUERY, description="Text, style code or GTIN.", examples=["HQ4276"]
    )
    page_number: int = Field(1, ge=1)
    page_size: int = Field(10, ge=1, le=SEARCH_PAGE_SIZE)
    brand: str | None = Field(None, description=_EXACT)
    product_type: str | None = Field(None, description=_EXACT, examples=["sneakers"])
    gender: str | None = Field(None, description=_EXACT, examples=["men"])
    released_from: date | None = Field(None, description="First release date.")
    released_to: date | None = Field(None, description="Last release date.")
    retail_min: Decimal | None = Field(None, ge=0, description="Lowest retail price.")
    retail_max: Decimal | None = Field(None, ge=0, description="Highest retail price.")
    color: str | None = Field(None, description="Only products whose colour or colorway contains it.")
    sort: Sort = Field(Sort.RELEVANCE, description="`relevance` is StockX's own order; `-` turns an order round.")

    @model_validator(mode="after")
    def _ranges_hold_something(self) -> Self:
        if self.released_from and self.released_to and self.released_from > self.released_to:
            raise ValueError("releasedFrom is later than releasedTo")
        if self.retail_min is not None and self.retail_max is not None and self.retail_min > self.retail_max:
            raise ValueError("retailMin is above retailMax")
        return self

    def filters(self) -> SearchFilter:
        """What a product has to be; an empty parameter asks for nothing."""
        return SearchFilter(
            brand=self.brand or None,
            product_type=self.product_type or None,
            gender=self.gender or None,
            released_from=self.released_from,
            released_to=self.released_to,
            retail_min=self.retail_min,
            retail_max=self.retail_max,
            color=self.color or None,
        )


@router.get(
    "/search-stockx",
    operation_id="searchStockx",
    summary="Search StockX, with filters and orders",
    responses=problems(422, *STOCKX_FAILURES),
)
async def search_stockx(services: Opened, wanted: Annotated[SearchParameters, Query()]) -> SearchResult:
    """StockX's search is fuzzy and has no filters.

    Without filter or order its page is passed through (one request, none when remembered). With them, its pages are
    read through the rate limit and filtered here; `looked` says how far.
    """
    found = await services.catalog.search(
        wanted.query, wanted.filters(), sort=wanted.sort, page=wanted.page_number, page_size=wanted.page_size
    )
    return SearchResult.of(found)


@router.post(
    "/enrich",
    operation_id="enrichProduct",
    summary="Bring one SKU's product into the local database",
    responses=problems(404, *CHANGE_FAILURES, *STOCKX_FAILURES),
)
async def enrich_product(services: Opened, wanted: Enrich, _key: CallerKey) -> EnrichmentOut:
    """Find the product that carries exactly this style code, and write it with its sizes, barcodes and a market
    snapshot in one transaction.

    It costs at most four requests to StockX and none when all is fresh; repeating it is harmless.
    """  # noqa: D205 - shown as a paragraph in the API's documentation
    currency = wanted.currency or services.settings.currency
    result = await services.catalog.enrich_product_by_sku(wanted.sku, currency=currency, force=wanted.force)
    return EnrichmentOut.of(result, now=services.clock.now())


@router.get(
    "/{productId}",
    operation_id="getProduct",
    summary="One product",
    responses=problems(404, 422, *STOCKX_FAILURES),
)
async def get_product(services: Opened, product_id: ProductId) -> ProductDetails:
    """All StockX tells about a product; remembered for a day."""
    return ProductDetails.of_details(await services.stockx.get_product_details(product_id))


@router.get(
    "/{productId}/variants",
    operation_id="getVariants",
    summary="All sizes of a product",
    responses=problems(404, 422, *STOCKX_FAILURES),
)
async def get_variants(services: Opened, product_id: ProductId) -> VariantsOut:
    """Sizes with every conversion of their own chart, and their barcodes; remembered for a day."""
    return VariantsOut.of(await services.stockx.get_all_product_variants(product_id))
