"""Filters and orders for search results: StockX's search has neither, so its pages are filtered here (issue 2).

A product that lacks the value a filter asks about is left out; a product that lacks the value it is sorted by comes
last, in either direction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from solegate.domain.sorting import SortOrder
from solegate.errors import InvalidInputError

T = TypeVar("T")
Bound = TypeVar("Bound", date, Decimal)


class Sort(SortOrder):
    """Orders of a search. `RELEVANCE` is StockX's own order."""

    RELEVANCE = "relevance"
    TITLE = "title"
    TITLE_DESCENDING = "-title"
    RELEASE_DATE = "releaseDate"
    RELEASE_DATE_DESCENDING = "-releaseDate"
    RETAIL_PRICE = "retailPrice"
    RETAIL_PRICE_DESCENDING = "-retailPrice"


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """What a filter or an order looks at; anything may be missing (FACTS 1.9)."""

    title: str | None = None
    brand: str | None = None
    product_type: str | None = None
    gender: str | None = None
    release_date: date | None = None
    retail_price: Decimal | None = None
    color: str | None = None
    colorway: str | None = None


@dataclass(frozen=True, slots=True)
class SearchFilter:
    """What a product has to be. `None` asks for nothing; texts ignore case; both ends of a range belong to it.

    `brand`, `product_type` and `gender` must be equal; `color` need only occur in the colour or the colorway.

    Raises:
        InvalidInputError: a range ends before it starts.
    """

    brand: str | None = None
    product_type: str | None = None
    gender: str | None = None
    released_from: date | None = None
    released_to: date | None = None
    retail_min: Decimal | None = None
    retail_max: Decimal | None = None
    color: str | None = None

    def __post_init__(self) -> None:
        _check_range("release date", self.released_from, self.released_to)
        _check_range("retail price", self.retail_min, self.retail_max)

    def accepts(self, facts: ProductFacts) -> bool:
        """Whether a product passes every filter that is set."""
        return (
            _equal(self.brand, facts.brand)
            and _equal(self.product_type, facts.product_type)
            and _equal(self.gender, facts.gender)
            and _within(self.released_from, facts.release_date, self.released_to)
            and _within(self.retail_min, facts.retail_price, self.retail_max)
            and _occurs(self.color, (facts.color, facts.colorway))
        )


def sort_products(products: Iterable[T], order: Sort, facts: Callable[[T], ProductFacts]) -> list[T]:
    """The products in the wanted order; equals keep StockX's order."""
    found = list(products)
    if order is Sort.RELEVANCE:
        return found
    keyed = [(_sort_value(facts(each), order), each) for each in found]
    known = [(value, each) for value, each in keyed if value is not None]
    known.sort(key=lambda pair: pair[0], reverse=order.descending)
    return [each for _, each in known] + [each for value, each in keyed if value is None]


def parse_release_date(text: str | None) -> date | None:
    """The date in StockX's `releaseDate`; `None` when it is missing or no date (`2021`, `TBD`)."""
    try:
        return date.fromisoformat((text or "").strip()[:10])
    except ValueError:
        return None


def _sort_value(facts: ProductFacts, order: Sort) -> str | date | Decimal | None:
    match order.key:
        case "title":
            return facts.title.casefold() if facts.title else None
        case "releaseDate":
            return facts.release_date
        case _:
            return facts.retail_price


def _check_range(name: str, low: Bound | None, high: Bound | None) -> None:
    if low is not None and high is not None and high < low:
        raise InvalidInputError(f"The {name} cannot be from {low} to {high}: swap them.")


def _equal(wanted: str | None, value: str | None) -> bool:
    return wanted is None or (value is not None and value.strip().casefold() == wanted.strip().casefold())


def _occurs(wanted: str | None, values: Iterable[str | None]) -> bool:
    if wanted is None:
        return True
    text = wanted.strip().casefold()
    return any(text in value.casefold() for value in values if value)


def _within(low: Bound | None, value: Bound | None, high: Bound | None) -> bool:
    if low is None and high is None:
        return True
    return value is not None and (low is None or low <= value) and (high is None or value <= high)


EVERYTHING = SearchFilter()
"""The filter that asks for nothing."""
