"""Searching as one would on paper: every product is looked at, in plain Python. And a random catalog to search in."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from solegate.domain.catalog import EnrichedProduct, GtinData, MarketQuote, ProductData, SizeData, VariantData
from solegate.domain.money import Money
from solegate.domain.payout import SellerTerms, estimate_payout
from solegate.domain.pricing import is_plausible_ask
from solegate.domain.search.query import Facet, SearchQuery, SearchSort, Window
from solegate.domain.sizes import SizeValue

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
BRANDS = ("Nike", "NIKE ", "adidas", "Jordan", "Café Noir", "New  Balance", None)
TYPES = ("sneakers", "Watches", "handbags", "streetwear", "")
GENDERS = ("men", "Women", "youth", None)
COLORS = ("Black", "black", "White", "Ümlaut Red", None)
COLORWAYS = ("White/Black", "Núde/Grey", "Black/Royal", None)
TITLES = ("Dunk Low", "Dünk High", "Ultra Boost 1.0", "Café Racer", "Air 90", "dunk  low retro", "Z", None)
SIZES = ("4", "5.5", "9", "10.5")


@dataclass(frozen=True)
class Item:
    """A product under our own id, with what was read of its market."""

    id: int
    enriched: EnrichedProduct
    quotes: tuple[MarketQuote, ...]


def random_product(dice: random.Random, number: int) -> EnrichedProduct:
    style = dice.choice(
        (f"DD{1000 + number // 2}-{100 + number % 2}", f"{number:06d}", f"AB{number}/CD{number}-1", None)
    )
    product = ProductData(
        product_id=f"p{number}",
        style_id=style,
        title=dice.choice(TITLES),
        brand=dice.choice(BRANDS),
        product_type=dice.choice(TYPES),
        gender=dice.choice(GENDERS),
        release_date=dice.choice((None, date(2020, 1, 1) + timedelta(dice.randint(0, 900)), date(2021, 3, 10))),
        retail_price=dice.choice((None, Decimal(dice.randint(50, 300)), Decimal("99.90"))),
        color=dice.choice(COLORS),
        colorway=dice.choice(COLORWAYS),
    )
    sizes = dice.sample(SIZES, dice.randint(0, 3))
    return EnrichedProduct(product, tuple(_variant(number, each) for each in sizes), (), NOON)


def random_quotes(dice: random.Random, product: EnrichedProduct) -> tuple[MarketQuote, ...]:
    """Two readings in two currencies; some amounts are none, some are placeholders."""
    found = []
    for currency in dice.sample(("EUR", "JPY"), dice.randint(0, 2)):
        for reading in range(dice.randint(1, 2)):
            at = NOON + timedelta(hours=reading, microseconds=dice.randint(0, 3_000_000_000))
            for variant in product.variants:
                ask = dice.choice((None, Decimal(dice.randint(50, 400)), Decimal("123.45"), Decimal(999_999_999)))
                bid = dice.choice((None, Decimal(dice.randint(20, 300))))
                found.append(MarketQuote(product.product.product_id, variant.variant_id, currency, at, ask, bid))
    return tuple(found)


def random_query(dice: random.Random) -> SearchQuery:
    """Some filters, some order, all facets."""
    values = dice.choice(("low", "amounts", "size", "attributes", "text", "mixed"))
    text = dice.choice(
        ("dunk", "du", "cafe", "DÜNK hi", "dd1003 100", "dd1003100", "000017", "black", "ab1", "0195000017")
    )
    amount = Window(Decimal(dice.randint(20, 200)), dice.choice((None, Decimal(dice.randint(200, 400)))))
    chosen: dict[str, Any] = {}
    if values in {"text", "mixed"}:
        chosen["text"] = text
    if values in {"attributes", "mixed"}:
        chosen |= dice.choice((
            {"brands": ("nike",)}, {"brands": ("NEW balance", "Jordan"), "genders": ("WOMEN",)}, {"colors": ("black",)},
            {"product_types": ("watches", "handbags")}, {"colors": ("núde", "white"), "genders": ("men",)},
        ))  # fmt: skip
    if values in {"size", "mixed"}:
        chosen["size"] = dice.choice(("US M 9", "eu 40", "5.5", "UK 9"))
    if values in {"amounts", "low"}:
        field = dice.choice(("retail", "lowest_ask", "highest_bid", "spread", "net_payout", "spread_percent"))
        chosen[field] = Window(Decimal(-20), Decimal("40.5")) if field == "spread_percent" else amount
    if dice.random() < 0.2:
        chosen["released"] = Window(date(2020, 6, 1), dice.choice((None, date(2021, 3, 10))))
    if dice.random() < 0.2:
        chosen["last_seen"] = Window(NOON + timedelta(minutes=dice.randint(0, 90)), None)
    if dice.random() < 0.2:
        chosen["in_stock"] = dice.random() < 0.5
    currency = dice.choice(("EUR", "EUR", "JPY"))
    return SearchQuery(**chosen, currency=currency, sort=dice.choice(list(SearchSort)), facets=tuple(Facet))


def _variant(number: int, size: str) -> VariantData:
    own, other = SizeValue("US M", size), SizeValue("EU", str(int(float(size)) + 31), "" if number % 3 else "wide")
    sizes = (SizeData(own, is_default=True), SizeData(other)) if number % 5 else ()
    gtin = GtinData(f"0195{number:06d}", "EAN-13")
    return VariantData(f"v{number}-{size}", value=size, sizes=sizes, gtins=(gtin,) if size == SIZES[0] else ())


# Searching


@dataclass(frozen=True)
class Seen:
    """The market of one product, in one size or in all of them."""

    ask: Decimal | None
    bid: Decimal | None
    spread: Decimal | None
    percent: Decimal | None
    payout: Decimal | None
    at: datetime


def search(items: Iterable[Item], query: SearchQuery, terms: SellerTerms) -> list[int]:
    """The ids of what is found, in order."""
    found = [each for each in items if _passes(each, query, terms, size=query.size)]
    keyed = [(_key(each, query, terms), each) for each in found]
    descending = query.sort.descending or query.sort is SearchSort.RELEVANCE
    known = sorted(((k, each.id) for k, each in keyed if k is not None), reverse=descending)
    unknown = sorted((each.id for k, each in keyed if k is None), reverse=descending)
    ids = [id_ for _, id_ in known] + unknown
    if query.sort is SearchSort.RELEVANCE and query.text:
        exact = {each.id for each in found if _plain(query.text) in _codes(each)}
        return [each for each in ids if each in exact] + [each for each in ids if each not in exact]
    return ids


def facet(items: Iterable[Item], query: SearchQuery, terms: SellerTerms, which: Facet) -> list[tuple[str, int]]:
    """Each value with the number of products that there would be with it alone."""
    counts: Counter[str] = Counter()
    for item in items:
        if which is Facet.SIZE:
            counts.update(size for size in _own_sizes(item) if _passes(item, query, terms, size=size, ignored=which))
        elif _passes(item, query, terms, size=query.size, ignored=which):
            counts.update(_values(item, which))
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:50]


def _passes(
    item: Item, query: SearchQuery, terms: SellerTerms, *, size: str | None, ignored: Facet | None = None
) -> bool:
    about = item.enriched.product
    wanted = {
        Facet.BRAND: query.brands, Facet.PRODUCT_TYPE: query.product_types, Facet.GENDER: query.genders,
        Facet.COLOR: query.colors,
    }  # fmt: skip
    for which, values in wanted.items():
        if values and which is not ignored and not {_tidy(each) for each in values} & set(_values(item, which)):
            return False
    seen = _seen(item, query, terms, size)
    windows: list[tuple[Window[Any], Any]] = [
        (query.retail, about.retail_price),
        (query.lowest_ask, seen and seen.ask),
        (query.highest_bid, seen and seen.bid),
        (query.spread, seen and seen.spread),
        (query.spread_percent, seen and seen.percent),
        (query.net_payout, seen and seen.payout),
        (query.last_seen, seen and seen.at),
        (Window() if ignored is Facet.RELEASE_YEAR else query.released, about.release_date),
    ]
    return (
        _has_text(item, query.text)
        and (size is None or any(_fits(size, each) for each in item.enriched.variants))
        and all(_inside(window, value) for window, value in windows)
        and query.in_stock in {None, seen is not None and seen.ask is not None}
    )


def _inside(window: Window[Any], value: Any) -> bool:
    if window.low is None and window.high is None:
        return True
    return (
        value is not None
        and (window.low is None or window.low <= value)
        and (window.high is None or value <= window.high)
    )


def _seen(item: Item, query: SearchQuery, terms: SellerTerms, size: str | None) -> Seen | None:
    newest: dict[str, MarketQuote] = {}
    for quote in item.quotes:
        if quote.currency == query.currency and (
            quote.variant_id not in newest or newest[quote.variant_id].fetched_at < quote.fetched_at
        ):
            newest[quote.variant_id] = quote
    variants = [each for each in item.enriched.variants if size is None or _fits(size, each)]
    quotes = [newest[each.variant_id] for each in variants if each.variant_id in newest]
    if not quotes:
        return None
    pairs = [(_real(each, each.lowest_ask), _real(each, each.highest_bid)) for each in quotes]
    spreads = [(a - b, Decimal((a - b) * 10_000 // a) / 100, a) for a, b in pairs if a is not None and b is not None]
    percents = [_floored((a - b) / a * 100) for a, b in pairs if a is not None and b is not None]
    ask = min((a for a, _ in pairs if a is not None), default=None)
    category = item.enriched.product.product_type
    paid = None if ask is None else estimate_payout(Money(ask, query.currency), terms, category=category).total.amount
    return Seen(
        ask,
        max((b for _, b in pairs if b is not None), default=None),
        min((each for each, *_ in spreads), default=None),
        min(percents, default=None),
        paid,
        min(each.fetched_at for each in quotes),
    )


def _floored(percent: Decimal) -> Decimal:
    return percent.quantize(Decimal("0.01"), "ROUND_FLOOR")


def _real(quote: MarketQuote, amount: Decimal | None) -> Decimal | None:
    return amount if amount is not None and is_plausible_ask(Money(amount, quote.currency)) else None


def _key(item: Item, query: SearchQuery, terms: SellerTerms) -> Any:
    about, seen = item.enriched.product, _seen(item, query, terms, query.size)
    market: dict[str, Callable[[Seen], Any]] = {
        "lowestAsk": lambda s: s.ask, "highestBid": lambda s: s.bid, "spread": lambda s: s.spread,
        "spreadPercent": lambda s: s.percent, "netPayout": lambda s: s.payout, "lastSeen": lambda s: s.at,
    }  # fmt: skip
    if query.sort.key in market:
        return None if seen is None else market[query.sort.key](seen)
    if query.sort.key == "title":
        return " ".join(_split(about.title)) or None
    return about.retail_price if query.sort.key == "retailPrice" else about.release_date


def _values(item: Item, which: Facet) -> list[str]:
    about = item.enriched.product
    color = about.color or (about.colorway or "").split("/")[0]
    value = {
        Facet.BRAND: about.brand, Facet.PRODUCT_TYPE: about.product_type, Facet.GENDER: about.gender,
        Facet.COLOR: color, Facet.RELEASE_YEAR: about.release_date and str(about.release_date.year),
    }.get(which)  # fmt: skip
    return [_tidy(value)] if value else []


def _own_sizes(item: Item) -> set[str]:
    return {f"US M {each.value}" if each.sizes else str(each.value) for each in item.enriched.variants}


def _fits(size: str, variant: VariantData) -> bool:
    texts = {f"{each.size.system} {each.size.value}".upper() for each in variant.sizes} | {variant.value}
    return size.upper() in texts


def _has_text(item: Item, text: str) -> bool:
    about = item.enriched.product
    gtins = [gtin.identifier for each in item.enriched.variants for gtin in each.gtins]
    texts = (about.title, about.brand, about.style_id, about.color, about.colorway)
    own = {word for each in texts for word in _split(each)} | _codes(item) | set(gtins)
    *whole, last = _split(text) or [""]
    return all(each in own for each in whole) and (not last or any(word.startswith(last) for word in own))


def _codes(item: Item) -> set[str]:
    codes = (item.enriched.product.style_id or "").split("/")
    gtins = [gtin.identifier for each in item.enriched.variants for gtin in each.gtins]
    return {_plain(each) for each in codes if each} | set(gtins)


def _split(text: str | None) -> list[str]:
    plain = (text or "").lower().translate(str.maketrans("éüúÜ", "euuu"))
    return "".join(each if each.isalnum() else " " for each in plain).split()


def _plain(text: str) -> str:
    return "".join(_split(text))


def _tidy(text: str) -> str:
    return " ".join(text.split()).lower()
