"""A search as SQL: its tables, conditions and orders. The same on both databases, but for how words are looked up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    SQLColumnExpression,
    and_,
    case,
    cast,
    column,
    join,
    literal,
    literal_column,
    outerjoin,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from solegate.db.tables import SearchOfferRow as Offer
from solegate.db.tables import SearchProductRow as Product
from solegate.db.tables import SearchSizeRow as Size
from solegate.domain.search.documents import day_of, high_units, low_units, moment_of
from solegate.domain.search.net import SHARES, NetTerms
from solegate.domain.search.query import Facet, SearchQuery, SearchSort, Window, key_of
from solegate.domain.search.words import BRAND, COLOR, GENDER, TYPE, WordQuery, mark, word_query

_VECTOR: ColumnElement[Any] = literal_column("array_to_tsvector(string_to_array(search_products.words, ' '))")
"""As its index has it, letter by letter."""
_TEXT = table("search_text", column("rowid"), column("search_text"))

_FILTERED = ((Facet.BRAND, Product.brand), (Facet.PRODUCT_TYPE, Product.product_type), (Facet.GENDER, Product.gender),
             (Facet.COLOR, Product.color))  # fmt: skip
_MARKS = {Facet.BRAND: BRAND, Facet.PRODUCT_TYPE: TYPE, Facet.GENDER: GENDER, Facet.COLOR: COLOR}
FACET_COLUMNS: dict[Facet, SQLColumnExpression[Any]] = {
    **dict(_FILTERED),
    Facet.SIZE: Size.size,
    Facet.RELEASE_YEAR: Product.release_year,
}

MARKET_SORTS = frozenset({"lowestAsk", "highestBid", "spread", "spreadPercent", "netPayout", "lastSeen"})
"""Orders that go by the market."""


@dataclass(frozen=True, slots=True)
class SearchSql:
    """The parts of a query's statements.

    Attributes:
        query: what is searched for.
        terms: of the seller, for payouts.
        postgres: which of the two databases it is for.
    """

    query: SearchQuery
    terms: NetTerms
    postgres: bool

    def tables(self, counting: Facet | None = None, *, sorting: bool = True) -> FromClause:
        """Products, with the size and the market where something asks for them."""
        query = self.query
        found: FromClause = Product.__table__
        size: ColumnElement[str] = literal(query.size_key)
        if counting is Facet.SIZE:
            found, size = join(found, Size, and_(Size.product_id == Product.id, Size.own)), Size.size.expression
        elif query.size is not None:
            found = join(found, Size, and_(Size.product_id == Product.id, Size.size == size))
        if self.asks_for_market() or (sorting and query.sort.key in MARKET_SORTS):
            same = and_(Offer.product_id == Product.id, Offer.currency == query.currency, Offer.size == size)
            found = outerjoin(found, Offer, same)
        return found

    def asks_for_market(self) -> bool:
        """Whether a filter looks at prices."""
        query = self.query
        windows = (query.lowest_ask, query.highest_bid, query.spread, query.spread_percent, query.net_payout)
        return query.in_stock is not None or not (all(each.is_open for each in windows) and query.last_seen.is_open)

    def conditions(self, ignored: Facet | None = None, *, row_by_row: bool = False) -> list[ColumnElement[bool]]:
        """What a product has to be, but for the filter that a facet ignores.

        Args:
            ignored: the facet.
            row_by_row: look into the words of one product after the other, not for all that have them.
        """
        return [*self._texts(ignored, row_by_row=row_by_row), *self._attributes(ignored), *self._market()]

    def matches(self, words: WordQuery, *, row_by_row: bool = False) -> ColumnElement[bool]:
        """Products that have words."""
        if self.postgres:
            return _VECTOR.bool_op("@@")(cast(_tsquery(words), TSQUERY))
        asked = _TEXT.c.search_text.bool_op("MATCH")(_fts5(words))
        if row_by_row:
            return select(1).select_from(_TEXT).where(asked, _TEXT.c.rowid == Product.id).exists()
        return Product.id.in_(select(_TEXT.c.rowid).where(asked))

    def key(self) -> SQLColumnExpression[Any]:
        """What the order goes by; relevance is the newest release first."""
        return {
            SearchSort.TITLE.value: Product.title,
            SearchSort.RETAIL_PRICE.value: Product.retail,
            SearchSort.LOWEST_ASK.value: Offer.ask,
            SearchSort.HIGHEST_BID.value: Offer.bid,
            SearchSort.SPREAD.value: Offer.spread,
            SearchSort.SPREAD_PERCENT.value: Offer.spread_share,
            SearchSort.NET_PAYOUT.value: self._net(),
            SearchSort.LAST_SEEN.value: Offer.seen_at,
        }.get(self.query.sort.key, Product.released)

    @property
    def descending(self) -> bool:
        """Whether the largest comes first."""
        return self.query.sort.descending or self.query.sort is SearchSort.RELEVANCE

    def _texts(self, ignored: Facet | None, *, row_by_row: bool) -> list[ColumnElement[bool]]:
        if not self.query.text.strip():
            return []
        wanted = ((facet, self._values(facet)) for facet, _ in _FILTERED if facet is not ignored)
        marks = [tuple(mark(_MARKS[facet], each) for each in values) for facet, values in wanted if values]
        return [self.matches(word_query(self.query.text, marks), row_by_row=row_by_row)]

    def _values(self, facet: Facet) -> tuple[str, ...]:
        query = self.query
        values = {
            Facet.BRAND: query.brands,
            Facet.PRODUCT_TYPE: query.product_types,
            Facet.GENDER: query.genders,
            Facet.COLOR: query.colors,
        }[facet]
        return tuple(sorted({key for each in values if (key := key_of(each))}))

    def _attributes(self, ignored: Facet | None) -> list[ColumnElement[bool]]:
        query = self.query
        found: list[ColumnElement[bool]] = []
        for facet, its in _FILTERED:
            values = self._values(facet)
            if values and facet is not ignored:
                found.append(its == values[0] if len(values) == 1 else its.in_(values))
        days = [None if each is None else day_of(each) for each in (query.released.low, query.released.high)]
        if ignored is not Facet.RELEASE_YEAR:
            found += _within(Product.released, *days)
        return found + _amounts(Product.retail, query.retail)

    def _market(self) -> list[ColumnElement[bool]]:
        query = self.query
        seen = [None if each is None else moment_of(each) for each in (query.last_seen.low, query.last_seen.high)]
        found = [
            *_amounts(Offer.ask, query.lowest_ask),
            *_amounts(Offer.bid, query.highest_bid),
            *_amounts(Offer.spread, query.spread),
            *_amounts(Offer.spread_share, _part(query.spread_percent)),
            *_within(Offer.seen_at, *seen),
        ]
        if not query.net_payout.is_open:
            found += _amounts(self._net(), query.net_payout)
        if query.in_stock is not None:
            found.append(Offer.ask.is_not(None) if query.in_stock else Offer.ask.is_(None))
        return found

    def _net(self) -> ColumnElement[Any]:
        """`domain.search.net.net_payout` in SQL, whose division of whole numbers cuts off what is left over."""
        terms = self.terms
        rate = case(
            *((Product.product_type == name, _whole(share)) for name, share in sorted(terms.special.items())),
            else_=_whole(terms.rate),
        )
        fee, least = _charged(rate, terms), _whole(terms.least_fee)
        charged = case((fee < least, least), else_=fee)
        return Offer.ask - charged - _charged(_whole(terms.processing), terms) - _whole(terms.shipping)


def _charged(rate: ColumnElement[int], terms: NetTerms) -> ColumnElement[int]:
    doubled = _whole(2) * Offer.ask * rate + _whole(SHARES * terms.unit)
    return doubled // _whole(2 * SHARES * terms.unit) * _whole(terms.unit)


def _whole(number: int) -> ColumnElement[int]:
    return literal(number, BigInteger)


def _part(percent: Window[Decimal]) -> Window[Decimal]:
    """A window of per cent as one of parts of a whole."""
    return Window(*(None if each is None else each / 100 for each in (percent.low, percent.high)))


def _amounts(its: SQLColumnExpression[Any], window: Window[Decimal]) -> list[ColumnElement[bool]]:
    low = None if window.low is None else low_units(window.low)
    return _within(its, low, None if window.high is None else high_units(window.high))


def _within(its: SQLColumnExpression[Any], low: int | None, high: int | None) -> list[ColumnElement[bool]]:
    return [*([] if low is None else [its >= low]), *([] if high is None else [its <= high])]


def _tsquery(words: WordQuery) -> str:
    """The query as PostgreSQL writes it; words hold nothing that would have to be escaped."""
    parts = [f"'{each}'" for each in words.words]
    parts += [f"'{words.prefix}':*"] if words.prefix else []
    return " & ".join((*parts, *(_either((f"'{each}'" for each in group), "|") for group in words.any_of)))


def _fts5(words: WordQuery) -> str:
    parts = [f'"{each}"' for each in words.words]
    parts += [f'"{words.prefix}"*'] if words.prefix else []
    return " AND ".join((*parts, *(_either((f'"{each}"' for each in group), "OR") for group in words.any_of)))


def _either(alternatives: Iterable[str], operator: str) -> str:
    return f"({f' {operator} '.join(alternatives)})"
