"""Events and watches over HTTP: listed, followed, told of own writes and jobs, each account's its own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import jsonschema
import pytest
from fastapi import FastAPI

from solegate.api.closing import close
from solegate.background import local_loop
from solegate.domain.events.values import EventType, event
from solegate.domain.intents import OPEN, Knowledge
from solegate.simulator.world.sellable import is_sellable
from support.api import JumpClock, RunningApi, running_api
from support.sync import QUIET

EVENTS, WATCHES = "/api/v1/events", "/api/v1/watches"


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[RunningApi]:
    async with running_api(tmp_path, clock=JumpClock(ticking=True), pace=QUIET) as running:
        yield running


async def happen(api: RunningApi, *subjects: str, kind: EventType = EventType.ORDER_PAID) -> None:
    log, now = api.services.events, api.clock.now()
    async with api.services.database.transaction() as session:
        await log.record(session, [event(log.account, kind, each, at=now, data={"status": "X"}) for each in subjects])


async def listed(api: RunningApi, **params: Any) -> list[dict[str, Any]]:
    answer = await api.client.get(EVENTS, params=params)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


class Stream:
    """Listens to the application as a browser does, until it hangs up or is told to."""

    def __init__(self, app: FastAPI, path: str, **headers: str) -> None:
        self._app, self._heard, self._text = app, asyncio.Event(), ""
        self.headers: dict[str, str] = {}
        self._gone = asyncio.Event()
        raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        path, _, query = path.partition("?")
        self._scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
            "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
            "headers": [(b"host", b"127.0.0.1"), (b"accept-encoding", b"gzip"), *raw],
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
        }  # fmt: skip
        self._sent = False
        self.running = asyncio.create_task(self._app(self._scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        if not self._sent:
            self._sent = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        self._text += message.get("body", b"").decode()
        self._heard.set()

    @property
    def events(self) -> list[tuple[str, str, dict[str, Any]]]:
        blocks = [dict(line.split(": ", 1) for line in each.splitlines() if line[0] != ":") for each in self.blocks]
        return [(each["id"], each["event"], json.loads(each["data"])) for each in blocks if "data" in each]

    @property
    def blocks(self) -> list[str]:
        return [each for each in self._text.split("\n\n") if each]

    async def until(self, count: int) -> None:
        async with asyncio.timeout(20):
            while len(self.events) < count or not self.blocks:
                self._heard.clear()
                await self._heard.wait()

    async def says(self, block: str) -> None:
        async with asyncio.timeout(20):
            while block not in self.blocks:
                self._heard.clear()
                await self._heard.wait()

    async def hang_up(self) -> None:
        self._gone.set()
        await asyncio.wait_for(self.running, 10)


async def test_events_are_listed_newest_first_page_by_page_and_filtered(api: RunningApi) -> None:
    await happen(api, *"abcde")
    await happen(api, "f", kind=EventType.LISTING_SOLD)

    assert [each["number"] for each in await listed(api)] == [6, 5, 4, 3, 2, 1]
    assert [each["subject"] for each in await listed(api, type="listing.sold")] == ["f"]
    assert [each["type"] for each in await listed(api, subject="b")] == ["order.paid"]
    first = (await api.client.get(EVENTS, params={"limit": 4})).json()
    rest = await listed(api, limit=4, cursor=first["nextCursor"])
    assert [each["subject"] for each in (*first["items"], *rest)] == list("fedcba")
    api.clock.advance(60)
    assert await listed(api, since=api.clock.now().isoformat()) == []
    assert (await api.client.get(EVENTS, params={"cursor": "x"})).status_code == 404
    assert (await api.client.get(EVENTS, params={"type": "x"})).status_code == 422


async def test_the_catalogue_names_every_kind_with_an_example_that_keeps_its_schema(api: RunningApi) -> None:
    items = (await api.client.get(f"{EVENTS}/types")).json()["items"]

    assert {each["type"] for each in items} == {each.value for each in EventType}
    for each in items:
        jsonschema.validate(each["example"]["data"], each["dataSchema"])
        assert each["example"]["type"] == each["type"]


async def test_a_listener_that_is_cut_off_again_and_again_misses_nothing_and_hears_nothing_twice(
    api: RunningApi,
) -> None:
    heard: list[str] = []

    async def write() -> None:
        for number in range(30):
            await happen(api, f"{number}")
            await asyncio.sleep(0.005)

    writing, last = asyncio.create_task(write()), "0"
    while len(heard) < 30:
        stream = Stream(api.app, f"{EVENTS}/stream", last_event_id=last)
        await stream.until(1)
        await stream.hang_up()
        heard += [each[2]["subject"] for each in stream.events]
        last = stream.events[-1][0]
    await writing

    assert heard == [str(number) for number in range(30)]


async def test_who_comes_without_a_last_event_hears_what_happens_from_now_on(api: RunningApi) -> None:
    await happen(api, "before")
    stream = Stream(api.app, f"{EVENTS}/stream?type=order.paid")
    await stream.until(0)
    await happen(api, "unwanted", kind=EventType.LISTING_SOLD)
    await happen(api, "after")
    await stream.until(1)
    await stream.hang_up()

    ((number, name, told),) = stream.events
    assert (number, name, told["subject"]) == ("3", "order.paid", "after")
    assert stream.blocks[0] == "retry: 2000\nid: 1"
    assert stream.headers["content-type"].startswith("text/event-stream")
    assert "content-encoding" not in stream.headers
    assert told == (await listed(api, subject="after"))[0]


async def test_a_silent_stream_shows_signs_of_life_and_ends_when_the_server_closes(api: RunningApi) -> None:
    stream = Stream(api.app, f"{EVENTS}/stream?after=99")
    await stream.until(0)
    api.clock.advance(16)
    await stream.says(": still here")
    close(api.app)
    await asyncio.wait_for(stream.running, 10)

    assert stream.events == []


async def test_own_writes_and_jobs_are_told_of_once_and_the_syncs_find_nothing_more(api: RunningApi) -> None:
    job = (await api.client.post("/api/v1/jobs", json={"kind": "create", "rows": pairs(api), "name": "autumn"})).json()
    for name in ("listings", "orders-active"):
        await sync(api, name)
    await work(api, job["id"])
    report = (await api.client.get(f"/api/v1/jobs/{job['id']}/report.json")).json()
    first, second, third = (row["listing_id"] for row in report)
    await applied(api, await api.client.patch(f"/api/v1/listings/{first}", json={"price": 145}))
    await applied(api, await api.client.post(f"/api/v1/listings/{second}/deactivate"))
    await applied(api, await api.client.delete(f"/api/v1/listings/{third}"))
    await sync(api, "listings")
    await sync(api, "listings")

    told = [(each["type"], each["subject"]) for each in reversed(await listed(api))]
    made = {("listing.activated", each) for each in (first, second, third)}
    assert set(told[:3]) == made
    assert told[3:] == [
        ("job.finished", job["id"]),
        ("listing.price_moved", first),
        ("listing.deactivated", second),
        ("listing.deactivated", third),
    ]
    (finished,) = await listed(api, type="job.finished")
    assert {name: finished["data"][name] for name in ("done", "failed", "rows")} == {"done": 3, "failed": 0, "rows": 3}


def pairs(api: RunningApi) -> list[dict[str, Any]]:
    seed, products = api.simulator.config.seed, api.simulator.catalog.products
    sizes = [size.id for each in products for size in each.variants if is_sellable(seed, each, size)]
    return [{"variantId": each, "price": 150} for each in sizes[:3]]


async def applied(api: RunningApi, answer: httpx2.Response) -> None:
    """Follow a write to its end: a clock that jumps has no patience."""
    async with asyncio.timeout(20):
        while (intent := await api.services.ledger.settle(answer.json()["id"], wait=30)).state in OPEN:
            pass
    assert intent.knowledge is Knowledge.APPLIED


async def sync(api: RunningApi, name: str) -> None:
    while (await api.services.syncs.step(name)).next_due is not None:
        pass


async def work(api: RunningApi, job_id: str) -> None:
    await asyncio.wait_for(local_loop(api.services, "test", subject=job_id).run(until_done=True), 30)


async def test_a_watch_is_made_shown_and_removed(api: RunningApi) -> None:
    wanted = {"productId": "p", "direction": "below", "amount": "140", "note": "buy again"}
    made = await api.client.post(WATCHES, json=wanted, headers={"Idempotency-Key": "one"})
    again = await api.client.post(WATCHES, json=wanted, headers={"Idempotency-Key": "one"})

    assert (made.status_code, again.json()) == (201, made.json())
    path = made.headers["location"]
    assert (await api.client.get(path)).json() == made.json()
    assert (await api.client.get(WATCHES)).json()["items"] == [made.json()]
    assert (await api.client.delete(path)).status_code == 204
    assert (await api.client.get(path)).status_code == (await api.client.delete(path)).status_code == 404


@pytest.mark.parametrize("wrong", [{"amount": "0"}, {"amount": "x"}, {"currency": "EURO"}, {"direction": "up"}])
async def test_a_watch_that_cannot_be_is_refused(api: RunningApi, wrong: dict[str, Any]) -> None:
    answer = await api.client.post(WATCHES, json={"productId": "p", "direction": "below", "amount": "140"} | wrong)

    assert answer.status_code == 422
