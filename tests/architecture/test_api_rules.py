"""The HTTP API speaks in one way: rules that hold for every route, walked through its own document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from solegate.api.parameters import LONGEST_CURSOR
from solegate.api.scopes import TABLE
from solegate.app import create_app
from solegate.cli.practice import PracticeSettings
from solegate.domain.cursors import MOST_ROWS

DOCUMENT = create_app(PracticeSettings()).openapi()
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
OPERATIONS: dict[str, tuple[str, str, dict[str, Any]]] = {
    f"{method.upper()} {path}": (method, path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
API = {name: each for name, each in OPERATIONS.items() if each[1].startswith("/api/")}
LISTS = {
    name: each for name, each in API.items() if "cursor" in {known["name"] for known in each[2].get("parameters", ())}
}
WHOLE = frozenset({"listEventTypes", "listSources", "listSubscribers"})
"""Lists that are short by nature, and come whole."""
CAMEL = re.compile(r"[a-z]+([A-Z][a-z0-9]*)*")
PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
FOR_BROWSERS = "GET /api/v1/accounts/callback"
"""A person looks at what it answers."""
TIMES = re.compile(r"[a-z][A-Za-z]*At")
NO_TIMES = frozenset({"lookedAt"})
"""How many products were looked at."""


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema itself, where there is only a reference to it."""
    return SCHEMAS[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def parameters(operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in operation.get("parameters", ())}


def answers(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The answers of an operation that went well."""
    return ((status, each) for status, each in operation["responses"].items() if status.startswith("2"))


def kinds(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A schema, or each of those that it may be; null aside."""
    for each in schema.get("anyOf", [schema]):
        if each.get("type") != "null":
            yield resolved(each)


def properties(name: str) -> dict[str, Any]:
    found: dict[str, Any] = SCHEMAS[name].get("properties", {})
    return found


def test_every_tag_is_told_once():
    tags = [each["name"] for each in DOCUMENT["tags"]]
    assert len(tags) == len(set(tags))


def test_operations_have_names_of_their_own():
    ids = [each["operationId"] for _, _, each in OPERATIONS.values()]
    assert len(ids) == len(set(ids))
    assert [each for each in ids if not CAMEL.fullmatch(each)] == []


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_is_described_for_people(name: str):
    operation = OPERATIONS[name][2]
    assert re.fullmatch(r"[A-Z].{2,70}[^.]", operation["summary"])
    assert operation.get("description", "").rstrip().endswith((".", "?"))
    (tag,) = operation["tags"]
    assert tag in {each["name"] for each in DOCUMENT["tags"]}
    for parameter in operation.get("parameters", ()):
        assert parameter.get("description") or parameter["schema"].get("enum") or parameter["name"] in {
            "pageNumber", "pageSize"
        }, parameter["name"]  # fmt: skip


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_error_is_a_problem_document(name: str):
    responses = OPERATIONS[name][2]["responses"]
    errors = {status: {**each["content"]} for status, each in responses.items() if status >= "400"}
    for content in errors.values():
        if name == FOR_BROWSERS:
            content.pop("text/html", None)
    assert {status: content for status, content in errors.items() if content != PROBLEM} in ({}, health(name))
    assert all(each["description"] for each in responses.values())


def health(name: str) -> dict[str, Any]:
    """Whether a process is ready is told in the same words either way."""
    ready = {"application/json": {"schema": {"$ref": "#/components/schemas/Readiness"}}}
    return {"503": ready} if name == "GET /readyz" else {}


@pytest.mark.parametrize("name", API)
def test_every_route_says_what_stands_before_it(name: str):
    method, path, operation = API[name]
    needed = TABLE[method.upper(), path]
    before = {"403", "421"} | (set() if needed is None else {"401", "404", "429", "500", "503"})
    assert before <= set(operation["responses"])
    assert ("413" in operation["responses"]) >= ("requestBody" in operation)
    assert operation.get("security", []) == ([] if needed is None else [{"apiKey": [needed.value]}])


@pytest.mark.parametrize("name", LISTS)
def test_every_list_comes_in_pages_of_one_shape(name: str):
    operation = LISTS[name][2]
    known = parameters(operation)
    assert (known["limit"]["schema"]["minimum"], known["limit"]["schema"]["maximum"]) == (1, MOST_ROWS)
    assert 1 <= known["limit"]["schema"]["default"] <= MOST_ROWS
    (cursor,) = kinds(known["cursor"]["schema"])
    assert cursor == {"type": "string", "maxLength": LONGEST_CURSOR}
    page = resolved(operation["responses"]["200"]["content"]["application/json"]["schema"])
    assert {"items", "nextCursor"} <= set(page["required"])
    assert page["properties"]["items"]["type"] == "array"
    assert {"404", "422"} <= set(operation["responses"])


def test_whatever_is_a_list_has_pages_unless_it_is_short():
    named = {name for name, (_, _, each) in API.items() if each["operationId"].startswith("list")}
    whole = {name for name, (_, _, each) in API.items() if each["operationId"] in WHOLE}
    assert named - set(LISTS) == whole
    assert {name for name, (_, _, each) in API.items() if "limit" in parameters(each)} == set(LISTS)
    assert [name for name in SCHEMAS if "nextCursor" in properties(name) and "items" not in properties(name)] == []


@pytest.mark.parametrize("name", [name for name, (_, _, each) in API.items() if "sort" in parameters(each)])
def test_every_order_can_be_turned_round(name: str):
    sort = parameters(API[name][2])["sort"]
    (schema,) = kinds(sort["schema"])
    keys = {each.removeprefix("-") for each in schema["enum"]} - {"relevance"}
    assert keys | {f"-{key}" for key in keys} | ({"relevance"} & set(schema["enum"])) == set(schema["enum"])
    assert all(CAMEL.fullmatch(key) for key in keys)
    assert "default" in sort["schema"]


@pytest.mark.parametrize("name", API)
def test_changes_and_reads_keep_to_their_methods(name: str):
    method, _, operation = API[name]
    assert not (method == "get" and "requestBody" in operation)
    assert ("Idempotency-Key" in parameters(operation)) <= (method != "get")


@pytest.mark.parametrize("name", API)
def test_what_was_made_or_taken_says_where_it_is(name: str):
    for status, answer in answers(API[name][2]):
        if status in {"201", "202"}:
            assert "Location" in answer.get("headers", {}), status


@pytest.mark.parametrize("name", SCHEMAS)
def test_times_are_times_and_amounts_are_texts(name: str):
    for field, about in properties(name).items():
        if TIMES.fullmatch(field) and field not in NO_TIMES:
            assert {(each.get("type"), each.get("format")) for each in kinds(about)} == {("string", "date-time")}, field
        if name.endswith("Out") and field in {"amount", "price", "payout"}:
            for each in kinds(about):
                assert each["type"] == "string" or set(each["properties"]) == {"amount", "currency"}, field
