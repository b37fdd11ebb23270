"""Market data over HTTP: amounts, payouts, age and source."""

from __future__ import annotations

from decimal import Decimal

import pytest

from solegate.simulator import Fault, FaultKind
from support.api import SKU, RunningApi


def _path(api: RunningApi) -> str:
    return f"/{api.product_id()}/market-data"


async def test_every_size_has_its_prices_as_strings_with_a_currency(api: RunningApi):
    body = (await api.get(_path(api), currencyCode="USD")).json()
    assert body["productId"] == api.product_id()
    assert body["currencyCode"] == "USD"
    assert len(body["variants"]) == 20
    asks = [each["lowestAsk"] for each in body["variants"] if each["lowestAsk"]]
    assert asks
    for ask in asks:
        assert ask["currency"] == "USD"
        assert isinstance(ask["amount"], str)
        assert Decimal(ask["amount"]) > 0
    assert api.requests_sent() == 1


async def test_the_payout_is_the_price_and_its_lines_added_up(api: RunningApi):
    body = (await api.get(_path(api), currencyCode="USD")).json()
    payouts = [each["payoutAtAsk"] for each in body["variants"] if each["payoutAtAsk"]]
    assert payouts
    for payout in payouts:
        lines = sum(Decimal(line["amount"]) for line in payout["lines"])
        assert Decimal(payout["salePrice"]) + lines == Decimal(payout["total"])
        assert payout["estimate"] is True
    assert all((each["highestBid"] is None) == (each["payoutAtBid"] is None) for each in body["variants"])


async def test_an_enriched_product_has_its_title_and_sizes(api: RunningApi):
    bare = (await api.get(_path(api))).json()
    await api.enrich(SKU)
    named = (await api.get(_path(api))).json()
    assert bare["title"] is None
    assert bare["variants"][0]["size"] == bare["variants"][0]["variantId"]
    assert named["title"] == "adidas Ultra Boost 1.0 Core Black"
    assert named["variants"][0]["size"] == "US M 4"


async def test_the_configured_currency_is_used_when_none_is_given(api: RunningApi):
    assert (await api.get(_path(api))).json()["currencyCode"] == "EUR"
    assert (await api.get(_path(api), currencyCode="")).json()["currencyCode"] == "EUR"
    assert (await api.get(_path(api), currencyCode="gbp")).json()["currencyCode"] == "GBP"


async def test_fresh_answers_are_remembered_with_their_age(api: RunningApi):
    await api.get(_path(api))
    api.clock.advance(120)
    provenance = (await api.get(_path(api))).json()["provenance"]
    assert provenance == {"source": "cache", "fetchedAt": "2026-01-01T12:00:00Z", "ageSeconds": 120.0, "stale": False}
    assert api.requests_sent() == 1


async def test_max_age_decides_how_old_an_answer_may_be(api: RunningApi):
    await api.get(_path(api))
    api.clock.advance(120)
    assert (await api.get(_path(api), maxAge=121)).json()["provenance"]["source"] == "cache"
    younger = (await api.get(_path(api), maxAge=60)).json()["provenance"]
    assert (younger["source"], younger["ageSeconds"]) == ("live", 0)
    assert (await api.get(_path(api), maxAge=0)).json()["provenance"]["source"] == "live"
    assert api.requests_sent() == 3


@pytest.mark.parametrize("hours", [1, 10, 23])
async def test_an_old_answer_is_served_as_stale_while_stockx_is_down(api: RunningApi, hours: int):
    live = (await api.get(_path(api))).json()
    api.clock.advance(hours * 3600)
    api.simulator.inject(Fault(kind=FaultKind.DROP))
    answer = await api.get(_path(api))
    assert answer.status_code == 200
    body = answer.json()
    assert body["provenance"] | {"ageSeconds": 0} == live["provenance"] | {"source": "stale", "stale": True}
    assert hours * 3600 <= body["provenance"]["ageSeconds"] < hours * 3600 + 60
    assert body["variants"] == live["variants"]


async def test_an_answer_older_than_a_day_is_not_served(ticking_api: RunningApi):
    await ticking_api.get(_path(ticking_api))
    ticking_api.clock.advance(25 * 3600)
    ticking_api.simulator.inject(Fault(kind=FaultKind.DROP))
    assert (await ticking_api.get(_path(ticking_api))).status_code == 502


@pytest.mark.parametrize("parameters", [{"currencyCode": "XXX"}, {"maxAge": -1}, {"maxAge": "nan"}, {"maxAge": "old"}])
async def test_parameters_that_cannot_be_used_cost_no_request(idle_api: RunningApi, parameters):
    answer = await idle_api.get(_path(idle_api), **parameters)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


async def test_an_id_with_spaces_costs_no_request(idle_api: RunningApi):
    answer = await idle_api.get("/not an id/market-data")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
