"""The ledger over HTTP: every write once, page after page, with everything that happened to it."""

from __future__ import annotations

import asyncio
from typing import Any

from support.postgres import SQLITE_ONLY
from support.writing import Shop, Stage


async def pages(shop: Shop, path: str, **params: Any) -> list[list[dict[str, Any]]]:
    """All pages of a list."""
    found, cursor = [], None
    while True:
        page = await shop.get(path, **params | ({} if cursor is None else {"cursor": cursor}))
        found.append(page["items"])
        cursor = page["nextCursor"]
        if cursor is None:
            return found


async def planned(shop: Shop, number: int) -> str:
    """A write that is not sent, a second after the one before."""
    await asyncio.sleep(1)
    return str((await shop.create(wait=0, variantId=shop.variant(number))).json()["id"])


def test_writes_come_newest_first_and_each_once(stage: Stage):
    async def story(shop: Shop) -> None:
        ids = [await planned(shop, n) for n in range(7)]

        found = await pages(shop, "/api/v1/writes", limit=3)

        assert [len(page) for page in found] == [3, 3, 1]
        assert [write["id"] for page in found for write in page] == ids[::-1]

    stage.play(story)


def test_writes_added_meanwhile_shift_nothing(stage: Stage):
    async def story(shop: Shop) -> None:
        ids = [await planned(shop, n) for n in range(4)]
        first = await shop.get("/api/v1/writes", limit=2)
        await planned(shop, 9)
        second = await shop.get("/api/v1/writes", limit=2, cursor=first["nextCursor"])
        assert [write["id"] for write in first["items"] + second["items"]] == ids[::-1]

    stage.play(story)


def test_writes_are_found_by_state_and_by_listing(stage: Stage):
    async def story(shop: Shop) -> None:
        listing_id = (await shop.create()).json()["listingId"]
        await shop.write("PATCH", f"/{listing_id}", {"price": "145"})
        await shop.create(wait=0, variantId=shop.variant(3))

        async def actions(**params: Any) -> list[str]:
            return [write["action"] for write in (await shop.get("/api/v1/writes", **params))["items"]]

        assert await actions() == ["create", "update", "create"]
        assert await actions(state="PLANNED") == ["create"]
        assert await actions(state=["PLANNED", "CONFIRMED"]) == ["create", "update", "create"]
        assert await actions(listingId=listing_id) == ["update", "create"]
        assert await actions(jobId="none") == []

    stage.play(story)


def test_everything_that_happened_to_a_write_is_told(stage: Stage):
    async def story(shop: Shop) -> None:
        write = (await shop.create()).json()
        await shop.create(wait=0, variantId=shop.variant(3))

        details = await shop.get(f"/api/v1/writes/{write['id']}")
        path, _, write_id = write["audit"].partition("?writeId=")
        trail = await pages(shop, path, writeId=write_id, limit=2)

        assert {name: details[name] for name in write} == write
        results = [line["result"] for line in details["trail"]]
        assert (results[0], results[-1]) == ("PLANNED", "CONFIRMED")
        assert [line["result"] for page in trail for line in page] == results[::-1]
        assert {line["actor"] for line in details["trail"]} == {"API"}
        assert details["trail"][-1]["evidence"]["status"] == "ACTIVE"

    stage.play(story)


def test_a_planned_write_can_be_given_up_and_a_sent_one_cannot(stage: Stage):
    async def story(shop: Shop) -> None:
        planned = (await shop.create(wait=0)).json()
        cancelled = await shop.api.client.post(f"/api/v1/writes/{planned['id']}/cancel")
        assert (cancelled.status_code, cancelled.json()["state"]) == (200, "ABANDONED")
        assert shop.writes_sent() == 0

        done = (await shop.create()).json()
        for write_id in (done["id"], planned["id"]):
            refused = await shop.api.client.post(f"/api/v1/writes/{write_id}/cancel")
            assert (refused.status_code, refused.json()["code"]) == (409, "unit_busy")

    stage.play(story)


@SQLITE_ONLY
def test_what_is_not_there_is_404(stage: Stage):
    async def story(shop: Shop) -> None:
        client = shop.api.client
        for answer in (
            await client.get("/api/v1/writes/none"),
            await client.post("/api/v1/writes/none/cancel"),
            await client.get("/api/v1/writes", params={"cursor": "none"}),
            await client.get("/api/v1/audit", params={"cursor": "bm9uZQ"}),
            await client.get("/api/v1/writes", params={"cursor": "YQpi"}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (404, "no_such_record"), answer.text
        for path, params in (
            ("/api/v1/writes", {"limit": "0"}),
            ("/api/v1/writes", {"limit": "201"}),
            ("/api/v1/writes", {"state": "DONE"}),
            ("/api/v1/audit", {"limit": "x"}),
        ):
            assert (await client.get(path, params=params)).status_code == 422

    stage.play(story)


def test_text_that_no_database_holds_is_refused_and_no_failure(stage: Stage):
    async def story(shop: Shop) -> None:
        client = shop.api.client
        for answer in (
            await client.get("/api/v1/writes/%00"),
            await client.post("/api/v1/writes/a%00b/cancel"),
            await client.get("/api/v1/writes", params={"listingId": "\x00"}),
            await client.get("/api/v1/audit", params={"jobId": "a\x00"}),
            await client.get("/api/v1/audit", params={"cursor": "\x00"}),
            await client.patch("/api/v1/listings/a%00b", json={"price": "150"}),
            await client.put("/api/v1/guard/stop", json={"reason": "a\x00b"}),
            await client.put("/api/v1/guard/stop", content=b'{"reason": "\\ud800"}'),
            await shop.create(unit="a\x00b"),
            await shop.create(unit="line\nbreak"),
        ):
            assert answer.status_code in {404, 422}, (answer.request.url, answer.text)
            assert answer.json()["code"] in {"no_such_record", "invalid_input"}
        assert (await shop.get("/api/v1/writes"))["items"] == []

    stage.play(story)
