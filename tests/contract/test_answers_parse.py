"""Whatever answer StockX's document permits, the client understands; and no model loses anything on the way."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import APIOperation

from contract.calls import CALLS, Ask, Known
from contract.deviations import VALUES_OF_MAPS, WHOLE_NUMBERS, WORDS_ONLY, WRONG_EXAMPLES
from contract.document import Documented, Schema, documented, needs_document, raw, specification
from solegate.client.assembly import ClientConfig
from solegate.client.auth import MemoryTokenStore
from solegate.client.models.base import Answer
from solegate.client.models.orders import ShippingDocument
from solegate.client.service import StockXService
from solegate.clock import LoopClock
from solegate.testing import UNLIMITED, ScriptedTransport, run_virtual
from support.client import CREDENTIALS, answer, tokens_of

pytestmark = needs_document

PDF = b"%PDF-1.4\n\xe2\xe3\xcf\xd3"
EXAMPLE_OF = {r".*At|shipByDate": "2021-11-09T12:44:31.000Z", r"amount|totalPayout|percentage": "59.50"}
"""Text fields without an example in the document, by a pattern of their names."""


def understood(ask: Ask, body: object) -> Answer:
    """What the real client makes of an answer."""

    async def story() -> Answer:
        clock = LoopClock()
        async with StockXService(
            ClientConfig(CREDENTIALS, limits=UNLIMITED),
            token_store=MemoryTokenStore(tokens_of(clock)),
            transport=ScriptedTransport([answer(200, body)]),
            clock=clock,
        ) as service:
            return await ask(service, Known())

    return run_virtual(story())


def survives_a_round_trip(model: Answer) -> bool:
    if isinstance(model, ShippingDocument):  # bytes are no JSON
        return type(model).model_validate(model.model_dump(by_alias=True)) == model
    return type(model).model_validate_json(model.model_dump_json(by_alias=True)) == model


def example(schema: Schema, name: str = "", within: str = "") -> Any:
    """An object of the document's own examples; `name` is the field's, `within` the schema it belongs to."""
    if "$ref" in schema:  # what stands beside a reference does not count in OpenAPI 3.0
        within = schema["$ref"].rpartition("/")[2]
        return example(specification()["components"]["schemas"][within], name, within)
    for choice in ("anyOf", "allOf"):
        if choice in schema:
            return example(schema[choice][0], name, within)
    if "example" in schema:
        return WRONG_EXAMPLES.get((within, name), schema["example"])
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            return {key: example(value, key, within) for key, value in schema["properties"].items()}
        case "array":
            return [example(schema["items"], name, within)]
        case "boolean":
            return True
        case "number":
            return 1
        case _:
            return next((text for pattern, text in EXAMPLE_OF.items() if re.fullmatch(pattern, name)), "text")


def test_there_is_a_call_for_each_operation_of_the_document():
    assert set(CALLS) == set(documented())
    assert len(CALLS) == 32


@pytest.mark.parametrize("name", CALLS)
def test_the_examples_of_the_document_parse(name):
    operation = documented()[name]
    body = PDF if operation.answer is None else example(operation.answer)

    model = understood(CALLS[name][0], body)

    assert survives_a_round_trip(model)
    assert unknown_fields(model) == set()


def unknown_fields(node: object) -> set[str]:
    """Fields of the wire that no model names, anywhere in it."""
    if isinstance(node, tuple):
        return {field for each in node for field in unknown_fields(each)}
    names: frozenset[str] = getattr(node, "unknown_fields", frozenset())
    below = (getattr(node, field) for field in getattr(type(node), "model_fields", ()))
    return {*names, *(field for each in below for field in unknown_fields(each))}


@cache
def generators() -> Mapping[str, APIOperation[Any, Any, Any, Any]]:
    """For each JSON answer of the document, an operation that takes such an answer as its body."""
    document: Schema = {
        "openapi": "3.0.0",
        "info": {"title": "Answers", "version": "1"},
        "components": {"schemas": narrowed(raw()["components"]["schemas"])},
        "paths": {f"/{name}": {"post": taking(each)} for name, each in documented().items() if each.answer},
    }
    schema = schemathesis.openapi.from_dict(document)
    return {name.strip("/"): schema[name]["POST"] for name in document["paths"]}


def taking(operation: Documented) -> Schema:
    answers = raw()["paths"][operation.path][operation.method.lower()]["responses"]
    content = {"application/json": {"schema": answers[str(operation.success)]["content"]["application/json"]["schema"]}}
    return {"requestBody": {"required": True, "content": content}, "responses": {}}


def narrowed(node: Any, name: str = "") -> Any:
    """Schemas with the shapes that the document tells in words only."""
    if isinstance(node, list):
        return [narrowed(each) for each in node]
    if not isinstance(node, dict):
        return node
    inner = {key: narrowed(value, key) for key, value in node.items()}
    if name in VALUES_OF_MAPS:
        inner["additionalProperties"] = VALUES_OF_MAPS[name]
    if node.get("type") == "string" and "enum" not in node:
        shape = next((each for names, each in WORDS_ONLY.items() if re.fullmatch(names, name)), None)
        inner |= {} if shape is None else {"pattern": shape}
    if node.get("type") == "number" and re.fullmatch(WHOLE_NUMBERS, name):
        inner |= {"type": "integer", "format": "int64", "minimum": 0}
    return inner


@pytest.mark.parametrize("name", [name for name in CALLS if name != "GetOrderShipment"])
def test_any_answer_of_the_document_parses(name):
    ask = CALLS[name][0]

    @settings(
        max_examples=20, derandomize=True, database=None, deadline=None,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(generators()[name].as_strategy())
    def parses(case: schemathesis.Case[Any]) -> None:
        assert survives_a_round_trip(understood(ask, json.loads(json.dumps(case.body))))

    parses()
