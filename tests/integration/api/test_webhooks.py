"""The inbox and its sources over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from solegate.domain.accounts import Application
from solegate.domain.keys import Scope
from solegate.domain.webhooks.values import SourceKind
from support.door import bearer, house_behind, key_of
from support.webhooks import BODY, SECRET, Inbox, inbox, price, prices, standard


@pytest.fixture
async def box(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Inbox]:
    async with inbox(tmp_path, sqlite_url) as opened:
        yield opened


async def test_the_inbox_is_read_page_by_page_and_by_what_is_wanted(box: Inbox) -> None:
    for number in range(5):
        await box.shop(message_id=str(number))
    await box.kicksdb(prices({}, at=box.clock.now(), event="goat.price.updated.usd"))
    await box.work()

    seen: list[int] = []
    cursor: dict[str, Any] = {}
    while True:
        page = (await box.api.client.get("/api/v1/webhooks", params={"limit": 4, **cursor})).json()
        seen += [each["id"] for each in page["items"]]
        if page["nextCursor"] is None:
            break
        cursor = {"cursor": page["nextCursor"]}
    assert seen == [6, 5, 4, 3, 2, 1]

    async def ids(**wanted: str) -> list[int]:
        answer = await box.api.client.get("/api/v1/webhooks", params=wanted)
        return [each["id"] for each in answer.json()["items"]]

    assert await ids(source="kicksdb") == [6]
    assert await ids(state="ignored") == [6]
    assert await ids(eventType="order.sent", state="done") == [5, 4, 3, 2, 1]
    assert await ids(source="nobody") == []
    for wrong in ({"cursor": "x"}, {"state": "lost"}, {"source": "No!"}, {"limit": "0"}):
        answer = await box.api.client.get("/api/v1/webhooks", params=wrong)
        assert answer.status_code == (404 if "cursor" in wrong else 422)


async def test_one_is_shown_with_its_body_and_processed_again(box: Inbox) -> None:
    await box.kicksdb(prices(price("v-1", "dear"), at=box.clock.now()))
    await box.work()
    shown = (await box.api.client.get("/api/v1/webhooks/1")).json()
    again = await box.api.client.post("/api/v1/webhooks/1/replay", headers={"Idempotency-Key": '"a"'})
    missing = await box.api.client.post("/api/v1/webhooks/2/replay")

    assert (shown["state"], shown["reason"]) == ("dead", "none of its 1 prices can be read")
    assert '"lowest_ask": "dear"' in shown["body"]
    assert (again.status_code, again.json()["state"], again.headers["location"]) == (
        202,
        "received",
        "/api/v1/webhooks/1",
    )
    assert missing.status_code == 404


async def test_sources_are_added_shown_rotated_and_removed(box: Inbox) -> None:
    client = box.api.client
    made = await client.post("/api/v1/webhooks/sources", json={"name": "second", "kind": "standard"})
    taken = await client.post("/api/v1/webhooks/sources", json={"name": "second", "kind": "poke"})
    rotated = await client.post("/api/v1/webhooks/sources/second/rotate", json={"overlapHours": 1})
    shown = await client.get("/api/v1/webhooks/sources/second")
    listed = await client.get("/api/v1/webhooks/sources")
    answers = [
        (await box.post("second", b"{}", standard(b"{}", at=box.clock.now(), secret=each.json()["secret"]))).status_code
        for each in (made, rotated)
    ]
    removed = await client.delete("/api/v1/webhooks/sources/second")

    assert (made.status_code, made.headers["location"]) == (201, "/api/v1/webhooks/sources/second")
    assert taken.status_code == 422
    assert answers == [200, 200]
    assert len(shown.json()["secrets"]) == 2
    assert [each["name"] for each in listed.json()["items"]] == ["github", "kicksdb", "n8n", "second", "shop"]
    assert removed.status_code == 200
    assert (await client.get("/api/v1/webhooks/sources/second")).status_code == 404
    for answer in (shown, listed, removed):
        assert not [each for each in (SECRET, made.json()["secret"], rotated.json()["secret"]) if each in answer.text]


async def test_a_secret_is_shown_once_so_no_answer_that_holds_one_is_kept(box: Inbox) -> None:
    key = {"Idempotency-Key": '"once"'}
    for path, document in (("", {"name": "x", "kind": "poke"}), ("/shop/rotate", {})):
        answer = await box.api.client.post(f"/api/v1/webhooks/sources{path}", json=document, headers=key)
        assert answer.status_code == 400


async def test_an_account_sees_and_changes_its_own_alone(tmp_path: Path, sqlite_url: str) -> None:
    async with inbox(tmp_path, sqlite_url, open_on_loopback=False) as box:
        await box.shop()
        own = bearer(await key_of(box.api, Scope.ADMIN, account="default"))
        other = await second_account(box)

        assert (await box.api.client.get("/api/v1/webhooks", headers=own)).json()["items"]
        assert (await box.api.client.get("/api/v1/webhooks", headers=other)).json()["items"] == []
        for method, path in (
            ("GET", "1"),
            ("POST", "1/replay"),
            ("GET", "sources/shop"),
            ("DELETE", "sources/shop"),
            ("POST", "sources/shop/rotate"),
        ):
            document: dict[str, str] | None = {} if "rotate" in path else None
            answer = await box.api.client.request(method, f"/api/v1/webhooks/{path}", headers=other, json=document)
            assert answer.status_code == 404, path


async def test_the_sources_of_an_account_that_is_removed_are_believed_no_more(box: Inbox) -> None:
    await second_account(box)
    other = await house_behind(box.api).of("second")
    await other.webhooks.sources.add("gone", SourceKind.STANDARD, secret=SECRET)
    headers = standard(at=box.clock.now())
    before = await box.post("gone", BODY, headers)
    async with box.api.services.database.transaction() as session:
        await house_behind(box.api).applications.remove(session, "second")
    box.clock.advance(5.1)
    after = await box.post("gone", BODY, headers)

    assert (before.status_code, after.status_code) == (200, 401)
    assert [each.name for each in await box.webhooks.sources.all()] == ["github", "kicksdb", "n8n", "shop"]


async def second_account(box: Inbox) -> dict[str, str]:
    """Headers of a key of another account, which is made for it."""
    now = box.clock.now()
    application = Application(
        account="second", client_id="c", client_secret="s", api_key="k", created_at=now, updated_at=now
    )
    assert await house_behind(box.api).applications.add(application)
    return bearer(await key_of(box.api, Scope.ADMIN, account="second", name="second"))
