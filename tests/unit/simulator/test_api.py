"""Catalog operations: answers, refusals and their bodies (FACTS 1.2, 1.4, 1.10)."""

from __future__ import annotations

import pytest

from solegate.simulator import Simulator
from unit.simulator.helpers import caller, headers, unlimited

UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def simulator() -> Simulator:
    return unlimited(products=500)


@pytest.fixture
async def client(simulator):
    async with caller(simulator) as client:
        yield client


@pytest.fixture
def panda(simulator):
    return simulator.catalog.by_style("DD1391-100")


async def test_search_pages_through_everything_once(client):
    pages = [(await client.get("/catalog/search?query=jordan")).json()]
    while pages[-1]["hasNextPage"]:
        number = len(pages) + 1
        pages.append((await client.get("/catalog/search", params={"query": "jordan", "pageNumber": number})).json())
        assert (pages[-1]["pageSize"], pages[-1]["pageNumber"]) == (10, number)
    seen = [product["productId"] for page in pages for product in page["products"]]
    assert len(seen) == len(set(seen)) == pages[0]["count"]


async def test_search_beyond_the_end_is_empty(client):
    body = (await client.get("/catalog/search?query=jordan&pageNumber=999&pageSize=50")).json()
    assert (body["products"], body["hasNextPage"]) == ([], False)
    assert body["count"] > 0


async def test_search_for_nothing_known(client):
    answer = await client.get("/catalog/search?query=zzqqxx")
    assert answer.status_code == 200
    assert answer.json() == {"count": 0, "pageSize": 10, "pageNumber": 1, "hasNextPage": False, "products": []}


async def test_search_hits_carry_less_than_details(client, panda):
    hits = (await client.get("/catalog/search?query=DD1391-100")).json()["products"]
    hit = next(each for each in hits if each["styleId"] == "DD1391-100")
    assert {"sizeChart", "isFlexEligible", "isDirectEligible"}.isdisjoint(hit)
    assert hit["productAttributes"]["season"] is hit["productAttributes"]["color"] is None
    details = (await client.get(f"/catalog/products/{panda.id}")).json()
    assert details["sizeChart"]["defaultConversion"] == {"name": "US M", "type": "us m"}
    assert hit.items() <= details.items()


@pytest.mark.parametrize(
    "query",
    [
        "",
        "query=",
        "query=%20",
        f"query={'x' * 101}",
        "query=nike&pageSize=0",
        "query=nike&pageSize=51",
        "query=nike&pageSize=ten",
        "query=nike&pageNumber=0",
        "query=nike&pageNumber=-1",
        "query=nike&pageNumber=None",
        "query=nike&pageNumber=1.5",
    ],
)
async def test_search_refuses_what_it_cannot_page(client, query):
    answer = await client.get(f"/catalog/search?{query}")
    assert answer.status_code == 400
    assert answer.json()["statusCode"] == 400


async def test_the_longest_query_and_largest_page_are_accepted(client):
    assert (await client.get(f"/catalog/search?query={'x' * 100}&pageSize=50")).status_code == 200


async def test_variants_are_a_bare_array_with_bare_own_size_and_prefixed_conversions(client, panda):
    variants = (await client.get(f"/catalog/products/{panda.id}/variants")).json()
    assert len(variants) == 22
    smallest = variants[0]
    assert smallest["sizeChart"]["defaultConversion"] == {"size": "3.5", "type": "us m"}
    assert {"size": "EU 35.5", "type": "eu"} in smallest["sizeChart"]["availableConversions"]
    assert smallest["variantName"] == "Nike-Dunk-Low-Retro-White-Black-Panda:0"
    one = (await client.get(f"/catalog/products/{panda.id}/variants/{smallest['variantId']}")).json()
    assert one == smallest


async def test_one_size_has_no_value_in_the_list_and_an_empty_one_alone(client, simulator):
    console = next(p for p in simulator.catalog.products if p.title and "PlayStation" in p.title)
    (listed,) = (await client.get(f"/catalog/products/{console.id}/variants")).json()
    assert listed["variantValue"] is None
    assert listed["sizeChart"] == {"availableConversions": [], "defaultConversion": None}
    one = (await client.get(f"/catalog/products/{console.id}/variants/{listed['variantId']}")).json()
    assert one["variantValue"] == ""


