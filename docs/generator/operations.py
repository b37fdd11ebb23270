"""The operations page: which method of the client asks StockX what."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from docs.generator import markdown
from docs.generator.markdown import code
from docs.generator.source import class_body, first_line
from solegate.client.policy import call
from solegate.client.service import StockXService


def page() -> str:
    """Every operation in the order of the code."""
    return markdown.page(
        "StockX operations",
        "Which method of `StockXService` makes which StockX call. One row is one request; `operation` is the name in "
        "metrics, logs, errors and the faults of the practice market. Paths stand below `SOLEGATE_STOCKX_API_URL`.",
        markdown.table(("Method", "Operation", "Request", "Effect", "What it gives"), _rows()),
        "`iter_search` makes `Search` calls, one for each page. `execute` carries out any `Call` and gives the raw "
        "answer, past models and cache.",
    )


def _rows() -> Iterator[tuple[str, ...]]:
    methods = dict(_methods())
    for operation in call.OPERATIONS:
        method = methods[operation.name]
        yield (
            code(method),
            code(operation.name),
            code(f"{operation.method} {operation.template}"),
            operation.effect.value,
            first_line(getattr(StockXService, method)),
        )


def _methods() -> Iterator[tuple[str, str]]:
    """Operation and the public method that names it."""
    for definition in class_body(StockXService):
        if isinstance(definition, ast.AsyncFunctionDef):
            for node in ast.walk(definition):
                match node:
                    case ast.Attribute(value=ast.Name(id="operations"), attr=constant):
                        yield getattr(call, constant).name, definition.name
