"""The OpenAPI document and the pages made from it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from solegate import __version__
from solegate.api.problems import HTTP_KINDS, KINDS, problem_type
from solegate.api.scopes import SHOWN_ONCE
from support.api import RunningApi


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


async def test_the_document_says_what_it_is_of(document: dict[str, Any]):
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
    } - {"error_description"}  # OAuth's own word (RFC 6749)
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
        if method != "get" and path.startswith("/api/")
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


async def test_the_page_of_operations_loads_nothing_from_elsewhere(idle_api: RunningApi, document: dict[str, Any]):
    answer = await idle_api.client.get("/docs")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert not re.search(r"(?i)<script|<link|<img|(?:src|href)=.https?://|url[(]", answer.text)
    for path in document["paths"]:
        assert path in answer.text
    assert answer.text.count("<pre>curl ") == sum(len(methods) for methods in document["paths"].values())
    assert all(problem_type(each.code) in answer.text for each in KINDS)


async def test_every_problem_type_leads_to_its_description(idle_api: RunningApi):
    kinds = {each.code: title for each, (_, title) in KINDS.items()} | dict(HTTP_KINDS.values())
    for code, title in kinds.items():
        answer = await idle_api.client.get(problem_type(code))
        assert (answer.status_code, title in answer.text.replace("&#x27;", "'")) == (200, True)
    assert (await idle_api.client.get("/problems/made-up")).status_code == 404
