"""Snapshots are appended once and read exactly."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from sqlalchemy.exc import StatementError

from solegate.db import Database
from solegate.db.repositories import MarketDataRepository
from solegate.domain.catalog import MarketQuote

NOON = datetime(2026, 1, 1, 12, 0, 0, 123456, tzinfo=UTC)
QUOTE = MarketQuote("p1", "v1", "EUR", NOON, lowest_ask=Decimal("100.10"), highest_bid=Decimal(9))


async def append(database: Database, *quotes: MarketQuote) -> None:
    async with database.transaction() as session:
        await MarketDataRepository(session).append(quotes)


async def test_amounts_and_time_come_back_exactly(database: Database) -> None:
    exact = replace(
        QUOTE,
        lowest_ask=Decimal("9999999999999999.9999"),
        highest_bid=Decimal("0.1"),
        sell_faster=Decimal("0.00005"),
        earn_more=None,
        fetched_at=NOON.astimezone(timezone(timedelta(hours=2))),
    )

    await append(database, exact)

    async with database.reading() as session:
        (found,) = await MarketDataRepository(session).history("v1", "EUR")
    assert found == replace(exact, sell_faster=Decimal("0.0001"))
    assert found.fetched_at.tzinfo is UTC


async def test_a_snapshot_is_kept_once(database: Database) -> None:
    await append(database, QUOTE, QUOTE)
    await append(database, replace(QUOTE, lowest_ask=Decimal(1)))
    await append(database)

    async with database.reading() as session:
        assert await MarketDataRepository(session).history("v1", "EUR") == (QUOTE,)


async def test_the_latest_is_the_newest_of_each_variant_in_its_currency(database: Database) -> None:
    later = replace(QUOTE, fetched_at=NOON + timedelta(minutes=5), lowest_ask=Decimal(90))
    other = replace(QUOTE, variant_id="v2", lowest_ask=None)
    dollars = replace(QUOTE, currency="USD", fetched_at=NOON + timedelta(hours=1))
    stranger = replace(later, product_id="p2", variant_id="v3")
    await append(database, later, QUOTE, other, dollars, stranger)

    async with database.reading() as session:
        market = MarketDataRepository(session)
        assert await market.latest("p1", "EUR") == {"v1": later, "v2": other}
        assert await market.latest("p1", "GBP") == {}


async def test_a_reading_is_kept_by_the_currency_asked_for(database: Database) -> None:
    async with database.transaction() as session:
        market = MarketDataRepository(session)
        for minutes in (0, 5, 5):
            await market.note_read("p1", "EUR", NOON + timedelta(minutes=minutes))

    async with database.reading() as session:
        market = MarketDataRepository(session)
        assert await market.read_at("p1", "EUR") == NOON + timedelta(minutes=5)
        assert await market.read_at("p1", "USD") is None
        assert await market.read_at("p2", "EUR") is None


async def test_the_history_is_newest_first_and_bounded(database: Database) -> None:
    quotes = [replace(QUOTE, fetched_at=NOON + timedelta(minutes=n)) for n in range(5)]
    await append(database, *quotes)

    async with database.reading() as session:
        market = MarketDataRepository(session)
        assert await market.history("v1", "EUR", limit=2) == (quotes[4], quotes[3])
        assert await market.history("v1", "EUR", since=quotes[3].fetched_at) == (quotes[4], quotes[3])


async def test_a_naive_time_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="naive time"):
        await append(database, replace(QUOTE, fetched_at=NOON.replace(tzinfo=None)))
