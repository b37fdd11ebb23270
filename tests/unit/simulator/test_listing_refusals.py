"""What the practice market refuses to do with listings, and how it says so (FACTS 1.4)."""

from __future__ import annotations

import pytest

from unit.simulator.selling import seller

UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
async def market():
    us = seller()
    async with us.client:
        yield us


@pytest.mark.parametrize(("method", "path", "body"), [
    ("DELETE", "", None),
    ("PATCH", "", {"amount": "1"}),
    ("PUT", "/activate", {}),
    ("PUT", "/deactivate", None),
])  # fmt: skip
async def test_what_is_past_it_can_not_perform_any_action(market, method, path, body):
    deleted, sold = await market.sell(), await market.sell()
    await market.send("DELETE", f"listings/{deleted}")
    refused = await market.send(method, f"listings/{deleted}{path}", body, 400)
    assert refused == {"statusCode": 400, "message": "Listing is being deleted and can not perform this action"}
    market.wait()
    listing = market.simulator.listings.get(sold)
    market.simulator.listings.matched(listing, "04-ABC", market.clock.now())
    for listing_id, status in ((deleted, "DELETED"), (sold, "MATCHED")):
        refused = await market.send(method, f"listings/{listing_id}{path}", body, 400)
        assert refused["message"] == f"Listing is {status} and can not perform this action"


@pytest.mark.parametrize("changes", [
    {"amount": None}, {"amount": 150}, {"amount": "150.50"}, {"amount": "0"}, {"amount": "-1"}, {"amount": "1e3"},
    {"amount": "٣"}, {"amount": ""}, {"currencyCode": "SEK"}, {"currencyCode": "eur"}, {"variantId": UNKNOWN},
    {"variantId": None}, {"expiresAt": "2027-01-01T00:00:00"}, {"expiresAt": "tomorrow"},
    {"expiresAt": "2026-01-01T00:00:00Z"}, {"expiresAt": "0001-01-01T00:00:00+23:00"}, {"active": "yes"},
    {"inventoryType": "FLEX"}, {"inventoryType": "USED"},
])  # fmt: skip
async def test_wrong_creates_are_refused_and_create_nothing(market, changes):
    body = {"amount": "150", "variantId": market.variant.id, **changes}
    refused = await market.send("POST", "listings", body, 400)
    assert refused["statusCode"] == 400
    assert market.simulator.listings.all() == ()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"1",
        b"{",
        b"\xff\xfe",
        b"\x00" * 5,
        b"[" * 100_000,
        b'{"amount":' + b"9" * 5_000,
        b'{"amount": "\\ud800", "items": [{"listingId": "\\ud800"}]}',
    ],
)
async def test_bodies_that_are_no_json_object_are_refused(market, body):
    listing_id = await market.sell()
    for method, path in (
        ("POST", "listings"),
        ("PATCH", f"listings/{listing_id}"),
        ("PUT", f"listings/{listing_id}/activate"),
        ("POST", "batch/create-listing"),
    ):
        answer = await market.client.request(method, f"/selling/{path}", content=body)
        assert (answer.status_code, answer.json()["statusCode"]) == (400, 400)


async def test_an_update_that_changes_nothing_is_refused(market):
    await market.send("PATCH", f"listings/{await market.sell()}", {}, 400)


async def test_what_does_not_exist_is_not_found(market):
    listing_id = await market.sell()
    for path in (
        f"listings/{UNKNOWN}",
        f"listings/{UNKNOWN}/operations",
        f"listings/{listing_id}/operations/{UNKNOWN}",
    ):
        assert (await market.get(path, 404))["statusCode"] == 404
    for method, path, body in (
        ("PATCH", "", {"amount": "1"}),
        ("DELETE", "", None),
        ("PUT", "/activate", {}),
        ("PUT", "/deactivate", None),
    ):
        await market.send(method, f"listings/{UNKNOWN}{path}", body, 404)
