"""Orders over HTTP: from the mirror, from StockX where that is asked for, and their papers."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from solegate.simulator import Fault, FaultKind
from support.api import RunningApi
from support.selling import run_to_the_end, sell

ORDERS = "/api/v1/orders"


async def test_a_sold_pair_is_listed_once_a_sync_has_seen_it(one_api: RunningApi) -> None:
    api = one_api
    number = sell(api)
    before = (await api.client.get(ORDERS)).json()
    await run_to_the_end(api, "orders-active")
    sent = api.requests_sent()

    after = (await api.client.get(ORDERS)).json()

    assert api.requests_sent() == sent
    assert before == {"items": [], "nextCursor": None}
    (shown,) = after["items"]
    assert (shown["orderNumber"], shown["status"], shown["group"]) == (number, "CREATED", "to_ship")
    assert (Decimal(shown["price"]["amount"]), shown["price"]["currency"]) == (Decimal(150), "EUR")
    assert shown["shipBy"] > shown["createdAt"]
    assert shown["seenAt"] == shown["detailAt"]


async def test_pages_filters_and_orders_are_query_parameters(api: RunningApi) -> None:
    numbers = [sell(api, price=price) for price in (90, 150, 100)]
    await run_to_the_end(api, "orders-active")

    async def listed(**params: object) -> list[str]:
        answer = await api.client.get(ORDERS, params={name: str(value) for name, value in params.items()})
        assert answer.status_code == 200, answer.text
        return [each["orderNumber"] for each in answer.json()["items"]]

    first = (await api.client.get(ORDERS, params={"sort": "amount", "limit": 2})).json()
    rest = await listed(sort="amount", limit=2, cursor=first["nextCursor"])
    soon = (api.clock.now() + timedelta(minutes=1)).isoformat()

    assert [each["orderNumber"] for each in first["items"]] + rest == [numbers[0], numbers[2], numbers[1]]
    assert await listed(sort="-amount") == [numbers[1], numbers[2], numbers[0]]
    assert await listed(status="SHIPPED") == []
    assert await listed(styleId="dd1391-100", active="true") == numbers[::-1]
    assert await listed(createdBefore=soon, shipByBefore=soon) == []
    assert len(await listed(needsLabel="true")) + len(await listed(needsLabel="false")) == 3


async def test_one_order_comes_from_the_mirror_unless_stockx_is_asked_for(one_api: RunningApi) -> None:
    api = one_api
    number = sell(api)
    await run_to_the_end(api, "orders-active")
    sent = api.requests_sent()
    api.clock.advance(90)

    kept = (await api.client.get(f"{ORDERS}/{number}")).json()
    new_enough = (await api.client.get(f"{ORDERS}/{number}", params={"maxAge": 3600})).json()
    assert api.requests_sent() == sent
    live = (await api.client.get(f"{ORDERS}/{number}", params={"maxAge": 60})).json()

    assert api.requests_sent() == sent + 1
    assert [each["sighting"]["source"] for each in (kept, new_enough, live)] == ["mirror", "mirror", "stockx"]
    assert kept["sighting"]["ageSeconds"] == pytest.approx(90, abs=1)
    assert live["sighting"]["ageSeconds"] == pytest.approx(0, abs=1)
    assert (kept["adjustments"], kept["shipBy"]) == (None, live["shipBy"])
    assert Decimal(live["payout"]["amount"]) == Decimal(live["price"]["amount"]) + sum(
        Decimal(each["amount"]) for each in live["adjustments"]
    )


async def test_an_order_that_no_sync_has_seen_is_known_to_stockx_only(one_api: RunningApi) -> None:
    api = one_api
    number = sell(api)

    unknown = await api.client.get(f"{ORDERS}/{number}")
    live = await api.client.get(f"{ORDERS}/{number}", params={"maxAge": 0})
    kept = await api.client.get(f"{ORDERS}/{number}")
    nowhere = await api.client.get(f"{ORDERS}/99-NOWHERE", params={"maxAge": 0})

    assert (unknown.status_code, unknown.json()["code"]) == (404, "no_such_record")
    assert "maxAge=0" in unknown.json()["hint"]
    assert (live.status_code, live.json()["orderNumber"]) == (200, number)
    assert kept.status_code == 404, "what is shown is not kept: only syncs move the mirror, and tell what happened"
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "not_found")


async def test_the_label_is_a_pdf_with_a_safe_name(one_api: RunningApi) -> None:
    api = one_api
    number = sell(api)
    early = await api.client.get(f"{ORDERS}/{number}/shipping-document")
    api.clock.advance(3 * 3600)
    api.simulator.advance(0)

    answer = await api.client.get(f"{ORDERS}/{number}/shipping-document")

    assert (early.status_code, early.json()["code"]) == (404, "no_such_record")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'attachment; filename="order-{number}.pdf"'
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content.startswith(b"%PDF-")


async def test_a_label_costs_one_request_once_a_sync_knows_its_id(one_api: RunningApi) -> None:
    api = one_api
    number = sell(api)
    api.clock.advance(3 * 3600)
    api.simulator.advance(0)
    await run_to_the_end(api, "orders-active")
    sent = api.requests_sent()

    shown = (await api.client.get(f"{ORDERS}/{number}")).json()
    answer = await api.client.get(shown["shippingDocument"])

    assert answer.content.startswith(b"%PDF-")
    assert api.requests_sent() == sent + 1


async def test_what_is_no_pdf_is_not_handed_out_as_one(one_api: RunningApi) -> None:
    api = one_api
    number = sell(api)
    api.clock.advance(3 * 3600)
    api.simulator.advance(0)
    api.simulator.inject(Fault(kind=FaultKind.NOT_JSON, operation="GetOrderShipment"))

    answer = await api.client.get(f"{ORDERS}/{number}/shipping-document")

    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.status_code == 502


@pytest.mark.parametrize(
    "query",
    ["sort=price", "limit=0", "limit=201", "status=sold", "createdFrom=2026-01-01T00:00:00", "styleId=%00",
     "createdFrom=0001-01-01T00:00:00%2B14:00", "needsLabel=perhaps"],
)  # fmt: skip
async def test_what_cannot_be_meant_is_refused(idle_api: RunningApi, query: str) -> None:
    answer = await idle_api.client.get(f"{ORDERS}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


async def test_a_cursor_belongs_to_its_order(idle_api: RunningApi) -> None:
    for cursor in ("nonsense", "LWNyZWF0ZWRBdAoyMDI2CngK"):
        answer = await idle_api.client.get(ORDERS, params={"cursor": cursor})
        assert (answer.status_code, answer.json()["code"]) == (404, "no_such_record")
