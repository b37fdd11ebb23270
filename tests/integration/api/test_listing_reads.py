"""Listings over HTTP: from the mirror, from StockX where that is asked for, and with what is under way about them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from support.api import RunningApi
from support.selling import offer, run_to_the_end

LISTINGS = "/api/v1/listings"


async def test_what_is_for_sale_is_listed_once_a_sync_has_seen_it(one_api: RunningApi) -> None:
    api = one_api
    listing = offer(api)
    before = (await api.client.get(LISTINGS)).json()
    await run_to_the_end(api, "listings")
    sent = api.requests_sent()

    after = (await api.client.get(LISTINGS)).json()

    assert api.requests_sent() == sent
    assert before == {"items": [], "nextCursor": None}
    (shown,) = after["items"]
    assert (shown["listingId"], shown["status"], shown["live"]) == (listing.id, "ACTIVE", True)
    assert (shown["styleId"], shown["finding"]) == ("DD1391-100", None)
    assert (Decimal(shown["price"]["amount"]), shown["price"]["currency"]) == (Decimal(150), "EUR")


async def test_pages_filters_and_orders_are_query_parameters(api: RunningApi) -> None:
    cheap, dear, middle = (offer(api, price=price).id for price in (90, 1500, 100))
    await run_to_the_end(api, "listings")

    async def listed(**params: object) -> list[str]:
        answer = await api.client.get(LISTINGS, params={name: str(value) for name, value in params.items()})
        assert answer.status_code == 200, answer.text
        return [each["listingId"] for each in answer.json()["items"]]

    first = (await api.client.get(LISTINGS, params={"sort": "-amount", "limit": 2})).json()
    rest = await listed(sort="-amount", limit=2, cursor=first["nextCursor"])
    variant = api.simulator.listings.get(cheap)
    assert variant is not None

    assert [each["listingId"] for each in first["items"]] + rest == [dear, middle, cheap]
    assert await listed(sort="createdAt") == [cheap, dear, middle]
    assert await listed(amountMin="90", amountMax="100", currency="EUR", sort="amount") == [cheap, middle]
    assert await listed(currency="USD") == await listed(status="MATCHED") == await listed(live="false") == []
    assert len(await listed(variantId=variant.variant_id)) == 3
    assert await listed(finding="expired") == []
    soon = (api.clock.now() + timedelta(days=1)).isoformat()
    assert await listed(expiringBefore=soon) == []


async def test_one_listing_comes_from_the_mirror_unless_stockx_is_asked_for(one_api: RunningApi) -> None:
    api = one_api
    listing = offer(api)
    unknown = await api.client.get(f"{LISTINGS}/{listing.id}")
    await run_to_the_end(api, "listings")
    sent = api.requests_sent()
    api.clock.advance(90)

    kept = (await api.client.get(f"{LISTINGS}/{listing.id}")).json()
    assert api.requests_sent() == sent
    live = (await api.client.get(f"{LISTINGS}/{listing.id}", params={"maxAge": 60})).json()

    assert (unknown.status_code, unknown.json()["code"]) == (404, "no_such_record")
    assert [kept["sighting"]["source"], live["sighting"]["source"]] == ["mirror", "stockx"]
    assert kept["sighting"]["ageSeconds"] == pytest.approx(90, abs=1)
    assert (kept["payout"], kept["lastOperation"]) == (None, None)
    assert Decimal(live["payout"]["amount"]) < 150
    assert live["lastOperation"]["status"] == "SUCCEEDED"
    assert api.requests_sent() == sent + 1


async def test_a_listing_shows_the_write_that_is_under_way(one_api: RunningApi) -> None:
    api = one_api
    listing = offer(api)
    await run_to_the_end(api, "listings")
    path = f"{LISTINGS}/{listing.id}"
    changed = await api.client.patch(f"{path}?wait=0", json={"price": "145", "currency": "EUR"})
    assert changed.status_code == 202, changed.text

    shown = (await api.client.get(path)).json()

    (write,) = shown["writes"]
    assert (write["id"], write["knowledge"]) == (changed.json()["id"], "pending")
    assert (await api.client.get(shown["audit"])).json()["items"] != []


@pytest.mark.parametrize(
    "query", ["sort=price", "limit=0", "status=SOLD", "currency=eur", "amountMin=-1", "amountMax=NaN", "finding=lost"]
)
async def test_what_cannot_be_meant_is_refused(idle_api: RunningApi, query: str) -> None:
    answer = await idle_api.client.get(f"{LISTINGS}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
