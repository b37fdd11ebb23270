"""Who is told what happens: their secrets, their pauses, their end."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from standardwebhooks import Webhook, WebhookVerificationError

from solegate.domain.deliveries.values import DeliveryState, SubscriberKind, SubscriberState
from solegate.domain.events.values import EventType
from solegate.errors import AddressRefusedError, InvalidInputError, NoSuchRecordError
from support.mailroom import mailroom
from support.postgres import SQLITE_ONLY
from support.receiver import Answer, Call, answers, receiving

CREATED, PAID = EventType.ORDER_CREATED, EventType.ORDER_PAID
STANDARD, SLACK = SubscriberKind.STANDARD, SubscriberKind.SLACK


def verifies(call: Call, secret: str, moment: datetime) -> bool:
    """Whether a receiver that knows this secret alone accepts it; the package knows the machine's time only."""
    ours = Webhook(secret).sign(call.id, moment, call.body.decode())
    return ours in call.headers["webhook-signature"].split(" ")


async def test_a_secret_is_rotated_while_both_sign(upgraded_url):
    async with receiving() as receiver, mailroom(upgraded_url) as room:
        old = await room.subscribers.add(receiver.url, kind=STANDARD)
        new = await room.subscribers.rotate_secret(old.subscriber.id, overlap=timedelta(hours=24))
        signed = []
        for hours in (0, 23, 2):
            room.clock.advance(hours * 3600)
            await room.happen(CREATED)
            await room.work()
            signed.append([verifies(receiver.calls[-1], each.secret, room.clock.now()) for each in (old, new)])

        assert signed == [[True, True], [True, True], [False, True]]


@SQLITE_ONLY
async def test_a_secret_that_leaked_signs_nothing_more(upgraded_url):
    async with receiving() as receiver, mailroom(upgraded_url) as room:
        old = await room.subscribers.add(receiver.url, kind=STANDARD)
        new = await room.subscribers.rotate_secret(old.subscriber.id, overlap=timedelta())
        await room.happen(CREATED)
        await room.work()
        (call,) = receiver.calls

        assert call.headers["webhook-signature"].count("v1,") == 1
        assert verifies(call, new.secret, room.clock.now())


async def test_of_a_paused_subscriber_nothing_is_lost(upgraded_url):
    async with receiving() as receiver, mailroom(upgraded_url) as room:
        subscriber = await room.subscribe(receiver.url, name="shop")
        await room.subscribers.pause("shop")
        told = await room.happen(CREATED, PAID)
        await room.work()
        paused = list(receiver.calls)
        resumed = await room.subscribers.resume(subscriber.id)
        await room.work()

        assert paused == []
        assert resumed.state is SubscriberState.ACTIVE
        assert receiver.ids == told


@SQLITE_ONLY
async def test_a_subscriber_that_was_disabled_can_be_resumed(upgraded_url):
    async with receiving() as receiver, mailroom(upgraded_url) as room:
        receiver.answer = answers(410, 204)
        await room.subscribe(receiver.url, name="shop")
        await room.happen(CREATED)
        await room.work()
        await room.subscribers.resume("shop")
        told = await room.happen(PAID)
        await room.work()

        assert receiver.ids == ["evt_1", *told]


async def test_a_removed_subscriber_and_its_deliveries_are_gone(upgraded_url):
    async with receiving() as receiver, mailroom(upgraded_url) as room:
        await room.subscribe(receiver.url, name="shop")
        await room.happen(CREATED)
        await room.subscribers.remove("shop")
        await room.work()

        assert (receiver.calls, await room.deliveries(), await room.subscribers.all()) == ([], [], ())
        with pytest.raises(NoSuchRecordError):
            await room.subscribers.get("shop")


async def test_the_database_shows_neither_addresses_nor_secrets(upgraded_url):
    async with receiving() as receiver, mailroom(upgraded_url) as room:
        added = await room.subscribers.add(f"{receiver.url}/T000/B000/key", kind=SLACK, name="chat")
        signed = await room.subscribers.add(f"{receiver.url}?key=hidden", kind=STANDARD, name="shop")
        async with room.database.reading() as session:
            rows = [tuple(row) for row in await session.execute(text("SELECT * FROM subscribers ORDER BY name"))]
        found = [each.subscriber for each in await room.subscribers.all()]

    assert (added.secret, added.subscriber.secrets) == ("", ())
    for hidden in ("T000", "hidden", signed.secret.removeprefix("whsec_")):
        assert hidden not in str(rows)
        assert hidden not in repr(found)
    assert [each.url for each in found] == [f"{receiver.url}/T000/B000/key", f"{receiver.url}?key=hidden"]
    assert [row[5] for row in rows] == [f"http://127.0.0.1:{receiver.port}/…", f"{receiver.url}?…"]


@SQLITE_ONLY
async def test_a_ping_tells_what_comes_back(upgraded_url):
    async with receiving() as receiver, mailroom(upgraded_url) as room:
        receiver.answer = answers(200, Answer(hang_up=True), 401)
        added = await room.subscribers.add(receiver.url, kind=STANDARD, name="shop")
        found = [await room.subscribers.test("shop") for _ in range(3)]

        assert [each.status for each in found] == [200, None, 401]
        assert {call.json["type"] for call in receiver.calls} == {"ping"}
        assert verifies(receiver.calls[0], added.secret, room.clock.now())
        assert await room.deliveries() == []
        with pytest.raises(WebhookVerificationError):  # its clock is not the machine's: the time is signed as well
            Webhook(added.secret).verify(receiver.calls[0].body, receiver.calls[0].headers)


@pytest.mark.parametrize("url", ["http://127.0.0.1/in", "https://localhost/in", "https://10.0.0.1", "ftp://x.example"])
async def test_private_addresses_are_not_taken(sqlite_url, url):
    async with mailroom(sqlite_url, private=False) as room:
        await room.database.upgrade()
        with pytest.raises(AddressRefusedError):
            await room.subscribe(url)

        assert await room.subscribers.all() == ()


async def test_what_cannot_be_kept_is_refused(sqlite_url):
    async with mailroom(sqlite_url) as room:
        await room.database.upgrade()
        await room.subscribe("http://127.0.0.1/in", name="shop")
        for wrong in (
            {"types": ("Order",)},
            {"types": ("ordr.*",)},
            {"types": ()},
            {"name": "shop"},
            {"name": "x" * 101},
            {"name": "a\nb"},
        ):
            with pytest.raises(InvalidInputError):
                await room.subscribe("http://127.0.0.1/in", **wrong)
        slack = await room.subscribe("http://127.0.0.1/in", kind=SLACK)
        with pytest.raises(InvalidInputError, match="not signed"):
            await room.subscribers.rotate_secret(slack.id)
        with pytest.raises(InvalidInputError, match="30 days"):
            await room.subscribers.rotate_secret("shop", overlap=timedelta(days=31))


@SQLITE_ONLY
async def test_a_subscriber_removed_while_it_is_written_to_leaves_nothing(upgraded_url):
    async with receiving() as receiver, mailroom(upgraded_url) as room:
        subscriber = await room.subscribe(receiver.url)
        await room.happen(CREATED)
        async with room.database.transaction() as session:
            await session.execute(text("DELETE FROM subscribers"))
        await room.work()

        assert (receiver.calls, await room.deliveries(subscriber_id=subscriber.id)) == ([], [])
        assert DeliveryState.PENDING not in {each.state for each in await room.deliveries()}
