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
    String,
    and_,
    case,
    cast,
    column,
    func,
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
from solegate.domain.search.net import SHARES, NetTerms, ask_window
from solegate.domain.search.query import Facet, SearchQuery, SearchSort, Window, key_of
from solegate.domain.search.words import BRAND, COLOR, GENDER, TYPE, WordQuery, mark, word_query

_VECTOR: ColumnElement[Any] = literal_column("array_to_tsvector(string_to_array(search_products.words, ' '))")
"""As its index has it, letter by letter."""
_TEXT = table("search_text", column("rowid"), column("search_text"))

_FILTERED = {
    Facet.BRAND: "brand", Facet.PRODUCT_TYPE: "product_type", Facet.GENDER: "gender", Facet.COLOR: "color",
}  # fmt: skip
_MARKS = {Facet.BRAND: BRAND, Facet.PRODUCT_TYPE: TYPE, Facet.GENDER: GENDER, Facet.COLOR: COLOR}

MARKET_SORTS = frozenset({"lowestAsk", "highestBid", "spread", "spreadPercent", "netPayout", "lastSeen"})
"""Orders that go by the market."""


@dataclass(frozen=True, slots=True)
class SearchSql:
    """The parts of a query's statements.

    Attributes:
        query: what is searched for.
        terms: of the seller, for payouts.
        postgres: which of the two databases it is for.
        by_offers: look at products that have a market alone, by what stands with that.
    """

    query: SearchQuery
    terms: NetTerms
    postgres: bool
    by_offers: bool

    @property
    def id(self) -> ColumnElement[int]:
        """Our own id of a product."""
        return (Offer.product_id if self.by_offers else Product.id).expression

    def tables(self, counting: Facet | None = None, *, sorting: bool = True, row_by_row: bool = False) -> FromClause:
        """Where the products are, with their size and market where something asks for them."""
        if self.by_offers:
            found: FromClause = Offer.__table__
            if counting is Facet.SIZE:
                found = join(found, Size, and_(Size.product_id == self.id, Size.own, Size.size == Offer.size))
            if row_by_row and self.query.text.strip():
                found = join(found, Product, Product.id == self.id)
            return found
        return self._products(counting, sorting=sorting)

    def conditions(self, ignored: Facet | None = None, *, row_by_row: bool = False) -> list[ColumnElement[bool]]:
        """What a product has to be, but for the filter that a facet ignores.

        Args:
            ignored: the facet.
            row_by_row: look into the words of one product after the other, not for all that have them.
        """
        texts = self._words() if row_by_row else self._texts(ignored)
        return [*self._offered(ignored), *texts, *self._attributes(ignored), *self._market()]

    def matches(self, words: WordQuery) -> ColumnElement[bool]:
        """Products that have words."""
        if not self.postgres:
            return self.id.in_(select(_TEXT.c.rowid).where(_TEXT.c.search_text.bool_op("MATCH")(_fts5(words))))
        have_them = _VECTOR.bool_op("@@")(cast(_tsquery(words), TSQUERY))
        return self.id.in_(select(Product.id).where(have_them)) if self.by_offers else have_them

    def facet(self, facet: Facet) -> SQLColumnExpression[Any]:
        """What a facet counts by."""
        if facet is Facet.SIZE:
            return Size.size
        return self._about("release_year" if facet is Facet.RELEASE_YEAR else _FILTERED[facet])

    def _about(self, name: str) -> SQLColumnExpression[Any]:
        found: SQLColumnExpression[Any] = getattr(Offer if self.by_offers else Product, name)
        return found

    def _products(self, counting: Facet | None, *, sorting: bool) -> FromClause:
        query, size = self.query, _size(self.query)
        found: FromClause = Product.__table__
        if counting is Facet.SIZE:
            found, size = join(found, Size, and_(Size.product_id == Product.id, Size.own)), Size.size.expression
        elif query.size is not None:
            found = join(found, Size, and_(Size.product_id == Product.id, Size.size == size))
        if query.in_stock is not None or (sorting and query.sort.key in MARKET_SORTS):
            same = and_(Offer.product_id == Product.id, Offer.currency == query.currency, Offer.size == size)
            found = outerjoin(found, Offer, same)
        return found

    def _offered(self, ignored: Facet | None) -> list[ColumnElement[bool]]:
        if not self.by_offers:
            return []
        of_size = [] if ignored is Facet.SIZE else [Offer.size == _size(self.query)]
        return [Offer.currency == self.query.currency, *of_size]

    def key(self) -> SQLColumnExpression[Any]:
        """What the order goes by; relevance is the newest release first."""
        return {
            SearchSort.TITLE.value: self._about("title"),
            SearchSort.RETAIL_PRICE.value: self._about("retail"),
            SearchSort.LOWEST_ASK.value: Offer.ask,
            SearchSort.HIGHEST_BID.value: Offer.bid,
            SearchSort.SPREAD.value: Offer.spread,
            SearchSort.SPREAD_PERCENT.value: Offer.spread_share,
            SearchSort.NET_PAYOUT.value: self._net(),
            SearchSort.LAST_SEEN.value: Offer.seen_at,
        }.get(self.query.sort.key, self._about("released"))

    @property
    def descending(self) -> bool:
        """Whether the largest comes first."""
        return self.query.sort.descending or self.query.sort is SearchSort.RELEVANCE

    def _texts(self, ignored: Facet | None) -> list[ColumnElement[bool]]:
        if not self.query.text.strip():
            return []
        wanted = ((facet, self._values(facet)) for facet in _FILTERED if facet is not ignored)
        marks = [tuple(mark(_MARKS[facet], each) for each in values) for facet, values in wanted if values]
        return [self.matches(word_query(self.query.text, marks))]

    def _words(self) -> list[ColumnElement[bool]]:
        """The same by the words of one product, which are split by spaces."""
        wanted = word_query(self.query.text)
        own = literal(" ") + Product.words + literal(" ")
        sought = [f" {each} " for each in wanted.words] + ([f" {wanted.prefix}"] if wanted.prefix else [])
        place = func.strpos if self.postgres else func.instr
        return [place(own, each) > 0 for each in sought]

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
        for facet, name in _FILTERED.items():
            values, its = self._values(facet), self._about(name)
            if values and facet is not ignored:
                found.append(its == values[0] if len(values) == 1 else its.in_(values))
        days = [None if each is None else day_of(each) for each in (query.released.low, query.released.high)]
        if ignored is not Facet.RELEASE_YEAR:
            found += _within(self._about("released"), *days)
        return found + _amounts(self._about("retail"), query.retail)

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
            low, high = _units(query.net_payout)
            found += [*_within(Offer.ask, *ask_window(low, high, self.terms)), *_within(self._net(), low, high)]
        if query.in_stock is not None:
            found.append(Offer.ask.is_not(None) if query.in_stock else Offer.ask.is_(None))
        return found

    def _net(self) -> ColumnElement[Any]:
        """`domain.search.net.net_payout` in SQL, whose division of whole numbers cuts off what is left over."""
        terms = self.terms
        rate = case(
            *((self._about("product_type") == name, _whole(share)) for name, share in sorted(terms.special.items())),
            else_=_whole(terms.rate),
        )
        fee, least = _charged(rate, terms), _whole(terms.least_fee)
        charged = case((fee < least, least), else_=fee)
        return Offer.ask - charged - _charged(_whole(terms.processing), terms) - _whole(terms.shipping)


