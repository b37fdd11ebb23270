"""A catalog of made-up products to search in, loaded in bulk into either database.

It is skewed as catalogs are: few brands and words are frequent, most are rare. Every product has its market in EUR over
all sizes, and in one size: two rows of prices per product.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import psycopg

from solegate.domain.search.documents import day_of, moment_of
from solegate.domain.search.words import joined, words

GENDERS = ("men", "women", "unisex", "youth", "child")
TYPES = ("sneakers", "streetwear", "accessories", "collectibles", "handbags", "watches", "electronics", "trading cards")
COLORS = tuple(
    f"{shade}{color}"
    for color in ("black", "white", "red", "blue", "green", "grey", "brown", "pink")
    for shade in ("", "dark ", "light ", "off ")
)
SIZES = tuple(f"EU {36 + half / 2:g}" for half in range(25))
_NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
_FIRST_DAY = date(2008, 1, 1)
_SYLLABLES = ("ba", "ko", "ri", "ten", "mo", "su", "la", "dex", "or", "vi", "ne", "pa", "zu", "gra", "chi", "fy")

TABLES = {
    "products": "id, stockx_id, url_key, style_id, title, brand_id, category_id, gender, release_date, retail_price, "
    "color, enriched_at",
    "search_products": "id, words, title, brand, product_type, gender, color, released, release_year, retail",
    "search_sizes": "product_id, size, own",
    "search_offers": "title, brand, product_type, gender, color, released, release_year, retail, product_id, currency, "
    "size, ask, bid, spread, spread_share, seen_at",
}
Values = tuple[Any, ...]


@dataclass
class Catalog:
    """Products, the same ones for the same number of them."""

    size: int
    brands: tuple[str, ...] = field(init=False)
    models: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        names = [f"{a}{b}{c}" for a in _SYLLABLES for b in _SYLLABLES for c in _SYLLABLES]
        random.Random(7).shuffle(names)
        self.brands, self.models = tuple(names[:200]), tuple(names[200:2200])

    def rows(self) -> Iterator[tuple[Values, Values, Values, list[Values]]]:
        """For each product a row of `products`, `search_products` and `search_sizes`, and those of `search_offers`."""
        dice = random.Random(5)
        for number in range(1, self.size + 1):
            yield self._product(dice, number)

    def _product(self, dice: random.Random, number: int) -> tuple[Values, Values, Values, list[Values]]:
        brand = int(len(self.brands) * dice.random() ** 4)
        kind = int(len(TYPES) * dice.random() ** 3)
        gender, color = GENDERS[int(5 * dice.random() ** 2)], COLORS[int(len(COLORS) * dice.random() ** 2)]
        released = None if dice.random() < 0.03 else _FIRST_DAY + timedelta(int(6570 * dice.random() ** 0.5))
        retail = None if dice.random() < 0.05 else 10 * dice.randint(3, 40)
        model = " ".join(self.models[int(len(self.models) * dice.random() ** 3)] for _ in range(dice.randint(1, 3)))
        style = f"{self.models[number % 2000][:2].upper()}{number:07d}-{dice.randint(100, 999)}"
        title = f"{self.brands[brand]} {model} {color}"
        found = {*_words(self.brands[brand]), *_words(color), *words(model), *words(style), joined(style)}
        found |= {
            f"=c{joined(style)}", f"=b{self.brands[brand]}", f"=t{joined(TYPES[kind])}", f"=g{gender}",
            f"=k{joined(color)}",
        }  # fmt: skip
        product = (
            number, f"p{number}", f"u{number}", style, title, brand + 1, kind + 1, gender, released, retail, color,
            _NOON,
        )  # fmt: skip
        searched = (
            number, " ".join(sorted(found)), " ".join(words(title))[:80], self.brands[brand], TYPES[kind], gender,
            color, released and day_of(released), released and released.year, retail and retail * 10_000,
        )  # fmt: skip
        size = SIZES[int(25 * dice.random())]
        offers = [(*searched[2:], *each) for each in self._offers(dice, number, retail or 150, size)]
        return product, searched, (number, size, True), offers

    def _offers(self, dice: random.Random, number: int, retail: int, size: str) -> list[Values]:
        if dice.random() < 0.1:
            return []
        found: list[Values] = []
        for each in ("", size):
            ask = None if dice.random() < 0.05 else int(retail * dice.uniform(0.6, 4)) * 10_000
            bid = None if dice.random() < 0.2 else int(retail * dice.uniform(0.2, 1.5)) * 10_000
            spread = None if ask is None or bid is None else ask - bid
            share = None if ask is None or spread is None else spread * 10_000 // ask
            seen = moment_of(_NOON - timedelta(seconds=int(2_600_000 * dice.random())))
            found.append((number, "EUR", each, ask, bid, spread, share, seen))
        return found


def fill_sqlite(path: Path, catalog: Catalog) -> None:
    """Load it into a SQLite file that has the schema, and let it learn how the values are spread."""
    with closing(sqlite3.connect(path)) as connection:
        for table, names in (("brands", catalog.brands), ("categories", TYPES)):
            connection.executemany(f"INSERT INTO {table}(key, name) VALUES (?, ?)", [(each, each) for each in names])  # noqa: S608
        inserts = {
            table: f"INSERT INTO {table}({columns}) VALUES ({', '.join('?' * (columns.count(',') + 1))})"  # noqa: S608
            for table, columns in TABLES.items()
        }
        for table, batch in _batches(catalog):
            rows = map(_as_sqlite, batch) if table == "products" else batch
            connection.executemany(inserts[table], rows)
        connection.commit()
        connection.execute("ANALYZE")
        connection.commit()


def fill_postgres(url: str, catalog: Catalog) -> None:
    """Load it into a PostgreSQL database that has the schema; its indexes are made afterwards, as one does."""
    with psycopg.connect(url) as connection:
        connection.execute("SET maintenance_work_mem = '1GB'")
        indexes = connection.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE indexname LIKE 'ix_search_%'"
        ).fetchall()
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}".encode())
        with connection.cursor() as cursor:
            for table, names in (("brands", catalog.brands), ("categories", TYPES)):
                cursor.executemany(
                    f"INSERT INTO {table}(key, name) VALUES (%s, %s)".encode(),  # noqa: S608
                    [(each, each) for each in names],
                )
            for table, batch in _batches(catalog):
                with cursor.copy(f"COPY {table} ({TABLES[table]}) FROM STDIN".encode()) as copy:
                    for row in batch:
                        copy.write_row(row)
        for _, definition in indexes:
            connection.execute(definition.encode())
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _batches(catalog: Catalog, most: int = 50_000) -> Iterator[tuple[str, list[Values]]]:
    waiting: dict[str, list[Values]] = {table: [] for table in TABLES}
    for product, searched, size, offers in catalog.rows():
        waiting["products"].append(product)
        waiting["search_products"].append(searched)
        waiting["search_sizes"].append(size)
        waiting["search_offers"] += offers
        if len(waiting["products"]) == most:
            yield from waiting.items()
            waiting = {table: [] for table in TABLES}
    yield from waiting.items()


def _as_sqlite(row: Values) -> Values:
    """A row of `products` as SQLite keeps it: amounts, dates and moments as text (db/tables/base.py)."""
    *first, released, retail, color, enriched = row
    day, price = released and released.isoformat(), None if retail is None else f"{retail}.0000"
    return (*first, day, price, color, enriched.strftime("%Y-%m-%d %H:%M:%S.%f"))


@cache
def _words(text: str) -> tuple[str, ...]:
    return words(text)
