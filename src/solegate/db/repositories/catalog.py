"""Products with their variants: written whole and idempotently, found by style code or id."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from solegate.db.engine import insert_into
from solegate.db.repositories.masters import MasterRepository, SizeKey, size_key
from solegate.db.repositories.search_index import SearchIndex
from solegate.db.repositories.variants import count_variants, read_variants
from solegate.db.tables import BrandRow, CategoryRow, GtinRow, ProductRow, StyleCodeRow, VariantRow, VariantSizeRow
from solegate.domain.catalog import EnrichedProduct, ProductData, StoredProduct, VariantData
from solegate.domain.sku import split_codes


class CatalogRepository:
    """The catalog tables, inside the transaction of the given session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._masters = MasterRepository(session)

    async def find_by_style_code(self, sku: str) -> tuple[StoredProduct, ...]:
        """Products that carry any code of the SKU, in any spelling; which one is meant is the domain's decision."""
        having = select(StyleCodeRow.product_id).where(StyleCodeRow.code.in_(split_codes(sku)))
        rows = await self._session.execute(_PRODUCTS.where(ProductRow.id.in_(having)).order_by(ProductRow.id))
        return tuple(_stored(row) for row in rows)

    async def find_by_stockx_id(self, stockx_id: str) -> StoredProduct | None:
        """The product with a StockX id."""
        row = (await self._session.execute(_PRODUCTS.where(ProductRow.stockx_id == stockx_id))).one_or_none()
        return None if row is None else _stored(row)

    async def find_by_id(self, product_id: int) -> StoredProduct | None:
        """The product with our own id."""
        row = (await self._session.execute(_PRODUCTS.where(ProductRow.id == product_id))).one_or_none()
        return None if row is None else _stored(row)

    async def find_by_ids(self, product_ids: Sequence[int]) -> dict[int, StoredProduct]:
        """The products with some of our own ids, by these."""
        rows = await self._session.execute(_PRODUCTS.where(ProductRow.id.in_(product_ids)))
        return {each.id: each for each in map(_stored, rows)}

    async def variants(self, product_id: int) -> tuple[VariantData, ...]:
        """The variants StockX had at the last enrichment, in its order, with sizes and barcodes."""
        return await read_variants(self._session, product_id)

    async def count_variants(self, product_id: int) -> int:
        """How many variants StockX had at the last enrichment."""
        return await count_variants(self._session, product_id)

    async def release_codes(self, product_id: int) -> None:
        """Let a product no longer be found by style code: another one carries its codes now."""
        await self._session.execute(delete(StyleCodeRow).where(StyleCodeRow.product_id == product_id))

    async def save_enriched(self, enriched: EnrichedProduct) -> int:
        """Write a product with everything below it, but not its quotes, and let searches find it; its id.

        Saving it again changes nothing but what StockX changed. Variants that StockX dropped stay, as the price
        history names them, but are no longer among `variants`.
        """
        product_id = await self._save_product(enriched.product, enriched.enriched_at)
        await self._replace_codes(product_id, enriched.product.style_id)
        ids = await self._save_variants(product_id, enriched.variants, enriched.enriched_at)
        await self._replace_sizes(ids, enriched.variants)
        await self._replace_gtins(ids, enriched.variants)
        await SearchIndex(self._session).put_product(product_id, enriched.product, enriched.variants)
        return product_id

    async def _save_product(self, product: ProductData, enriched_at: datetime) -> int:
        values = {
            "stockx_id": product.product_id,
            "brand_id": await self._masters.brand(product.brand),
            "category_id": await self._masters.category(product.product_type),
            "enriched_at": enriched_at,
            **{name: getattr(product, name) for name in _SAME_NAMES},
        }
        insert = insert_into(self._session, ProductRow).values(values)
        upsert = insert.on_conflict_do_update(index_elements=["stockx_id"], set_=values).returning(ProductRow.id)
        return (await self._session.scalars(upsert)).one()

    async def _replace_codes(self, product_id: int, style_id: str | None) -> None:
        await self.release_codes(product_id)
        rows = [{"product_id": product_id, "code": code} for code in split_codes(style_id)]
        await self._insert(StyleCodeRow, rows)

    async def _save_variants(
        self, product_id: int, variants: tuple[VariantData, ...], seen_at: datetime
    ) -> dict[str, int]:
        insert = insert_into(self._session, VariantRow)
        update = {name: insert.excluded[name] for name in _VARIANT_COLUMNS if name != "stockx_id"}
        upsert = insert.on_conflict_do_update(index_elements=["stockx_id"], set_=update)
        rows = [_variant_values(product_id, place, each, seen_at) for place, each in enumerate(variants)]
        if rows:
            await self._session.execute(upsert, rows)
        query = select(VariantRow.stockx_id, VariantRow.id).where(VariantRow.product_id == product_id)
        return {row.stockx_id: row.id for row in await self._session.execute(query)}

    async def _replace_sizes(self, ids: dict[str, int], variants: tuple[VariantData, ...]) -> None:
        sizes = await self._masters.sizes(each.size for variant in variants for each in variant.sizes)
        rows = [row for variant in variants for row in _size_values(ids[variant.variant_id], variant, sizes)]
        await self._delete_below(VariantSizeRow, ids, variants)
        await self._insert(VariantSizeRow, rows)

    async def _replace_gtins(self, ids: dict[str, int], variants: tuple[VariantData, ...]) -> None:
        rows = [
            {"variant_id": ids[variant.variant_id], "identifier": gtin.identifier, "kind": gtin.kind}
            for variant in variants
            for gtin in {each.identifier: each for each in variant.gtins}.values()
        ]
        await self._delete_below(GtinRow, ids, variants)
        await self._insert(GtinRow, rows)

    async def _delete_below(
        self, table: type[VariantSizeRow | GtinRow], ids: dict[str, int], variants: tuple[VariantData, ...]
    ) -> None:
        parents = [ids[variant.variant_id] for variant in variants]
        await self._session.execute(delete(table).where(table.variant_id.in_(parents)))

    async def _insert(
        self, table: type[StyleCodeRow | VariantSizeRow | GtinRow], rows: list[dict[str, object]]
    ) -> None:
        if rows:
            await self._session.execute(insert_into(self._session, table), rows)


