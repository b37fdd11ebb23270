"""Examples in the OpenAPI document: what is sent and, as it was recorded, what came back.

The tests send every one of them to a world of their own, and hold what comes back against these; with
`SOLEGATE_RECORD_EXAMPLES=1` they write `examples.json` anew.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from solegate.api.example_requests import NOTHING, PATH, REQUESTS, Json, Sent

FILE = Path(__file__).with_name("examples.json")
"""What was recorded: `names` of things in the world, and `answers` by operation."""
SAMPLES = "x-codeSamples"
"""Where documents of this kind keep ready-made calls."""
_SERVER = "http://127.0.0.1:8000"
_FORM = "multipart/form-data"


@cache
def recorded() -> tuple[Mapping[str, str], Mapping[str, Json]]:
    """Names and answers."""
    found = json.loads(FILE.read_text(encoding="utf-8"))
    return found["names"], found["answers"]


def add_to(document: dict[str, Any]) -> None:
    """Give every operation of a document its example."""
    names, answers = recorded()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            sent = _filled(sent_by(operation), names)
            _show_parameters(operation, sent)
            _show_bodies(operation, sent, answers.get(operation["operationId"]))
            operation[SAMPLES] = [{"lang": "Shell", "source": curl(method, path, operation, sent)}]


def sent_by(operation: Mapping[str, Any]) -> Sent:
    """What the example of an operation sends, with the names of the world in it."""
    sent = REQUESTS.get(operation["operationId"], NOTHING)
    wanted = [each["name"] for each in operation.get("parameters", ()) if each["in"] == "path"]
    path = {name: sent.path.get(name) or PATH.get(name, name) for name in wanted}
    return Sent(path, sent.query, sent.headers, sent.body, sent.status)


def curl(method: str, path: str, operation: Mapping[str, Any], sent: Sent) -> str:
    """The call as a command line."""
    words = ["curl", *([] if method == "get" else ["-X", method.upper()])]
    if operation.get("security"):
        words += ["-H", "Authorization: Bearer KEY"]
    for name, value in sent.headers.items():
        words += ["-H", f"{name}: {value}"]
    if sent.body is not None:
        words += _body(operation, sent.body)
    return shlex.join([*words, f"{_SERVER}{address(path, sent)}"])


def address(path: str, sent: Sent) -> str:
    """Where an example is sent to."""
    query = urlencode({name: _word(value) for name, value in sent.query.items()})
    return path.format(**{name: quote(value, "") for name, value in sent.path.items()}) + (f"?{query}" if query else "")


def _body(operation: Mapping[str, Any], body: Json) -> Iterator[str]:
    if _FORM in operation["requestBody"]["content"]:
        for name, value in body.items():
            yield "-F"
            yield f"{name}=@rows.csv" if name == "file" else f"{name}={value}"
        return
    yield from ("-H", "Content-Type: application/json", "-d", json.dumps(body))


def _show_parameters(operation: dict[str, Any], sent: Sent) -> None:
    for parameter in operation.get("parameters", ()):
        given = {"path": sent.path, "query": sent.query}.get(parameter["in"], {})
        if parameter["name"] in given:
            parameter["example"] = given[parameter["name"]]


def _show_bodies(operation: dict[str, Any], sent: Sent, answer: Json) -> None:
    if sent.body is not None:
        for content in operation["requestBody"]["content"].values():
            content["example"] = sent.body
    if answer is not None:
        for content in operation["responses"][str(sent.status)].get("content", {}).values():
            content["example"] = answer


def _filled(sent: Sent, names: Mapping[str, str]) -> Sent:
    """With the names as they were called in the world."""
    return Sent(
        fill(sent.path, names), fill(sent.query, names), fill(sent.headers, names), fill(sent.body, names), sent.status
    )


def fill(value: Json, names: Mapping[str, str]) -> Json:
    """A value with `{names}` replaced in all its texts."""
    match value:
        case str():
            for name, known in names.items():
                value = value.replace(f"{{{name}}}", known)
            return value
        case Mapping():
            return {key: fill(each, names) for key, each in value.items()}
        case list():
            return [fill(each, names) for each in value]
        case _:
            return value


def _word(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
