"""A market that was read is fresh, whatever StockX had to say about it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from solegate.client.assembly import ClientConfig
from solegate.client.auth import MemoryTokenStore
from solegate.client.policy.oauth import Credentials
from solegate.client.policy.outcome import Received
from solegate.client.service import StockXService
from solegate.clock import SystemClock
from solegate.db import Database
from solegate.domain.accounts import TokenRecord
from solegate.services.catalog import StockXCatalogService
from solegate.services.market_data import MarketDataService
from solegate.services.results import EnrichmentResult, EnrichmentStatus
from solegate.testing import UNLIMITED, ScriptedTransport

FAR_AHEAD = datetime(2100, 1, 1, tzinfo=UTC)
PRODUCT = {"productId": "p1", "styleId": "AB1234-100", "title": "Shoe", "urlKey": "u", "productType": "sneakers"}
DOLLARS = {"productId": "p1", "variantId": "v1", "currencyCode": "USD", "lowestAskAmount": "100"}
MARKETS = pytest.mark.parametrize("market", [[], [DOLLARS]], ids=["empty", "in another currency"])


def stockx(market: list[dict[str, str]]) -> StockXService:
    """A StockX with one product, whose market is always this; what it answered before is forgotten."""

    def answer(request) -> Received:
        pages = {
            "search": {"count": 1, "pageSize": 50, "pageNumber": 1, "hasNextPage": False, "products": [PRODUCT]},
            "market-data": market,
            "variants": [{"productId": "p1", "variantId": "v1", "variantName": "9", "variantValue": "9"}],
        }
        page = next((each for name, each in pages.items() if name in request.url.rsplit("/", 1)[-1]), PRODUCT)
        return Received(200, {"content-type": "application/json"}, json.dumps(page).encode(), "HTTP/1.1")

    return StockXService(
        ClientConfig(Credentials("a", "b", "c"), limits=UNLIMITED),
        transport=ScriptedTransport([answer]),
        token_store=MemoryTokenStore(TokenRecord("default", 1, "a", "r", FAR_AHEAD)),
    )


async def enrich(database: Database, market: list[dict[str, str]]) -> EnrichmentResult:
    async with stockx(market) as client:
        return await StockXCatalogService(client, database, clock=SystemClock()).enrich_product_by_sku("AB1234-100")


@MARKETS
async def test_a_market_that_was_just_read_costs_nothing(database: Database, market: list[dict[str, str]]) -> None:
    first, again = await enrich(database, market), await enrich(database, market)

    assert (first.status, first.requests) == (EnrichmentStatus.ENRICHED, 4)
    assert (again.status, again.requests) == (EnrichmentStatus.FRESH, 0)


@MARKETS
async def test_quotes_in_another_currency_do_not_count(database: Database, market: list[dict[str, str]]) -> None:
    first, again = await enrich(database, market), await enrich(database, market)

    assert (first.quotes, again.quotes) == (0, 0)


@MARKETS
async def test_a_reading_of_the_market_counts_for_the_enrichment(
    database: Database, market: list[dict[str, str]]
) -> None:
    await enrich(database, market)
    async with stockx(market) as client:
        await MarketDataService(client, database, currency="GBP").read("p1")
        catalog = StockXCatalogService(client, database, clock=SystemClock(), currency="GBP")
        result = await catalog.enrich_product_by_sku("AB1234-100")

    assert (result.status, result.requests) == (EnrichmentStatus.FRESH, 0)
