"""Search, enrichment, products and variants over HTTP."""

from __future__ import annotations

import pytest

from solegate.simulator import Fault, FaultKind
from support.api import SKU, UNKNOWN_ID, RunningApi

EVERY_FIELD = {"products", "count", "pageNumber", "pageSize", "hasNextPage", "looked", "provenance"}


async def test_a_search_without_filters_is_one_page_of_stockx_as_it_comes(api: RunningApi):
    answer = await api.get("/search-stockx", query="nike", pageSize=5)
    body = answer.json()
    assert answer.status_code == 200
    assert set(body) == EVERY_FIELD
    found = api.simulator.catalog.search("nike")
    assert [each["productId"] for each in body["products"]] == [each.id for each in found[:5]]
    assert (body["count"], body["pageNumber"], body["pageSize"], body["hasNextPage"]) == (len(found), 1, 5, True)
    assert body["looked"] == {"pagesRead": 1, "lookedAt": 5, "matched": 5, "total": len(found), "complete": False}
    assert body["provenance"] == {
        "source": "live",
        "fetchedAt": "2026-01-01T12:00:00Z",
        "ageSeconds": 0.0,
        "stale": False,
    }
    assert api.requests_sent() == 1


async def test_a_product_in_a_search_has_its_amounts_as_strings(api: RunningApi):
    products = (await api.get("/search-stockx", query=SKU, pageSize=50)).json()["products"]
    product = next(each for each in products if each["styleId"] == SKU)
    assert product["retailPrice"] == "190"
    assert product["brand"] == "adidas"
    assert product["releaseDate"] == "2023-02-01"
    assert product["productType"] == "sneakers"


async def test_the_pages_of_a_search_do_not_overlap(api: RunningApi):
    pages = [(await api.get("/search-stockx", query="nike", pageSize=7, pageNumber=n)).json() for n in (1, 2, 3)]
    ids = [each["productId"] for page in pages for each in page["products"]]
    assert len(ids) == len(set(ids)) == 21
    assert [page["pageNumber"] for page in pages] == [1, 2, 3]


async def test_a_search_again_comes_from_the_cache_and_says_how_old_it_is(api: RunningApi):
    await api.get("/search-stockx", query="nike")
    api.clock.advance(60)
    provenance = (await api.get("/search-stockx", query="nike")).json()["provenance"]
    assert provenance["source"] == "cache"
    assert provenance["ageSeconds"] == 60
    assert provenance["stale"] is False
    assert api.requests_sent() == 1


async def test_a_search_that_finds_nothing_is_an_empty_page(api: RunningApi):
    body = (await api.get("/search-stockx", query="zzqqxx")).json()
    assert body["products"] == []
    assert body["count"] == 0
    assert body["hasNextPage"] is False
    assert body["looked"]["complete"] is True


@pytest.mark.parametrize(
    ("parameters", "holds"),
    [
        ({"brand": "JORDAN"}, lambda p: p["brand"] == "Jordan"),
        ({"productType": "sneakers"}, lambda p: p["productType"] == "sneakers"),
        ({"gender": "women"}, lambda p: p["gender"] == "women"),
        ({"releasedFrom": "2021-01-01", "releasedTo": "2021-12-31"}, lambda p: p["releaseDate"][:4] == "2021"),
        ({"retailMin": "120", "retailMax": "180"}, lambda p: 120 <= float(p["retailPrice"]) <= 180),
        ({"color": "white"}, lambda p: "white" in f"{p['color']} {p['colorway']}".lower()),
    ],
)
async def test_every_filter_keeps_only_what_it_asks_for(api: RunningApi, parameters, holds):
    body = (await api.get("/search-stockx", query="black", pageSize=50, **parameters)).json()
    assert body["products"], "the practice catalog has such products"
    assert all(holds(product) for product in body["products"])
    assert body["looked"]["matched"] < body["looked"]["lookedAt"] <= body["looked"]["total"]
    assert body["looked"]["pagesRead"] == api.requests_sent()


