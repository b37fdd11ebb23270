"""Searches over the local catalog: the same hits in the same order on both databases.

A search is first taken for a narrow one: what it finds, up to a bound, is gathered and sorted. A wide one finds more
than that, so its order is walked instead and what does not fit is left out, which is soon done as much of it fits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    and_,
    case,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncSession

from solegate.db.repositories.search_sql import MARKET_SORTS, SearchSql, asks_for_market
from solegate.db.tables import SearchOfferRow as Offer
from solegate.db.tables import SearchProductRow as Product
from solegate.domain.search.net import NetTerms
from solegate.domain.search.query import Facet, SearchQuery, SearchSort
from solegate.domain.search.results import COUNTED, MOST_FACET_VALUES, FacetCount, Facets, Place, Places, Total
from solegate.domain.search.words import code_query, joined

Rows: TypeAlias = "Select[*tuple[Any, ...]]"
_MOST_EXACT = 200
"""Products that one code may have and that come first."""


class SearchRepository:
    """Searches, inside the transaction of the given session.

    Args:
        session: reads.
        query: what is searched for.
        terms: of the seller, in the query's currency.
        counted: hits up to which a search is a narrow one.
    """

    def __init__(self, session: AsyncSession, query: SearchQuery, terms: NetTerms, *, counted: int = COUNTED) -> None:
        self._session = session
        self._query = query
        self._counted = counted
        postgres = session.get_bind().dialect.name == "postgresql"
        self._sql = SearchSql(query, terms, postgres=postgres, by_offers=asks_for_market(query))

    async def page(self, after: Place | None, limit: int) -> Places:
        """The hits behind a place."""
        exact = await self._exact()
        order = _Order(self._sql, exact)
        rows = await self._narrow(order, after, limit + 1)
        total = rows[0].total if rows else 0
        if total > self._counted and order.is_indexed:
            places = await self._wide(order, after, limit + 1)
        else:
            places = [Place(row.rank, row.key, row.id) for row in rows if row.id is not None]
        counted = Total(min(total, self._counted), total <= self._counted)
        return Places(tuple(places[:limit]), len(places) > limit, counted)

    async def facets(self) -> Facets:
        """The facets asked for: of each value, how many products there would be if it were the one filtered by."""
        return {facet: await self._facet(facet) for facet in self._query.facets}

    async def offers(self, product_ids: Sequence[int]) -> dict[int, Offer]:
        """The market of hits, by our own ids."""
        query = select(Offer).where(
            Offer.product_id.in_(product_ids),
            Offer.currency == self._query.currency,
            Offer.size == self._query.size_key,
        )
        return {row.product_id: row for row in await self._session.scalars(query)}

    async def _exact(self) -> tuple[int, ...]:
        """Products that have the text as a code."""
        if self._query.sort is not SearchSort.RELEVANCE or not joined(self._query.text):
            return ()
        products = replace(self._sql, by_offers=False)
        query = select(Product.id).where(products.matches(code_query(self._query.text)))
        return tuple((await self._session.scalars(query.order_by(Product.id).limit(_MOST_EXACT))).all())

    async def _narrow(self, order: _Order, after: Place | None, limit: int) -> Sequence[Any]:
        """Some hits with the number of all of them, as far as they are counted; one row without a hit at the end."""
        sql = self._sql
        gathered = (
            select(sql.id.label("id"), order.rank.label("rank"), order.key.label("key"))
            .select_from(sql.tables())
            .where(*sql.conditions())
            .limit(self._counted + 1 if order.is_indexed else None)
            .cte("gathered")
        )
        total = select(func.count().label("total")).select_from(gathered).subquery()
        page = order.sorted(select(gathered), gathered.c.rank, gathered.c.key, gathered.c.id, after)
        hits = page.limit(limit).subquery()
        query = select(hits, total.c.total).select_from(total.outerjoin(hits, hits.c.id.is_not(None)))
        ordered = order.sorted(query, hits.c.rank, hits.c.key, hits.c.id, None)
        found: Sequence[Any] = (await self._session.execute(ordered)).all()
        return found

    async def _wide(self, order: _Order, after: Place | None, limit: int) -> list[Place]:
        """The same without gathering: one segment of the order after the other until there are enough."""
        found: list[Place] = []
        for segment in order.segments():
            if len(found) < limit and segment.lies_behind(after):
                rows = await self._session.execute(segment.statement(self._sql, after, limit - len(found)))
                found += [Place(segment.rank, None if segment.without_key else row.key, row.id) for row in rows]
        return found

    async def _facet(self, facet: Facet) -> tuple[FacetCount, ...]:
        value, number = self._sql.facet(facet), func.count()
        query = (
            select(value, number)
            .select_from(self._sql.tables(facet, sorting=False))
            .where(*self._sql.conditions(facet), value.is_not(None))
            .group_by(value)
            .order_by(number.desc(), value)
            .limit(MOST_FACET_VALUES)
        )
        return tuple(FacetCount(str(each), count) for each, count in await self._session.execute(query))


@dataclass(frozen=True, slots=True)
class _Order:
    """The order of a search's hits: rank, then key (none comes last), then id."""

    sql: SearchSql
    exact: tuple[int, ...]

    @property
    def key(self) -> SQLColumnExpression[Any]:
        return self.sql.key()

    @property
    def rank(self) -> ColumnElement[int]:
        return case((self.sql.id.in_(self.exact), 0), else_=1)

    @property
    def is_indexed(self) -> bool:
        """Whether it can be walked; what a seller is paid stands in no index, as it depends on who asks."""
        return self.sql.query.sort.key != SearchSort.NET_PAYOUT.value

    def sorted(
        self, query: Rows, rank: ColumnElement[int], key: ColumnElement[Any], id_: ColumnElement[int],
        after: Place | None,
    ) -> Rows:  # fmt: skip
        """A query of gathered hits in this order, behind a place."""
        if after is not None:
            further = _beyond(key, id_, after, descending=self.sql.descending)
            query = query.where(or_(rank > after.rank, and_(rank == after.rank, further)))
        if self.sql.descending:
            return query.order_by(rank, key.is_(None), key.desc(), id_.desc())
        return query.order_by(rank, key.is_(None), key, id_)

    def segments(self) -> tuple[_Segment, ...]:
        """Its parts, in their order."""
        ranks = (0, 1) if self.exact else (1,)
        return tuple(_Segment(rank, without, self.exact) for rank in ranks for without in (False, True))


