"""The local catalog: search by text, attributes and prices."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field, StringConstraints

from solegate.api.dependencies import Opened
from solegate.api.openapi import STOCKX_FAILURES, problems
from solegate.api.parameters import LARGEST_AMOUNT, LONGEST_AGE, LONGEST_CURSOR, Moment
from solegate.api.schemas.base import LINE_PATTERN, Schema
from solegate.api.schemas.search import ProductsFound
from solegate.client.policy.paging import LONGEST_QUERY
from solegate.domain.cursors import MOST_ROWS
from solegate.domain.search.query import MOST_VALUES, Facet, SearchQuery, SearchSort, Window
from solegate.errors import InvalidInputError

router = APIRouter(prefix="/api/v1/products", tags=["catalog"])

_ANY = "Any of these; may come several times. Case does not matter."
_OF_SIZE = "With `size`, that of the size."
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=LINE_PATTERN)]
Names = Annotated[list[Name], Field(max_length=MOST_VALUES)]
Amount = Annotated[Decimal, Field(ge=0, le=LARGEST_AMOUNT)]
Difference = Annotated[Decimal, Field(ge=-LARGEST_AMOUNT, le=LARGEST_AMOUNT)]


class ProductParameters(Schema):
    """What to look for. A parameter that does not exist is refused: a misspelt filter must not pass for none."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(
        "",
        max_length=LONGEST_QUERY,
        pattern=LINE_PATTERN,
        description="Words of title, brand or colorway, a style code or a GTIN. All must occur; the last may be the "
        "beginning of a word. Case and accents do not matter.",
        examples=["ultra boost"],
    )
    brand: Names = Field([], description=_ANY, examples=[["adidas"]])
    product_type: Names = Field([], description=_ANY, examples=[["sneakers"]])
    gender: Names = Field([], description=_ANY, examples=[["men"]])
    color: Names = Field([], description=f"{_ANY} Where StockX names no colour, the first of the colorway counts.")
    released_from: date | None = Field(None, description="First release date.", examples=["2020-01-01"])
    released_to: date | None = Field(None, description="Last release date.")
    retail_min: Amount | None = Field(None, description="Lowest retail price.")
    retail_max: Amount | None = Field(None, description="Highest retail price.")
    size: Name | None = Field(
        None, description="Only products with this size, in any system; prices are of it.", examples=["EU 42.5"]
    )
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = Field(
        None, description="Of the prices; the configured one if left out.", examples=["EUR"]
    )
    ask_min: Amount | None = Field(None, description=f"Lowest ask at least. {_OF_SIZE}")
    ask_max: Amount | None = Field(None, description=f"Lowest ask at most. {_OF_SIZE}", examples=["400"])
    bid_min: Amount | None = Field(None, description=f"Highest bid at least. {_OF_SIZE}")
    bid_max: Amount | None = Field(None, description=f"Highest bid at most. {_OF_SIZE}")
    spread_min: Difference | None = Field(None, description="Lowest ask less highest bid, at least.")
    spread_max: Difference | None = Field(None, description="Lowest ask less highest bid, at most.")
    spread_percent_min: Difference | None = Field(None, description="The spread in per cent of the ask, at least.")
    spread_percent_max: Difference | None = Field(None, description="The spread in per cent of the ask, at most.")
    payout_min: Difference | None = Field(None, description="Net payout at the lowest ask, at least.")
    payout_max: Difference | None = Field(None, description="Net payout at the lowest ask, at most.")
    seen_from: Moment | None = Field(None, description="Prices read then or later.")
    seen_to: Moment | None = Field(None, description="Prices read then or earlier.")
    in_stock: bool | None = Field(None, description="Whether somebody sells it.")
    sort: SearchSort = Field(
        SearchSort.RELEVANCE,
        description="`-` turns an order round; what lacks the value comes last. `relevance`: exact style codes and "
        "GTINs, then the newest release first.",
    )
    facets: str = Field(
        "",
        max_length=100,
        description=f"What to count the products by, split by commas: {', '.join(Facet)}. Each ignores its own filter.",
        examples=["brand,color"],
    )
    max_age: float | None = Field(
        None,
        ge=0,
        le=LONGEST_AGE,
        allow_inf_nan=False,
        description="Read prices on this page anew that are older, in seconds: one request to StockX each, at most 25.",
    )
    live: bool = Field(
        False, description="Ask StockX's search for the text first, and bring in at most 5 new products."
    )
    cursor: str | None = Field(None, max_length=LONGEST_CURSOR, description="`nextCursor` of the page before.")
    limit: int = Field(50, ge=1, le=MOST_ROWS, description="Most products of the page.")

    def query(self, currency: str) -> SearchQuery:
        """What to look for; `currency` where none is named."""
        return SearchQuery(
            text=self.text,
            brands=tuple(self.brand),
            product_types=tuple(self.product_type),
            genders=tuple(self.gender),
            colors=tuple(self.color),
            released=Window(self.released_from, self.released_to),
            retail=Window(self.retail_min, self.retail_max),
            size=self.size,
            currency=self.currency or currency,
            lowest_ask=Window(self.ask_min, self.ask_max),
            highest_bid=Window(self.bid_min, self.bid_max),
            spread=Window(self.spread_min, self.spread_max),
            spread_percent=Window(self.spread_percent_min, self.spread_percent_max),
            net_payout=Window(self.payout_min, self.payout_max),
            last_seen=Window(self.seen_from, self.seen_to),
            in_stock=self.in_stock,
            sort=self.sort,
            facets=_facets(self.facets),
        )


@router.get(
    "",
    operation_id="searchProducts",
    summary="Search the local catalog, with prices",
    responses=problems(404, 422, *STOCKX_FAILURES),
)
async def search_products(services: Opened, wanted: Annotated[ProductParameters, Query()]) -> ProductsFound:
    """Products that were enriched, with the newest prices known of them. StockX is asked nothing, unless `maxAge` or
    `live` wants it; `freshening` says what that cost.

    Filters may change between two pages, the order may not. Up to 1,000 products are counted.
    """  # noqa: D205 - shown as a paragraph in the API's documentation
    found = await services.search.search(
        wanted.query(services.settings.currency),
        cursor=wanted.cursor,
        limit=wanted.limit,
        max_age=wanted.max_age,
        live=wanted.live,
    )
    return ProductsFound.of(found)


def _facets(text: str) -> tuple[Facet, ...]:
    names = dict.fromkeys(filter(None, (each.strip() for each in text.split(","))))
    unknown = [each for each in names if each not in set(Facet)]
    if unknown:
        raise InvalidInputError("There is no such facet.", hint=f"There are: {', '.join(Facet)}.")
    return tuple(map(Facet, names))
