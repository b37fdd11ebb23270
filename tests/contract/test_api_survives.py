"""Whatever anyone sends to the HTTP API, it answers as its document says, and never with a fault of its own.

Requests are generated from the API's own document, right and wrong ones (schemathesis), with ids that the world knows
mixed in so that they get past the first look. Every answer is held against the document: its status, its media type,
its headers and its body.
"""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
import schemathesis
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from solegate.app import create_app
from solegate.cli.practice import PracticeSettings
from solegate.domain.keys import Scope
from support.api import RunningApi
from support.api_world import opened_world

DOCUMENT = create_app(PracticeSettings()).openapi()
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
OPERATIONS = [
    (operation["operationId"], method, path)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
EXAMPLES = int(os.environ.get("SOLEGATE_TEST_EXAMPLES", "2"))
"""Generated requests of each operation and mode; more by hand."""
GENERATED = settings(
    max_examples=EXAMPLES, derandomize="SOLEGATE_TEST_EXAMPLES" not in os.environ, database=None, deadline=None,
    phases=[Phase.generate], suppress_health_check=list(HealthCheck),
)  # fmt: skip
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
STEERED = {
    "productId": "product", "variantId": "variant", "listingId": "listing", "orderNumber": "order", "writeId": "write",
    "jobId": "job", "keyId": "key", "webhookId": "webhook", "source": "source", "name": "source", "sku": "sku",
    "styleId": "sku", "query": "sku", "subscriberId": "subscriber", "eventId": "event", "watchId": "watch",
    "account": "otherAccount",
}  # fmt: skip
"""What parameters and fields are mostly called with, by its name in the world."""
ENDLESS = frozenset({"GET /api/v1/events/stream"})
"""Streams without an end: of these the headers are asked for alone, and there is no body to look at."""
FORBIDDEN = frozenset({"host", "content-length", "transfer-encoding", "connection", "accept-encoding", "authorization"})
"""Headers that a client makes itself; what is wrong with keys is tested elsewhere."""


@dataclass
class Caller:
    """Asks the application, which runs in a loop of its own."""

    portal: BlockingPortal
    api: RunningApi
    names: dict[str, str]
    keys: dict[Scope, str]
    statuses: Counter[int] = field(default_factory=Counter)

    def send(self, case: schemathesis.Case[Any], dice: random.Random) -> Response:
        """The answer to a generated request, with names of the world in most places that have some."""
        steered = {name: self.names[known] for name, known in STEERED.items() if known in self.names}
        sent = case.as_transport_kwargs(base_url="http://127.0.0.1")
        path = {name: quote(str(value), "") for name, value in _steered(case.path_parameters, steered, dice).items()}
        content = json.dumps(_steered(sent["json"], steered, dice)).encode() if "json" in sent else sent.get("data")
        headers = {name: value for name, value in sent["headers"].items() if name.lower() not in FORBIDDEN}
        request = httpx2.Request(
            "HEAD" if case.operation.label in ENDLESS else case.method.upper(),
            "http://127.0.0.1" + case.path.format(**path),
            params=_steered(dict(case.query), steered, dice),
            content=None if content is None or isinstance(content, dict) else _bytes(content),
            data=content if isinstance(content, dict) else None,
            files=[(name, _file(part)) for name, part in sent["files"]] if sent.get("files") else None,
            headers=[(name, value.encode("utf-8", "surrogateescape")) for name, value in headers.items()],
        )
        request.headers.update(self._key(dice))
        request.read()
        answer = self.portal.call(self.api.client.send, request)
        self.statuses[answer.status_code] += 1
        return Response.from_any(answer)

    def _key(self, dice: random.Random) -> dict[str, str]:
        """Mostly the key that opens everything; else one that opens less, or none."""
        key = self.keys[Scope.ADMIN] if dice.random() < 0.8 else dice.choice([*self.keys.values(), ""])
        return {"Authorization": f"Bearer {key}"} if key else {}


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")


def _file(part: object) -> tuple[str | None, bytes]:
    """A part of a form as it is sent: a name, if it is a file, and its content."""
    name, content, *_ = part if isinstance(part, tuple) else (None, part)
    return name if name is None else str(name), _bytes(content)


def _steered(node: Any, words: dict[str, str], dice: random.Random) -> Any:
    """Generated values, with the world's own in most places of a name that it knows."""
    if isinstance(node, list):
        return [_steered(each, words, dice) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        key: words[key] if key in words and isinstance(value, str | int) and dice.random() < 0.7
        else _steered(value, words, dice)
        for key, value in node.items()
    }  # fmt: skip


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    with ExitStack() as stack:
        portal = stack.enter_context(start_blocking_portal())
        world = portal.wrap_async_context_manager(opened_world(tmp_path_factory.mktemp("world")))
        api, names = stack.enter_context(world)
        keys = {scope: portal.call(_key_of, api, scope) for scope in Scope}
        yield Caller(portal, api, names, keys)


async def _key_of(api: RunningApi, scope: Scope) -> str:
    keys = api.app.state.house.keys
    return str((await keys.create(f"{scope} key", scope=scope, per_minute=100_000, actor="test")).text)


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode))
@pytest.mark.parametrize(("name", "method", "path"), OPERATIONS, ids=[name for name, _, _ in OPERATIONS])
def test_any_request_is_answered_as_the_document_says(
    caller: Caller, name: str, method: str, path: str, mode: schemathesis.GenerationMode
) -> None:
    operation = SCHEMA[path][method]

    @GENERATED
    @given(operation.as_strategy(generation_mode=mode), st.randoms(use_true_random=False))
    def answered(case: schemathesis.Case[Any], dice: random.Random) -> None:
        try:
            answer = caller.send(case, dice)
        except httpx2.InvalidURL:  # longer than this client sends
            reject()
        bare = [response_schema_conformance] if case.operation.label in ENDLESS else []
        case.validate_response(answer, checks=CHECKS, excluded_checks=bare)

    try:
        answered()
    except Unsatisfiable:
        assert mode is schemathesis.GenerationMode.NEGATIVE, "nothing can be sent"


def test_the_requests_went_all_the_way(caller: Caller) -> None:
    """After the others: most of them were no wrong addresses."""
    assert sum(caller.statuses.values()) > EXAMPLES * len(OPERATIONS)
    assert caller.statuses[200] > sum(caller.statuses.values()) / 5, caller.statuses
    print(len(OPERATIONS), "operations,", sum(caller.statuses.values()), "requests:", sorted(caller.statuses.items()))
