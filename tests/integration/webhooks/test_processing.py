"""What follows from webhooks: once, in the right order, later, and not at all when it cannot be understood."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solegate.background import handlers_of
from solegate.db.repositories.orders import OrderRepository
from solegate.db.repositories.sightings import MarkRepository
from solegate.domain.events.values import EventType
from solegate.domain.order_deadlines import MirroredOrder, need_of
from solegate.domain.webhooks.attempts import POKE_PAUSE
from solegate.domain.webhooks.values import EntryState
from support.webhooks import BODY, NOW, Inbox, inbox, price, prices

# Prices


async def test_prices_become_a_history_with_their_source_and_no_answer_of_stockx(box: Inbox) -> None:
    await box.kicksdb(prices(price("v-1", 180), price("v-2", "99.50"), price("v-3", 50, number_of_asks=0), at=NOW))
    await box.work()

    (entry,) = await box.entries()
    assert (entry.state, entry.attempts, entry.reason[:8]) == (EntryState.DONE, 1, "3 prices")
    assert await box.history() == [("12:00:00", Decimal(180))]
    assert await box.history("v-2") == [("12:00:00", Decimal("99.50"))]
    assert await box.history("v-3") == [("12:00:00", None)]
    assert await box.rows("SELECT count(*) FROM market_snapshots") == [(0,)]
    assert box.api.requests_sent() == 0


async def test_what_stockx_said_about_these_products_is_forgotten_so_the_next_reader_asks_it(one_box: Inbox) -> None:
    product = one_box.api.product_id()
    for _again in range(2):
        await one_box.api.get(f"/{product}/market-data")
    asked = one_box.api.requests_sent()
    await one_box.kicksdb(prices(price("v-1", 180, product_id=product), at=one_box.clock.now()))
    await one_box.work()
    assert one_box.api.requests_sent() == asked  # a push costs nothing
    await one_box.api.get(f"/{product}/market-data")

    assert asked == 1
    assert one_box.api.requests_sent() == 2


async def test_an_older_price_changes_nothing_that_is_newer(box: Inbox) -> None:
    newer, older = prices(price("v-1", 200), at=NOW), prices(price("v-1", 150), at=NOW - timedelta(hours=2))
    await box.kicksdb(newer)
    await box.work()
    await box.kicksdb(older)
    await box.work()

    assert await box.states() == ["done", "stale"]
    assert await box.history() == [("12:00:00", Decimal(200)), ("10:00:00", Decimal(150))]
    async with box.api.services.database.transaction() as session:
        marks = MarkRepository(session, "default", "kicksdb")
        assert not await marks.move({"USD:v-1": NOW - timedelta(seconds=1)})
        assert await marks.move({"USD:v-1": NOW})


@pytest.mark.parametrize(
    ("event", "items", "state"),
    [
        ("goat.price.updated.usd", [price("v-1", 180)], EntryState.IGNORED),
        ("stockx.price.updated.usd", [{"variant_id": "v-1"}, "x", None, 7], EntryState.DEAD),
        ("stockx.price.updated.usd", [price("v-1", "dear")], EntryState.DEAD),
        ("stockx.price.updated.usd", [price("v-1", -1)], EntryState.DEAD),
        ("stockx.price.updated.usd", [price("v-1", 10**30)], EntryState.DEAD),
        ("stockx.price.updated.usd", [price("\x00", 1, product_id="\u202e")], EntryState.DEAD),
        ("stockx.price.updated.usd", [price("v-1", 180), "x"], EntryState.DONE),
        ("stockx.price.updated.usd", [], EntryState.DONE),
        ("stockx.lowest_ask.updated.usd", [price("v-1", 180, currency=None)], EntryState.DONE),
    ],
)
async def test_what_becomes_of_each_kind_of_price_event(
    one_box: Inbox, event: str, items: Any, state: EntryState
) -> None:
    await one_box.kicksdb(prices(*items, event=event, at=one_box.clock.now()))
    await one_box.work()

    assert [each.state for each in await one_box.entries()] == [state]


def test_shuffled_and_repeated_streams_of_prices_end_in_one_state(tmp_path_factory, sqlite_template) -> None:
    stream = [
        prices(price(f"v-{variant}", 100 + 7 * minute + variant, note=minute), at=NOW - timedelta(minutes=minute // 2))
        for minute in range(6)
        for variant in range(2)
    ]

    async def ends_in(order: list[int], box: Inbox) -> tuple[Any, ...]:
        await box.api.sql("DELETE FROM inbox")
        await box.api.sql("DELETE FROM price_sightings")
        await box.api.sql("DELETE FROM webhook_marks")
        for place in order:
            await box.kicksdb(stream[place])
            if place % 3 == 0:
                await box.work()
        await box.work()
        seen = await box.rows("SELECT variant_id, occurred_at, lowest_ask FROM price_sightings ORDER BY 1, 2")
        told = await box.rows("SELECT subject, occurred_at FROM webhook_marks ORDER BY 1")
        assert {each.state for each in await box.entries()} <= {EntryState.DONE, EntryState.STALE}
        return tuple(seen), tuple(told)

    async def run(orders: list[list[int]]) -> None:
        folder = tmp_path_factory.mktemp("stream")
        async with inbox(folder, f"sqlite+aiosqlite:///{folder}/solegate.db") as box:
            expected = await ends_in(list(range(len(stream))), box)
            assert len(expected[0]) == 6
            for order in orders:
                assert await ends_in(order, box) == expected

    orders: list[list[int]] = []

    @given(order=st.permutations(range(len(stream))), twice=st.lists(st.sampled_from(range(len(stream))), max_size=8))
    @settings(max_examples=12, deadline=None)
    def collect(order: list[int], twice: list[int]) -> None:
        mixed = [*order, *twice]
        random.Random(len(twice)).shuffle(mixed)
        orders.append(mixed)

    collect()
    asyncio.run(run(orders))


# Pokes


async def test_a_poke_has_the_active_orders_read_at_once_and_believes_nothing(one_box: Inbox) -> None:
    answer = await one_box.poke({"event_type": "order.shipped", "data": {"order_id": "01-A", "status": "PAID"}})
    await one_box.work()

    assert answer.status_code == 200
    assert await one_box.states() == ["done"]
    ((due,),) = await one_box.rows("SELECT count(*) FROM tasks WHERE id = 'sync:orders-active' AND due_at IS NOT NULL")
    assert due == 1
    assert await one_box.rows("SELECT count(*) FROM orders") == [(0,)]
    assert one_box.api.requests_sent() == 0


async def test_pokes_look_at_stockx_no_more_often_than_they_may(one_box: Inbox) -> None:
    handlers = handlers_of(one_box.api.services)
    await one_box.api.services.syncs.step("orders-active")
    began = one_box.clock.now()
    for number in range(5):
        await one_box.poke({"event_type": f"mail {number}"})
    await one_box.work()
    due = await one_box.api.services.syncs.status()

    assert "inbox" in handlers
    (next_at,) = [each.next_at for each in due if each.run.name == "orders-active"]
    assert next_at is not None
    assert abs(next_at - began - POKE_PAUSE) < timedelta(seconds=1)


async def test_the_detail_of_an_order_that_is_named_is_read_again(box: Inbox) -> None:
    database = box.api.services.database
    order = MirroredOrder(
        order_number="01-A", is_active=False, status="COMPLETED", seen_at=NOW, changed_at=NOW, detail_at=NOW
    )
    async with database.transaction() as session:
        await OrderRepository(session, "default").save([order])
    await box.poke({"order_id": "01-A"})
    await box.poke({"order_id": "01-B"})
    await box.work()

    async with database.reading() as session:
        (wanted,) = await OrderRepository(session, "default").wanting_details()
    assert need_of(wanted, NOW) is not None
    assert [each.reason.endswith("01-A") for each in await box.entries()] == [True, False]


# What others sign


async def test_what_is_signed_otherwise_is_told_to_subscribers_once(one_box: Inbox) -> None:
    await one_box.shop()
    await one_box.work()
    (entry,) = await one_box.entries()
    await one_box.webhooks.inbox.replay(entry.id)
    await one_box.work()

    happened = await one_box.rows("SELECT type, subject FROM events")
    assert happened == [(EventType.WEBHOOK_RECEIVED.value, "o-1")]
    assert await one_box.states() == ["done"]


async def test_something_older_about_the_same_subject_is_told_to_nobody(box: Inbox) -> None:
    older = BODY.replace(b"11:59:58", b"11:59:57")
    for number, body in enumerate((BODY, older, older.replace(b"o-1", b"o-2"))):
        await box.shop(body, message_id=str(number))
    await box.work()

    assert await box.states() == ["done", "stale", "done"]
    assert await box.rows("SELECT count(*) FROM events") == [(2,)]


async def test_our_own_event_that_comes_back_does_not_go_round_in_circles(one_box: Inbox) -> None:
    await one_box.shop(b'{"type":"webhook.received","timestamp":"2026-01-01T12:00:00Z","data":{}}')
    await one_box.work()

    assert await one_box.states() == ["ignored"]
    assert await one_box.rows("SELECT count(*) FROM events") == [(0,)]
