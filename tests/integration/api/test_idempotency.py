"""`Idempotency-Key`: a change that is sent again is answered again, and not done again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.routing import APIRoute
from sqlalchemy import text

from solegate.api.middleware import LARGEST_BODY
from solegate.clock import SystemClock
from solegate.domain.idempotency import KeyRecord, fingerprint
from support.api import RunningApi, running_api

STOP = "/api/v1/guard/stop"


@pytest.fixture
async def api(tmp_path: Path, upgraded_url: str) -> AsyncIterator[RunningApi]:
    """An application whose time is the machine's, for it takes time to wait for each other."""
    async with running_api(tmp_path, database_url=upgraded_url, clock=SystemClock()) as running:
        yield running


async def stop(api: RunningApi, key: str | None = "k", reason: str = "a", **more: Any) -> httpx2.Response:
    headers = {} if key is None else {"Idempotency-Key": key}
    return await api.client.put(STOP, json={"reason": reason}, headers=headers, **more)


async def trail(api: RunningApi) -> list[str]:
    """What was done, as the audit trail has it."""
    async with api.services.database.reading() as session:
        return list(await session.scalars(text("SELECT result FROM audit ORDER BY id")))


async def test_a_repetition_is_given_the_same_answer_and_does_nothing(api: RunningApi):
    first = await stop(api)
    await api.client.delete(STOP)
    again = await stop(api)

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.content == first.content
    assert again.headers["content-type"] == first.headers["content-type"]
    assert (first.headers.get("idempotency-replayed"), again.headers["idempotency-replayed"]) == (None, "true")
    assert first.headers["x-request-id"] != again.headers["x-request-id"]
    assert (await api.client.get(STOP)).json()["stopped"] is False
    assert await trail(api) == ["stopped", "went on"]


async def test_without_a_key_every_request_is_done(api: RunningApi):
    for _ in range(2):
        await stop(api, key=None)
        await api.client.delete(STOP)
    assert await trail(api) == ["stopped", "went on"] * 2


async def test_a_quoted_key_is_the_same_as_a_bare_one(api: RunningApi):
    await stop(api, key='"k-1"')
    assert (await stop(api, key="k-1")).headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize("change", ["body", "path", "method", "query"])
async def test_the_key_of_another_request_is_refused(api: RunningApi, change: str):
    await stop(api)
    headers = {"Idempotency-Key": "k"}
    match change:
        case "body":
            answer = await stop(api, reason="b")
        case "path":
            answer = await api.client.put("/api/v1/guard/other", json={"reason": "a"}, headers=headers)
        case "method":
            answer = await api.client.request("DELETE", STOP, json={"reason": "a"}, headers=headers)
        case _:
            answer = await stop(api, params={"x": "1"})

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "idempotency_mismatch"
    assert await trail(api) == ["stopped"]


@pytest.mark.parametrize("key", ["", "a b", '"a', "x" * 256, "ä".encode()])
async def test_a_key_that_cannot_be_used_is_refused_before_anything_is_done(api: RunningApi, key: str | bytes):
    answer = await api.client.put(
        STOP, json={}, headers=[(b"Idempotency-Key", key if isinstance(key, bytes) else key.encode())]
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key")
    assert await trail(api) == []


async def test_two_keys_are_no_key(api: RunningApi):
    answer = await api.client.put(STOP, json={}, headers=[("Idempotency-Key", "a"), ("Idempotency-Key", "b")])
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key")


async def test_a_key_can_be_required(tmp_path: Path):
    async with running_api(tmp_path, idempotency_key_required=True) as api:
        refused = await stop(api, key=None)
        assert (refused.status_code, refused.json()["code"]) == (400, "idempotency_key")
        assert (await stop(api)).status_code == 200
        assert (await api.client.get(STOP)).json()["stopped"] is True


async def test_what_is_refused_is_not_kept(api: RunningApi):
    """A repetition of a refused request is judged anew; the key stays that request's."""
    for _ in range(2):
        answer = await api.client.put(STOP, json={"reason": "x" * 501}, headers={"Idempotency-Key": "k"})
        assert answer.status_code == 422
        assert "idempotency-replayed" not in answer.headers
    assert (await stop(api)).json()["code"] == "idempotency_mismatch"


async def test_a_body_is_bounded_with_a_key_too(api: RunningApi):
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(LARGEST_BODY // 65_536 + 2):
            yield b" " * 65_536

    answer = await api.client.put(STOP, content=endless(), headers={"Idempotency-Key": "k"})
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert (await stop(api)).status_code == 200


async def test_a_hundred_at_once_do_it_once_and_get_equal_answers(api: RunningApi):
    answers = await asyncio.gather(*(stop(api) for _ in range(100)))

    assert {(each.status_code, each.content) for each in answers} == {(200, answers[0].content)}
    assert sum("idempotency-replayed" not in each.headers for each in answers) == 1
    assert await trail(api) == ["stopped"]


async def test_who_waits_too_long_is_told_when_to_ask_again(tmp_path: Path, upgraded_url: str):
    async with running_api(tmp_path, database_url=upgraded_url) as api:  # its clock jumps over the wait
        found = await _hold(api)

        refused = await stop(api)

        assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_conflict")
        assert refused.headers["retry-after"] == "2"
        await api.services.idempotency.give_back(found)
        assert (await stop(api)).status_code == 200


async def test_what_fails_unforeseen_may_be_tried_again_at_once(api: RunningApi):
    broken = [True]

    async def mend() -> dict[str, bool]:
        if broken:
            broken.clear()
            raise RuntimeError("unforeseen")
        return {"mended": True}

    # Past the table of scopes, which does not know it.
    api.app.router.routes.append(APIRoute("/api/v1/mend", mend, methods=["POST"]))

    async def send() -> httpx2.Response:
        return await api.client.post("/api/v1/mend", headers={"Idempotency-Key": "k"})

    assert (await send()).status_code == 500
    assert (await send()).json() == {"mended": True}
    assert (await send()).headers["idempotency-replayed"] == "true"


async def test_reading_takes_no_notice_of_a_key(api: RunningApi):
    headers = {"Idempotency-Key": "not a key at all"}
    assert (await api.client.get(STOP, headers=headers)).status_code == 200


async def _hold(api: RunningApi) -> KeyRecord:
    """Begin with the request that `stop` sends, as another process would."""
    found = await api.services.idempotency.begin("k", fingerprint("PUT", STOP, (), b'{"reason":"a"}'))
    assert isinstance(found, KeyRecord)
    return found
