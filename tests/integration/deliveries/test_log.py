"""What became of each delivery; sending one again, or everything since a moment."""

from __future__ import annotations

from datetime import timedelta

import pytest

from solegate.domain.deliveries.values import DeliveryFilter, DeliveryState, SubscriberKind
from solegate.domain.events.values import EventType
from solegate.errors import InvalidInputError, NoSuchRecordError
from support.mailroom import mailroom
from support.postgres import SQLITE_ONLY
from support.receiver import answers, receiving

CREATED, PAID, SOLD = EventType.ORDER_CREATED, EventType.ORDER_PAID, EventType.LISTING_SOLD


async def test_one_event_is_sent_again_under_the_same_id(upgraded_url):
    async with receiving() as receiver, mailroom(upgraded_url) as room:
        await room.subscribe(receiver.url, name="shop")
        await room.happen(CREATED, PAID)
        await room.work()
        again = await room.deliveries_log.redeliver("shop", "evt_1")
        await room.work()

        assert (again.state, again.attempts) == (DeliveryState.PENDING, 0)
        assert receiver.ids == ["evt_1", "evt_2", "evt_1"]
        assert receiver.calls[0].body == receiver.calls[2].body


@SQLITE_ONLY
async def test_a_dead_letter_can_be_sent_again(upgraded_url):
    async with receiving() as receiver, mailroom(upgraded_url) as room:
        receiver.answer = answers(500)
        await room.subscribe(receiver.url, name="shop")
        await room.happen(CREATED)
        await room.work()
        receiver.answer = answers(204)
        await room.deliveries_log.redeliver("shop", "evt_1")
        await room.work()
        delivery, happened = await room.deliveries_log.get("shop", "evt_1")

        assert (delivery.state, delivery.attempts, delivery.last_error) == (DeliveryState.DELIVERED, 1, "")
        assert happened is not None
        assert happened.type is CREATED


async def test_everything_since_a_moment_is_sent_again_also_what_was_never_to_be_sent(upgraded_url):
    async with receiving() as receiver, mailroom(upgraded_url) as room:
        await room.happen(CREATED)
        room.clock.advance(60)
        since = room.clock.now()
        missed = await room.happen(CREATED, SOLD)
        await room.subscribe(receiver.url, types=("order.*",), name="shop")
        sent = await room.happen(PAID, PAID)
        await room.work()
        await room.subscribers.pause("shop")
        many = await room.happen(*[PAID] * 200)
        count = await room.deliveries_log.redeliver_since("shop", since)
        waiting = await room.deliveries(states=(DeliveryState.PENDING,))

        assert receiver.ids == sent
        assert [each.event_id for each in waiting] == [missed[0], *sent, *many]
        assert count == 203


@SQLITE_ONLY
async def test_a_disabled_subscriber_is_sent_nothing_again(upgraded_url):
    async with receiving() as receiver, mailroom(upgraded_url) as room:
        receiver.answer = answers(410)
        await room.subscribe(receiver.url, name="shop")
        await room.happen(CREATED)
        await room.work()
        for wanted in (
            room.deliveries_log.redeliver("shop", "evt_1"),
            room.deliveries_log.redeliver_since("shop", room.clock.now()),
        ):
            with pytest.raises(InvalidInputError, match="410 Gone"):
                await wanted


async def test_pages_show_each_delivery_once_while_more_come(upgraded_url):
    async with receiving() as receiver, mailroom(upgraded_url) as room:
        for name in ("one", "two"):
            await room.subscribe(receiver.url, name=name)
        await room.happen(*[CREATED] * 7)
        seen, cursor = [], None
        while True:
            page = await room.deliveries_log.page(DeliveryFilter(), cursor=cursor, limit=4)
            seen += [(each.number, each.subscriber_id) for each in page.rows]
            await room.happen(PAID)
            if page.next_cursor is None:
                break
            cursor = page.next_cursor

        assert seen == sorted(seen, key=lambda each: (-each[0], each[1]))
        assert len(set(seen)) == len(seen) == 14


async def test_deliveries_are_filtered(upgraded_url):
    async with receiving() as receiver, mailroom(upgraded_url) as room:
        one, two = [await room.subscribe(receiver.url, name=name) for name in ("one", "two")]
        await room.happen(CREATED, PAID)
        await room.subscribers.pause("two")
        await room.work()

        async def found(**wanted: object) -> list[tuple[str, str]]:
            page = await room.deliveries_log.page(DeliveryFilter(**wanted), limit=10)  # type: ignore[arg-type]
            return [(each.subscriber_id, each.event_id) for each in page.rows]

        assert await found(subscriber_id=one.id) == [(one.id, "evt_2"), (one.id, "evt_1")]
        assert await found(type="order.paid") == [(one.id, "evt_2"), (two.id, "evt_2")]
        assert await found(states=(DeliveryState.PENDING,)) == [(two.id, "evt_2"), (two.id, "evt_1")]
        assert await found(event_id="evt_1") == [(one.id, "evt_1"), (two.id, "evt_1")]


async def test_what_is_not_there_is_told(sqlite_url):
    async with mailroom(sqlite_url) as room:
        await room.database.upgrade()
        await room.subscribe("http://127.0.0.1/in", name="shop", kind=SubscriberKind.SLACK)
        with pytest.raises(NoSuchRecordError):
            await room.deliveries_log.redeliver("shop", "evt_9")
        with pytest.raises(NoSuchRecordError):
            await room.deliveries_log.redeliver_since("else", room.clock.now() - timedelta(days=1))
        with pytest.raises(NoSuchRecordError):
            await room.deliveries_log.get("shop", "evt_9")
        for cursor in ("x", "YQ", "YQpi"):
            with pytest.raises(NoSuchRecordError):
                await room.deliveries_log.page(DeliveryFilter(), cursor=cursor, limit=1)
