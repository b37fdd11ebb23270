"""Payouts and past prices over HTTP."""

from __future__ import annotations

from decimal import Decimal

import pytest

from support.api import RunningApi
from support.selling import run_to_the_end, sell


async def test_what_is_paid_for_an_order_is_listed_and_summed(one_api: RunningApi) -> None:
    api = one_api
    number = sell(api)
    await run_to_the_end(api, "orders-active")

    listed = (await api.client.get("/api/v1/payouts")).json()
    summed = (await api.client.get("/api/v1/payouts/sums")).json()
    paid = (await api.client.get("/api/v1/payouts", params={"state": "paid"})).json()

    (shown,) = listed["items"]
    (total,) = summed["sums"]
    assert (shown["orderNumber"], shown["status"], shown["state"]) == (number, "CREATED", "expected")
    assert Decimal(shown["payout"]["amount"]) < Decimal(shown["price"]["amount"]) == Decimal(150)
    assert Decimal(total["total"]["amount"]) == Decimal(shown["payout"]["amount"])
    assert (total["month"], total["state"], total["orders"]) == ("2026-01", "expected", 1)
    assert paid == {"items": [], "nextCursor": None}


@pytest.mark.parametrize(
    ("query", "price", "total"),
    [
        ("price=48.94&currency=EUR&level=2&shipping=4.5", "48.94", "37.97"),
        ("price=102&currency=EUR&level=1&shipping=10", "102", "79.76"),
        ("price=221&currency=EUR&level=3&shipping=8", "221", "188.69"),
        ("payout=79.76&currency=EUR&level=1&shipping=10", "102", "79.76"),
        ("price=100&currency=JPY&level=5&category=watches", "100", "-703"),
    ],
)
async def test_a_payout_is_estimated_line_by_line(idle_api: RunningApi, query: str, price: str, total: str) -> None:
    """The first three are real payouts (FACTS 5.2), whose lines the first of them adds up wrongly."""
    answer = await idle_api.client.get(f"/api/v1/payouts/estimate?{query}")
    shown = answer.json()
    assert answer.status_code == 200, answer.text
    assert (Decimal(shown["salePrice"]), Decimal(shown["total"])) == (Decimal(price), Decimal(total))
    assert sum(Decimal(each["amount"]) for each in shown["lines"]) == Decimal(total) - Decimal(price)


@pytest.mark.parametrize(
    "query",
    ["", "price=1&payout=1", "price=0", "price=NaN", "price=1e12", "price=0.00001", "price=1&level=6", "price=1&tax=1",
     "price=1&currency=euro", "price=1&bonus=-1", "price=1&category=%00"],
)  # fmt: skip
async def test_what_cannot_be_estimated_is_refused(idle_api: RunningApi, query: str) -> None:
    answer = await idle_api.client.get(f"/api/v1/payouts/estimate?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


async def test_the_market_that_was_read_is_the_history(one_api: RunningApi) -> None:
    api = one_api
    path = f"/api/v1/products/{api.product_id()}/market-data"
    before = (await api.client.get(f"{path}/history")).json()
    first = (await api.client.get(path)).json()
    api.clock.advance(3600)
    await api.client.get(path, params={"maxAge": 0})
    variant = first["variants"][4]["variantId"]
    sent = api.requests_sent()

    raw = (await api.client.get(f"{path}/history", params={"variantId": variant})).json()
    days = (await api.client.get(f"{path}/history", params={"variantId": variant, "interval": "day"})).json()
    newest = (await api.client.get(f"{path}/history", params={"limit": 3})).json()
    rest = (await api.client.get(f"{path}/history", params={"limit": 200, "cursor": newest["nextCursor"]})).json()

    assert api.requests_sent() == sent
    assert before["items"] == []
    assert [each["at"] for each in raw["items"]] == sorted((each["at"] for each in raw["items"]), reverse=True)
    assert [each["readings"] for each in raw["items"]] == [1, 1]
    (day,) = days["items"]
    assert (day["at"], day["readings"]) == ("2026-01-01T00:00:00Z", 2)
    assert day["highestBid"]["first"] == raw["items"][1]["highestBid"]["last"]
    assert (raw["currency"], days["interval"]) == ("EUR", "day")
    assert len(newest["items"]) + len(rest["items"]) == 2 * len(first["variants"])
    assert rest["nextCursor"] is None


@pytest.mark.parametrize("query", ["interval=week", "currency=eur", "from=yesterday", "sort=price", "limit=0"])
async def test_what_is_no_history_is_refused(idle_api: RunningApi, query: str) -> None:
    answer = await idle_api.client.get(f"/api/v1/products/some/market-data/history?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


async def test_a_cursor_of_days_is_none_of_readings(idle_api: RunningApi) -> None:
    path = "/api/v1/products/some/market-data/history"
    answer = await idle_api.client.get(path, params={"cursor": "LWF0CjIwMjYtMDEtMDEKdg"})
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_record")