def _charged(rate: ColumnElement[int], terms: NetTerms) -> ColumnElement[int]:
    doubled = _whole(2) * Offer.ask * rate + _whole(SHARES * terms.unit)
    return doubled // _whole(2 * SHARES * terms.unit) * _whole(terms.unit)


def asks_for_market(query: SearchQuery) -> bool:
    """Whether a filter leaves only products that have a market."""
    windows = (query.lowest_ask, query.highest_bid, query.spread, query.spread_percent, query.net_payout)
    return bool(query.in_stock) or not (all(each.is_open for each in windows) and query.last_seen.is_open)


def _size(query: SearchQuery) -> ColumnElement[str]:
    """The size of the offers; for any, letter by letter as the indexes have it."""
    return literal(query.size_key) if query.size_key else literal_column("''", String)


def _whole(number: int) -> ColumnElement[int]:
    return literal(number, BigInteger)


def _part(percent: Window[Decimal]) -> Window[Decimal]:
    """A window of per cent as one of parts of a whole."""
    return Window(*(None if each is None else each / 100 for each in (percent.low, percent.high)))


def _amounts(its: SQLColumnExpression[Any], window: Window[Decimal]) -> list[ColumnElement[bool]]:
    return _within(its, *_units(window))


def _units(window: Window[Decimal]) -> tuple[int | None, int | None]:
    low = None if window.low is None else low_units(window.low)
    return low, None if window.high is None else high_units(window.high)


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
