"""Listings of the practice account: asynchronous writes, their ends and what shows of them (FACTS 1.7 to 1.10)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from solegate.simulator import Pace
from solegate.simulator.world.landmarks import LANDMARKS
from solegate.simulator.world.sellable import is_sellable
from unit.simulator.helpers import START
from unit.simulator.selling import seller, unsellable_variant


@pytest.fixture
async def market():
    us = seller()
    async with us.client:
        yield us


async def test_a_create_is_answered_at_once_and_settles_in_two_operations(market):
    body = {"amount": "150", "variantId": market.variant.id, "currencyCode": "EUR"}
    accepted = await market.send("POST", "listings", body, 201)
    path = f"listings/{accepted['listingId']}"
    assert (accepted["operationType"], accepted["operationStatus"], accepted["error"]) == ("CREATE", "PENDING", None)
    assert accepted["operationUrl"].endswith(f"/v2/selling/{path}/operations/{accepted['operationId']}")
    assert accepted["changes"]["additions"]["amount"] == "150.0000"
    early = await market.get(path)
    assert (early["status"], early["ask"], early["payout"]) == ("INACTIVE", None, None)
    market.wait()
    late = await market.get(path)
    assert (late["status"], late["amount"], late["currencyCode"]) == ("ACTIVE", "150", "EUR")
    assert late["lastOperation"]["operationType"] == "ACTIVATE"
    operations = (await market.get(f"{path}/operations"))["operations"]
    assert [(each["operationType"], each["operationStatus"]) for each in operations] == [
        ("ACTIVATE", "SUCCEEDED"),
        ("CREATE", "SUCCEEDED"),
    ]
    assert await market.get(f"{path}/operations/{accepted['operationId']}") == operations[1]


async def test_operations_settle_at_the_pace_of_the_market(market):
    market.simulator.set_pace(Pace(settle_seconds=(30.0, 30.0), settle_failure=0.0))
    listing_id = await market.create(active=False)
    for waited, status in ((29.9, "PENDING"), (0.2, "SUCCEEDED")):
        market.wait(waited)
        assert (await market.get(f"listings/{listing_id}"))["lastOperation"]["operationStatus"] == status


async def test_an_ask_that_does_not_open_leaves_the_listing_inactive_and_says_why(market):
    market.simulator.set_pace(Pace(settle_failure=1.0, locale="zh"))
    details = await market.get(f"listings/{await market.sell()}")
    assert (details["status"], details["ask"], details["order"], details["payout"]) == ("INACTIVE", None, None, None)
    last = details["lastOperation"]
    assert (last["operationType"], last["operationStatus"], last["error"]) == ("ACTIVATE", "FAILED", "该商品不可售")
    first = (await market.get(f"listings/{details['listingId']}/operations"))["operations"][-1]
    assert (first["operationType"], first["operationStatus"]) == ("CREATE", "SUCCEEDED")


async def test_an_unsellable_variant_never_opens_however_often_it_is_tried():
    us = seller(products=500)
    async with us.client:
        listing_id = await us.sell(variantId=unsellable_variant(us.simulator).id)
        for _ in range(3):
            await us.send("PUT", f"listings/{listing_id}/activate", {})
            us.wait()
            assert (await us.get(f"listings/{listing_id}"))["status"] == "INACTIVE"


def test_two_in_a_hundred_variants_cannot_be_sold_and_none_of_the_landmarks():
    products = seller(products=500).simulator.catalog.products
    verdicts = [is_sellable(1, product, variant) for product in products for variant in product.variants]
    assert 0.01 < verdicts.count(False) / len(verdicts) < 0.03
    assert all(is_sellable(1, each, size) for each in products[: len(LANDMARKS)] for size in each.variants)


async def test_several_listings_of_one_variant_are_several_listings(market):
    ids = {await market.create() for _ in range(3)}
    assert len(ids) == 3
    market.wait()
    assert set(await market.ids(variantIds=market.variant.id)) == ids


async def test_ask_ids_have_twenty_digits_and_do_not_fit_in_63_bits(market):
    asks = [(await market.get(f"listings/{await market.sell()}"))["ask"]["askId"] for _ in range(5)]
    assert len(set(asks)) == 5
    assert all(len(ask) == 20 and int(ask) > 2**63 for ask in asks)


async def test_details_of_yen_have_four_decimals_and_rows_are_whole(market):
    listing_id = await market.sell(amount="23500", currencyCode="JPY")
    details = await market.get(f"listings/{listing_id}")
    (row,) = (await market.get("listings"))["listings"]
    assert (details["amount"], row["amount"]) == ("23500.0000", "23500")
    assert {"payout", "lastOperation"}.isdisjoint(row)
    assert row.keys() == details.keys() - {"payout", "lastOperation"}


async def test_the_payout_of_a_live_listing_takes_the_minimum_fee(market):
    payouts = [
        (await market.get(f"listings/{await market.sell(amount=amount, currencyCode='EUR')}"))["payout"]
        for amount in ("102", "48")
    ]
    assert payouts[0]["totalPayout"] == "89.76"
    assert [line["amount"] for line in payouts[0]["adjustments"]] == ["-9.18", "-3.06"]
    assert payouts[1]["adjustments"][0] == {
        "adjustmentType": "Minimum Transaction Fee",
        "amount": "-5",
        "percentage": "0.09",
    }


async def test_the_default_expiry_is_999_days(market):
    ask = (await market.get(f"listings/{await market.sell()}"))["ask"]
    assert ask["askCreatedAt"].startswith("2026-03-01")
    assert ask["askExpiresAt"].startswith((START + timedelta(days=999)).date().isoformat())


async def test_an_expired_ask_stays_active_and_leaves_the_default_list(market):
    listing_id = await market.sell(expiresAt=(START + timedelta(hours=1)).isoformat())
    assert await market.ids() == [listing_id]
    market.wait(3_600)
    assert (await market.get(f"listings/{listing_id}"))["status"] == "ACTIVE"
    assert await market.ids() == []
    assert await market.ids(isExpired="true", listingStatuses="ACTIVE") == [listing_id]
    assert market.simulator.listings.live_asks(market.variant.id, START + timedelta(hours=2)) == ()
    await market.send("PUT", f"listings/{listing_id}/activate", {})
    market.wait()
    assert await market.ids() == [listing_id]


async def test_an_update_changes_price_and_expiry_when_it_settles(market):
    listing_id = await market.sell()
    until = START + timedelta(days=30)
    await market.send("PATCH", f"listings/{listing_id}", {"amount": "140", "expiresAt": until.isoformat()})
    assert (await market.get(f"listings/{listing_id}"))["amount"] == "150"
    market.wait()
    details = await market.get(f"listings/{listing_id}")
    assert (details["amount"], details["ask"]["askExpiresAt"]) == ("140", "2026-03-31T12:00:00.000Z")
    assert details["lastOperation"]["changes"]["updates"]["amount"] == "140.0000"


async def test_deactivate_takes_the_ask_back_and_activate_opens_a_new_one_at_a_new_price(market):
    listing_id = await market.sell()
    first = (await market.get(f"listings/{listing_id}"))["ask"]["askId"]
    await market.send("PUT", f"listings/{listing_id}/deactivate")
    market.wait()
    details = await market.get(f"listings/{listing_id}")
    assert (details["status"], details["ask"]) == ("INACTIVE", None)
    await market.send("PUT", f"listings/{listing_id}/activate", {"amount": "99"})
    market.wait()
    details = await market.get(f"listings/{listing_id}")
    assert (details["status"], details["amount"]) == ("ACTIVE", "99")
    assert details["ask"]["askId"] != first


async def test_a_deleted_listing_says_so_by_id_and_is_in_no_list(market):
    listing_id = await market.sell()
    await market.send("DELETE", f"listings/{listing_id}")
    assert await market.ids() == [listing_id]
    market.wait()
    assert (await market.get(f"listings/{listing_id}"))["status"] == "DELETED"
    assert await market.ids(isExpired="true") == await market.ids(variantIds=market.variant.id) == []


async def test_writes_queue_up_behind_one_that_is_under_way(market):
    listing_id = await market.create()
    await market.send("PATCH", f"listings/{listing_id}", {"amount": "140"})
    await market.send("PATCH", f"listings/{listing_id}", {"amount": "130"})
    market.wait(60)
    details = await market.get(f"listings/{listing_id}")
    assert (details["status"], details["amount"]) == ("ACTIVE", "130")


async def test_an_operation_that_comes_after_the_sale_fails(market):
    listing_id = await market.sell()
    await market.send("DELETE", f"listings/{listing_id}")
    listing = market.simulator.listings.get(listing_id)
    market.simulator.listings.matched(listing, "04-ABC", market.clock.now())
    market.wait()
    details = await market.get(f"listings/{listing_id}")
    assert (details["status"], details["order"]["orderNumber"]) == ("MATCHED", "04-ABC")
    operations = (await market.get(f"listings/{listing_id}/operations"))["operations"]
    assert [(each["operationType"], each["operationStatus"]) for each in operations[:2]] == [
        ("UPDATE", "SUCCEEDED"),
        ("DELETE", "FAILED"),
    ]
    assert (operations[0]["operationInitiatedBy"], operations[0]["operationInitiatedVia"]) == (
        "SYSTEM",
        "INTERNAL-SYSTEM",
    )


async def test_a_sale_ends_completed_or_canceled_and_only_a_canceled_listing_can_be_deleted(market):
    book, ids = market.simulator.listings, [await market.sell(), await market.sell()]
    paid, failed = (book.get(listing_id) for listing_id in ids)
    for listing in (paid, failed):
        book.matched(listing, "04-ABC", market.clock.now())
    book.completed(paid, market.clock.now())
    book.sale_failed(failed, market.clock.now())
    assert await market.ids(listingStatuses="COMPLETED,CANCELED") == ids[::-1]
    with pytest.raises(ValueError, match="only an active one"):
        book.matched(paid, "04-DEF", market.clock.now())
    await market.send("DELETE", f"listings/{ids[0]}", status=400)
    await market.send("DELETE", f"listings/{ids[1]}")


async def test_the_market_of_a_variant_knows_own_asks_and_that_of_the_product_does_not(market):
    product = market.simulator.catalog.products[0]
    path = f"/catalog/products/{product.id}"

    async def lowest() -> tuple[str, str]:
        one = (await market.client.get(f"{path}/variants/{market.variant.id}/market-data")).json()
        every = (await market.client.get(f"{path}/market-data")).json()
        (among,) = (each for each in every if each["variantId"] == market.variant.id)
        return one["lowestAskAmount"], among["lowestAskAmount"]

    before = await lowest()
    assert before[0] == before[1]
    listing_id = await market.sell(amount="7")
    assert await lowest() == ("7", before[1])
    await market.send("DELETE", f"listings/{listing_id}")
    market.wait()
    assert await lowest() == before


async def test_two_runs_of_one_seed_answer_the_same():
    runs = []
    for _ in range(2):
        us = seller(Pace(settle_failure=0.5))
        async with us.client:
            for _ in range(8):
                await us.sell()
            runs.append(await us.get("listings"))
    assert runs[0] == runs[1]
    assert {row["status"] for row in runs[0]["listings"]} == {"ACTIVE", "INACTIVE"}
