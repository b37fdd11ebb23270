"""The OpenAPI document and the pages made from it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from solegate import __version__
from solegate.api.problems import HTTP_KINDS, KINDS, problem_type
from solegate.api.scopes import SHOWN_ONCE
from support.api import RunningApi

_CHANGE = {"400", "409", "413", "422"}
_STOCKX = {"500", "502", "503", "504"}
_WRITE = {"202", "404", "423"} | _CHANGE | _STOCKX
_READ = {"404", "422", "500", "503"}
_STEER = {"404", "500", "503"} | _CHANGE
OPERATIONS = {
    ("/api/v1/products/search-stockx", "get"): ("searchStockx", {"422", "500", "502", "503", "504"}),
    ("/api/v1/products/enrich", "post"): (
        "enrichProduct",
        {"400", "404", "409", "413", "422", "500", "502", "503", "504"},
    ),
    ("/api/v1/products/{productId}", "get"): ("getProduct", {"404", "422", "500", "502", "503", "504"}),
    ("/api/v1/products/{productId}/variants", "get"): ("getVariants", {"404", "422", "500", "502", "503", "504"}),
    ("/api/v1/products/{productId}/market-data", "get"): ("getMarketData", {"404", "422", "500", "502", "503", "504"}),
    ("/api/v1/listings", "get"): ("listListings", _READ),
    ("/api/v1/listings/{listingId}", "get"): ("getListing", {"404", "422"} | _STOCKX),
    ("/api/v1/orders", "get"): ("listOrders", _READ),
    ("/api/v1/orders/{orderNumber}", "get"): ("getOrder", {"404", "422"} | _STOCKX),
    ("/api/v1/orders/{orderNumber}/shipping-document", "get"): ("getShippingDocument", {"404", "422"} | _STOCKX),
    ("/api/v1/listings", "post"): ("createListing", {"201"} | _WRITE),
    ("/api/v1/listings/{listingId}", "patch"): ("updateListing", _WRITE),
    ("/api/v1/listings/{listingId}", "delete"): ("deleteListing", _WRITE),
    ("/api/v1/listings/{listingId}/activate", "post"): ("activateListing", _WRITE),
    ("/api/v1/listings/{listingId}/deactivate", "post"): ("deactivateListing", _WRITE),
    ("/api/v1/writes", "get"): ("listWrites", {"404", "422", "500", "503"}),
    ("/api/v1/writes/{writeId}", "get"): ("getWrite", {"404", "422", "500", "503"}),
    ("/api/v1/writes/{writeId}/cancel", "post"): ("cancelWrite", {"404", "500", "503"} | _CHANGE),
    ("/api/v1/audit", "get"): ("listAudit", {"404", "422", "500", "503"}),
    ("/api/v1/jobs", "get"): ("listJobs", _READ),
    ("/api/v1/jobs", "post"): ("startJob", {"202", "423"} | _CHANGE | _STOCKX),
    ("/api/v1/jobs/upload", "post"): ("uploadJob", {"202", "423"} | _CHANGE | _STOCKX),
    ("/api/v1/jobs/{jobId}", "get"): ("getJob", _READ),
    ("/api/v1/jobs/{jobId}/rows", "get"): ("listJobRows", _READ),
    ("/api/v1/jobs/{jobId}/report.{form}", "get"): ("getJobReport", _READ),
    ("/api/v1/jobs/{jobId}/events", "get"): ("followJob", {"204"} | _READ),
    ("/api/v1/jobs/{jobId}/pause", "post"): ("pauseJob", _STEER),
    ("/api/v1/jobs/{jobId}/resume", "post"): ("resumeJob", _STEER),
    ("/api/v1/jobs/{jobId}/cancel", "post"): ("cancelJob", _STEER),
    ("/api/v1/jobs/{jobId}/retry", "post"): ("retryJob", {"202", "423"} | _STEER),
    ("/api/v1/jobs/{jobId}/undo", "post"): ("undoJob", {"202", "423"} | _STEER),
    ("/api/v1/orders/deadlines", "get"): ("getOrderDeadlines", {"422", "503"}),
    ("/api/v1/syncs", "get"): ("getSyncs", {"503"}),
    ("/api/v1/syncs/{name}/runs", "post"): ("runSync", {"202", "503"} | _CHANGE),
    ("/api/v1/guard", "get"): ("getGuard", {"503"}),
    ("/api/v1/guard/stop", "get"): ("getStop", {"503"}),
    ("/api/v1/guard/stop", "put"): ("stopWrites", {"400", "409", "413", "422", "503"}),
    ("/api/v1/guard/stop", "delete"): ("letWritesGoOn", {"400", "409", "413", "422", "503"}),
    ("/healthz", "get"): ("isAlive", set()),
    ("/readyz", "get"): ("isReady", {"503"}),
    ("/metrics", "get"): ("getMetrics", set()),
}


@pytest.fixture(scope="module")
async def document(idle_api: RunningApi) -> dict[str, Any]:
    answer = await idle_api.client.get("/openapi.json")
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


def _refs(node: object) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*map(_refs, node.values()))
    return set().union(*map(_refs, node)) if isinstance(node, list) else set()


async def test_the_document_describes_every_operation_and_every_error(document: dict[str, Any]):
    found = {
        (path, method): (operation["operationId"], {s for s in operation["responses"] if s != "200"})
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    assert found == OPERATIONS
    assert document["info"]["title"] == "Solegate"
    assert document["info"]["version"] == __version__


async def test_errors_are_documented_as_problem_documents(document: dict[str, Any]):
    responses = document["paths"]["/api/v1/products/enrich"]["post"]["responses"]
    for status in ("404", "413", "422", "500", "502", "503", "504"):
        assert responses[status]["content"] == {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
        }
    assert "/problems/quota-exhausted" in responses["503"]["description"]
    assert "HTTPValidationError" not in document["components"]["schemas"]


async def test_no_reference_leads_nowhere(document: dict[str, Any]):
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert _refs(document) <= known


async def test_names_on_the_wire_are_camel_case(document: dict[str, Any]):
    names = {name for schema in document["components"]["schemas"].values() for name in schema.get("properties", {})} | {
        each["name"]
        for methods in document["paths"].values()
        for operation in methods.values()
        for each in operation.get("parameters", ())
        if each["in"] != "header"
    }
    assert names
    assert [name for name in names if not re.fullmatch(r"[a-z]+([A-Z][a-z]+)*", name)] == []


async def test_amounts_are_documented_as_strings(document: dict[str, Any]):
    amount = document["components"]["schemas"]["Money"]["properties"]["amount"]
    assert amount["type"] == "string"


async def test_every_change_takes_an_idempotency_key(document: dict[str, Any]):
    changes = {
        (path, method): [each["name"] for each in operation.get("parameters", ()) if each["in"] == "header"]
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method != "get"
    }
    assert changes
    without = {name for name, headers in changes.items() if headers != ["Idempotency-Key"]}
    assert without == {(path, method.lower()) for method, path in SHOWN_ONCE}


async def test_the_search_documents_its_bounds(document: dict[str, Any]):
    parameters = document["paths"]["/api/v1/products/search-stockx"]["get"]["parameters"]
    by_name = {each["name"]: each for each in parameters}
    assert set(by_name) == {
        "query", "pageNumber", "pageSize", "brand", "productType", "gender", "releasedFrom", "releasedTo", "retailMin",
        "retailMax", "color", "sort",
    }  # fmt: skip
    assert by_name["query"]["required"] is True
    assert (by_name["pageSize"]["schema"]["minimum"], by_name["pageSize"]["schema"]["maximum"]) == (1, 50)


async def test_the_page_of_operations_loads_nothing_from_elsewhere(idle_api: RunningApi):
    answer = await idle_api.client.get("/docs")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert not re.search(r"(?i)<script|<link|<img|https?://", answer.text)
    for path, _ in OPERATIONS:
        assert path in answer.text
    assert all(problem_type(each.code) in answer.text for each in KINDS)


async def test_every_problem_type_leads_to_its_description(idle_api: RunningApi):
    kinds = {each.code: title for each, (_, title) in KINDS.items()} | dict(HTTP_KINDS.values())
    for code, title in kinds.items():
        answer = await idle_api.client.get(problem_type(code))
        assert (answer.status_code, title in answer.text.replace("&#x27;", "'")) == (200, True)
    assert (await idle_api.client.get("/problems/made-up")).status_code == 404
