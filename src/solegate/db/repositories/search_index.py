"""What searches look at, kept current: written in the transaction that changes the catalog or the prices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from solegate.db.engine import insert_into
from solegate.db.repositories.variants import read_variants
from solegate.db.tables import (
    SearchBacklogRow,
    SearchOfferRow,
    SearchProductRow,
    SearchSizeRow,
    SnapshotRow,
    VariantRow,
)
from solegate.db.tables.catalog import ProductRow
from solegate.domain.catalog import MarketQuote, ProductData, VariantData
from solegate.domain.search.documents import document_of, offers_of, sizes_of


class SearchIndex:
    """The search tables, inside the transaction of the given session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def put_product(self, row_id: int, product: ProductData, variants: Sequence[VariantData]) -> None:
        """Show a product as it is now, with the newest prices of every currency; `row_id` is our own id."""
        await self._take_turn(product.product_id)
        document = asdict(document_of(product, variants))
        values = document | {"id": row_id, "words": " ".join(document["words"])}
        insert = insert_into(self._session, SearchProductRow).values(values)
        await self._session.execute(insert.on_conflict_do_update(index_elements=["id"], set_=values))
        await self._put_sizes(row_id, variants)
        currencies = select(SnapshotRow.currency).where(SnapshotRow.product_id == product.product_id).distinct()
        for currency in (await self._session.scalars(currencies)).all():
            await self._put_offers(row_id, variants, currency)
        await self._session.execute(delete(SearchBacklogRow).where(SearchBacklogRow.product_id == row_id))

    async def put_prices(self, quotes: Iterable[MarketQuote]) -> None:
        """Show the newest prices of products of which something was read; those not enriched yet are left out."""
        for product_id, currency in sorted({(each.product_id, each.currency) for each in quotes}):
            await self._take_turn(product_id)
            row_id = await self._session.scalar(
                select(SearchProductRow.id)
                .join(ProductRow, ProductRow.id == SearchProductRow.id)
                .where(ProductRow.stockx_id == product_id)
            )
            if row_id is not None:
                await self._put_offers(row_id, await read_variants(self._session, row_id), currency)

    async def _take_turn(self, product_id: str) -> None:
        """Let one transaction at a time work out a product's prices, which are those of all that was committed."""
        if self._session.get_bind().dialect.name == "postgresql":
            name = {"name": f"search {product_id}"}
            await self._session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), name)

    async def _put_sizes(self, row_id: int, variants: Sequence[VariantData]) -> None:
        await self._session.execute(delete(SearchSizeRow).where(SearchSizeRow.product_id == row_id))
        rows = [{"product_id": row_id, **asdict(each)} for each in sizes_of(variants)]
        if rows:
            await self._session.execute(insert_into(self._session, SearchSizeRow), rows)

    async def _put_offers(self, row_id: int, variants: Sequence[VariantData], currency: str) -> None:
        offers = offers_of(variants, await self._newest(row_id, currency))
        about = (await self._session.execute(_ABOUT.where(SearchProductRow.id == row_id))).one()._asdict()
        await self._session.execute(
            delete(SearchOfferRow).where(SearchOfferRow.product_id == row_id, SearchOfferRow.currency == currency)
        )
        rows = [{"product_id": row_id, "currency": currency, **about, **asdict(each)} for each in offers]
        if rows:
            await self._session.execute(insert_into(self._session, SearchOfferRow), rows)

    async def _newest(self, row_id: int, currency: str) -> dict[str, MarketQuote]:
        """The newest quote of each variant; each is found by its key, however long the history is."""
        older = aliased(SnapshotRow)
        newest = (
            select(func.max(older.fetched_at))
            .where(older.variant_id == VariantRow.stockx_id, older.currency == currency)
            .correlate(VariantRow)
            .scalar_subquery()
        )
        query = (
            select(SnapshotRow)
            .join(VariantRow, SnapshotRow.variant_id == VariantRow.stockx_id)
            .where(VariantRow.product_id == row_id, SnapshotRow.currency == currency, SnapshotRow.fetched_at == newest)
        )
        return {
            row.variant_id: MarketQuote(
                row.product_id, row.variant_id, row.currency, row.fetched_at, row.lowest_ask, row.highest_bid
            )
            for row in await self._session.scalars(query)
        }


_ABOUT = select(
    SearchProductRow.title, SearchProductRow.brand, SearchProductRow.product_type, SearchProductRow.gender,
    SearchProductRow.color, SearchProductRow.released, SearchProductRow.release_year, SearchProductRow.retail,
)  # fmt: skip
"""What stands with the offers too."""
