"""What a search knows of a product: whole numbers and plain keys, which both databases compare alike.

Amounts are whole numbers of ten-thousandths, dates are days, moments are microseconds since 1970.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from solegate.domain.catalog import MarketQuote, ProductData, VariantData
from solegate.domain.money import Money
from solegate.domain.pricing import is_plausible_ask
from solegate.domain.search.query import key_of, key_of_size
from solegate.domain.search.words import main_color, product_words, words

UNITS = 10_000
"""Units of an amount, and of one: a spread of 1,250 is 12.5 per cent."""
LONGEST_TITLE = 80
"""Characters of a title that it is sorted by."""
ANY_SIZE = ""
_MOST = 2**62
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SearchDocument:
    """A product as it is searched; what is missing is `None`."""

    words: tuple[str, ...]
    title: str | None
    brand: str | None
    product_type: str | None
    gender: str | None
    color: str | None
    released: int | None
    release_year: int | None
    retail: int | None


@dataclass(frozen=True, slots=True)
class ProductSize:
    """A size that a product has; `own` where it is the one that a variant is sold by."""

    size: str
    own: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """The market of a product in one size and currency, over all variants of that size; `ANY_SIZE` is over all.

    Attributes:
        ask: the lowest believable one.
        bid: the highest.
        spread: the smallest of one variant, and `spread_share` the smallest share of its ask.
        seen_at: when the oldest quote in it was read.
    """

    size: str
    ask: int | None
    bid: int | None
    spread: int | None
    spread_share: int | None
    seen_at: int


def document_of(product: ProductData, variants: Sequence[VariantData]) -> SearchDocument:
    """A product as it is searched."""
    return SearchDocument(
        words=product_words(product, variants),
        title=" ".join(words(product.title))[:LONGEST_TITLE].rstrip() or None,
        brand=key_of(product.brand),
        product_type=key_of(product.product_type),
        gender=key_of(product.gender),
        color=key_of(main_color(product)),
        released=None if product.release_date is None else day_of(product.release_date),
        release_year=None if product.release_date is None else product.release_date.year,
        retail=None if product.retail_price is None else units_of(product.retail_price),
    )


def sizes_of(variants: Iterable[VariantData]) -> tuple[ProductSize, ...]:
    """Every size of a product, each once, sorted."""
    found: dict[str, bool] = {}
    for variant in variants:
        for size, own in _keys(variant).items():
            found[size] = found.get(size, False) or own
    return tuple(ProductSize(size, own) for size, own in sorted(found.items()))


def offers_of(variants: Iterable[VariantData], quotes: Mapping[str, MarketQuote]) -> tuple[Offer, ...]:
    """A product's market in one currency, sorted by size; `quotes` has the newest of each variant."""
    grouped: defaultdict[str, list[MarketQuote]] = defaultdict(list)
    for variant in variants:
        quote = quotes.get(variant.variant_id)
        if quote is not None:
            for size in (ANY_SIZE, *_keys(variant)):
                grouped[size].append(quote)
    return tuple(_offer(size, found) for size, found in sorted(grouped.items()))


def units_of(amount: Decimal, rounding: str = ROUND_HALF_UP) -> int:
    """An amount in whole units, at most what a database compares with."""
    bounded = min(max(amount * UNITS, Decimal(-_MOST)), Decimal(_MOST))
    return int(bounded.to_integral_value(rounding))


def amount_of(units: int | None) -> Decimal | None:
    """An amount out of its units."""
    return None if units is None else Decimal(units) / UNITS


def low_units(amount: Decimal) -> int:
    """The least number of units that is no less than an amount."""
    return units_of(amount, ROUND_CEILING)


def high_units(amount: Decimal) -> int:
    """The greatest number of units that is no more than an amount."""
    return units_of(amount, ROUND_FLOOR)


def day_of(day: date) -> int:
    """A day as a number."""
    return day.toordinal()


def moment_of(at: datetime) -> int:
    """A moment as a number."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def datetime_of(moment: int) -> datetime:
    """A moment out of its number."""
    return _EPOCH + timedelta(microseconds=moment)


def _keys(variant: VariantData) -> dict[str, bool]:
    """A variant's sizes, and whether it is sold by them. The one it is sold by is found without its system too."""
    found = {key_of_size(each.size): each.is_default for each in variant.sizes}
    sold_by = next((each.size.value for each in variant.sizes if each.is_default), variant.value)
    bare = " ".join((sold_by or "").upper().split())
    if bare:
        found.setdefault(bare, not variant.sizes)
    found.pop(ANY_SIZE, None)
    return found


def _offer(size: str, quotes: Sequence[MarketQuote]) -> Offer:
    pairs = [(_believable(each, each.lowest_ask), _believable(each, each.highest_bid)) for each in quotes]
    both = [(ask, bid) for ask, bid in pairs if ask is not None and bid is not None]
    return Offer(
        size,
        ask=min((ask for ask, _ in pairs if ask is not None), default=None),
        bid=max((bid for _, bid in pairs if bid is not None), default=None),
        spread=min((ask - bid for ask, bid in both), default=None),
        spread_share=min(((ask - bid) * UNITS // ask for ask, bid in both), default=None),
        seen_at=moment_of(min(each.fetched_at for each in quotes)),
    )


def _believable(quote: MarketQuote, amount: Decimal | None) -> int | None:
    money = quote.money(amount)
    if money is None or not is_plausible_ask(money):
        return None
    return units_of(money.amount) or None


def money_of(units: int | None, currency: str) -> Money | None:
    """An amount with its currency out of its units."""
    return None if units is None else Money(Decimal(units) / UNITS, currency)
