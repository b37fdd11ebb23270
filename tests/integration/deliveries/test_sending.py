"""What happened reaches each subscriber: signed, in order, retried for 75 hours, and never twice once it was taken."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text
from standardwebhooks import Webhook

from solegate.domain.deliveries.schedule import GIVE_UP_AFTER, MOST_ATTEMPTS
from solegate.domain.deliveries.values import DeliveryState, SubscriberKind, SubscriberState
from solegate.domain.events.values import EventType, event
from support.mailroom import mailroom
from support.postgres import SQLITE_ONLY
from support.receiver import Answer, answers, receiving

CREATED, PAID, FAILED, SOLD = (
    EventType.ORDER_CREATED,
    EventType.ORDER_PAID,
    EventType.ORDER_FAILED,
    EventType.LISTING_SOLD,
)
DELIVERED, DEAD, PENDING, SKIPPED = (
    DeliveryState.DELIVERED,
    DeliveryState.DEAD,
    DeliveryState.PENDING,
    DeliveryState.SKIPPED,
)


async def test_each_subscriber_is_told_once_what_it_wants_and_in_order(upgraded_url):
    async with receiving() as all_of_it, receiving() as orders, mailroom(upgraded_url) as room:
        await room.subscribe(all_of_it.url)
        await room.subscribe(orders.url, types=("order.*",), name="orders")
        first = await room.happen(CREATED, SOLD, PAID)
        await room.work()
        second = await room.happen(FAILED)
        await room.work()
        await room.work()

        assert all_of_it.ids == [*first, *second]
        assert orders.ids == [first[0], first[2], *second]
        assert {each.state for each in await room.deliveries()} == {DELIVERED}


@SQLITE_ONLY
async def test_what_happened_before_somebody_subscribed_is_not_told(upgraded_url):
    async with receiving() as receiver, mailroom(upgraded_url) as room:
        await room.happen(CREATED)
        await room.subscribe(receiver.url)
        told = await room.happen(PAID)
        await room.work()

        assert receiver.ids == told


async def test_the_same_event_recorded_twice_is_told_once(upgraded_url):
    async with receiving() as receiver, mailroom(upgraded_url) as room:
        await room.subscribe(receiver.url)
        sold = event("default", CREATED, "323314425", at=room.clock.now(), data={})
        for _ in range(2):
            async with room.database.transaction() as session:
                await room.log.record(session, [sold])
            await room.work()

        assert receiver.ids == [sold.id]


@SQLITE_ONLY
async def test_the_message_is_one_of_standard_webhooks(upgraded_url):
    async with receiving() as receiver, mailroom(upgraded_url) as room:
        added = await room.subscribers.add(receiver.url, kind=SubscriberKind.STANDARD)
        await room.happen(CREATED, data={"price": "145", "name": "Größe"})
        await room.work()
        (call,) = receiver.calls
        moment = room.clock.now()

    signed = Webhook(added.secret).sign(call.id, moment, call.body.decode())
    assert call.headers["content-type"] == "application/json"
    assert call.headers["webhook-signature"] == signed
    assert call.json == {
        "type": "order.created",
        "timestamp": "2026-01-01T12:00:00+00:00",
        "id": "evt_1",
        "account": "default",
        "subject": "1",
        "number": 1,
        "data": {"price": "145", "name": "Größe"},
    }


@SQLITE_ONLY
async def test_a_dead_receiver_is_tried_for_75_hours_and_then_it_is_a_dead_letter(upgraded_url):
    async with receiving() as receiver, mailroom(upgraded_url) as room:
        receiver.answer = answers(500)
        await room.subscribe(receiver.url)
        start = room.clock.now()
        await room.happen(CREATED)
        await room.work()

        (dead,) = await room.deliveries()
        assert room.clock.now() - start < GIVE_UP_AFTER + timedelta(minutes=10)
        assert room.clock.now() - start > timedelta(hours=75)
        assert receiver.ids == ["evt_1"] * MOST_ATTEMPTS
        assert len({call.body for call in receiver.calls}) == 1
        assert (dead.state, dead.attempts, dead.last_status) == (DEAD, 10, 500)
        assert dead.last_error == "the receiver answered 500"
        assert room.metrics.registry.get_sample_value("solegate_deliveries_total", {"result": "dead"}) == 1
        assert room.metrics.registry.get_sample_value("solegate_deliveries_total", {"result": "failed"}) == 9


@SQLITE_ONLY
async def test_after_a_hiccup_the_order_is_kept(upgraded_url):
    async with receiving() as receiver, mailroom(upgraded_url) as room:
        receiver.answer = answers(503, 503, 200)
        await room.subscribe(receiver.url)
        told = await room.happen(CREATED, PAID)
        await room.work()

        assert receiver.ids == [told[0]] * 3 + [told[1]]


async def test_once_a_receiver_is_back_all_that_waits_goes_out_oldest_first(upgraded_url):
    async with receiving() as receiver, mailroom(upgraded_url) as room:
        receiver.answer = answers(Answer(hang_up=True))
        await room.subscribe(receiver.url)
        told = await room.happen(*[CREATED] * 5)
        await room.work(within=timedelta(hours=2))
        assert len(receiver.calls) == 20  # one in five minutes, whatever waits; four for each by its own times
        receiver.answer = answers(200)
        receiver.calls.clear()
        newest = await room.happen(PAID)
        await room.work(within=timedelta(minutes=5))

        assert receiver.ids == [*newest, *told]


@SQLITE_ONLY
async def test_a_receiver_that_is_away_is_left_alone_as_a_whole(upgraded_url):
    async with receiving() as receiver, mailroom(upgraded_url) as room:
        receiver.answer = answers(503)
        await room.subscribe(receiver.url)
        await room.happen(*[CREATED] * 20)
        await room.work(within=timedelta(hours=1))

        assert 10 <= len(receiver.calls) <= 14


@SQLITE_ONLY
async def test_an_event_that_the_receiver_refuses_keeps_nothing_waiting(upgraded_url):
    async with receiving() as receiver, mailroom(upgraded_url) as room:
        receiver.answer = lambda call: Answer(400 if call.id == "evt_1" else 204)
        await room.subscribe(receiver.url)
        await room.happen(CREATED, PAID, FAILED)
        await room.work(within=timedelta(seconds=1))

        assert receiver.ids == ["evt_1", "evt_2", "evt_3"]
        assert [each.state for each in await room.deliveries()] == [PENDING, DELIVERED, DELIVERED]


@SQLITE_ONLY
async def test_a_receiver_that_asks_for_patience_gets_it(upgraded_url):
    async with receiving() as receiver, mailroom(upgraded_url) as room:
        receiver.answer = answers(Answer(429, {"retry-after": "120"}), 200)
        await room.subscribe(receiver.url)
        start = room.clock.now()
        told = await room.happen(CREATED, PAID)
        await room.work()

        assert room.clock.now() - start >= timedelta(seconds=120)
        assert receiver.ids == [told[0], *told]


@SQLITE_ONLY
async def test_a_receiver_that_is_gone_is_told_nothing_more(upgraded_url):
    async with receiving() as receiver, mailroom(upgraded_url) as room:
        receiver.answer = answers(410)
        subscriber = await room.subscribe(receiver.url)
        await room.happen(CREATED, PAID)
        await room.work()
        await room.happen(FAILED)
        await room.work()

        standing = await room.subscribers.get(subscriber.id)
        assert standing.subscriber.state is SubscriberState.DISABLED
        assert standing.subscriber.reason == "its receiver answered 410 Gone"
        assert standing.counts == {DEAD: 1, SKIPPED: 1}
        assert receiver.ids == ["evt_1"]


async def test_others_are_told_that_a_subscriber_was_disabled(upgraded_url):
    async with receiving() as gone, receiving() as chat, mailroom(upgraded_url) as room:
        gone.answer = answers(410)
        await room.subscribe(gone.url, name="shop")
        await room.subscribe(chat.url, name="chat", kind=SubscriberKind.SLACK, types=("subscriber.*",))
        await room.happen(CREATED)
        await room.work()

        told = [call.json["text"] for call in chat.calls]
        assert told == ["Subscriber disabled: shop: its receiver answered 410 Gone"]


@SQLITE_ONLY
async def test_a_subscriber_is_disabled_after_five_days_of_nothing_but_failures(upgraded_url):
    async with receiving() as receiver, mailroom(upgraded_url) as room:
        receiver.answer = answers(404)
        subscriber = await room.subscribe(receiver.url)
        start = room.clock.now()
        for _ in range(9):
            await room.happen(CREATED)
            await room.work(within=timedelta(days=1))
            room.clock.advance(max(0.0, 86_400 - (room.clock.now() - start).total_seconds() % 86_400))

        found = (await room.subscribers.get(subscriber.id)).subscriber
        assert found.state is SubscriberState.DISABLED
        assert found.reason == f"its receiver has taken nothing since {start:%Y-%m-%d %H:%M} UTC"
        assert timedelta(days=5) <= found.updated_at - start < timedelta(days=7)


@SQLITE_ONLY
async def test_an_event_that_is_kept_no_more_is_a_dead_letter(upgraded_url):
    async with receiving() as receiver, mailroom(upgraded_url) as room:
        await room.subscribe(receiver.url)
        await room.happen(CREATED, PAID)
        async with room.database.transaction() as session:
            await session.execute(text("DELETE FROM events WHERE id = 'evt_1'"))
        await room.work()

        dead, delivered = await room.deliveries()
        assert (dead.state, dead.last_error) == (DEAD, "the event is kept no more")
        assert (delivered.state, receiver.ids) == (DELIVERED, ["evt_2"])
