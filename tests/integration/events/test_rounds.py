"""What only the time, or our own books, tell: the login, the quota, watched prices."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from solegate.db.repositories.accounts import SqlTokenStore
from solegate.db.repositories.events import EventFilter, EventRepository
from solegate.db.repositories.market_data import MarketDataRepository
from solegate.db.repositories.quota import SqlLimitStore
from solegate.db.secrets import SecretBox
from solegate.domain.accounts import AccountState
from solegate.domain.catalog import MarketQuote
from solegate.domain.events.watches import Direction, WatchedPrice
from support.api import RunningApi, running_api


async def told(api: RunningApi) -> list[tuple[str, str]]:
    async with api.services.database.reading() as session:
        found = await EventRepository(session, "default").after(0, EventFilter(), limit=1_000)
    return [(each.type.value, each.subject) for each in found]


@pytest.fixture
async def api(tmp_path: Path):
    async with running_api(tmp_path, requests_per_day=100) as running:
        yield running


async def rounds(api: RunningApi, times: int = 2) -> None:
    for _ in range(times):
        await api.services.event_rounds.step()


async def test_four_fifths_of_the_quota_are_told_once_a_day_and_cost_no_request(api: RunningApi) -> None:
    limits = SqlLimitStore(api.services.database)
    await limits.take("default", api.clock.now().date(), 79, 100)
    await rounds(api)
    assert await told(api) == []

    await limits.take("default", api.clock.now().date(), 5, 100)
    await rounds(api)
    api.clock.advance(86_400)
    await limits.take("default", api.clock.now().date(), 80, 100)
    await rounds(api)

    assert await told(api) == [("quota.reached", "default")] * 2
    assert api.requests_sent() == 0


async def test_a_login_that_broke_and_was_mended_is_told_of_each_time(api: RunningApi) -> None:
    store = SqlTokenStore(api.services.database, SecretBox((api.settings.secret_key.get_secret_value(),)))
    for state in (AccountState.NEEDS_REAUTH, AccountState.CONNECTED, AccountState.NEEDS_REAUTH):
        record = await store.load("default")
        assert record is not None
        changed = replace(record, version=record.version + 1, state=state)
        assert await store.save(changed, expected_version=record.version)
        await rounds(api)

    assert [kind for kind, _ in await told(api)] == [
        "account.needs_reauth",
        "account.connected",
        "account.needs_reauth",
    ]


async def test_a_watch_looks_at_every_reading_once_even_after_an_outage(api: RunningApi) -> None:
    watches = api.services.watches
    watch = await watches.add(
        "p", price=WatchedPrice.LOWEST_ASK, direction=Direction.BELOW, amount=Decimal(140), currency="EUR"
    )
    await read(api, 150)
    await rounds(api)
    for ask in (139, 150, 138, 137):  # nobody looked meanwhile
        await read(api, ask)
    await rounds(api)

    assert await told(api) == [("price.crossed", watch.id)] * 2
    kept = await watches.get(watch.id)
    assert (kept.side, kept.crossings, kept.looked_at) == (Direction.BELOW, 2, api.clock.now())


async def test_a_price_known_when_the_watch_was_made_tells_on_which_side_it_was(api: RunningApi) -> None:
    await read(api, 150)
    watch = await api.services.watches.add(
        "p", price=WatchedPrice.LOWEST_ASK, direction=Direction.BELOW, amount=Decimal(140), currency="EUR"
    )
    await read(api, 130)
    await rounds(api)

    assert await told(api) == [("price.crossed", watch.id)]


async def read(api: RunningApi, ask: int) -> None:
    """A market is read, by whoever."""
    api.clock.advance(timedelta(minutes=10).total_seconds())
    async with api.services.database.transaction() as session:
        quote = MarketQuote("p", "v", "EUR", api.clock.now(), lowest_ask=Decimal(ask))
        await MarketDataRepository(session).append([quote])
