"""The history of prices: hours and days drawn together in SQL are what Python draws together, on either database."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from solegate.db import Database
from solegate.db.repositories.market_data import MarketDataRepository
from solegate.db.repositories.price_history import PriceHistoryPages
from solegate.domain.catalog import MarketQuote
from solegate.domain.price_history import (
    HistoryQuery,
    HistorySort,
    Interval,
    PricePoint,
    Span,
    believable_ask,
    reading,
)
from solegate.domain.sorting import Mark, Marked

START = datetime(2026, 3, 28, 21, 50, tzinfo=UTC)
ALL = HistoryQuery(product_id="product", currency="EUR")


def quotes(count: int = 300, **changes: str) -> list[MarketQuote]:
    dice = random.Random(7)

    def price() -> Decimal | None:
        return dice.choice([None, Decimal(9), Decimal(10), Decimal("99.5"), Decimal(900_000_000)])

    known: dict[str, Any] = {"product_id": "product", "currency": "EUR", **changes}
    return [
        MarketQuote(
            variant_id=dice.choice("abc"),
            fetched_at=START + timedelta(minutes=11 * number),
            lowest_ask=price(),
            highest_bid=price(),
            sell_faster=price(),
            **known,
        )
        for number in range(count)
    ]


def drawn_together(rows: Sequence[MarketQuote], interval: Interval) -> list[PricePoint]:
    """What Python makes of it, oldest first."""
    parts: dict[tuple[datetime, str], list[MarketQuote]] = defaultdict(list)
    for row in sorted(rows, key=lambda each: each.fetched_at):
        start = (
            row.fetched_at.replace(minute=0) if interval is Interval.HOUR else row.fetched_at.replace(hour=0, minute=0)
        )
        parts[start, row.variant_id].append(row)
    return [
        PricePoint(at, variant, len(part), part[0], part[-1],
                   span([believable_ask(each) for each in part]), span([each.highest_bid for each in part]))
        for (at, variant), part in sorted(parts.items())
    ]  # fmt: skip


def span(prices: list[Decimal | None]) -> Span:
    there = [each for each in prices if each is not None]
    return Span(prices[0], prices[-1], min(there, default=None), max(there, default=None))


async def page(
    database: Database,
    wanted: HistoryQuery,
    order: HistorySort = HistorySort.AT,
    after: Mark | None = None,
    limit: int = 1000,
) -> tuple[Marked[PricePoint], ...]:
    async with database.reading() as session:
        return await PriceHistoryPages(session).page(wanted, order, after=after, limit=limit)


@pytest.fixture
async def kept(database: Database) -> list[MarketQuote]:
    rows = quotes()
    async with database.transaction() as session:
        market = MarketDataRepository(session)
        await market.append(rows)
        await market.append(quotes(20, currency="USD"))
        await market.append([MarketQuote("another", "z", "EUR", START, Decimal(1))])
    return rows


@pytest.mark.parametrize("interval", [Interval.HOUR, Interval.DAY])
async def test_hours_and_days_are_what_python_draws_together(
    database: Database, kept: list[MarketQuote], interval: Interval
):
    expected = drawn_together(kept, interval)
    wanted = HistoryQuery(product_id="product", currency="EUR", interval=interval)

    found = [each.row for each in await page(database, wanted)]
    newest_first = [each.row for each in await page(database, wanted, HistorySort.AT_DESCENDING)]

    assert found == expected
    assert newest_first == expected[::-1]


async def test_readings_come_one_by_one(database: Database, kept: list[MarketQuote]):
    found = [each.row for each in await page(database, ALL)]
    assert found == [reading(each) for each in kept]


@pytest.mark.parametrize("interval", Interval)
@pytest.mark.parametrize("order", HistorySort)
async def test_pages_join_without_gap_or_repetition(
    database: Database, kept: list[MarketQuote], interval: Interval, order: HistorySort
):
    wanted = HistoryQuery(product_id="product", currency="EUR", interval=interval)
    whole = [each.row for each in await page(database, wanted, order)]
    assert len(whole) >= 9
    joined: list[PricePoint] = []
    after = None
    while part := await page(database, wanted, order, after, limit=4 if interval is Interval.DAY else 41):
        joined += [each.row for each in part]
        after = part[-1].mark
    assert joined == whole


async def test_a_size_and_a_window_narrow_it_down(database: Database, kept: list[MarketQuote]):
    until = START + timedelta(hours=20)
    wanted = HistoryQuery(product_id="product", currency="EUR", variant_id="b", at_from=START, at_before=until)
    found = [each.row.last for each in await page(database, wanted)]
    assert found == [each for each in kept if each.variant_id == "b" and each.fetched_at < until]
    assert await page(database, HistoryQuery(product_id="nothing", currency="EUR")) == ()