async def test_filters_are_combined_and_the_answer_says_how_far_it_looked(api: RunningApi):
    body = (await api.get("/search-stockx", query="nike", brand="nike", gender="women", pageSize=2)).json()
    assert len(body["products"]) == 2
    assert {(each["brand"], each["gender"]) for each in body["products"]} == {("Nike", "women")}
    assert body["hasNextPage"] is True
    assert body["count"] == body["looked"]["total"] == len(api.simulator.catalog.search("nike"))


async def test_an_order_reads_everything_and_sorts_it(api: RunningApi):
    body = (await api.get("/search-stockx", query="jordan", sort="-retailPrice", pageSize=50)).json()
    prices = [float(each["retailPrice"]) for each in body["products"] if each["retailPrice"]]
    assert prices == sorted(prices, reverse=True)
    assert body["looked"]["complete"] is True


async def test_an_empty_filter_asks_for_nothing(api: RunningApi):
    body = (await api.get("/search-stockx", query="nike", brand="", color="")).json()
    assert len(body["products"]) == 10
    assert body["provenance"]["source"] == "live"


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({}, "query.query"),
        ({"query": ""}, "query.query"),
        ({"query": "x" * 101}, "query.query"),
        ({"query": "nike", "pageSize": 0}, "query.pageSize"),
        ({"query": "nike", "pageSize": 51}, "query.pageSize"),
        ({"query": "nike", "pageNumber": 0}, "query.pageNumber"),
        ({"query": "nike", "pageNumber": "two"}, "query.pageNumber"),
        ({"query": "nike", "sort": "price"}, "query.sort"),
        ({"query": "nike", "releasedFrom": "yesterday"}, "query.releasedFrom"),
        ({"query": "nike", "retailMin": -1}, "query.retailMin"),
        ({"query": "nike", "retailMax": "NaN"}, "query.retailMax"),
        ({"query": "nike", "brnad": "Nike"}, "query.brnad"),
        ({"query": "nike", "releasedFrom": "2022-01-01", "releasedTo": "2021-01-01"}, "query"),
        ({"query": "nike", "retailMin": 200, "retailMax": 100}, "query"),
    ],
)
async def test_parameters_that_cannot_be_used_are_named_and_nothing_is_sent(idle_api: RunningApi, parameters, field):
    answer = await idle_api.get("/search-stockx", **parameters)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [each["field"] for each in answer.json()["errors"]] == [field]


async def test_a_query_of_blanks_is_refused_by_the_client_in_the_same_way(idle_api: RunningApi):
    answer = await idle_api.get("/search-stockx", query="   ")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


async def test_enrichment_writes_the_product_once_and_then_costs_nothing(api: RunningApi):
    first, again = (await api.enrich(SKU)).json(), (await api.enrich(" hq4276 ")).json()
    assert first["status"] == "enriched"
    assert first["success"] is again["success"] is True
    assert first["productId"] == api.product_id()
    assert first["requests"] == 4
    assert first["variants"] == first["quotes"] > 0
    assert first["provenance"]["source"] == "live"
    assert (again["status"], again["requests"], again["localId"]) == ("fresh", 0, first["localId"])
    assert again["provenance"]["source"] == "cache"
    assert api.requests_sent() == 4


async def test_force_asks_stockx_even_for_what_is_fresh(api: RunningApi):
    await api.enrich(SKU)
    forced = (await api.enrich(SKU, force=True, currency="usd")).json()
    assert forced["status"] == "enriched"
    assert forced["requests"] == 3


async def test_enrichment_in_another_currency_asks_for_its_prices_only(api: RunningApi):
    await api.enrich(SKU)
    other = (await api.enrich(SKU, currency="GBP")).json()
    assert (other["status"], other["requests"]) == ("enriched", 1)


async def test_enrichment_without_an_exact_match_leaves_the_choice_to_a_person(api: RunningApi):
    answer = await api.enrich("HQ427")
    body = answer.json()
    assert answer.status_code == 200
    assert (body["status"], body["success"], body["productId"]) == ("needs_review", False, None)
    assert body["alternatives"][0]["styleId"] == SKU
    assert body["provenance"] is None