async def test_market_data_of_a_product_covers_every_variant_in_one_call(client, panda):
    markets = (await client.get(f"/catalog/products/{panda.id}/market-data?currencyCode=EUR")).json()
    assert [market["variantId"] for market in markets] == [variant.id for variant in panda.variants]
    market = markets[10]
    assert market["currencyCode"] == "EUR"
    assert market["standardMarketData"]["lowestAsk"] == market["lowestAskAmount"]
    assert market["flexMarketData"]["lowestAsk"] == market["flexLowestAskAmount"]
    path = f"/catalog/products/{panda.id}/variants/{market['variantId']}/market-data"
    assert (await client.get(f"{path}?currencyCode=EUR")).json() == market


async def test_the_default_currency_is_the_us_dollar(client, panda):
    assert (await client.get(f"/catalog/products/{panda.id}/market-data")).json()[0]["currencyCode"] == "USD"


async def test_by_gtin(client, simulator):
    product = next(p for p in simulator.catalog.products if p.variants[0].gtins)
    gtin = product.variants[0].gtins[0].identifier
    answer = await client.get(f"/catalog/products/variants/gtins/{gtin}")
    assert answer.json()["variantId"] == product.variants[0].id


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/catalog/products/{unknown}", 404, "Product not found"),
        ("/catalog/products/{unknown}/variants", 404, "Product not found"),
        ("/catalog/products/{unknown}/variants/{variant}", 404, "Product not found"),
        ("/catalog/products/{panda}/variants/{unknown}", 404, "Variant not found"),
        ("/catalog/products/{other}/variants/{variant}", 400, "Variant does not belong to the product."),
        ("/catalog/products/{other}/variants/{variant}/market-data", 400, "Variant does not belong to the product."),
        ("/catalog/products/DD1391-100/market-data", 404, "Could not decode market data"),
        ("/catalog/products/{panda}/variants/10/market-data", 404, "Could not decode market data"),
        ("/catalog/products/{unknown}/market-data", 404, "Product not found"),
        ("/catalog/products/{panda}/market-data?currencyCode=XXX", 400, "currencyCode is not supported"),
        ("/catalog/products/{panda}/market-data?currencyCode=eur", 400, "currencyCode is not supported"),
        (
            "/catalog/products/{panda}/variants/{variant}/market-data?currencyCode=",
            400,
            "currencyCode is not supported",
        ),
        ("/catalog/products/variants/gtins/123", 400, "Invalid GTIN"),
        ("/catalog/products/variants/gtins/4006381333931", 404, "Variant not found"),
        ("/selling/nothing", 404, "Not Found"),
    ],
)
async def test_refusals(client, simulator, panda, path, status, message):
    other = simulator.catalog.products[1]
    ids = {"panda": panda.id, "variant": panda.variants[0].id, "other": other.id, "unknown": UNKNOWN}
    answer = await client.get(path.format(**ids))
    assert (answer.status_code, answer.json()) == (status, {"statusCode": status, "message": message})


@pytest.mark.parametrize(
    ("changes", "status", "body"),
    [
        ({"x-api-key": "wrong"}, 403, {"message": "Invalid API Key"}),
        ({"x-api-key": None}, 403, {"message": "Invalid API Key"}),
        ({"authorization": None}, 401, {"message": "Unauthorized"}),
        ({"authorization": "Basic abc"}, 401, {"message": "Unauthorized"}),
        ({"authorization": "Bearer made-up"}, 401, {"statusCode": 401, "message": "Unauthorized"}),
    ],
)
async def test_credentials(simulator, changes, status, body):
    sent = {name: value for name, value in {**headers(simulator), **changes}.items() if value is not None}
    async with caller(simulator, authorised=False) as client:
        answer = await client.get("/catalog/search?query=nike", headers=sent)
    assert (answer.status_code, answer.json()) == (status, body)


async def test_a_path_without_the_prefix_is_forbidden_and_the_root_says_hello(client):
    assert (await client.get("http://practice/catalog/search?query=nike")).status_code == 403
    assert "Welcome" in (await client.get("http://practice/")).text


async def test_two_runs_with_one_seed_write_the_same_log():
    logs = []
    for _ in range(2):
        simulator = unlimited(latency=(0, 0.5))
        async with caller(simulator) as client:
            for query in ("nike", "adidas", ""):
                await client.get("/catalog/search", params={"query": query})
        logs.append(simulator.events())
    assert logs[0] == logs[1]
    assert [event.seq for event in logs[0]] == [1, 2, 3]
    assert [event.status for event in logs[0]] == [200, 200, 400]
