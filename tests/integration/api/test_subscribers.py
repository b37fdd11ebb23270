"""Subscribers and deliveries over HTTP, with a real receiver."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from solegate.domain.events.values import EventType, event
from solegate.domain.leases import Lease
from solegate.services.events.log import EventLog
from support.api import JumpClock, RunningApi, running_api
from support.receiver import answers, receiving
from support.selling import run_to_the_end, sell

PATH = "/api/v1/subscribers"


def real_time() -> JumpClock:
    """A clock that shows the machine's time, as a receiver checks the age of messages by its own."""
    return JumpClock(datetime.now(UTC))


async def deliver(api: RunningApi) -> None:
    """Do what a worker does, once for each subscriber. No lease is renewed meanwhile: that would let time jump."""
    lease = Lease("w", 1, api.clock.now() + timedelta(hours=1), api.clock.monotonic() + 3_600)
    for standing in await api.services.telling.subscribers.all():
        await api.services.telling.deliverer.step(standing.subscriber.id, lease)


async def test_a_subscriber_is_told_and_asks_again(tmp_path: Path, sqlite_url: str) -> None:
    async with (
        receiving() as receiver,
        running_api(tmp_path, database_url=sqlite_url, private_targets=True, clock=real_time()) as api,
    ):
        wanted = {"url": f"{receiver.url}?key=hidden", "types": ["order.*"], "name": "shop"}
        made = await api.client.post(PATH, json=wanted)
        place = made.headers["location"]
        secret = made.json()["secret"]
        log = EventLog(api.services.database, api.services.tasks, account="default")
        sold = event("default", EventType.ORDER_CREATED, "323314425", at=api.clock.now(), data={"price": "145"})
        async with api.services.database.transaction() as session:
            await log.record(session, [sold])
        await deliver(api)

        (call,) = receiver.calls
        assert made.status_code == 201
        assert Webhook(secret).verify(call.body, call.headers)["data"] == {"price": "145"}
        assert call.id == sold.id

        listed = (await api.client.get("/api/v1/deliveries", params={"state": "delivered"})).json()
        one = (await api.client.get(f"/api/v1/deliveries/{made.json()['id']}/{sold.id}")).json()
        again = await api.client.post(f"{place}/redeliveries", json={"since": "2020-01-01T00:00:00Z"})
        await deliver(api)
        shown = await api.client.get(place)

        assert [each["eventId"] for each in listed["items"]] == [sold.id]
        assert (one["subject"], one["data"], one["attempts"]) == ("323314425", {"price": "145"}, 1)
        assert (again.status_code, again.json()) == (202, {"queued": 1})
        assert receiver.ids == [sold.id, sold.id]
        assert shown.json()["deliveries"] == {"delivered": 1}
        assert secret not in shown.text
        assert "hidden" not in shown.text + made.text


async def test_a_subscriber_is_paused_tried_out_rotated_and_removed(tmp_path: Path, sqlite_url: str) -> None:
    async with (
        receiving() as receiver,
        running_api(tmp_path, database_url=sqlite_url, private_targets=True, clock=real_time()) as api,
    ):
        receiver.answer = answers(204, 500)
        made = await api.client.post(PATH, json={"url": receiver.url})
        place = made.headers["location"]
        paused = await api.client.post(f"{place}/pause")
        rotated = await api.client.post(f"{place}/rotate-secret", json={"overlapHours": 1})
        pings = [(await api.client.post(f"{place}/test")).json() for _ in range(2)]
        resumed = await api.client.post(f"{place}/resume")
        removed = await api.client.delete(place)

        assert [paused.json()["state"], resumed.json()["state"]] == ["paused", "active"]
        for secret in (made.json()["secret"], rotated.json()["secret"]):
            Webhook(secret).verify(receiver.calls[0].body, receiver.calls[0].headers)
        assert pings == [
            {"delivered": True, "status": 204, "error": ""},
            {"delivered": False, "status": 500, "error": "the receiver answered 500"},
        ]
        assert removed.status_code == 200
        assert (await api.client.get(PATH)).json() == {"items": []}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid_input"),
        ({"url": "https://127.0.0.1/in"}, "address_refused"),
        ({"url": "http://shop.example/in"}, "address_refused"),
        ({"url": "https://169.254.169.254/latest/meta-data"}, "address_refused"),
        ({"url": "https://shop.example", "types": ["Order"]}, "invalid_input"),
        ({"url": "https://shop.example", "types": []}, "invalid_input"),
        ({"url": "https://shop.example", "kind": "mail"}, "invalid_input"),
    ],
)
async def test_what_cannot_be_told_is_refused(idle_api: RunningApi, body: dict[str, object], code: str) -> None:
    answer = await idle_api.client.post(PATH, json=body)

    assert (answer.status_code, answer.json()["code"]) == (422, code)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"{PATH}/sub_x"),
        ("DELETE", f"{PATH}/sub_x"),
        ("POST", f"{PATH}/sub_x/pause"),
        ("POST", f"{PATH}/sub_x/test"),
        ("GET", "/api/v1/deliveries/sub_x/evt_x"),
        ("GET", "/api/v1/deliveries?cursor=x"),
    ],
)
async def test_what_is_not_there_is_not_found(idle_api: RunningApi, method: str, path: str) -> None:
    answer = await idle_api.client.request(method, path)

    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_record")


async def test_what_is_sent_again_is_named_in_one_way(idle_api: RunningApi) -> None:
    for body in ({}, {"eventId": "evt_1", "since": "2026-01-01T00:00:00Z"}, {"since": "2026-01-01T00:00:00"}):
        answer = await idle_api.client.post(f"{PATH}/sub_x/redeliveries", json=body)

        assert answer.status_code == 422


async def test_an_answer_that_shows_a_secret_is_not_kept(idle_api: RunningApi) -> None:
    answer = await idle_api.client.post(PATH, json={"url": "https://x.example"}, headers={"Idempotency-Key": "k"})

    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key")


async def test_a_sale_on_the_market_is_read_in_the_chat(tmp_path: Path, sqlite_url: str) -> None:
    async with (
        receiving() as slack,
        receiving() as discord,
        running_api(tmp_path, database_url=sqlite_url, private_targets=True) as api,
    ):
        for kind, receiver in (("slack", slack), ("discord", discord)):
            wanted = {"url": f"{receiver.url}/password", "kind": kind, "types": ["order.created"]}
            made = (await api.client.post(PATH, json=wanted)).json()
            assert (made["secret"], made["url"]) == (None, f"http://127.0.0.1:{receiver.port}/…")
        await run_to_the_end(api, "orders-active")  # what was sold before the first look is no news
        number = sell(api)
        await run_to_the_end(api, "orders-active")
        await deliver(api)

    (told,), (told_too,) = slack.calls, discord.calls
    assert told.json["text"] == "Sold: Nike Dunk Low Retro White Black Panda (DD1391-100), size 7.5, 150 EUR"
    assert told_too.json["embeds"][0]["fields"][0]["value"].replace("\\", "") == number
    assert told.path == "/in/password"
