"""What is searched for, checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar

from solegate.domain.search.words import words
from solegate.domain.sizes import SizeValue, parse_size
from solegate.domain.sorting import SortOrder
from solegate.errors import InvalidInputError

Bound = TypeVar("Bound", date, datetime, Decimal)

MOST_VALUES = 20
"""Values that one filter takes."""
MOST_WORDS = 12
"""Words of a text."""


class Facet(StrEnum):
    """What the products found are counted by."""

    BRAND = "brand"
    PRODUCT_TYPE = "productType"
    GENDER = "gender"
    COLOR = "color"
    SIZE = "size"
    RELEASE_YEAR = "releaseYear"


class SearchSort(SortOrder):
    """Orders of a search."""

    RELEVANCE = "relevance"
    TITLE = "title"
    TITLE_DESCENDING = "-title"
    RELEASE_DATE = "releaseDate"
    RELEASE_DATE_DESCENDING = "-releaseDate"
    RETAIL_PRICE = "retailPrice"
    RETAIL_PRICE_DESCENDING = "-retailPrice"
    LOWEST_ASK = "lowestAsk"
    LOWEST_ASK_DESCENDING = "-lowestAsk"
    HIGHEST_BID = "highestBid"
    HIGHEST_BID_DESCENDING = "-highestBid"
    SPREAD = "spread"
    SPREAD_DESCENDING = "-spread"
    SPREAD_PERCENT = "spreadPercent"
    SPREAD_PERCENT_DESCENDING = "-spreadPercent"
    NET_PAYOUT = "netPayout"
    NET_PAYOUT_DESCENDING = "-netPayout"
    LAST_SEEN = "lastSeen"
    LAST_SEEN_DESCENDING = "-lastSeen"


@dataclass(frozen=True, slots=True)
class Window(Generic[Bound]):
    """From a value to a value; both ends belong to it, and `None` leaves one open."""

    low: Bound | None = None
    high: Bound | None = None

    @property
    def is_open(self) -> bool:
        """Whether everything is in it, also what lacks the value."""
        return self.low is None and self.high is None

    def check(self, name: str) -> None:
        """Refuse a window that holds nothing.

        Raises:
            InvalidInputError: it ends before it starts.
        """
        if self.low is not None and self.high is not None and self.high < self.low:
            raise InvalidInputError(f"The {name} cannot be from {self.low} to {self.high}: swap them.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchQuery:
    """What a product has to be. Nothing set asks for every product.

    Brand, type, gender and colour must be one of those named; case and surplus spaces do not matter. The market is that
    of the size, or of the best size where none is named, in one currency.

    Attributes:
        text: words, a style code or a barcode; the last word may be the beginning of one.
        size: in any system, such as `EU 42.5` or `US M 9`; without one, in the system that the product is sold in.
        spread: lowest ask less highest bid; without a size, the smallest of one size.
        spread_percent: the same in per cent of the ask.
        net_payout: estimate of what the seller is paid at the lowest ask.
        last_seen: when the market was read.
        in_stock: whether somebody sells it.

    Raises:
        InvalidInputError: it cannot be searched for.
    """

    text: str = ""
    brands: tuple[str, ...] = ()
    product_types: tuple[str, ...] = ()
    genders: tuple[str, ...] = ()
    colors: tuple[str, ...] = ()
    released: Window[date] = field(default_factory=Window)
    retail: Window[Decimal] = field(default_factory=Window)
    size: str | None = None
    currency: str = "EUR"
    lowest_ask: Window[Decimal] = field(default_factory=Window)
    highest_bid: Window[Decimal] = field(default_factory=Window)
    spread: Window[Decimal] = field(default_factory=Window)
    spread_percent: Window[Decimal] = field(default_factory=Window)
    net_payout: Window[Decimal] = field(default_factory=Window)
    last_seen: Window[datetime] = field(default_factory=Window)
    in_stock: bool | None = None
    sort: SearchSort = SearchSort.RELEVANCE
    facets: tuple[Facet, ...] = ()

    def __post_init__(self) -> None:
        if self.text.strip() and not words(self.text):
            raise InvalidInputError("The text holds no letter and no digit to search for.")
        if len(words(self.text)) > MOST_WORDS:
            raise InvalidInputError(f"The text has more than {MOST_WORDS} words.")
        if self.size is not None and not key_of_size(parse_size(self.size.upper())):
            raise InvalidInputError("The size is empty; write it like 'EU 42.5' or 'US M 9'.")
        self._check_windows()
        for name, values in (
            ("brands", self.brands), ("types", self.product_types), ("genders", self.genders), ("colours", self.colors),
        ):  # fmt: skip
            if len(values) > MOST_VALUES:
                raise InvalidInputError(f"{len(values)} {name} are too many; {MOST_VALUES} are the most.")
            if not all(map(key_of, values)):
                raise InvalidInputError(f"One of the {name} is empty.")

    @property
    def size_key(self) -> str:
        """The size as the index knows it; empty for any."""
        return "" if self.size is None else key_of_size(parse_size(self.size.upper()))

    def _check_windows(self) -> None:
        self.released.check("release date")
        self.retail.check("retail price")
        self.lowest_ask.check("lowest ask")
        self.highest_bid.check("highest bid")
        self.spread.check("spread")
        self.spread_percent.check("spread in per cent")
        self.net_payout.check("net payout")
        self.last_seen.check("time it was last seen")


def key_of(text: str | None) -> str | None:
    """A brand, type, gender or colour without case and surplus spaces; `None` where nothing is left."""
    return " ".join((text or "").split()).casefold() or None


def key_of_size(size: SizeValue) -> str:
    """A size without its note: `EU 42.5`, `XL`."""
    return " ".join(f"{size.system} {size.value}".upper().split())
