"""Batches of the practice account: queued, worked off, completed, each kind with its quirks (FACTS 1.7, 1.8)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from solegate.simulator import Pace
from unit.simulator.helpers import START
from unit.simulator.selling import Seller, seller

UNKNOWN = "00000000-0000-4000-8000-000000000000"
STEADY = Pace(
    settle_failure=0.0,
    batch_start_seconds=(1.0, 1.0),
    batch_items_per_second=10.0,
    batch_view_seconds=(30.0, 60.0),
    buyers_per_day=0.0,
)


@pytest.fixture
async def market():
    us = seller(STEADY)
    async with us.client:
        yield us


def item(market: Seller, **changes: object) -> dict[str, object]:
    return {"variantId": market.variant.id, "amount": "150", "quantity": 1, **changes}


async def finished(market: Seller, kind: str, items: list[dict[str, object]]) -> tuple[Any, Any]:
    """A batch that was worked off, and its items."""
    batch = await market.send("POST", f"batch/{kind}-listing", {"items": items})
    market.wait(60)
    path = f"batch/{kind}-listing/{batch['batchId']}"
    return await market.get(path), (await market.get(f"{path}/items"))["items"]


async def test_a_batch_is_queued_then_worked_off_then_completed(market):
    batch = await market.send("POST", "batch/create-listing", {"items": [item(market, quantity=10)]})
    assert (batch["status"], batch["completedAt"], batch["totalItems"]) == ("QUEUED", None, 10)
    path = f"batch/create-listing/{batch['batchId']}"
    seen = []
    for _ in range(5):
        now = await market.get(path)
        seen.append((now["status"], now["itemStatuses"]))
        market.wait(0.55)
    assert seen == [
        ("QUEUED", {"QUEUED": 10}),
        ("QUEUED", {"QUEUED": 10}),
        ("IN_PROGRESS", {"COMPLETED": 1, "IN_PROGRESS": 1, "QUEUED": 8}),
        ("IN_PROGRESS", {"COMPLETED": 6, "IN_PROGRESS": 1, "QUEUED": 3}),
        ("COMPLETED", {"COMPLETED": 10}),
    ]
    assert (await market.get(path))["completedAt"] == "2026-03-01T12:00:02.000Z"


async def test_create_items_have_neither_id_nor_status_while_their_batch_is_queued(market):
    batch = await market.send("POST", "batch/create-listing", {"items": [item(market, quantity=2)]})
    path = f"batch/create-listing/{batch['batchId']}/items"
    queued = (await market.get(path))["items"]
    assert [(each["itemId"], each["status"]) for each in queued] == [(None, None)] * 2
    assert len((await market.get(path, status="QUEUED"))["items"]) == 2
    market.wait(1.15)
    taken_up = (await market.get(path))["items"]
    assert [each["status"] for each in taken_up] == ["COMPLETED", "IN_PROGRESS"]
    assert taken_up[0]["itemId"] != taken_up[1]["itemId"]
    assert (await market.get(path, status="COMPLETED"))["items"] == taken_up[:1]
    assert (await market.get(path, status="FAILED"))["items"] == []


async def test_a_quantity_makes_that_many_listings_and_results_name_listing_and_ask(market):
    wished = item(market, quantity=3, currencyCode="EUR", expiresAt="2026-06-01T00:00:00Z")
    batch, items = await finished(market, "create", [wished, item(market, active=False)])
    assert batch["totalItems"] == len(items) == 4
    assert items[0]["listingInput"] == {
        "active": True,
        "currencyCode": "EUR",
        "variantId": market.variant.id,
        "expiresAt": "2026-06-01T00:00:00.000Z",
        "amount": "150",
    }
    for each in items[:3]:
        listing = await market.get(f"listings/{each['result']['listingId']}")
        assert (listing["status"], listing["ask"]["askId"]) == ("ACTIVE", each["result"]["askId"])
        assert listing["batch"] == {"batchId": batch["batchId"], "taskId": each["itemId"]}
    assert (await market.get(f"listings/{items[3]['result']['listingId']}"))["status"] == "INACTIVE"
    assert items[3]["result"]["askId"] is None


async def test_an_item_whose_ask_did_not_open_is_completed_without_an_ask(market):
    market.simulator.set_pace(Pace(settle_failure=1.0))
    batch, (only,) = await finished(market, "create", [item(market)])
    assert (batch["itemStatuses"], only["result"]["askId"]) == ({"COMPLETED": 1}, None)
    listing = await market.get(f"listings/{only['result']['listingId']}")
    assert (listing["status"], listing["lastOperation"]["operationStatus"]) == ("INACTIVE", "FAILED")


async def test_updates_change_what_they_name_and_fail_one_by_one(market):
    ids = [await market.sell() for _ in range(3)]
    await market.send("DELETE", f"listings/{ids[2]}")
    market.wait()
    wishes: list[dict[str, object]] = [
        {"listingId": ids[0], "amount": "140"},
        {"listingId": ids[1], "active": False},
        {"listingId": ids[2], "amount": "1"},
        {"listingId": UNKNOWN, "amount": "1"},
    ]
    batch, items = await finished(market, "update", wishes)
    assert (batch["status"], batch["itemStatuses"]) == ("COMPLETED", {"COMPLETED": 2, "FAILED": 2})
    assert items[0]["listingInput"] == {"listingId": ids[0], "active": None, "amount": "140"}
    assert [each.get("error") for each in items] == [
        None,
        None,
        "Listing is DELETED and can not perform this action",
        "Listing not found",
    ]
    assert ["result" in each for each in items] == [True, True, False, False]
    assert (await market.get(f"listings/{ids[0]}"))["amount"] == "140"
    assert (await market.get(f"listings/{ids[1]}"))["status"] == "INACTIVE"


async def test_deletes_say_id_in_their_input_and_delete_once(market):
    listing_id = await market.sell()
    batch, items = await finished(market, "delete", [{"listingId": listing_id}, {"listingId": listing_id}])
    assert batch["itemStatuses"] == {"COMPLETED": 1, "FAILED": 1}
    assert [each["listingInput"] for each in items] == [{"id": listing_id}] * 2
    assert items[0]["result"] == {"listingId": listing_id, "askId": None}
    assert (await market.get(f"listings/{listing_id}"))["status"] == "DELETED"


async def test_an_item_waits_for_the_write_that_is_under_way(market):
    listing_id = await market.sell()
    market.simulator.set_pace(Pace(settle_seconds=(20.0, 20.0), settle_failure=0.0))
    await market.send("PATCH", f"listings/{listing_id}", {"amount": "140"})
    batch, _ = await finished(market, "update", [{"listingId": listing_id, "amount": "130"}])
    assert batch["completedAt"] > "2026-03-01T12:00:30"
    assert (await market.get(f"listings/{listing_id}"))["amount"] == "130"


async def test_the_view_by_batch_fills_slowly_and_is_emptied_after_a_day(market):
    batch = await market.send("POST", "batch/create-listing", {"items": [item(market, quantity=50)]})
    counts = []
    for elapsed in (10, 45, 70, 86_000, 86_500):
        market.wait(elapsed - market.clock.elapsed)
        counts.append(len(await market.ids(batchIds=f"{UNKNOWN},{batch['batchId']}")))
    assert counts[0] == 0 < counts[1] < 50
    assert counts[2:] == [50, 50, 0]
    assert len(await market.ids()) == 50


@pytest.mark.parametrize("items", [
    None, {}, [], "x", [1], [None], [[]], [{}],
    [{"listingId": UNKNOWN}] * 101, [{"variantId": "{variant}", "amount": "1", "quantity": 1}] * 101,
    [{"variantId": "{variant}", "amount": "1", "quantity": 51}] * 2,
    [{"variantId": "{variant}", "amount": "1"}], [{"variantId": "{variant}", "amount": "1", "quantity": 0}],
    [{"variantId": "{variant}", "amount": "1", "quantity": 1.5}],
    [{"variantId": "{variant}", "amount": "1", "quantity": True}],
    [{"variantId": "{variant}", "amount": "1", "quantity": 1e400}],
    [{"variantId": UNKNOWN, "amount": "1", "quantity": 1}],
    [{"listingId": 7, "amount": "1"}],
])  # fmt: skip
@pytest.mark.parametrize("kind", ["create", "update", "delete"])
async def test_wrong_batches_are_refused_as_a_whole(market, kind, items):
    text = (
        repr({"items": items}).replace("'", '"').replace("None", "null").replace("True", "true").replace("inf", "1e400")
    )
    answer = await market.client.post(
        f"/selling/batch/{kind}-listing", content=text.replace("{variant}", market.variant.id)
    )
    assert (answer.status_code, answer.json()["statusCode"]) == (400, 400)


async def test_an_update_that_wishes_nothing_or_nonsense_is_refused(market):
    for wish in ({}, {"active": "no"}, {"amount": "1.5"}, {"active": None}):
        await market.send("POST", "batch/update-listing", {"items": [{"listingId": UNKNOWN, **wish}]}, 400)


async def test_a_wrong_item_is_named_by_its_place(market):
    items = [item(market), item(market, amount="1.5")]
    refused = await market.send("POST", "batch/create-listing", {"items": items}, 400)
    assert refused["message"] == "items[1]: amount must be a whole number greater than 0"
    market.wait(60)
    assert await market.ids() == []


async def test_a_batch_is_found_under_its_own_kind_only(market):
    batch, _ = await finished(market, "create", [item(market)])
    for path in (f"batch/update-listing/{batch['batchId']}", f"batch/create-listing/{UNKNOWN}"):
        for end in ("", "/items"):
            assert (await market.get(path + end, 404))["message"] == "Batch not found"
    await market.get(f"batch/create-listing/{batch['batchId']}/items", 400, status="DONE")


async def test_batch_ids_are_v4_where_other_ids_may_be_v7(market):
    ids = [
        (await market.send("POST", "batch/delete-listing", {"items": [{"listingId": UNKNOWN}]}))["batchId"]
        for _ in range(40)
    ]
    assert len(set(ids)) == 40
    assert {each[14] for each in ids} == {"4"}


async def test_a_changed_pace_is_felt_by_a_batch_under_way(market):
    batch = await market.send("POST", "batch/create-listing", {"items": [item(market, quantity=100)]})
    market.wait(1.5)
    market.simulator.set_pace(Pace(batch_items_per_second=1.0, settle_failure=0.0))
    market.wait(10)
    statuses = (await market.get(f"batch/create-listing/{batch['batchId']}"))["itemStatuses"]
    assert 12 <= statuses["COMPLETED"] <= 16
    assert START + timedelta(seconds=11.5) == market.clock.now()
