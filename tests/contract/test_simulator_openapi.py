"""Every catalog answer of the simulator is valid against StockX's own specification, where that file is at hand.

Deviations on purpose, from FACTS 1.4: the gateway's bodies have no statusCode (`NOT_THE_ENVELOPE`), a 500 says
errorMessage, a 504 is empty.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
import jsonschema
import pytest

from solegate.simulator import Fault, FaultKind, Limits, Simulator, SimulatorConfig

SPECIFICATION = Path(__file__).parents[2] / "../shared/stockx/openapi.json"
UNDOCUMENTED_STATUS = {
    ("Search", 400): "the specification bounds query and paging but lists no 400",
    ("GetProductMarketData", 400): "an unknown currency; the specification lists no 400",
    ("GetProductMarketData", 404): "a SKU for an id answers 404 (FACTS 1.4)",
    ("GetVariantMarketData", 404): "a SKU for an id answers 404 (FACTS 1.4)",
}
NOT_THE_ENVELOPE = {
    "wrong key": ({"x-api-key": "wrong"}, {"message": "Invalid API Key"}),
    "no token": ({"authorization": ""}, {"message": "Unauthorized"}),
}

pytestmark = pytest.mark.skipif(not SPECIFICATION.exists(), reason=f"{SPECIFICATION.name} is not beside the checkout")


@cache
def specification() -> dict[str, Any]:
    document: dict[str, Any] = as_json_schema(json.loads(SPECIFICATION.read_text()))
    return document


def as_json_schema(node: Any) -> Any:
    """OpenAPI 3.0 says `nullable`, JSON Schema says `null`."""
    if isinstance(node, list):
        return [as_json_schema(each) for each in node]
    if not isinstance(node, dict):
        return node
    plain = {key: as_json_schema(value) for key, value in node.items() if key != "nullable"}
    return {"anyOf": [plain, {"type": "null"}]} if node.get("nullable") is True else plain


def operation(operation_id: str) -> dict[str, Any]:
    return next(
        each
        for path in specification()["paths"].values()
        for each in path.values()
        if each["operationId"] == operation_id
    )


def validate(body: Any, schema: dict[str, Any]) -> None:
    jsonschema.validate(body, {**schema, "components": specification()["components"]})


def check(operation_id: str, answer: httpx2.Response) -> None:
    """The body is what the specification promises for this status, or the documented error envelope."""
    responses = operation(operation_id)["responses"]
    status = str(answer.status_code)
    if (operation_id, answer.status_code) in UNDOCUMENTED_STATUS:
        assert status not in responses, "no longer a deviation"
        schema = {"$ref": "#/components/schemas/PublicApiError"}
    else:
        schema = responses[status]["content"]["application/json"]["schema"]
    assert answer.headers["content-type"].startswith("application/json")
    validate(answer.json(), schema)


@pytest.fixture(scope="module")
def simulator() -> Simulator:
    return Simulator(SimulatorConfig(limits=Limits.off()))


@pytest.fixture
async def client(simulator):
    token = simulator.issue_tokens().access_token
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=simulator.app),
        base_url="http://practice/v2",
        headers={"authorization": f"Bearer {token}", "x-api-key": "practice-key"},
    ) as client:
        yield client


@pytest.fixture(scope="module")
def some(simulator):
    """One product of each chart and category, and the landmarks."""
    kinds = {(product.design.product_type, product.design.chart): product for product in simulator.catalog.products}
    return [*simulator.catalog.products[:10], *kinds.values()]


async def test_search(client):
    for query in ("nike", "DD1391-100", "box", "zzqqxx", "supreme hoodie"):
        check("Search", await client.get("/catalog/search", params={"query": query, "pageSize": 50}))
    check("Search", await client.get("/catalog/search"))


async def test_products_and_variants(client, some):
    for product in some:
        path = f"/catalog/products/{product.id}"
        check("GetProduct", await client.get(path))
        check("GetVariants", await client.get(f"{path}/variants"))
        check("GetVariant", await client.get(f"{path}/variants/{product.variants[0].id}"))


async def test_market_data(client, some):
    for product in some:
        path = f"/catalog/products/{product.id}"
        check("GetProductMarketData", await client.get(f"{path}/market-data"))
        one = f"{path}/variants/{product.variants[-1].id}/market-data"
        check("GetVariantMarketData", await client.get(f"{one}?currencyCode=JPY"))


async def test_every_currency_of_the_specification(client, some):
    codes = specification()["components"]["schemas"]["CurrencyCode"]["enum"]
    assert len(codes) == 30
    for code in codes:
        answer = await client.get(f"/catalog/products/{some[0].id}/market-data?currencyCode={code}")
        check("GetProductMarketData", answer)
        assert answer.json()[0]["currencyCode"] == code


async def test_gtin(client, some):
    gtins = [gtin.identifier for product in some for variant in product.variants for gtin in variant.gtins]
    for gtin in (*gtins[:20], "123", "4006381333931"):
        check("GetVariantsByGtin", await client.get(f"/catalog/products/variants/gtins/{gtin}"))


async def test_refusals(client, some):
    unknown = "00000000-0000-4000-8000-000000000000"
    first, second = some[:2]
    paths = {
        "GetProduct": [unknown],
        "GetVariants": [f"{unknown}/variants"],
        "GetVariant": [f"{first.id}/variants/{unknown}", f"{first.id}/variants/{second.variants[0].id}"],
        "GetProductMarketData": ["DD1391-100/market-data", f"{first.id}/market-data?currencyCode=XXX"],
        "GetVariantMarketData": [
            f"{first.id}/variants/10/market-data",
            f"{first.id}/variants/{second.variants[0].id}/market-data",
        ],
    }
    for operation_id, wrong in paths.items():
        for path in wrong:
            check(operation_id, await client.get(f"/catalog/products/{path}"))


async def test_an_expired_token(client, simulator):
    simulator.expire_access_tokens()
    check("Search", await client.get("/catalog/search?query=nike"))


@pytest.mark.parametrize("case", NOT_THE_ENVELOPE)
async def test_the_gateway_does_not_keep_to_the_envelope(client, case):
    headers, body = NOT_THE_ENVELOPE[case]
    assert (await client.get("/catalog/search?query=nike", headers=headers)).json() == body


async def test_a_500_does_not_keep_to_the_envelope(client, simulator):
    simulator.inject(Fault(kind=FaultKind.STATUS, status=500, times=1))
    answer = await client.get("/catalog/search?query=nike")
    with pytest.raises(jsonschema.ValidationError):
        check("Search", answer)
    assert "errorMessage" in answer.json()


async def test_schema_drift_is_outside_the_specification(client, simulator):
    simulator.inject(Fault(kind=FaultKind.SCHEMA_DRIFT, times=1))
    with pytest.raises(jsonschema.ValidationError):
        check("Search", await client.get("/catalog/search?query=nike"))


def test_paths_and_methods_are_those_of_the_specification(simulator):
    ours = {(each.name, each.method.lower(), each.path) for each in simulator.operations}
    theirs = {
        (each["operationId"], method, path)
        for path, methods in specification()["paths"].items()
        for method, each in methods.items()
    }
    assert ours <= theirs
