"""Every example of the OpenAPI document is true: it is sent as it stands there, and what comes back is as it says.

Only the names of things are those of this test's world. `SOLEGATE_RECORD_EXAMPLES=1` writes what comes back into the
document instead; the names in it are then those of that world.
"""

from __future__ import annotations

import json
import os
import shlex
from dataclasses import dataclass
from typing import Any

import httpx2
import jsonschema
import pytest

from solegate.api import examples
from solegate.api.example_requests import NOTHING, REQUESTS
from solegate.app import create_app
from solegate.cli.practice import PracticeSettings
from solegate.clock import LoopClock
from solegate.testing import run_virtual
from support.api import RunningApi
from support.api_world import opened_world

DOCUMENT = create_app(PracticeSettings()).openapi()
OPERATIONS = {
    operation["operationId"]: (method, path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
ORDERED = [*sorted(set(OPERATIONS) - set(REQUESTS)), *(name for name in REQUESTS if name in OPERATIONS)]
ENDLESS = frozenset({"followEvents"})
"""Streams without an end: of these the headers are asked for alone."""
NOT_SHOWN = frozenset({"getMetrics", "getShippingDocument", "followEvents"})
"""Answers that tell nothing on paper."""
PUBLIC = {
    "receiver": "https://shop.example/hooks/solegate",
    "bridgeSecret": "the-secret-of-the-bridge",
    "loginState": "the-state-of-the-redirect",
    "loginCode": "the-code-of-the-redirect",
}
"""Names of this world that are written down as something else."""
SECRETS = frozenset({"key", "secret"})
RECORDS = "SOLEGATE_RECORD_EXAMPLES" in os.environ
LONGEST_TEXT = 600
MOST_ITEMS = 2


@dataclass(frozen=True)
class World:
    """The application, and the names in it."""

    api: RunningApi
    names: dict[str, str]

    def named(self, value: Any) -> Any:
        """An example of the document with the names of this world."""
        known, _ = examples.recorded()
        text = json.dumps(value)
        for name in sorted(known, key=lambda each: -len(known[each])):
            if known[name] != self.names[name]:
                text = text.replace(known[name], self.names[name])
        return examples.fill(json.loads(text), self.names)  # those that were not recorded yet


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, httpx2.Response]:
    """What every example was answered with, in one story in virtual time."""
    found: dict[str, httpx2.Response] = {}

    async def story() -> None:
        async with opened_world(tmp_path_factory.mktemp("world"), clock=LoopClock()) as (api, names):
            for name in ORDERED:
                found[name] = await send(World(api, names), *OPERATIONS[name])
        if RECORDS:
            record(found, names)

    run_virtual(story())
    return found


@pytest.mark.parametrize("name", ORDERED)
def test_an_example_is_answered_as_the_document_says(answers: dict[str, httpx2.Response], name: str) -> None:
    answer, (_, _, operation) = answers[name], OPERATIONS[name]
    status = str(REQUESTS.get(name, NOTHING).status)
    assert str(answer.status_code) == status, answer.text
    content = operation["responses"][status].get("content", {})
    if not content:
        assert answer.content == b""
        return
    kind = answer.headers["content-type"].partition(";")[0]
    assert kind in content
    told = content[kind].get("example")
    assert RECORDS or (told is None) == (name in NOT_SHOWN), "record the examples anew"
    if kind == "application/json":
        schema = content[kind]["schema"]
        validated(answer.json(), schema)
        if not RECORDS:
            validated(told, schema)
            assert shape(told) == shape(answer.json()), "record the examples anew"


async def send(world: World, method: str, path: str, operation: dict[str, Any]) -> httpx2.Response:
    """Send what the document shows of an operation."""
    given = {
        place: {
            each["name"]: world.named(each["example"])
            for each in operation.get("parameters", ())
            if each["in"] == place and "example" in each
        }
        for place in ("path", "query")
    }
    sent = examples.sent_by(operation)
    more: dict[str, Any] = {}
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        body: Any = world.named(content["example"]) if sent.body is not None else None
        if media_type == "multipart/form-data":
            fields = {key: value for key, value in body.items() if key != "file"}
            more = {"data": fields, "files": {"file": body["file"].encode()}}
        elif body is not None:
            more = {"json": body}
    verb = "HEAD" if operation["operationId"] in ENDLESS else method.upper()
    headers = examples.fill(sent.headers, world.names)
    return await world.api.client.request(
        verb, path.format(**given["path"]), params=given["query"], headers=headers, **more
    )


def record(found: dict[str, httpx2.Response], names: dict[str, str]) -> None:
    """Write down what came back."""
    told = {name: simplified(answer) for name, answer in found.items() if name not in NOT_SHOWN and answer.content}
    text = json.dumps({"names": names, "answers": told}, indent=1, sort_keys=True)
    for name, public in PUBLIC.items():
        text = text.replace(names[name], public)
    examples.FILE.write_text(text + "\n", encoding="utf-8")


def test_every_operation_has_an_example_of_what_is_sent_and_what_comes_back() -> None:
    for method, path, operation in OPERATIONS.values():
        wanted = {each["name"] for each in operation.get("parameters", ()) if each.get("required")}
        shown = {each["name"] for each in operation.get("parameters", ()) if "example" in each}
        assert wanted <= shown, (method, path)
        (sample,) = operation[examples.SAMPLES]
        assert shlex.split(sample["source"])[0] == "curl"
    assert set(REQUESTS) <= set(OPERATIONS)


def validated(value: Any, schema: dict[str, Any]) -> None:
    """Hold a value against a schema of the document."""
    jsonschema.Draft202012Validator({**schema, "components": DOCUMENT["components"]}).validate(value)


def simplified(answer: httpx2.Response) -> Any:
    """What came back, as it is shown: lists with their first items, texts with their first lines, no secrets."""
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if kind == "application/json":
        return shortened(answer.json())
    return answer.text[:LONGEST_TEXT] if kind.startswith("text/") and answer.text else None


def shortened(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: f"{each[:3]}..." if key in SECRETS and isinstance(each, str) and each else shortened(each)
            for key, each in value.items()
        }
    return [shortened(each) for each in value[:MOST_ITEMS]] if isinstance(value, list) else value


def shape(value: Any) -> Any:
    """The names of its fields; of a page those of its items too."""
    if not isinstance(value, dict):
        return None
    items = value.get("items")
    return sorted(value), shape(items[0]) if isinstance(items, list) and items else None
