"""Brands, categories and sizes: rows that many products share, found or created without a race."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from solegate.db.engine import insert_into
from solegate.db.tables import BrandRow, CategoryRow, SizeRow
from solegate.domain.sizes import SizeValue

SizeKey = tuple[str, str]
"""System and value: what makes a size one size. Its note belongs to the variant."""


class MasterRepository:
    """Get-or-create by unique key; when two transactions create the same row, one waits and both get its id."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def brand(self, name: str | None) -> int | None:
        """The id of a brand; `None` for a product without one. Case and surplus spaces do not make a new brand."""
        return await self._named(BrandRow, name)

    async def category(self, name: str | None) -> int | None:
        """The id of a category (StockX's product type); `None` for a product without one."""
        return await self._named(CategoryRow, name)

    async def size(self, size: SizeValue) -> int:
        """The id of a size."""
        return (await self.sizes([size]))[size_key(size)]

    async def sizes(self, sizes: Iterable[SizeValue]) -> dict[SizeKey, int]:
        """The ids of many sizes, by system and value, in three statements at most."""
        wanted = sorted({size_key(each) for each in sizes})
        known = await self._known_sizes(wanted)
        missing = [{"system": system, "value": value} for system, value in wanted if (system, value) not in known]
        if not missing:
            return known
        await self._session.execute(insert_into(self._session, SizeRow).on_conflict_do_nothing(), missing)
        return await self._known_sizes(wanted)

    async def _known_sizes(self, keys: list[SizeKey]) -> dict[SizeKey, int]:
        query = select(SizeRow.system, SizeRow.value, SizeRow.id).where(tuple_(SizeRow.system, SizeRow.value).in_(keys))
        return {(system, value): id_ for system, value, id_ in await self._session.execute(query)}

    async def _named(self, table: type[BrandRow | CategoryRow], name: str | None) -> int | None:
        text = " ".join((name or "").split())
        if not text:
            return None
        query = select(table.id).where(table.key == text.casefold())
        known = await self._session.scalar(query)
        if known is not None:
            return known
        insert = insert_into(self._session, table).values(key=text.casefold(), name=text).on_conflict_do_nothing()
        await self._session.execute(insert)
        return (await self._session.scalars(query)).one()


def size_key(size: SizeValue) -> SizeKey:
    """What makes a size one size."""
    return size.system, size.value
