"""The door of the HTTP API: who comes in, for what, how often, and what everybody else is told."""

from __future__ import annotations

import hmac
import sys
from pathlib import Path

import httpx2
import pytest

from solegate.api.scopes import EVERY_ACCOUNT, PUBLIC, SHOWN_ONCE, TABLE, lookup
from solegate.api.security import FAILURES_PER_MINUTE
from solegate.domain.keys import Scope
from support.api import RunningApi, api_settings, running_api
from support.door import KEYS, STOP, UNKNOWN, WRITES, bearer, concrete, key_of

PAGES = {("GET", "/openapi.json"), ("GET", "/docs"), ("GET", "/problems/{name}")}
"""What the OpenAPI document does not describe."""


def refusal(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def status_of(door: RunningApi, key: str, path: str = WRITES, **more: str) -> int:
    return (await door.client.get(path, headers=bearer(key, **more))).status_code


# The table


async def test_every_route_has_its_line_and_every_line_its_route(door: RunningApi) -> None:
    described = {(verb.upper(), path) for path, verbs in door.app.openapi()["paths"].items() for verb in verbs}

    assert set(TABLE) == described | PAGES
    assert set(TABLE) >= EVERY_ACCOUNT | SHOWN_ONCE


def test_the_table_is_looked_up_by_path() -> None:
    table = lookup()

    for (method, path), needed in TABLE.items():
        assert table.needed(method, concrete(path)) == (path, needed)
    for path in ("/api/v1", "/api/v1/writes/", "//api/v1/writes", "/api/v1/WRITES", "/api/v1/keys/a/b", "/docs/x"):
        assert table.needed("GET", path) == ("", Scope.READ)


async def test_without_a_key_nothing_but_the_public_is_answered(door: RunningApi) -> None:
    for (method, path), needed in TABLE.items():
        door.clock.advance(1)  # so many tries from one address are slowed down
        answer = await door.client.request(method, concrete(path))
        if needed is PUBLIC:
            # The door for webhooks opens by signatures.
            assert answer.status_code not in {401, 403, 429} or answer.json()["code"] == "bad_signature", path
        else:
            assert refusal(answer) == (401, "key_required"), path
            assert answer.headers["www-authenticate"] == 'Bearer realm="solegate"'


async def test_a_key_opens_what_its_scope_covers_and_nothing_else(door: RunningApi) -> None:
    for scope in (Scope.READ, Scope.WRITE):
        key = await key_of(door, scope, per_minute=10_000)
        beyond = [line for line, needed in TABLE.items() if needed is not None and not scope.covers(needed)]
        for method, path in beyond:
            answer = await door.client.request(method, concrete(path), headers=bearer(key))
            assert refusal(answer) == (403, "scope_missing"), path
            assert f"'{TABLE[method, path]}'" in answer.json()["detail"]
        assert beyond
        assert await status_of(door, key) == 200


# Attacks


BADLY_SENT = (
    [("Authorization", "Bearer nonsense")],
    [("Authorization", f"Bearer {UNKNOWN}")],
    [("Authorization", "Bearer HALF")],
    [("Authorization", "Bearer ID_OF_ONE_SECRET_OF_ANOTHER")],
    [("Authorization", "Bearer KEYx")],
    [("Authorization", "Bearer KEY, Bearer KEY")],
    [("Authorization", "Bearer KEY KEY")],
    [("Authorization", "Basic KEY")],
    [("Authorization", "KEY")],
    [("Authorization", "Bearer")],
    [("Authorization", "Bearer KEY"), ("Authorization", "Bearer KEY")],
    [("Authorization", f"Bearer {UNKNOWN}"), ("Authorization", "Bearer KEY")],
    [("Authorization", "Bearer KEY"), ("X-API-Key", "KEY")],
    [("X-API-Key", "KEY"), ("X-API-Key", "KEY")],
    [("X-API-Key", "Bearer KEY")],
    [("Proxy-Authorization", "Bearer KEY")],
    [("Cookie", "key=KEY")],
)


async def test_a_key_comes_once_whole_and_where_it_belongs(door: RunningApi) -> None:
    key, other = await key_of(door), await key_of(door)
    mixed = "_".join((*key.split("_", 2)[:2], other.split("_", 2)[2]))
    for headers in BADLY_SENT:
        sent = headers
        for name, text in (("ID_OF_ONE_SECRET_OF_ANOTHER", mixed), ("HALF", key[:40]), ("KEY", key)):
            sent = [(header, value.replace(name, text)) for header, value in sent]

        answer = await door.client.get(KEYS, headers=sent)

        assert refusal(answer) == (401, "key_required"), headers
        assert key.split("_", 2)[2] not in answer.text, headers
    assert await status_of(door, key) == 200


async def test_either_header_takes_a_key_and_the_address_does_not(door: RunningApi) -> None:
    key = await key_of(door)

    assert await status_of(door, key, KEYS) == 200
    assert (await door.client.get(KEYS, headers={"authorization": f"bearer {key}"})).status_code == 200
    assert (await door.client.get(KEYS, headers={"X-API-Key": key})).status_code == 200
    assert (await door.client.get(KEYS, params={"key": key, "api_key": key})).status_code == 401


DETOURS = (
    ("GET", "/api/v1/nothing"),
    ("GET", "//api/v1/keys"),
    ("GET", "/api//v1/keys"),
    ("GET", "/api/v1/keys/"),
    ("GET", "/API/V1/KEYS"),
    ("GET", "/api/v1/%6beys"),
    ("GET", "/api/v1/keys%2f"),
    ("GET", "/api/v1/writes/%2e%2e/keys"),
    ("GET", "/docs/%2e%2e/api/v1/keys"),
    ("GET", "/healthz/%2e%2e/api/v1/keys"),
    ("GET", "/healthz%00"),
    ("GET", "/healthz%0a"),
    ("GET", "/api/v1/keys%0a"),
    ("POST", "/api/v1/keys%0a"),
    ("GET", "/api/v1/keys;/healthz"),
    ("HEAD", "/api/v1/keys"),
    ("OPTIONS", "/api/v1/keys"),
    ("TRACE", "/api/v1/keys"),
    ("POST", "/healthz"),
    ("BREW", "/api/v1/keys"),
    ("get", "/api/v1/keys"),
)


async def test_no_other_spelling_leads_around_the_door(door: RunningApi) -> None:
    """What exists, and what does not, is told to holders of a key only."""
    reader = await key_of(door, Scope.READ)
    strange = {"X-HTTP-Method-Override": "GET", "X-Original-URL": "/healthz", "X-Rewrite-URL": "/healthz"}
    for method, path in DETOURS:
        stranger = await door.client.request(method, path, headers=strange)
        holder = await door.client.request(method, path, headers=bearer(reader))

        assert stranger.status_code == 401, (method, path)
        assert holder.status_code in {403, 404, 405, 307}, (method, path)


async def test_a_revoked_and_an_expired_key_open_nothing(door: RunningApi) -> None:
    admin, brief = await key_of(door), await key_of(door, Scope.READ, expires="1h")
    assert await status_of(door, brief) == 200
    door.clock.advance(3601)
    assert await status_of(door, brief) == 401

    other = await key_of(door, Scope.READ)
    assert await status_of(door, other) == 200
    revoked = await door.client.delete(f"{KEYS}/{other.split('_')[1]}", headers=bearer(admin))
    assert (revoked.status_code, revoked.json()["state"]) == (200, "revoked")
    assert await status_of(door, other) == 401


async def test_a_key_revoked_in_another_process_opens_nothing_after_five_seconds(door: RunningApi) -> None:
    key = await key_of(door, Scope.READ)
    assert await status_of(door, key) == 200
    await door.sql(f"UPDATE api_keys SET revoked_at = '2026-01-01 12:00:00' WHERE id = '{key.split('_')[1]}'")
    assert await status_of(door, key) == 200  # it is remembered, so that a request costs no look into the database

    door.clock.advance(5)

    assert await status_of(door, key) == 401


async def test_a_secret_is_compared_in_constant_time(door: RunningApi) -> None:
    calls = 0

    def watch(_frame: object, event: str, called: object) -> None:
        nonlocal calls
        calls += event == "c_call" and called is hmac.compare_digest

    key = await key_of(door, Scope.READ)
    wrong = key[:-8] + "AAAAAAAA"
    sys.setprofile(watch)
    try:
        statuses = [await status_of(door, each) for each in (key, wrong)]
    finally:
        sys.setprofile(None)

    assert statuses == [200, 401]
    assert calls == 2


async def test_a_socket_finds_no_way_in(door: RunningApi) -> None:
    sent: list[object] = []

    async def send(message: object) -> None:
        sent.append(message)

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    scope = {"type": "websocket", "path": WRITES, "headers": [], "query_string": b"", "scheme": "ws"}
    await door.app(scope, receive, send)

    assert sent == [{"type": "websocket.close", "code": 1008}]


# How often


async def test_the_headers_tell_what_is_left_and_then_it_is_refused(door: RunningApi) -> None:
    key = await key_of(door, Scope.READ, per_minute=3)
    one, forbidden, missing, refused = [
        await door.client.get(path, headers=bearer(key)) for path in (WRITES, KEYS, "/api/v1/nothing", WRITES)
    ]

    assert [each.status_code for each in (one, forbidden, missing, refused)] == [200, 403, 404, 429]
    assert {each.headers["ratelimit-policy"] for each in (one, forbidden, missing, refused)} == {'"key";q=3;w=60'}
    assert one.headers["ratelimit"] == '"key";r=2;t=20'
    assert forbidden.headers["ratelimit"] == '"key";r=1;t=40'
    assert missing.headers["ratelimit"] == '"key";r=0;t=60'
    assert refused.headers["ratelimit"] == '"key";r=0;t=60'
    assert (refused.json()["code"], refused.headers["retry-after"]) == ("too_many_requests", "20")
    door.clock.advance(20)
    assert await status_of(door, key) == 200


async def test_the_share_of_one_key_is_not_anothers(door: RunningApi) -> None:
    busy, calm = await key_of(door, Scope.READ, per_minute=1), await key_of(door, Scope.READ, per_minute=1)

    assert [await status_of(door, key) for key in (busy, busy, calm)] == [200, 429, 200]


async def test_who_tries_keys_is_slowed_down_and_others_are_not(door: RunningApi) -> None:
    good = await key_of(door, Scope.READ)
    statuses = [await status_of(door, UNKNOWN) for _ in range(FAILURES_PER_MINUTE + 1)]

    assert statuses == [401] * FAILURES_PER_MINUTE + [429]
    assert await status_of(door, good) == 200


# What every answer says


async def test_every_answer_is_safe_to_show(door: RunningApi) -> None:
    key = await key_of(door)
    for path in ("/healthz", WRITES, "/api/v1/nothing", "/docs"):
        headers = (await door.client.get(path, headers=bearer(key))).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert {"access-control-allow-origin", "strict-transport-security", "server"} & set(headers) == set()
    encrypted = await door.client.get("https://127.0.0.1/healthz")
    assert encrypted.headers["strict-transport-security"] == "max-age=31536000"


async def test_pages_of_a_named_origin_may_ask_and_no_others(tmp_path: Path, sqlite_url: str) -> None:
    shop = "https://shop.example"
    asked = {
        "Origin": shop,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    async with running_api(
        tmp_path, cors_origins=shop, host="0.0.0.0", open_on_loopback=False, database_url=sqlite_url
    ) as door:
        allowed = await door.client.options("/api/v1/listings", headers=asked)
        refused = await door.client.options("/api/v1/listings", headers=asked | {"Origin": "https://evil.example"})

    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (200, shop)
    assert "access-control-allow-credentials" not in allowed.headers
    assert (refused.status_code, "access-control-allow-origin" in refused.headers) == (400, False)


async def test_the_development_switch_counts_for_this_machine_alone(one_api: RunningApi, tmp_path: Path) -> None:
    assert (await one_api.client.get(WRITES)).status_code == 200
    assert await status_of(one_api, UNKNOWN) == 401  # who sends a key means it
    for header in ("X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "Via", "X-Real-IP"):
        assert (await one_api.client.get(WRITES, headers={header: "10.1.2.3"})).status_code == 401, header
    with pytest.raises(ValueError, match="loopback"):
        api_settings(tmp_path, one_api.simulator, host="0.0.0.0")


async def test_the_audit_trail_names_the_key(door: RunningApi) -> None:
    key = await key_of(door, Scope.WRITE, name="bot")
    await door.client.put(STOP, headers=bearer(key), json={"reason": "stock-taking"})

    trail = await door.client.get("/api/v1/audit", headers=bearer(key))

    assert trail.json()["items"][0]["actor"] == "API key 'bot'"
