"""Documentation without the internet: the operations at `/docs`, each problem at `/problems/{name}`.

Plain pages made from the OpenAPI document; they load nothing from anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from solegate.api.examples import SAMPLES
from solegate.api.problems import HTTP_KINDS, KINDS, problem_type

router = APIRouter(include_in_schema=False)

_SOURCE = re.compile(r" \((?:FACTS|guide section) [^)]*\)")
"""Where a rule comes from is for who reads the code."""
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
code { background: #8882; padding: 0 .25em; border-radius: 3px; } h2 { margin-top: 2rem; }
pre { background: #8882; padding: .5em; border-radius: 3px; white-space: pre-wrap; }
details { border: 1px solid #8886; border-radius: 6px; padding: .5rem 1rem; margin: .5rem 0; }
table { border-collapse: collapse; } td, th { text-align: left; padding: .15rem 1rem .15rem 0; vertical-align: top; }
:root { color-scheme: light dark; }
"""


@router.get("/docs")
async def operations_page(request: Request) -> HTMLResponse:
    """Every operation with its parameters and answers."""
    document = request.app.openapi()
    info = document["info"]
    body = [
        f"<h1>{escape(info['title'])} {escape(info['version'])}</h1>",
        *(f"<p>{_text(part)}</p>" for part in info["description"].split("\n\n")),
        '<p>Machine-readable: <a href="openapi.json">openapi.json</a></p>',
        *_by_tag(document),
        f"<h2>Problems</h2>{_table(('Status', 'Type', 'Title'), _problem_rows())}",
    ]
    return _page(info["title"], body)


@router.get("/problems/{name}")
async def problem_page(name: str) -> HTMLResponse:
    """What a problem type means."""
    for status, kind, title, meaning in _problems():
        if kind == problem_type(name):
            return _page(title, [f"<h1>{escape(title)}</h1>", f"<p>HTTP status {status}. {_text(meaning)}</p>"])
    raise HTTPException(404, f"There is no problem called {name}.")


def _problems() -> Iterator[tuple[int, str, str, str]]:
    """Status, type, title and meaning of every problem."""
    for error, (status, title) in KINDS.items():
        meaning = _SOURCE.sub("", " ".join((error.__doc__ or "").split("\n\n")[0].split()))
        yield status, problem_type(error.code), title, f"{meaning} {error.hint}"
    for status, (code, title) in HTTP_KINDS.items():
        yield status, problem_type(code), title, ""


def _problem_rows() -> Iterator[tuple[str, ...]]:
    for status, kind, title, _ in sorted(_problems()):
        yield str(status), f'<a href="{escape(kind)}">{escape(kind)}</a>', escape(title)


def _by_tag(document: dict[str, Any]) -> Iterator[str]:
    for tag in document["tags"]:
        yield f"<h2>{escape(tag['name'].capitalize())}</h2><p>{_text(tag['description'])}</p>"
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                if tag["name"] in operation["tags"]:
                    yield _operation(method.upper(), path, operation)


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    parameters = [
        (f"<code>{escape(each['name'])}</code>", escape(each["in"]), _text(each.get("description", "")))
        for each in operation.get("parameters", ())
    ]
    answers = [(escape(status), _text(each["description"])) for status, each in operation["responses"].items()]
    samples = "".join(f"<pre>{escape(each['source'])}</pre>" for each in operation.get(SAMPLES, ()))
    return (
        f"<details><summary><code>{method} {escape(path)}</code> {escape(operation['summary'])}</summary>"
        f"<p>{_text(operation.get('description', ''))}</p>{samples}"
        f"{_table(('Parameter', 'In', 'Meaning'), parameters)}{_table(('Status', 'Answer'), answers)}</details>"
    )


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    titles = "".join(f"<th>{head}</th>" for head in heads)
    return f"<table><tr>{titles}</tr>{lines}</table>" if lines else ""


def _text(text: str) -> str:
    """Escaped, with `code` shown as such."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if number % 2 else part for number, part in enumerate(parts))


def _page(title: str, body: list[str]) -> HTMLResponse:
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    return HTMLResponse(
        f'<!doctype html><html lang="en"><head>{head}</head><body>{"".join(body)}</body></html>',
        headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"},
    )
