"""Searches over the local catalog."""

from __future__ import annotations

from datetime import date, datetime
from typing import Self

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from solegate.api.schemas.base import AmountText, Money, NextCursor, Schema
from solegate.domain.search.query import Facet
from solegate.domain.search.results import FacetCount, Hit, MarketView, Total
from solegate.services.search.local import Freshening, SearchResult

_HIT_EXAMPLE: JsonDict = {
    "productId": "019bd1a4-3c86-7b1e-9f52-6c0e2f6f5a11",
    "urlKey": "adidas-ultra-boost-1-0-core-black",
    "styleId": "HQ4276",
    "title": "adidas Ultra Boost 1.0 Core Black",
    "brand": "adidas",
    "productType": "sneakers",
    "gender": "men",
    "color": None,
    "colorway": "Core Black/Core Black/Cloud White",
    "releaseDate": "2023-02-01",
    "retailPrice": "190",
    "enrichedAt": "2026-01-01T12:00:00Z",
    "market": {
        "lowestAsk": {"amount": "124", "currency": "EUR"},
        "highestBid": {"amount": "96", "currency": "EUR"},
        "spread": {"amount": "28", "currency": "EUR"},
        "spreadPercent": "22.58",
        "netPayout": {"amount": "109.12", "currency": "EUR"},
        "seenAt": "2026-01-01T12:00:00Z",
        "ageSeconds": 42.0,
    },
}


class MarketHit(Schema):
    """The market of a hit: in the size searched for, or the best of any size."""

    lowest_ask: Money | None = Field(description="Placeholders count as none.")
    highest_bid: Money | None
    spread: Money | None = Field(description="Lowest ask less highest bid, in one size.")
    spread_percent: AmountText | None = Field(description="The spread in per cent of the ask.")
    net_payout: Money | None = Field(description="Estimate of what you are paid at the lowest ask.")
    seen_at: datetime = Field(description="When StockX told the oldest of these prices (UTC).")
    age_seconds: float = Field(description="Seconds between then and this response.")

    @classmethod
    def of(cls, view: MarketView, *, now: datetime) -> Self:
        """A market, with its age."""
        return cls(
            lowest_ask=Money.of(view.lowest_ask),
            highest_bid=Money.of(view.highest_bid),
            spread=Money.of(view.spread),
            spread_percent=view.spread_percent,
            net_payout=Money.of(view.net_payout),
            seen_at=view.seen_at,
            age_seconds=round((now - view.seen_at).total_seconds(), 3),
        )


class HitOut(Schema):
    """A product that was found."""

    model_config = ConfigDict(json_schema_extra={"example": _HIT_EXAMPLE})

    product_id: str
    url_key: str
    style_id: str | None
    title: str | None
    brand: str | None
    product_type: str
    gender: str | None
    color: str | None
    colorway: str | None
    release_date: date | None
    retail_price: AmountText | None = Field(description="StockX names no currency for it.")
    enriched_at: datetime = Field(description="When StockX told about the product (UTC).")
    market: MarketHit | None = Field(description="Null where none was read in this currency and size.")

    @classmethod
    def of(cls, hit: Hit, *, now: datetime) -> Self:
        """A hit, with the age of its prices."""
        about = hit.stored.product
        return cls(
            product_id=about.product_id,
            url_key=about.url_key,
            style_id=about.style_id,
            title=about.title,
            brand=about.brand,
            product_type=about.product_type,
            gender=about.gender,
            color=about.color,
            colorway=about.colorway,
            release_date=about.release_date,
            retail_price=about.retail_price,
            enriched_at=hit.stored.enriched_at,
            market=None if hit.market is None else MarketHit.of(hit.market, now=now),
        )


class TotalOut(Schema):
    """How many products were found."""

    count: int = Field(examples=[128])
    exact: bool = Field(description="Whether it is all of them; otherwise there are more, which are not counted.")

    @classmethod
    def of(cls, total: Total) -> Self:
        """A total."""
        return cls(count=total.count, exact=total.exact)


class FacetValue(Schema):
    """A value and the products that it would leave."""

    value: str = Field(description="As its filter takes it.", examples=["nike"])
    count: int

    @classmethod
    def of(cls, counted: FacetCount) -> Self:
        """One line of a facet."""
        return cls(value=counted.value, count=counted.count)


class FresheningOut(Schema):
    """What was asked of StockX for `maxAge` and `live`, and what is left to ask for."""

    requests: int = Field(description="Requests to StockX that this search cost.")
    refreshed: int = Field(description="Markets of hits that were read anew.")
    still_old: int = Field(description="Hits whose prices are older than `maxAge` allows: search again for them.")
    added: int = Field(description="Products that StockX found and that are in the catalog now.")
    not_added: int = Field(description="Products that StockX found and that this search did not bring in.")

    @classmethod
    def of(cls, done: Freshening) -> Self:
        """What was done."""
        return cls(
            requests=done.requests,
            refreshed=done.refreshed,
            still_old=done.still_old,
            added=done.added,
            not_added=done.not_added,
        )


class ProductsFound(Schema):
    """A page of a search over the local catalog."""

    items: tuple[HitOut, ...]
    total: TotalOut
    facets: dict[Facet, tuple[FacetValue, ...]] = Field(
        description="The facets asked for: at most 50 values each, those with the most products first."
    )
    next_cursor: NextCursor
    freshening: FresheningOut
    unindexed: int = Field(description="Products of the catalog that no search finds yet; each search indexes some.")

    @classmethod
    def of(cls, found: SearchResult) -> Self:
        """The result of a search."""
        return cls(
            items=tuple(HitOut.of(each, now=found.at) for each in found.hits),
            total=TotalOut.of(found.total),
            facets={facet: tuple(map(FacetValue.of, counts)) for facet, counts in found.facets.items()},
            next_cursor=found.next_cursor,
            freshening=FresheningOut.of(found.freshening),
            unindexed=found.unindexed,
        )
