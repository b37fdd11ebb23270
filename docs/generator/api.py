"""The HTTP API page, from the application's OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator

from docs.generator import markdown
from docs.generator.markdown import code
from docs.generator.shapes import Json, Shapes, bounds
from solegate.api.problems import HTTP_KINDS, KINDS, MEDIA_TYPE
from solegate.app import create_app
from solegate.cli.practice import PracticeSettings


def page() -> str:
    """Every route with its parameters, body and answers, then problems and the shapes of the bodies."""
    document = create_app(PracticeSettings()).openapi()
    shapes = Shapes(document["components"]["schemas"])
    bodies = {name: each for name, each in sorted(shapes.schemas.items()) if "properties" in each}
    return markdown.page(
        "HTTP API",
        "Every route that `solegate serve` answers, from its OpenAPI document, which the server itself shows at "
        "`/openapi.json` and, for people, at `/docs`.",
        *document["info"]["description"].strip().split("\n\n"),
        *(part for tag in document["tags"] for part in _tag(shapes, tag, document["paths"])),
        "## Problems",
        f"A status of 400 or more comes with a [Problem](#problem) (`{MEDIA_TYPE}`). Its `type` is `/problems/` and "
        "the code with dashes, a page on the server that explains it. What raises each of them: [errors](errors.md).",
        markdown.table(("Status", "`code`", "Title"), _problems()),
        "## Bodies",
        "Names of fields are as on the wire. Answers have every field; only a problem leaves out what does not apply.",
        *(part for name, schema in bodies.items() for part in _body(shapes, name, schema)),
    )


def _tag(shapes: Shapes, tag: Json, paths: Json) -> Iterator[str]:
    yield f"## {tag['name'].capitalize()}"
    yield tag["description"]
    for path, methods in paths.items():
        for method, operation in methods.items():
            if tag["name"] in operation["tags"]:
                yield from _route(shapes, f"{method.upper()} {path}", operation)


def _route(shapes: Shapes, route: str, operation: Json) -> Iterator[str]:
    yield f"### `{route}`"
    yield f"{operation['summary']}. {' '.join(operation.get('description', '').split())}"
    parameters = operation.get("parameters", ())
    yield markdown.table(("Parameter", "In", "Type", "Meaning"), (_parameter(shapes, each) for each in parameters))
    if "requestBody" in operation:
        yield f"Body: {_content(shapes, operation['requestBody'])}."
    answers = {status: _content(shapes, each) for status, each in operation["responses"].items()}
    problems = [status for status, content in answers.items() if content == shapes.type_of(_PROBLEM)]
    bodies = [f"{status} {content}" for status, content in answers.items() if status not in problems]
    yield f"Answers: {', '.join(bodies)}."
    yield f"Problems: {', '.join(problems)}." if problems else ""


_PROBLEM: Json = {"$ref": "#/components/schemas/Problem"}


def _parameter(shapes: Shapes, parameter: Json) -> tuple[str, ...]:
    schema = parameter["schema"]
    about = (parameter.get("description", ""), _limits(schema), _default(schema))
    required = "Required." if parameter.get("required") else ""
    kind = shapes.type_of(schema).removesuffix(" or null")  # a parameter is left out, never null
    return code(parameter["name"]), parameter["in"], kind, _words(*about, required)


def _content(shapes: Shapes, holder: Json) -> str:
    """What a body holds: a link to its shape, its media type, or nothing."""
    if "content" not in holder:
        return "without a body"
    media_type, content = next(iter(holder["content"].items()))
    return shapes.type_of(content["schema"]) if content.get("schema") else code(media_type)


def _problems() -> Iterator[tuple[str, ...]]:
    known = [(status, error.code, title) for error, (status, title) in KINDS.items()]
    known += [(status, name, title) for status, (name, title) in HTTP_KINDS.items()]
    for status, name, title in sorted(known):
        yield str(status), code(name), title


def _body(shapes: Shapes, name: str, schema: Json) -> Iterator[str]:
    yield f"### {name}"
    yield " ".join(schema.get("description", "").split())
    yield markdown.table(
        ("Field", "Type", "Meaning"),
        [
            (code(field), shapes.type_of(about), _words(about.get("description", ""), _default(about)))
            for field, about in schema["properties"].items()
        ],
    )


def _limits(schema: Json) -> str:
    limits = bounds(schema)
    return f"{limits[0].upper()}{limits[1:]}." if limits else ""


def _default(schema: Json) -> str:
    default = schema.get("default")
    return "" if default in (None, "", []) else f"Default {code(str(default).lower())}."


def _words(*parts: str) -> str:
    return " ".join(filter(None, parts))
