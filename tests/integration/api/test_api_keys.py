"""The door of the HTTP API: who comes in, for what, how often, and what everybody else is told."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from solegate.api.scopes import PUBLIC, TABLE, lookup
from solegate.bootstrap import open_house
from solegate.domain.keys import Scope
from support.api import JumpClock, RunningApi, api_settings, running_api

UNKNOWN = "sg_000000000000_" + 43 * "A"
KEYS = "/api/v1/keys"


def bearer(key: str, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} | more


def concrete(path: str) -> str:
    """A path of a template; what it names does not exist."""
    return re.sub(r"{\w+}", "x", path)


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[RunningApi]:
    async with running_api(tmp_path, open_on_loopback=False) as running:
        yield running


async def key_of(door: RunningApi, scope: Scope = Scope.ADMIN, **more: object) -> str:
    house = door.app.state.house
    return str((await house.keys.create("test", scope=scope, actor="test", **more)).text)


def documented_routes(door: RunningApi) -> set[tuple[str, str]]:
    return {(method.upper(), path) for path, methods in door.app.openapi()["paths"].items() for method in methods}


async def test_every_route_has_its_line_and_every_line_its_route(door: RunningApi) -> None:
    pages = {("GET", "/openapi.json"), ("GET", "/docs"), ("GET", "/problems/{name}")}

    assert set(TABLE) == documented_routes(door) | pages


def test_the_table_is_looked_up_by_path() -> None:
    table = lookup()

    for (method, path), needed in TABLE.items():
        assert table.needed(method, concrete(path)) == (True, needed)
    for path in (
        "/api/v1",
        "/api/v1/listings/",
        "//api/v1/listings",
        "/api/v1/LISTINGS",
        "/api/v1/keys/a/b",
        "/docs/x",
    ):
        assert table.needed("GET", path) == (False, Scope.READ)


async def test_without_a_key_nothing_but_the_public_is_answered(door: RunningApi) -> None:
    for (method, path), needed in TABLE.items():
        answer = await door.client.request(method, concrete(path))
        if needed is PUBLIC:
            assert answer.status_code not in {401, 403}, path
        elif answer.status_code != 429:  # so many tries from one address are slowed down
            assert (answer.status_code, answer.json()["code"]) == (401, "key_required"), path
            assert answer.headers["www-authenticate"] == 'Bearer realm="solegate"'


@pytest.mark.parametrize("scope", [Scope.READ, Scope.WRITE])
async def test_a_key_opens_what_its_scope_covers_and_nothing_else(door: RunningApi, scope: Scope) -> None:
    key = await key_of(door, scope, per_minute=10_000)
    refused = 0
    for (method, path), needed in TABLE.items():
        if needed is None or scope.covers(needed):
            continue
        answer = await door.client.request(method, concrete(path), headers=bearer(key))
        assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing"), path
        assert f"'{needed}'" in answer.json()["detail"]
        refused += 1

    assert refused
    assert (await door.client.get("/api/v1/writes", headers=bearer(key))).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        [("Authorization", "Bearer nonsense")],
        [("Authorization", f"Bearer {UNKNOWN}")],
        [("Authorization", "Basic KEY")],
        [("Authorization", "KEY")],
        [("Authorization", "Bearer")],
        [("Authorization", "Bearer KEY"), ("Authorization", "Bearer KEY")],
        [("Authorization", "Bearer KEY"), ("X-API-Key", "KEY")],
        [("Authorization", "Bearer KEYx")],
        [("X-API-Key", "Bearer KEY")],
        [("Cookie", "key=KEY")],
    ],
)
async def test_a_key_comes_once_whole_and_where_it_belongs(door: RunningApi, headers: list[tuple[str, str]]) -> None:
    key = await key_of(door)
    sent = [(name, value.replace("KEY", key)) for name, value in headers]

    answer = await door.client.get(KEYS, headers=sent)

    assert (answer.status_code, answer.json()["code"]) == (401, "key_required")
    assert key not in answer.text


async def test_either_header_takes_a_key(door: RunningApi) -> None:
    key = await key_of(door)

    assert (await door.client.get(KEYS, headers=bearer(key))).status_code == 200
    assert (await door.client.get(KEYS, headers={"X-API-Key": key})).status_code == 200
    assert (await door.client.get(KEYS, params={"key": key})).status_code == 401


async def test_a_revoked_and_an_expired_key_open_nothing(door: RunningApi) -> None:
    admin, other = await key_of(door), await key_of(door, Scope.READ, expires="1h")
    assert (await door.client.get("/api/v1/writes", headers=bearer(other))).status_code == 200

    door.clock.advance(3601)
    assert (await door.client.get("/api/v1/writes", headers=bearer(other))).status_code == 401

    third = await key_of(door, Scope.READ)
    assert (await door.client.get("/api/v1/writes", headers=bearer(third))).status_code == 200
    revoked = await door.client.delete(f"{KEYS}/{third.split('_')[1]}", headers=bearer(admin))
    assert (revoked.status_code, revoked.json()["state"]) == (200, "revoked")
    assert (await door.client.get("/api/v1/writes", headers=bearer(third))).status_code == 401


async def test_a_key_revoked_in_another_process_opens_nothing_after_five_seconds(door: RunningApi) -> None:
    key = await key_of(door, Scope.READ)
    assert (await door.client.get("/api/v1/writes", headers=bearer(key))).status_code == 200
    await door.sql(f"UPDATE api_keys SET revoked_at = '2026-01-01 12:00:00' WHERE id = '{key.split('_')[1]}'")

    door.clock.advance(5)

    assert (await door.client.get("/api/v1/writes", headers=bearer(key))).status_code == 401


async def test_a_key_is_made_shown_once_and_listed_without_its_secret(door: RunningApi) -> None:
    admin = await key_of(door)
    wanted = {"name": "repricer", "scope": "write", "account": "default", "expires": "90d", "perMinute": 7}
    made = await door.client.post(KEYS, headers=bearer(admin), json=wanted)
    key = made.json()["key"]

    listed = await door.client.get(KEYS, headers=bearer(admin))
    one = await door.client.get(made.headers["location"], headers=bearer(admin))

    assert made.status_code == 201
    assert (one.json()["name"], one.json()["perMinute"], one.json()["state"]) == ("repricer", 7, "active")
    assert one.json()["createdBy"] == "API key 'test'"
    assert key.split("_")[2] not in listed.text + one.text
    assert key.split("_")[2].encode() not in door.database_file.read_bytes()
    assert (await door.client.get("/api/v1/writes", headers=bearer(key))).status_code == 200


async def test_an_answer_that_shows_a_secret_is_not_kept(door: RunningApi) -> None:
    headers = bearer(await key_of(door), **{"Idempotency-Key": "k"})

    answer = await door.client.post(KEYS, headers=headers, json={"name": "n", "scope": "read"})

    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key")


@pytest.mark.parametrize(
    ("wanted", "status"),
    [({"scope": "read"}, 422), ({"name": "", "scope": "read"}, 422), ({"name": "n", "scope": "all"}, 422),
     ({"name": "n", "scope": "read", "expires": "soon"}, 422), ({"name": "n", "scope": "read", "perMinute": 0}, 422),
     ({"name": "n", "scope": "read", "account": "nobody"}, 404)],
)  # fmt: skip
async def test_a_key_that_cannot_be_is_refused(door: RunningApi, wanted: dict[str, object], status: int) -> None:
    admin = await key_of(door)

    assert (await door.client.post(KEYS, headers=bearer(admin), json=wanted)).status_code == status
    assert len((await door.client.get(KEYS, headers=bearer(admin))).json()["items"]) == 1


async def test_a_key_reaches_its_account_alone(door: RunningApi) -> None:
    bound, free = await key_of(door, Scope.READ, account="default"), await key_of(door, Scope.READ)
    other = {"Solegate-Account": "other"}

    for key in (bound, free):
        answer = await door.client.get("/api/v1/writes", headers=bearer(key, **other))
        assert (answer.status_code, answer.json()["code"]) == (404, "no_such_account")
        named = await door.client.get("/api/v1/writes", headers=bearer(key, **{"Solegate-Account": "default"}))
        assert named.status_code == 200


async def test_the_headers_tell_what_is_left_and_then_it_is_refused(door: RunningApi) -> None:
    key = await key_of(door, Scope.READ, per_minute=3)
    answers = [await door.client.get("/api/v1/writes", headers=bearer(key)) for _ in range(4)]

    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert [each.headers["ratelimit"] for each in answers[:3]] == ['"key";r=2;t=20', '"key";r=1;t=40', '"key";r=0;t=60']
    assert answers[0].headers["ratelimit-policy"] == '"key";q=3;w=60'
    assert (answers[3].json()["code"], answers[3].headers["retry-after"]) == ("too_many_requests", "20")
    door.clock.advance(20)
    assert (await door.client.get("/api/v1/writes", headers=bearer(key))).status_code == 200


async def test_who_tries_keys_is_slowed_down_and_others_are_not(door: RunningApi) -> None:
    good = await key_of(door, Scope.READ)
    statuses = [(await door.client.get("/api/v1/writes", headers=bearer(UNKNOWN))).status_code for _ in range(62)]

    assert statuses[:60] == [401] * 60
    assert statuses[-1] == 429
    assert (await door.client.get("/api/v1/writes", headers=bearer(good))).status_code == 200


@pytest.mark.parametrize(
    "path", ["/api/v1/nothing", "//api/v1/keys", "/api/v1/keys/", "/API/V1/KEYS", "/api/v1/%6beys"]
)
async def test_what_exists_is_told_to_holders_of_a_key_only(door: RunningApi, path: str) -> None:
    stranger = await door.client.get(path)
    holder = await door.client.get(path, headers=bearer(await key_of(door, Scope.READ)))

    assert stranger.status_code == 401
    assert holder.status_code in {403, 404, 307}


async def test_every_answer_is_safe_to_show(door: RunningApi) -> None:
    key = await key_of(door)
    for path in ("/healthz", "/api/v1/writes", "/api/v1/nothing", "/docs"):
        headers = (await door.client.get(path, headers=bearer(key))).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "access-control-allow-origin" not in headers


async def test_pages_of_a_named_origin_may_ask_and_no_others(tmp_path: Path) -> None:
    shop = "https://shop.example"
    async with running_api(tmp_path, cors_origins=shop, host="0.0.0.0", open_on_loopback=False) as door:
        asked = {
            "Origin": shop,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization",
        }
        allowed = await door.client.options("/api/v1/listings", headers=asked)
        refused = await door.client.options("/api/v1/listings", headers=asked | {"Origin": "https://evil.example"})

    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (200, shop)
    assert "access-control-allow-credentials" not in allowed.headers
    assert (refused.status_code, "access-control-allow-origin" in refused.headers) == (400, False)


async def test_the_development_switch_counts_for_this_machine_alone(tmp_path: Path) -> None:
    async with running_api(tmp_path) as door:
        direct = await door.client.get("/api/v1/writes")
        passed_on = await door.client.get("/api/v1/writes", headers={"X-Forwarded-For": "10.1.2.3"})

    assert (direct.status_code, passed_on.status_code) == (200, 401)
    with pytest.raises(ValueError, match="loopback"):
        api_settings(tmp_path, door.simulator, host="0.0.0.0")


async def test_one_first_key_is_made_however_many_start_at_once(tmp_path: Path, upgraded_url: str) -> None:
    async with running_api(tmp_path, connected=False) as door:
        settings = api_settings(tmp_path, door.simulator, database_url=upgraded_url)
    async with (
        open_house(settings, clock=JumpClock()) as house,
        open_house(settings, clock=JumpClock()) as other,
    ):
        made = await asyncio.gather(*(each.keys.first(actor="start") for each in (house, other, house, other)))
        again = await house.keys.first(actor="later")

    assert [each is None for each in made].count(False) == 1
    assert again is None


async def test_the_audit_trail_names_the_key(door: RunningApi) -> None:
    key = await key_of(door, Scope.WRITE)
    await door.client.put("/api/v1/guard/stop", headers=bearer(key), json={"reason": "stock-taking"})

    trail = await door.client.get("/api/v1/audit", headers=bearer(key))

    assert trail.json()["items"][0]["actor"] == "API key 'test'"
