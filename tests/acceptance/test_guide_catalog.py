"""The guide's catalog tests (section 3), for our names: a real client, simulator and database instead of mocks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from solegate.clock import SystemClock
from solegate.db import Database
from solegate.services.catalog import StockXCatalogService
from solegate.simulator import Simulator
from solegate.testing import practice_client

SKU = "555088-134"


@dataclass(frozen=True, slots=True)
class Catalog:
    service: StockXCatalogService
    simulator: Simulator


@pytest.fixture
async def catalog(tmp_path: Path) -> AsyncIterator[Catalog]:
    clock = SystemClock()
    async with (
        practice_client(clock=clock) as market,
        Database(f"sqlite+aiosqlite:///{tmp_path / 'solegate.db'}") as database,
    ):
        await database.upgrade()
        yield Catalog(StockXCatalogService(market.service, database, clock=clock), market.simulator)


class TestSearchCatalog:
    """Tests for search_catalog method"""

    async def test_search_catalog_success(self, catalog: Catalog):
        result = await catalog.service.search_catalog(SKU)

        assert len(result.products) >= 1
        assert SKU in {product.style_id for product in result.products}
        assert (result.page_number, result.page_size) == (1, 10)

    async def test_search_catalog_not_found(self, catalog: Catalog):
        result = await catalog.service.search_catalog("INVALID-SKU")

        assert len(result.products) == 0
        assert result.count == 0


class TestEnrichProductBySKU:
    """Tests for enrich_product_by_sku method"""

    async def test_enrich_product_success(self, catalog: Catalog):
        result = await catalog.service.enrich_product_by_sku(SKU)

        on_stockx = catalog.simulator.catalog.by_style(SKU)
        assert on_stockx is not None
        assert result.success is True
        assert result.stockx_product_id == on_stockx.id
        stored = await catalog.service.find_product(on_stockx.id)
        assert stored is not None
        assert result.product_id == stored.id, "it was committed"

    async def test_enrich_product_not_found_on_stockx(self, catalog: Catalog):
        with pytest.raises(ValueError, match="not found on StockX"):
            await catalog.service.enrich_product_by_sku("INVALID-SKU")


class TestDatabaseIntegration:
    """Tests for database integration methods"""

    async def test_get_or_create_size_master(self, catalog: Catalog):
        created = await catalog.service._get_or_create_size_master("8.5")
        found = await catalog.service._get_or_create_size_master("8.5")

        assert created == found
        assert await catalog.service._get_or_create_size_master("9") != created
