"""What one attempt came to: `classify` turns an answer, or its absence, into a verdict.

A verdict names what happened, what is known about the effect, and what it says about StockX's health. It decides
nothing: `retry.decide` does. Statuses and bodies are FACTS 1.4; error text is shown, never matched on alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from solegate.client.policy.call import Effect
from solegate.errors import Outcome


class FailureKind(StrEnum):
    """Why there is no answer."""

    CONNECT = "connect"
    """No connection was made: nothing was sent."""
    RECYCLED = "recycled"
    """The server closed a connection that had served requests before this one was answered."""
    HELD_BACK = "held_back"
    """The call's gate was shut: the bytes that make the request count did not leave."""
    TIMEOUT = "timeout"
    BROKEN = "broken"
    """The connection broke, or spoke something that is not HTTP, before the whole answer was there."""


@dataclass(frozen=True, slots=True)
class Received:
    """An answer. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    http_version: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """No answer. `sent` says whether any byte of the request may have left."""

    kind: FailureKind
    sent: bool
    detail: str = ""


class Kind(StrEnum):
    """What an attempt came to."""

    OK = "ok"
    THROTTLED = "throttled"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    REJECTED = "rejected"
    UPSTREAM = "upstream"
    TIMEOUT = "timeout"
    CONNECTION = "connection"
    RECYCLED = "recycled"
    HELD_BACK = "held_back"


class Health(StrEnum):
    """What an attempt says about StockX: only its own failures count against it, never 4xx or 429."""

    GOOD = "good"
    BAD = "bad"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement on one attempt."""

    kind: Kind
    outcome: Outcome
    health: Health
    message: str = ""


_STATUS_KINDS = {
    401: Kind.UNAUTHORIZED,
    403: Kind.FORBIDDEN,
    404: Kind.NOT_FOUND,
    408: Kind.TIMEOUT,
    410: Kind.NOT_FOUND,
    429: Kind.THROTTLED,
    504: Kind.TIMEOUT,
}
_OK = Verdict(Kind.OK, Outcome.APPLIED, Health.GOOD)


def classify(effect: Effect, result: Received | Failed) -> Verdict:
    """Judge one attempt of a call with this effect."""
    if isinstance(result, Failed):
        return _without_answer(effect, result)
    if 200 <= result.status < 300:
        return _OK
    message = error_message(result.body)
    kind = _STATUS_KINDS.get(result.status, Kind.UPSTREAM if result.status >= 500 else Kind.REJECTED)
    if kind in {Kind.UPSTREAM, Kind.TIMEOUT}:
        return Verdict(kind, _effect_unknown(effect), Health.BAD, message)
    return Verdict(kind, Outcome.NOT_APPLIED, Health.GOOD, message)


def _without_answer(effect: Effect, failure: Failed) -> Verdict:
    if failure.kind is FailureKind.HELD_BACK:
        return Verdict(Kind.HELD_BACK, Outcome.NOT_APPLIED, Health.NEUTRAL, failure.detail)
    outcome = _effect_unknown(effect) if failure.sent else Outcome.NOT_APPLIED
    if failure.kind is FailureKind.RECYCLED:
        return Verdict(Kind.RECYCLED, outcome, Health.NEUTRAL, failure.detail)
    kind = Kind.TIMEOUT if failure.kind is FailureKind.TIMEOUT else Kind.CONNECTION
    return Verdict(kind, outcome, Health.BAD, failure.detail)


def _effect_unknown(effect: Effect) -> Outcome:
    """A read changes nothing, so nothing can be unknown about it."""
    return Outcome.NOT_APPLIED if effect is Effect.READ else Outcome.UNKNOWN


_TITLE = re.compile(rb"<title[^>]{0,200}>(.{0,1000}?)</title>", re.IGNORECASE | re.DOTALL)
_LONGEST_MESSAGE = 300
_LONGEST_BODY = 65_536
_LONGEST_HEAD = 4_096


def error_message(body: bytes) -> str:
    """The readable part of an error body: `message | errorMessage | error | detail`, an HTML title, or the text.

    Bodies may be empty, HTML or plain text (FACTS 1.4), and are cut to a readable length.
    """
    body = body[:_LONGEST_BODY]
    try:
        parsed = json.loads(body) if body else None
    except (ValueError, RecursionError):
        title = _TITLE.search(body[:_LONGEST_HEAD])
        text = (title.group(1) if title else body).decode("utf-8", "replace")
        return " ".join(text.split())[:_LONGEST_MESSAGE]
    if isinstance(parsed, dict):
        for name in ("message", "errorMessage", "error_description", "error", "detail"):
            if isinstance(parsed.get(name), str) and parsed[name]:
                return str(parsed[name])[:_LONGEST_MESSAGE]
    return ""
