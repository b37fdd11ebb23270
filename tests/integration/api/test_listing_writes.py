"""Single writes over HTTP: what StockX shows afterwards is what the answer said."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from solegate.simulator import Fault, FaultKind
from support.postgres import SQLITE_ONLY
from support.writing import PANDA, Shop, Stage


def test_a_pair_is_listed_changed_taken_off_sale_and_deleted(stage: Stage):
    async def story(shop: Shop) -> None:
        created = await shop.create()
        assert created.status_code == 201, created.text
        listed = created.json()
        assert (listed["knowledge"], listed["state"], listed["action"]) == ("applied", "CONFIRMED", "create")
        assert listed["price"] == {"amount": "150", "currency": "EUR"}
        assert created.headers["location"] == f"/api/v1/writes/{listed['id']}"
        listing_id = listed["listingId"]

        async def seen() -> tuple[str, str]:
            listing = await shop.api.services.stockx.get_listing(listing_id)
            return str(listing.status), str(listing.price)

        assert await seen() == ("ACTIVE", "EUR 150")
        for method, path, body, then in (
            ("PATCH", "", {"price": 145}, ("ACTIVE", "EUR 145")),
            ("POST", "/deactivate", None, ("INACTIVE", "EUR 145")),
            ("POST", "/activate", {"price": "155", "currency": "eur"}, ("ACTIVE", "EUR 155")),
            ("DELETE", "", None, ("DELETED", "EUR 155")),
        ):
            answer = await shop.write(method, f"/{listing_id}{path}", body)
            assert (answer.status_code, answer.json()["knowledge"]) == (200, "applied"), answer.text
            assert (await seen())[0] == then[0]
            assert then[0] != "ACTIVE" or await seen() == then

    stage.play(story)


@SQLITE_ONLY
def test_a_size_can_be_named_as_people_call_it(stage: Stage):
    async def story(shop: Shop) -> None:
        product = shop.api.simulator.catalog.by_style(PANDA)
        assert product is not None
        answer = await shop.api.client.post(
            "/api/v1/listings", json={"sku": PANDA, "size": "US M 9", "price": "150", "active": False}
        )
        assert answer.status_code == 201, answer.text
        variant = next(each for each in product.variants if each.id == answer.json()["variantId"])
        assert variant.value == "9"
        assert shop.market() == {"INACTIVE": 1}

    stage.play(story)


def test_who_does_not_wait_is_told_where_to_look(stage: Stage):
    async def story(shop: Shop) -> None:
        answer = await shop.create(wait=0)
        assert answer.status_code == 202, answer.text
        assert answer.json()["knowledge"] == "pending"
        where = answer.headers["location"]

        await shop.api.services.ledger.settle(answer.json()["id"], wait=60)

        found = await shop.get(where)
        assert found["knowledge"] == "applied"
        assert [line["result"] for line in found["trail"]][-1] == "CONFIRMED"

    stage.play(story)


def test_a_lost_answer_is_unknown_and_nothing_is_sent_twice(stage: Stage):
    async def story(shop: Shop) -> None:
        shop.api.simulator.inject(Fault(kind=FaultKind.DROP_AFTER, operation="Create", times=1))

        answer = await shop.create(wait=5)
        assert (answer.status_code, answer.json()["knowledge"]) == (202, "unknown")
        assert shop.market() == {"INACTIVE": 1}

        settled = await shop.api.services.ledger.settle(answer.json()["id"], wait=3_600)
        assert settled.knowledge == "applied"
        assert shop.market() == {"ACTIVE": 1}
        assert shop.api.simulator.report().count("Create") == 1

    stage.play(story)


def test_what_stockx_refuses_is_surely_not_in_effect(stage: Stage):
    async def story(shop: Shop) -> None:
        for answer in (
            await shop.create(variantId="00000000-0000-7000-8000-000000000000"),
            await shop.write("PATCH", "/00000000-0000-7000-8000-000000000000", {"price": "145"}),
        ):
            problem = answer.json()
            assert (answer.status_code, problem["code"], problem["outcome"]) == (422, "write_failed", "not_applied")
            assert "/api/v1/writes/" in problem["hint"]
            (path,) = [word for word in problem["hint"].split() if word.startswith("/api/")]
            assert (await shop.get(path))["state"] == "FAILED"
        assert shop.market() == {}

    stage.play(story)


def test_a_pair_that_is_listed_is_not_listed_again(stage: Stage):
    async def story(shop: Shop) -> None:
        first = await shop.create(unit="shelf 17")
        again = await shop.create(unit="shelf 17", price="160")
        assert (again.status_code, again.json()["code"]) == (409, "already_listed")
        assert first.json()["listingId"] in again.json()["detail"]

        other = await shop.create()
        assert other.status_code == 201
        assert shop.market() == {"ACTIVE": 2}

        await shop.write("DELETE", f"/{first.json()['listingId']}")
        assert (await shop.create(unit="shelf 17")).status_code == 201

    stage.play(story)


GUARDED = {"price_floor": {"EUR": "100"}, "largest_price_move": "0.1", "daily_writes": 3}


@pytest.mark.parametrize(
    ("wanted", "rail"),
    [
        ({"price": "99"}, "below the floor"),
        ({"currency": "USD"}, "no floor"),
    ],
)
@SQLITE_ONLY
def test_a_new_listing_that_breaks_a_guard_rail_costs_no_request(stage: Stage, wanted: dict[str, Any], rail: str):
    async def story(shop: Shop) -> None:
        answer = await shop.create(**wanted)
        problem = answer.json()
        assert (answer.status_code, problem["code"], problem["outcome"]) == (422, "guard_rail", "not_applied")
        assert rail in problem["detail"]
        assert "SOLEGATE_" in problem["hint"]
        assert shop.api.requests_sent() == 0
        assert (await shop.get("/api/v1/writes"))["items"] == []

    stage.play(story, **GUARDED)


def test_guard_rails_hold_over_the_day(stage: Stage):
    async def story(shop: Shop) -> None:
        listing_id = (await shop.create()).json()["listingId"]
        too_far = await shop.write("PATCH", f"/{listing_id}", {"price": "134"})
        assert "more than 10 %" in too_far.json()["detail"]
        assert (await shop.write("PATCH", f"/{listing_id}", {"price": "135"})).status_code == 200
        assert (await shop.create()).status_code == 201
        assert "3 writes are used up" in (await shop.create()).json()["detail"]
        assert (await shop.get("/api/v1/guard"))["usedToday"] == {"writes": 3, "value": {"EUR": "300.0000"}}
        assert (await shop.write("DELETE", f"/{listing_id}")).status_code == 200

    stage.play(story, **GUARDED)


def test_a_stop_refuses_new_writes_and_holds_back_planned_ones(stage: Stage):
    async def story(shop: Shop) -> None:
        planned = (await shop.create(wait=0)).json()
        stop = await shop.api.client.put("/api/v1/guard/stop", json={"reason": "wrong prices"})
        assert stop.status_code == 200

        refused = await shop.create()
        assert (refused.status_code, refused.json()["code"]) == (423, "writes_stopped")
        assert "wrong prices" in refused.json()["detail"]
        held = await shop.api.services.ledger.settle(planned["id"], wait=20)
        assert held.knowledge == "pending"
        assert shop.writes_sent() == 0

        await shop.api.client.delete("/api/v1/guard/stop")
        assert (await shop.api.services.ledger.settle(planned["id"], wait=120)).knowledge == "applied"

    stage.play(story)


BAD: list[dict[str, Any]] = [
    {"price": "0"},
    {"price": "-5"},
    {"price": "149.99"},
    {"price": "NaN"},
    {"price": "Infinity"},
    {"price": "1e15"},
    {"price": "much"},
    {"price": None},
    {"currency": "BRL"},
    {"currency": "EURO"},
    {"currency": ""},
    {"variantId": None},
    {"variantId": "a b"},
    {"sku": PANDA, "size": "9"},
    {"variantId": None, "sku": PANDA},
    {"variantId": None, "size": "9"},
    {"unit": ""},
    {"unit": "x" * 201},
    {"inventoryType": "FLEX"},
    {"expiresAt": "2020-01-01T00:00:00Z"},
    {"expiresAt": "2030-01-01T00:00:00"},
    {"colour": "red"},
]


@SQLITE_ONLY
def test_bad_input_costs_no_request_and_leaves_nothing_behind(stage: Stage):
    async def story(shop: Shop) -> None:
        for wanted in BAD:
            answer = await shop.create(**wanted)
            assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input"), (wanted, answer.text)
        for body in ({}, {"currency": "EUR"}, {"price": "0"}, {"active": True}):
            answer = await shop.write("PATCH", "/some-listing", body)
            assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input"), body
        for wait in ("-1", "31", "NaN", "x"):
            answer = await shop.api.client.delete("/api/v1/listings/x", params={"wait": wait})
            assert answer.status_code == 422
        assert shop.api.requests_sent() == 0
        assert (await shop.get("/api/v1/writes"))["items"] == []

    stage.play(story)


@SQLITE_ONLY
def test_a_wanted_expiry_is_kept(stage: Stage):
    async def story(shop: Shop) -> None:
        until = datetime(2027, 1, 31, 12, 30, tzinfo=UTC)
        answer = await shop.create(expiresAt=until.isoformat())
        listing = await shop.api.services.stockx.get_listing(answer.json()["listingId"])
        assert listing.ask is not None
        assert listing.ask.ask_expires_at == until
        assert datetime.fromisoformat(answer.json()["expiresAt"]) == until

    stage.play(story)


def test_a_newer_wish_takes_the_place_of_one_that_was_not_sent(stage: Stage):
    async def story(shop: Shop) -> None:
        listing_id = (await shop.create()).json()["listingId"]
        older = (await shop.write("PATCH", f"/{listing_id}", {"price": "149"}, wait=0)).json()
        newer = await shop.write("PATCH", f"/{listing_id}", {"price": "148"})
        assert newer.json()["knowledge"] == "applied"
        assert shop.api.simulator.report().count("Update") == 1
        found = await shop.get(f"/api/v1/writes/{older['id']}")
        assert (found["state"], found["knowledge"]) == ("ABANDONED", "not_applied")
        assert newer.json()["id"] in found["reason"]

    stage.play(story)


@SQLITE_ONLY
def test_the_examples_of_the_document_are_what_the_routes_take(stage: Stage):
    async def story(shop: Shop) -> None:
        schemas = (await shop.get("/openapi.json"))["components"]["schemas"]

        created = await shop.api.client.post("/api/v1/listings", json=schemas["NewListingIn"]["example"])
        assert created.status_code == 201, created.text
        changed = await shop.write("PATCH", f"/{created.json()['listingId']}", schemas["ListingChangeIn"]["example"])
        assert changed.status_code == 200, changed.text
        stopped = await shop.api.client.put("/api/v1/guard/stop", json=schemas["StopWanted"]["example"])
        assert stopped.status_code == 200, stopped.text

    stage.play(story)