async def test_enrichment_of_what_stockx_does_not_know_is_not_found(api: RunningApi):
    answer = await api.enrich("ZZQQXX-999")
    problem = answer.json()
    assert answer.status_code == 404
    assert (problem["code"], problem["type"]) == ("product_not_found", "/problems/product-not-found")
    assert problem["detail"] == "ZZQQXX-999 not found on StockX."
    assert problem["alternatives"] == []


@pytest.mark.parametrize("sku", ["", "   ", "x" * 201])
async def test_enrichment_of_what_is_no_sku_is_refused(idle_api: RunningApi, sku: str):
    answer = await idle_api.enrich(sku)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"HQ4276"', b"{}", b'{"sku": 5}', b'{"sku": "HQ4276", "forse": true}', b"\xff\xfe"]
)
async def test_a_body_that_cannot_be_read_is_refused(idle_api: RunningApi, body: bytes):
    headers = {"content-type": "application/json"}
    answer = await idle_api.client.post("/api/v1/products/enrich", content=body, headers=headers)
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "body", [rb'{"sku": "\ud800"}', rb'{"sku": "a\u0000"}', rb'{"sku": "A1", "currency": "\ud800"}']
)
async def test_what_is_no_text_is_refused(idle_api: RunningApi, body: bytes):
    headers = {"content-type": "application/json"}
    answer = await idle_api.client.post("/api/v1/products/enrich", content=body, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


async def test_enrichment_in_an_unknown_currency_is_refused(idle_api: RunningApi):
    answer = await idle_api.enrich(SKU, currency="XXX")
    assert answer.status_code == 422
    assert "XXX" in answer.json()["detail"]


async def test_a_product_with_its_details(api: RunningApi):
    body = (await api.get(f"/{api.product_id()}")).json()
    assert body["styleId"] == SKU
    assert body["defaultSizeSystem"] == "us m"
    assert "eu" in body["sizeSystems"]
    assert body["provenance"]["source"] == "live"


async def test_the_variants_of_a_product(api: RunningApi):
    body = (await api.get(f"/{api.product_id()}/variants")).json()
    product = api.simulator.catalog.by_id(api.product_id())
    assert product is not None
    assert [each["variantId"] for each in body["variants"]] == [each.id for each in product.variants]
    first = body["variants"][0]
    assert {each["system"] for each in first["sizes"]} >= {"us m", "uk", "eu"}
    assert {each["type"] for each in first["gtins"]} == {"UPC", "EAN-13"}
    assert body["provenance"]["fetchedAt"] == "2026-01-01T12:00:00Z"


@pytest.mark.parametrize("path", ["", "/variants", "/market-data"])
async def test_an_unknown_product_is_not_found_everywhere(api: RunningApi, path: str):
    answer = await api.get(f"/{UNKNOWN_ID}{path}")
    problem = answer.json()
    assert answer.status_code == 404
    assert (problem["code"], problem["upstreamStatus"], problem["attempts"]) == ("not_found", 404, 1)


async def test_an_id_cannot_leave_its_place_in_the_path(api: RunningApi):
    answer = await api.client.get("/api/v1/products/..%2F..%2Fsearch%3Fquery=x")
    assert answer.status_code == 404
    assert {event.operation for event in api.simulator.events()} <= {"GetProduct", "unknown"}


async def test_old_catalog_data_is_served_as_stale_while_stockx_is_down(api: RunningApi):
    path = f"/{api.product_id()}"
    await api.get(path)
    api.clock.advance(30 * 3600)
    api.simulator.inject(Fault(kind=FaultKind.DROP))
    answer = await api.get(path)
    assert answer.status_code == 200
    assert answer.json()["provenance"] == {
        "source": "stale",
        "fetchedAt": "2026-01-01T12:00:00Z",
        "ageSeconds": 30 * 3600.0,
        "stale": True,
    }
