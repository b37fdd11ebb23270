"""The OpenAPI document: what every operation may answer, errors included."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from solegate import __version__
from solegate.api import examples
from solegate.api.problems import HTTP_KINDS, KINDS, MEDIA_TYPE, problem_type
from solegate.api.schemas.problem import Problem
from solegate.api.scopes import TABLE, Needed
from solegate.domain.keys import Scope

TITLE = "Solegate"
DESCRIPTION = """\
StockX's catalog and market data, within StockX's limits: requests wait their turn, answers are remembered, and every
answer says where it came from and how old it is.

Errors are problem documents (RFC 9457): `code` is stable, `hint` says what to do, `retryAt` and `Retry-After` when.
Every response carries `X-Request-Id`; the log has it too.

Every request carries an API key: `Authorization: Bearer KEY`. Where a key reaches several StockX accounts, the header
`Solegate-Account` names the one that is meant. `RateLimit` says what the key has left in this minute.
"""
TAGS = [
    {"name": "catalog", "description": "Search StockX, enrich the local database, read products and sizes."},
    {"name": "market data", "description": "Prices and payout estimates."},
    {"name": "listings", "description": "What is for sale; list a pair, change it, take it off sale: once."},
    {"name": "orders", "description": "What was sold, when it has to leave, and its papers."},
    {"name": "payouts", "description": "What is paid for orders, and what would be for a price."},
    {"name": "writes", "description": "The ledger of writes: what is known of each, and what happened to it."},
    {"name": "jobs", "description": "Thousands of rows at once: checked, planned, worked off, followed, reported."},
    {"name": "syncs", "description": "The mirror of orders, listings and markets, and the deadlines it knows."},
    {"name": "webhooks", "description": "What comes in from others, from whom, and what became of it."},
    {"name": "events", "description": "What happened, who is told of it, and the prices that are watched."},
    {"name": "limits", "description": "What StockX permits, who used it, and how the day will go on."},
    {"name": "guard", "description": "Guard rails of writes, and the switch that stops every one of them."},
    {"name": "accounts", "description": "StockX accounts: their keys, their logins, and which one is meant."},
    {"name": "keys", "description": "API keys: who may ask for what, and how often."},
    {"name": "health", "description": "For supervisors and monitoring."},
]
STOCKX_FAILURES = (500, 502, 503, 504)
"""Statuses of whatever asks StockX or the database."""

CHANGE_FAILURES = (400, 409, 413, 422)
"""Statuses of whatever changes something: its body and its `Idempotency-Key` may be wrong."""

_REF = "#/components/schemas/{model}"
_AROUND = (403, 421)
"""Statuses of what stands before every route: pages of other sites are kept out (`middleware.LoopbackOnly`)."""
_BEHIND_A_KEY = (401, 404, 429, 500, 503)
"""Statuses of what stands before every route that wants a key (`security.ApiKeys`); 404 if it names no account."""
_TOO_LARGE = 413
_LOCATION = {"description": "Where it is told how it is.", "schema": {"type": "string"}}
"""Of whatever was made or taken on."""
_KEY = "apiKey"
_SECURITY = {"type": "http", "scheme": "bearer", "description": "An API key: `Authorization: Bearer KEY`."}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The error responses of an operation, for its `responses`."""
    schema = {"$ref": _REF.format(model="Problem")}
    return {
        status: {"description": _kinds_with(status), "content": {MEDIA_TYPE: {"schema": schema}}} for status in statuses
    }


def describe(app: FastAPI) -> dict[str, Any]:
    """The document of an application, made once."""
    if app.openapi_schema is None:
        document = get_openapi(title=TITLE, version=__version__, description=DESCRIPTION, tags=TAGS, routes=app.routes)
        schema = Problem.model_json_schema(ref_template=_REF)
        document["components"]["schemas"].update({**schema.pop("$defs", {}), "Problem": schema})
        for unused in ("HTTPValidationError", "ValidationError"):
            document["components"]["schemas"].pop(unused, None)
        document["components"]["securitySchemes"] = {_KEY: _SECURITY}
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                _complete(operation, TABLE.get((method.upper(), path), Scope.READ))
        examples.add_to(document)
        app.openapi_schema = document
    return app.openapi_schema


def _complete(operation: dict[str, Any], needed: Needed) -> None:
    """Add what no route knows: the key it wants, and what is answered before it is reached."""
    statuses = _AROUND if needed is None else (*_AROUND, *_BEHIND_A_KEY)
    if "requestBody" in operation:
        statuses = (*statuses, _TOO_LARGE)
    known = {
        status: answer
        for status, answer in operation["responses"].items()
        if "HTTPValidationError" not in str(answer)  # FastAPI's own guess; a route that refuses input says so itself
    }
    general = {str(status): problem for status, problem in problems(*statuses).items()}
    operation["responses"] = dict(sorted((general | known).items()))
    for status in {"201", "202"} & set(operation["responses"]):
        operation["responses"][status].setdefault("headers", {}).setdefault("Location", _LOCATION)
    if needed is not None:
        operation["security"] = [{_KEY: [needed.value]}]


def _kinds_with(status: int) -> str:
    """Title and type of every problem that an operation answers with this status."""
    kinds = {error.code: title for error, (its, title) in KINDS.items() if its == status}
    if status in HTTP_KINDS and status not in {404, 405}:  # those two say that no operation was reached
        code, title = HTTP_KINDS[status]
        kinds[code] = title
    return "; ".join(f"{title} (`{problem_type(code)}`)" for code, title in kinds.items())