_SAME_NAMES = (
    "url_key", "style_id", "title", "gender", "season", "release_date", "retail_price", "color", "colorway",
    "is_flex_eligible", "is_direct_eligible",
)  # fmt: skip
"""Columns of `products` that are named like the fields of `ProductData`."""

_VARIANT_COLUMNS = (
    "stockx_id", "product_id", "position", "name", "value", "is_flex_eligible", "is_direct_eligible", "seen_at",
)  # fmt: skip

_PRODUCTS = (
    select(ProductRow, BrandRow.name, CategoryRow.name)
    .outerjoin(BrandRow, ProductRow.brand_id == BrandRow.id)
    .outerjoin(CategoryRow, ProductRow.category_id == CategoryRow.id)
)


def _stored(found: Row[ProductRow, str, str]) -> StoredProduct:
    row, brand, category = found
    product = ProductData(
        product_id=row.stockx_id,
        brand=brand,
        product_type=category or "",
        **{name: getattr(row, name) for name in _SAME_NAMES},
    )
    return StoredProduct(row.id, product, row.enriched_at)


def _variant_values(product_id: int, position: int, variant: VariantData, seen_at: datetime) -> dict[str, object]:
    return {
        "stockx_id": variant.variant_id,
        "product_id": product_id,
        "position": position,
        "name": variant.name,
        "value": variant.value,
        "is_flex_eligible": variant.is_flex_eligible,
        "is_direct_eligible": variant.is_direct_eligible,
        "seen_at": seen_at,
    }


def _size_values(variant_id: int, variant: VariantData, sizes: dict[SizeKey, int]) -> list[dict[str, object]]:
    return [
        {
            "variant_id": variant_id,
            "size_id": sizes[size_key(each.size)],
            "note": each.size.note,
            "position": position,
            "is_default": each.is_default,
        }
        for position, each in enumerate(variant.sizes)
    ]
