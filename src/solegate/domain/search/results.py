"""What a search finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from solegate.domain.catalog import StoredProduct
from solegate.domain.cursors import cursor_of, read_cursor
from solegate.domain.money import Money
from solegate.domain.search.query import Facet, SearchSort
from solegate.errors import NoSuchRecordError

COUNTED = 1_000
"""Products found that are counted; beyond, the total says only that there are more."""
MOST_FACET_VALUES = 50
"""Values of a facet that are told, those with the most products first."""


@dataclass(frozen=True, slots=True)
class MarketView:
    """The market of a hit: in the size that was searched for, or the best of any size.

    Attributes:
        lowest_ask, highest_bid: none where there is no believable one.
        spread: lowest ask less highest bid, in one size.
        spread_percent: that in per cent of the ask, rounded down to hundredths.
        net_payout: estimate of what the seller is paid at the lowest ask.
        seen_at: when StockX told the oldest of the prices (UTC).
    """

    lowest_ask: Money | None
    highest_bid: Money | None
    spread: Money | None
    spread_percent: Decimal | None
    net_payout: Money | None
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Hit:
    """A product that was found; `market` is `None` where none was read in the currency."""

    stored: StoredProduct
    market: MarketView | None


@dataclass(frozen=True, slots=True)
class Total:
    """How many products were found: `count` of them, or more where it is not `exact`."""

    count: int
    exact: bool


@dataclass(frozen=True, slots=True)
class FacetCount:
    """A value, as its filter takes it, and how many products it would leave."""

    value: str
    count: int


Facets = Mapping[Facet, tuple[FacetCount, ...]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a hit stands: exact matches of a code before all others, then by the key (none comes last), then by id."""

    rank: int
    key: int | str | None
    id: int


@dataclass(frozen=True, slots=True)
class Places:
    """A page of hits, by our own ids; `more` says whether others follow."""

    found: tuple[Place, ...]
    more: bool
    total: Total


def cursor_at(place: Place, sort: SearchSort) -> str:
    """The cursor of a place."""
    key = "" if place.key is None else f"{place.key}"
    return cursor_of(sort.value, str(place.rank), key, str(place.id))


def place_at(cursor: str, sort: SearchSort) -> Place:
    """The place that a cursor names.

    Raises:
        NoSuchRecordError: it is no cursor of a search in this order.
    """
    sorted_by, rank, key, row_id = read_cursor(cursor, 4)
    if sorted_by != sort.value:
        raise NoSuchRecordError("This is no cursor of the list in this order; begin again without a cursor.")
    by_title = sort.key == SearchSort.TITLE.value
    return Place(_number(rank), None if key == "" else key if by_title else _number(key), _number(row_id))


def _number(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 2**63
    if not -(2**62) <= number <= 2**62:
        raise NoSuchRecordError("This is no cursor of this list; take `nextCursor` of the page before.")
    return number
