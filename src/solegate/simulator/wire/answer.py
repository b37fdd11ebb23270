"""A call and its answer as plain values, between the web framework at the edge and the rules inside."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]

JSON_TYPE = "application/json; charset=utf-8"
HTML_TYPE = "text/html; charset=utf-8"
TEXT_TYPE = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Call:
    """One request: its path parameters, query, body, and the virtual time at which it was counted."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer.

    Attributes:
        pause: splits the body: half, that many seconds of silence, the rest.
        cut: after half of the body the connection is closed, or reset.
    """

    status: int
    body: bytes = b""
    content_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    pause: float = 0.0
    cut: Literal["close", "reset"] | None = None


def json_answer(value: Json, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer in compact JSON."""
    body = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    return Answer(status, body, JSON_TYPE, headers or {})


def html_answer(page: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer that is a page."""
    return Answer(status, page.encode(), HTML_TYPE, headers or {})
