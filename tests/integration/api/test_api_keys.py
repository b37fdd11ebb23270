"""API keys over HTTP, and what one key keeps from another."""

from __future__ import annotations

import asyncio

import pytest
from cryptography.fernet import Fernet

from solegate.bootstrap import open_house
from solegate.domain.keys import Scope
from solegate.settings import Settings
from support.api import JumpClock, RunningApi
from support.door import KEYS, STOP, WRITES, bearer, house_behind, key_of


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
    assert key.split("_", 2)[2] not in listed.text + one.text
    assert (await door.client.get(WRITES, headers=bearer(key))).status_code == 200


async def test_an_answer_that_shows_a_secret_is_not_kept(door: RunningApi) -> None:
    headers = bearer(await key_of(door), **{"Idempotency-Key": "k"})

    answer = await door.client.post(KEYS, headers=headers, json={"name": "n", "scope": "read"})

    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key")


UNMAKEABLE: tuple[tuple[dict[str, object], int], ...] = (
    ({"scope": "read"}, 422),
    ({"name": "", "scope": "read"}, 422),
    ({"name": "two\nlines", "scope": "read"}, 422),
    ({"name": "n", "scope": "all"}, 422),
    ({"name": "n", "scope": "read", "expires": "soon"}, 422),
    ({"name": "n", "scope": "read", "expires": "2020-01-01"}, 422),
    ({"name": "n", "scope": "read", "perMinute": 0}, 422),
    ({"name": "n", "scope": "read", "account": "nobody"}, 404),
)


async def test_a_key_that_cannot_be_is_refused(door: RunningApi) -> None:
    admin = await key_of(door)
    for wanted, status in UNMAKEABLE:
        assert (await door.client.post(KEYS, headers=bearer(admin), json=wanted)).status_code == status, wanted

    assert len((await door.client.get(KEYS, headers=bearer(admin))).json()["items"]) == 1


async def test_a_key_reaches_its_account_alone(door: RunningApi) -> None:
    bound, free = await key_of(door, Scope.READ, account="default"), await key_of(door, Scope.READ)
    for key in (bound, free):
        for named in ("other", "DEFAULT", "default, default", "../default", "x" * 5000):
            answer = await door.client.get(WRITES, headers=bearer(key, **{"Solegate-Account": named}))
            assert (answer.status_code, answer.json()["code"]) == (404, "no_such_account"), named
        right = await door.client.get(WRITES, headers=bearer(key, **{"Solegate-Account": "default"}))
        assert right.status_code == 200


async def test_two_named_accounts_are_none(door: RunningApi) -> None:
    named = [("Solegate-Account", "default"), ("Solegate-Account", "other")]
    for key in (await key_of(door), await key_of(door, account="default")):
        answer = await door.client.get(WRITES, headers=[*bearer(key).items(), *named])
        assert answer.status_code == 404


async def test_an_admin_of_one_account_knows_no_other_keys(door: RunningApi) -> None:
    of_all, of_one = await key_of(door, name="of all"), await key_of(door, name="of one", account="default")
    stranger = f"{KEYS}/{of_all.split('_')[1]}"

    seen = await door.client.get(KEYS, headers=bearer(of_one))
    looked = await door.client.get(stranger, headers=bearer(of_one))
    revoked = await door.client.delete(stranger, headers=bearer(of_one))
    wider = await door.client.post(
        KEYS, headers=bearer(of_one), json={"name": "n", "scope": "admin", "account": "other"}
    )
    own = await door.client.post(KEYS, headers=bearer(of_one), json={"name": "n", "scope": "admin"})
    metrics = await door.client.get("/metrics", headers=bearer(of_one))

    assert [each["name"] for each in seen.json()["items"]] == ["of one"]
    assert (looked.status_code, revoked.status_code, wider.status_code) == (404, 404, 404)
    assert (own.status_code, own.json()["account"]) == (201, "default")
    assert (metrics.status_code, metrics.json()["code"]) == (403, "scope_missing")
    assert (await door.client.get("/metrics", headers=bearer(of_all))).status_code == 200


async def test_one_caller_is_not_given_the_answer_to_another(door: RunningApi) -> None:
    """The same `Idempotency-Key` and the same request, of two keys of one account, are two requests."""
    one, other = await key_of(door, name="one"), await key_of(door, name="other")
    again = {"Idempotency-Key": "k"}

    answers = [
        await door.client.put(STOP, headers=bearer(key, **again), json={"reason": "stock-taking"})
        for key in (one, other, one)
    ]

    assert [each.status_code for each in answers] == [200, 200, 200]
    assert [each.headers.get("idempotency-replayed") for each in answers] == [None, None, "true"]


async def test_when_a_key_was_used_is_written_beside_the_requests(door: RunningApi) -> None:
    keys = house_behind(door).keys
    key = await key_of(door, Scope.READ)
    key_id = key.split("_")[1]
    for seconds in (0, 59, 1):  # within a minute it is the same use
        door.clock.advance(seconds)
        await door.client.get(WRITES, headers=bearer(key))
    before = await keys.get(key_id)
    await keys.write_uses()
    written = await keys.get(key_id)

    assert before.last_used_at is None
    assert written.last_used_at is not None
    assert (written.last_used_at - written.created_at).total_seconds() == pytest.approx(60, abs=1)


async def test_one_first_key_is_made_however_many_start_at_once(database_url: str) -> None:
    settings = Settings(_env_file=None, database_url=database_url, secret_key=Fernet.generate_key().decode())
    async with open_house(settings, clock=JumpClock()) as house, open_house(settings, clock=JumpClock()) as other:
        made = await asyncio.gather(*(each.keys.first(actor="start") for each in (house, other, house, other)))
        again = await house.keys.first(actor="later")
        kept = await house.keys.all()

    assert [each is None for each in made].count(False) == 1
    assert again is None
    assert [(key.scope, key.account, key.created_by) for key in kept] == [(Scope.ADMIN, None, "start")]