@dataclass(frozen=True, slots=True)
class _Segment:
    """The hits of one rank with a key, or those without one: walked along an index."""

    rank: int
    without_key: bool
    exact: tuple[int, ...]

    def lies_behind(self, after: Place | None) -> bool:
        """Whether it has anything behind a place."""
        return after is None or (self.rank, self.without_key) >= (after.rank, after.key is None)

    def statement(self, sql: SearchSql, after: Place | None, limit: int) -> Rows:
        """Its first hits behind a place."""
        if sql.query.sort.key in MARKET_SORTS and not self.without_key:
            sql = replace(sql, by_offers=True)  # whoever has the key has an offer
        key, id_ = sql.key(), sql.id
        query: Rows = select(id_.label("id"), key.label("key")).select_from(sql.tables(row_by_row=True))
        query = query.where(*sql.conditions(row_by_row=True))
        query = query.where(key.is_(None) if self.without_key else key.is_not(None), *self._ranked(id_))
        starts_inside = after is not None and (self.rank, self.without_key) == (after.rank, after.key is None)
        if after is not None and starts_inside:
            place = tuple_(id_) if self.without_key else tuple_(key, id_)
            values = (after.id,) if self.without_key else (after.key, after.id)
            query = query.where(place < values if sql.descending else place > values)
        order = (id_,) if self.without_key else (key, id_)
        return query.order_by(*(each.desc() if sql.descending else each for each in order)).limit(limit)

    def _ranked(self, id_: ColumnElement[int]) -> list[ColumnElement[bool]]:
        if not self.exact:
            return []
        return [id_.in_(self.exact) if self.rank == 0 else id_.not_in(self.exact)]


def _beyond(key: ColumnElement[Any], id_: ColumnElement[int], after: Place, *, descending: bool) -> ColumnElement[bool]:
    further = id_ < after.id if descending else id_ > after.id
    if after.key is None:
        return and_(key.is_(None), further)
    beyond = key < after.key if descending else key > after.key
    return or_(beyond, and_(key == after.key, further), key.is_(None))
