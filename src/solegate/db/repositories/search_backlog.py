"""Products that searches do not know yet, or that shall be indexed anew: worked off a few at a time."""

from __future__ import annotations

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from solegate.db.engine import insert_into
from solegate.db.repositories.catalog import CatalogRepository
from solegate.db.repositories.search_index import SearchIndex
from solegate.db.tables import ProductRow, SearchBacklogRow


class SearchBacklog:
    """The backlog of the index, inside the transaction of the given session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def size(self) -> int:
        """How many products are waiting."""
        return await self._session.scalar(select(func.count()).select_from(SearchBacklogRow)) or 0

    async def fill(self) -> int:
        """Put every product on it; how many there are then."""
        everything = select(ProductRow.id).where(
            ProductRow.id.is_not(None)
        )  # SQLite needs the WHERE before ON CONFLICT
        insert = insert_into(self._session, SearchBacklogRow).from_select(["product_id"], everything)
        await self._session.execute(insert.on_conflict_do_nothing())
        return await self.size()

    async def work_off(self, most: int) -> int:
        """Index some of them, whole or not at all; how many it were.

        Always in the order of their ids: two that do it at once wait for one another, and neither for ever.
        """
        catalog, index = CatalogRepository(self._session), SearchIndex(self._session)
        query = select(SearchBacklogRow.product_id).order_by(SearchBacklogRow.product_id).limit(most)
        waiting = await catalog.find_by_ids((await self._session.scalars(query)).all())
        for row_id in sorted(waiting):
            await index.put_product(row_id, waiting[row_id].product, await catalog.variants(row_id))
        return len(waiting)

    async def analyse(self) -> None:
        """Let the database learn how its values are spread, by which it chooses its ways through the index."""
        for table in ("search_products", "search_sizes", "search_offers"):
            await self._session.execute(text(f"ANALYZE {table}"))
