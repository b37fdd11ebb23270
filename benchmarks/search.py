"""Searches over a large local catalog: how long they take on each database, and whether both find the same.

Each search has three filters and an order, half of them words as well. What is measured is one page of 50: finding it,
counting it up to the bound, and reading its products and prices; not the HTTP around it. Every search is new to the
database, after one in ten to warm up. SEARCH_PRODUCTS=1000000 measures what issue 5 asks for; that takes ten minutes.
"""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks.databases import databases
from benchmarks.search_catalog import COLORS, GENDERS, SIZES, TYPES, Catalog, fill_postgres, fill_sqlite
from benchmarks.table import Row
from solegate.db import Database
from solegate.db.repositories.catalog import CatalogRepository
from solegate.db.repositories.search import SearchRepository
from solegate.domain.payout import SellerTerms
from solegate.domain.search.net import net_terms
from solegate.domain.search.query import SearchQuery, SearchSort, Window

PRODUCTS = int(os.environ.get("SEARCH_PRODUCTS", "100000"))
SEARCHES = 300
PAGE = 50
GOAL = 0.050
"""Seconds, p95 (what the search was built for)."""
_TERMS = net_terms(SellerTerms(), "EUR")


@dataclass(frozen=True)
class Found:
    """What the searches on one database took and found.

    Attributes:
        loading: seconds that filling the database took.
        times: seconds of each search.
        pages: for each, the ids of its page and how many products it counted.
    """

    loading: float
    times: tuple[float, ...]
    pages: tuple[tuple[tuple[int, ...], int], ...]

    def percentile(self, share: int) -> float:
        """The time that so many per cent of the searches stay below."""
        return statistics.quantiles(self.times, n=100)[share - 1]


def measure() -> list[Row]:
    """The same searches over the same products on each database."""
    catalog = Catalog(PRODUCTS)
    with databases() as urls:
        found = {name: _measured(url, catalog) for name, url in urls.items()}
    one, other = found.values()
    return [
        *(_row(name, each) for name, each in found.items()),
        Row(
            f"the same {SEARCHES} searches find the same on both databases",
            f"{sum(len(ids) for ids, _total in one.pages):,} hits, and as many counted",
            goal="identical",
            holds=one.pages == other.pages,
        ),
    ]


def _row(name: str, found: Found) -> Row:
    p50, p90, p95 = (1e3 * found.percentile(share) for share in (50, 90, 95))
    return Row(
        f"a search over {PRODUCTS:,} products with three filters and an order, {name}",
        f"p50 {p50:.0f} ms, p95 {p95:.0f} ms",
        f"p90 {p90:.0f} ms, longest {1e3 * max(found.times):,.0f} ms; loaded in {found.loading:,.0f} s",
        f"p95 under {1e3 * GOAL:.0f} ms",
        found.percentile(95) < GOAL,
    )


def _measured(url: str, catalog: Catalog) -> Found:
    began = time.perf_counter()
    if url.startswith("sqlite"):
        fill_sqlite(Path(url.partition(":///")[2]), catalog)
    else:
        fill_postgres(url, catalog)
    loading = time.perf_counter() - began
    times, pages = asyncio.run(_search(url, catalog))
    return Found(loading, times, pages)


async def _search(url: str, catalog: Catalog) -> tuple[tuple[float, ...], tuple[tuple[tuple[int, ...], int], ...]]:
    dice = random.Random(3)
    queries = [_query(dice, catalog) for _ in range(SEARCHES)]
    times, pages = [], []
    async with Database(url) as database:
        for query in [_query(random.Random(number), catalog) for number in range(SEARCHES // 10)]:
            await _page(database, query)
        for query in queries:
            began = time.perf_counter()
            pages.append(await _page(database, query))
            times.append(time.perf_counter() - began)
    return tuple(times), tuple(pages)


async def _page(database: Database, query: SearchQuery) -> tuple[tuple[int, ...], int]:
    async with database.reading() as session:
        search = SearchRepository(session, query, _TERMS)
        page = await search.page(None, PAGE)
        ids = [place.id for place in page.found]
        await CatalogRepository(session).find_by_ids(ids)
        await search.offers(ids)
    return tuple(ids), page.total.count


def _query(dice: random.Random, catalog: Catalog) -> SearchQuery:
    """Three filters and an order, and half of the time words; what is frequent is asked for more often."""
    low = dice.randint(40, 300)
    window = Window(Decimal(low), Decimal(low * dice.choice((1.2, 1.5, 3))).quantize(Decimal(1)))
    year = dice.randint(2010, 2024)
    filters: dict[str, Callable[[], Any]] = {
        "brands": lambda: tuple(sorted({_of(dice, catalog.brands, 4) for _ in range(dice.randint(1, 2))})),
        "product_types": lambda: (_of(dice, TYPES, 3),),
        "genders": lambda: (_of(dice, GENDERS, 2),),
        "colors": lambda: (_of(dice, COLORS, 2),),
        "released": lambda: Window(date(year, 1, 1), date(year + dice.randint(0, 2), 12, 31)),
        "retail": lambda: window,
        "size": lambda: dice.choice(SIZES),
        "lowest_ask": lambda: window,
        "highest_bid": lambda: window,
        "spread_percent": lambda: Window(Decimal(5), Decimal(dice.choice((15, 40)))),
        "net_payout": lambda: window,
        "in_stock": lambda: True,
    }
    wanted: dict[str, Any] = {name: filters[name]() for name in dice.sample(list(filters), 3)}
    if dice.random() < 0.5:
        model = _of(dice, catalog.models, 3)
        wanted["text"] = dice.choice((model, model[:4], f"{_of(dice, catalog.brands, 4)} {model[:3]}"))
    return SearchQuery(**wanted, sort=dice.choice(list(SearchSort)))


def _of(dice: random.Random, values: tuple[str, ...], skew: int) -> str:
    """One of them, the first ones more often."""
    return values[int(len(values) * dice.random() ** skew)]
