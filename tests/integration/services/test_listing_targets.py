"""Which size a person means: the local catalog answers as StockX does, and for nothing."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from solegate.domain.sizes import matching
from solegate.errors import InvalidInputError, ProductNotFoundError
from support.office import SKU, Office, office


@pytest.fixture
async def shop(tmp_path: Path, sqlite_template: Path) -> AsyncIterator[Office]:
    shutil.copyfile(sqlite_template, tmp_path / "solegate.db")
    async with office(tmp_path) as opened:
        yield opened


async def test_the_stored_charts_name_the_same_sizes_as_stockx_own(shop: Office) -> None:
    targets, seen = shop.services.targets, 0
    products = {each.style_id: each for each in shop.simulator.catalog.products if each.style_id}
    for sku in list(products)[::8]:
        live = await targets.charts(sku)
        stored = await targets.known(sku)
        assert stored is not None, sku
        for size in {str(each) for chart in live.values() for each in chart.every}:
            assert matching(size, stored.charts) == matching(size, live), (sku, size)
            seen += 1
    assert seen > 300


async def test_a_known_style_code_costs_no_request_right_or_wrong(shop: Office) -> None:
    targets, (size, variant) = shop.services.targets, shop.size()
    first = await targets.find(SKU, size)
    asked = shop.requests()

    assert await targets.find(SKU.lower(), size) == first
    assert first.variant_id == variant
    with pytest.raises(InvalidInputError, match="'US M 99' is no size of"):
        await targets.find(SKU, "US M 99")
    assert shop.requests() == asked


async def test_an_unknown_style_code_is_told(shop: Office) -> None:
    assert await shop.services.targets.known("NOSUCH-000") is None
    with pytest.raises(ProductNotFoundError):
        await shop.services.targets.find("NOSUCH-000", "9")
