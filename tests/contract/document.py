"""StockX's own specification, where it lies beside the checkout: its operations, and its schemas as JSON Schema."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from jsonschema.exceptions import best_match

SPECIFICATION = Path(__file__).parents[2] / "../shared/stockx/openapi.json"
needs_document = pytest.mark.skipif(
    not SPECIFICATION.exists(), reason=f"{SPECIFICATION.name} is not beside the checkout"
)

Schema = dict[str, Any]


@dataclass(frozen=True)
class Documented:
    """One operation of the document. `details` is its entry there, as JSON Schema."""

    name: str
    method: str
    path: str
    details: Schema

    @property
    def statuses(self) -> frozenset[int]:
        """The statuses that the document lists."""
        return frozenset(map(int, self.details["responses"]))

    @property
    def success(self) -> int:
        """The status of a call that went well."""
        return min(self.statuses)

    @property
    def answer(self) -> Schema | None:
        """The schema of a good answer; `None` where it is no JSON."""
        content = self.details["responses"][str(self.success)]["content"]
        schema: Schema | None = content.get("application/json", {}).get("schema")
        return schema

    @property
    def body(self) -> Schema | None:
        """The schema of the request's body, if it has one."""
        body = self.details.get("requestBody")
        return None if body is None else body["content"]["application/json"]["schema"]

    def parameters(self, place: str) -> dict[str, Schema]:
        """The parameters that stand in `path` or `query`, by name."""
        return {each["name"]: each for each in self.details.get("parameters", ()) if each["in"] == place}

    def matches(self, method: str, path: str) -> bool:
        """Whether a request's method and escaped path are this operation's."""
        return method == self.method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", self.path), path) is not None


@cache
def raw() -> Schema:
    """The document as it is."""
    document: Schema = json.loads(SPECIFICATION.read_text())
    return document


@cache
def specification() -> Schema:
    """The document with schemas as JSON Schema has them."""
    document: Schema = as_json_schema(raw())
    return document


def as_json_schema(node: Any) -> Any:
    """OpenAPI 3.0 says `nullable`, JSON Schema says `null`."""
    if isinstance(node, list):
        return [as_json_schema(each) for each in node]
    if not isinstance(node, dict):
        return node
    plain = {key: as_json_schema(value) for key, value in node.items() if key != "nullable"}
    return {"anyOf": [plain, {"type": "null"}]} if node.get("nullable") is True else plain


@cache
def documented() -> Mapping[str, Documented]:
    """The operations of the document, by operationId."""
    return {
        each["operationId"]: Documented(each["operationId"], method.upper(), path, each)
        for path, methods in specification()["paths"].items()
        for method, each in methods.items()
    }


def operation_of(method: str, path: str) -> Documented:
    """The operation that a request is; a literal path goes before one with a parameter in the same place."""
    found = [each for each in documented().values() if each.matches(method, path)]
    assert found, f"{method} {path} is no request of the document"
    return min(found, key=lambda each: each.path.count("{"))


def breaches(value: object, schema: Schema) -> Iterator[tuple[str, str]]:
    """Where a value breaks its schema, and which rule; an item of a list is `*`."""
    for error in _validator(json.dumps(schema)).iter_errors(value):
        deepest = best_match(iter([error]))
        assert deepest is not None
        yield ".".join("*" if isinstance(part, int) else part for part in deepest.absolute_path), str(deepest.validator)


@cache
def _validator(schema: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator({**json.loads(schema), "components": specification()["components"]})
