"""Reading a product's variants with what belongs to them, in three queries whatever their number."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from solegate.db.tables import GtinRow, ProductRow, SizeRow, VariantRow, VariantSizeRow
from solegate.domain.catalog import GtinData, SizeData, VariantData
from solegate.domain.sizes import SizeValue


async def count_variants(session: AsyncSession, product_id: int) -> int:
    """How many variants `read_variants` would give."""
    return await session.scalar(select(func.count()).select_from(_current(product_id).subquery())) or 0


async def read_variants(session: AsyncSession, product_id: int) -> tuple[VariantData, ...]:
    """The variants that StockX had when the product was last enriched, in StockX's order."""
    rows = (await session.scalars(_current(product_id).order_by(VariantRow.position))).all()
    sizes = await _sizes(session, product_id)
    gtins = await _gtins(session, product_id)
    return tuple(
        VariantData(
            variant_id=row.stockx_id,
            name=row.name,
            value=row.value,
            sizes=tuple(sizes[row.id]),
            gtins=tuple(gtins[row.id]),
            is_flex_eligible=row.is_flex_eligible,
            is_direct_eligible=row.is_direct_eligible,
        )
        for row in rows
    )


def _current(product_id: int) -> Select[VariantRow]:
    return (
        select(VariantRow)
        .join(ProductRow, VariantRow.product_id == ProductRow.id)
        .where(ProductRow.id == product_id, VariantRow.seen_at == ProductRow.enriched_at)
    )


async def _sizes(session: AsyncSession, product_id: int) -> defaultdict[int, list[SizeData]]:
    query = (
        select(VariantSizeRow, SizeRow.system, SizeRow.value)
        .join(SizeRow, VariantSizeRow.size_id == SizeRow.id)
        .join(VariantRow, VariantSizeRow.variant_id == VariantRow.id)
        .where(VariantRow.product_id == product_id)
        .order_by(VariantSizeRow.position)
    )
    found: defaultdict[int, list[SizeData]] = defaultdict(list)
    for row, system, value in await session.execute(query):
        found[row.variant_id].append(SizeData(SizeValue(system, value, row.note), row.is_default))
    return found


async def _gtins(session: AsyncSession, product_id: int) -> defaultdict[int, list[GtinData]]:
    query = (
        select(GtinRow)
        .join(VariantRow, GtinRow.variant_id == VariantRow.id)
        .where(VariantRow.product_id == product_id)
        .order_by(GtinRow.kind, GtinRow.identifier)
    )
    found: defaultdict[int, list[GtinData]] = defaultdict(list)
    for row in await session.scalars(query):
        found[row.variant_id].append(GtinData(row.identifier, row.kind))
    return found
