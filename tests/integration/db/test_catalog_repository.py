"""Products are written whole, idempotently, and found by any of their codes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from solegate.db import Database
from solegate.db.repositories import CatalogRepository, MasterRepository
from solegate.db.tables import Base, BrandRow, SizeRow
from solegate.domain.catalog import EnrichedProduct, GtinData, ProductData, SizeData, VariantData
from solegate.domain.sizes import SizeValue
from solegate.errors import DatabaseError

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)

SMALL = VariantData(
    "v1",
    name="Dunk:0",
    value="3.5",
    sizes=(
        SizeData(SizeValue("US M", "3.5"), is_default=True),
        SizeData(SizeValue("CM", "22.5")),
        SizeData(SizeValue("UK", "6", "EU 39")),
        SizeData(SizeValue("UK", "6", "EU 40")),
    ),
    gtins=(GtinData("0194502876871", "EAN-13"), GtinData("194502876871", "UPC")),
    is_flex_eligible=True,
)
LARGE = VariantData("v2", value="4", sizes=(SizeData(SizeValue("US M", "4"), is_default=True),))
DUNK = EnrichedProduct(
    ProductData(
        product_id="p1",
        url_key="nike-dunk-low",
        style_id="315122-111/CW2288-111",
        title="Nike Dunk Low",
        brand="Nike",
        product_type="sneakers",
        gender="men",
        release_date=date(2021, 3, 10),
        retail_price=Decimal("59.9"),
        colorway="White/Black",
        is_flex_eligible=True,
    ),
    variants=(SMALL, LARGE),
    quotes=(),
    enriched_at=NOON,
)
BARE = EnrichedProduct(ProductData("p2"), variants=(VariantData("v9"),), quotes=(), enriched_at=NOON)


async def save(database: Database, product: EnrichedProduct) -> int:
    async with database.transaction() as session:
        return await CatalogRepository(session).save_enriched(product)


async def counts(database: Database) -> dict[str, int]:
    async with database.reading() as session:
        return {
            table.name: await session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


async def test_a_product_is_read_back_as_it_was_written(database: Database) -> None:
    product_id = await save(database, DUNK)

    async with database.reading() as session:
        catalog = CatalogRepository(session)
        stored = await catalog.find_by_stockx_id("p1")
        variants = await catalog.variants(product_id)

    assert stored is not None
    assert (stored.id, stored.product, stored.enriched_at) == (product_id, DUNK.product, NOON)
    assert variants == DUNK.variants
    assert variants[0].label == "US M 3.5"


async def test_writing_it_again_changes_nothing(database: Database) -> None:
    first = await save(database, DUNK)
    before = await counts(database)

    assert await save(database, DUNK) == first
    assert await counts(database) == before


async def test_everything_may_be_missing(database: Database) -> None:
    product_id = await save(database, BARE)

    async with database.reading() as session:
        catalog = CatalogRepository(session)
        stored = await catalog.find_by_id(product_id)
        assert stored is not None
        assert stored.product == BARE.product
        assert await catalog.variants(product_id) == BARE.variants
    written = await counts(database)
    assert (written["brands"], written["categories"], written["product_style_codes"]) == (0, 0, 0)


@pytest.mark.parametrize(
    "sku", ["315122-111", "CW2288-111", "cw2288 111", "315122-111/CW2288-111", "CW2288-111/315122-111", "x/CW2288-111"]
)
async def test_a_product_is_found_by_any_of_its_codes(database: Database, sku: str) -> None:
    await save(database, DUNK)

    async with database.reading() as session:
        found = await CatalogRepository(session).find_by_style_code(sku)

    assert [each.product.product_id for each in found] == ["p1"]


@pytest.mark.parametrize("sku", ["315122-11", "", "CW2288"])
async def test_other_codes_find_nothing(database: Database, sku: str) -> None:
    await save(database, DUNK)
    await save(database, BARE)

    async with database.reading() as session:
        assert await CatalogRepository(session).find_by_style_code(sku) == ()
        assert await CatalogRepository(session).find_by_stockx_id("p3") is None
        assert await CatalogRepository(session).find_by_id(99) is None


async def test_what_stockx_changed_is_changed(database: Database) -> None:
    product_id = await save(database, DUNK)
    later = NOON + timedelta(days=2)
    changed = replace(
        DUNK,
        product=replace(DUNK.product, style_id="CW2288-111", brand=None, retail_price=Decimal(65)),
        variants=(replace(SMALL, gtins=(), sizes=(SizeData(SizeValue("EU", "35.5"), is_default=True),)),),
        enriched_at=later,
    )

    assert await save(database, changed) == product_id
    async with database.reading() as session:
        catalog = CatalogRepository(session)
        stored = await catalog.find_by_id(product_id)
        assert stored is not None
        assert (stored.product, stored.enriched_at) == (changed.product, later)
        assert await catalog.variants(product_id) == changed.variants
        assert await catalog.find_by_style_code("315122-111") == ()


async def test_a_variant_that_stockx_dropped_stays_but_is_not_shown(database: Database) -> None:
    product_id = await save(database, DUNK)
    await save(database, replace(DUNK, variants=(LARGE,), enriched_at=NOON + timedelta(days=1)))

    async with database.reading() as session:
        assert await CatalogRepository(session).variants(product_id) == (LARGE,)
        assert await CatalogRepository(session).count_variants(product_id) == 1
    assert (await counts(database))["variants"] == 2


async def test_a_failure_in_the_middle_leaves_nothing(database: Database) -> None:
    before = await counts(database)
    twice = replace(SMALL, variant_id="v3", sizes=(*LARGE.sizes, *LARGE.sizes))

    with pytest.raises(DatabaseError, match=r"(?i)unique constraint.*variant_sizes"):
        await save(database, replace(DUNK, variants=(SMALL, twice)))

    assert await counts(database) == before


async def test_a_barcode_named_twice_is_kept_once(database: Database) -> None:
    gtin = GtinData("0194502876871", "EAN-13")

    product_id = await save(database, replace(DUNK, variants=(replace(SMALL, gtins=(gtin, gtin)),)))

    async with database.reading() as session:
        assert (await CatalogRepository(session).variants(product_id))[0].gtins == (gtin,)


async def test_shared_rows_are_shared(database: Database) -> None:
    await save(database, DUNK)
    other = replace(
        DUNK,
        product=replace(DUNK.product, product_id="p3", brand=" NIKE  ", product_type="Sneakers"),
        variants=(replace(SMALL, variant_id="v3"),),
    )
    await save(database, other)

    written = await counts(database)
    assert (written["brands"], written["categories"], written["sizes"]) == (1, 1, 4)
    async with database.reading() as session:
        assert len(await CatalogRepository(session).find_by_style_code("CW2288-111")) == 2


async def test_many_writers_create_a_shared_row_once(database: Database, database_url: str) -> None:
    async def add(each: Database) -> tuple[int | None, int]:
        async with each.transaction() as session:
            masters = MasterRepository(session)
            return await masters.brand("Nike"), await masters.size(SizeValue("US M", "9"))

    async with Database(database_url) as other:
        ids = await asyncio.gather(*(add(each) for each in [database, other] * 10))

    assert len(set(ids)) == 1
    async with database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(BrandRow)) == 1
        assert await session.scalar(select(func.count()).select_from(SizeRow)) == 1


@pytest.mark.parametrize("name", [None, "", "   "])
async def test_no_name_is_no_brand(database: Database, name: str | None) -> None:
    async with database.transaction() as session:
        assert await MasterRepository(session).brand(name) is None
        assert await MasterRepository(session).sizes([]) == {}
