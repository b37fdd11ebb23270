"""What a fault does to an answer. Closing connections is not an answer: that is the gate's part."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime

from solegate.simulator.faults import Fault, FaultKind
from solegate.simulator.wire import errors
from solegate.simulator.wire.answer import JSON_TYPE, TEXT_TYPE, Answer, Json, html_answer, json_answer

UNKNOWN_FIELD = "practiceDrift"
UNKNOWN_VALUE = "PRACTICE_DRIFT"
GARBAGE = bytes(range(0x80, 0x100)) * 4
SKEW_RETRY_SECONDS = "5"
FIXED_STATUS = {FaultKind.THROTTLE: 429, FaultKind.UNAUTHORIZED: 401, FaultKind.AUTH_STORM: 401}
ENUM_FIELDS = frozenset({"productType", "gender", "season"})
"""Fields with a closed look whose set is in fact open."""


def instead(fault: Fault, now: datetime, *, oauth: bool = False) -> Answer | None:
    """The answer a fault gives in place of the usual one, or `None` if the work is to be done first."""
    match fault.kind:
        case FaultKind.STATUS | FaultKind.THROTTLE | FaultKind.UNAUTHORIZED | FaultKind.AUTH_STORM:
            status = FIXED_STATUS.get(fault.kind, fault.status)
            answer = _with_retry_after(_error(fault, status, oauth=oauth), fault)
        case FaultKind.EMPTY_504:
            answer = errors.gateway_timeout()
        case FaultKind.HTML_403:
            answer = errors.waf_page()
        case FaultKind.NOT_JSON:
            answer = html_answer(fault.body or "<!DOCTYPE html><html><body>We will be right back.</body></html>")
        case FaultKind.CLOCK_SKEW:
            answer = _skewed(fault, now, _error(fault, 429, oauth=oauth))
        case FaultKind.BATCH_LIMIT:
            answer = errors.batch_limit_exceeded()
        case FaultKind.NOT_READY:
            answer = errors.not_ready()
        case FaultKind.VANISHED:
            answer = errors.api_error(404, "Not Found")
        case FaultKind.ERROR_SHAPE:
            answer = errors.unheard_of(fault.status)
        case _:
            return None
    return answer


def spoiled(fault: Fault, answer: Answer, *, oauth: bool = False) -> Answer:
    """The usual answer after the fault has passed over it."""
    if fault.kind is FaultKind.COMMIT_THEN_STATUS:
        return _error(fault, fault.status, oauth=oauth)
    if fault.kind is FaultKind.SLOW_BODY:
        return replace(answer, pause=fault.delay)
    if fault.kind is FaultKind.DROP_DURING:
        return replace(answer, cut="close")
    if fault.kind is FaultKind.RESET_DURING:
        return replace(answer, cut="reset")
    return replace(answer, body=_other_body(fault.kind, answer))


def _other_body(kind: FaultKind, answer: Answer) -> bytes:
    is_json = answer.content_type == JSON_TYPE
    match kind:
        case FaultKind.TRUNCATED:
            body = answer.body[: len(answer.body) // 2]
        case FaultKind.EMPTY_BODY:
            body = b""
        case FaultKind.GARBAGE:
            body = GARBAGE
        case FaultKind.SCHEMA_DRIFT if is_json:
            body = json_answer(_drifted(json.loads(answer.body))).body
        case FaultKind.WRONG_CURRENCY if is_json:
            body = json_answer(_in_other_currency(json.loads(answer.body))).body
        case _:
            body = answer.body
    return body


def http_date(at: datetime) -> str:
    """A time as HTTP writes it."""
    return format_datetime(at, usegmt=True)


def _skewed(fault: Fault, now: datetime, answer: Answer) -> Answer:
    its_now = now + timedelta(seconds=fault.delay)
    again = its_now + timedelta(seconds=int(fault.retry_after or SKEW_RETRY_SECONDS))
    return replace(answer, headers={"date": http_date(its_now), "retry-after": http_date(again)})


def _error(fault: Fault, status: int, *, oauth: bool) -> Answer:
    if fault.body is not None:
        is_json = fault.body.lstrip().startswith(("{", "["))
        return Answer(status, fault.body.encode(), JSON_TYPE if is_json else TEXT_TYPE)
    return errors.oauth_fault(status) if oauth else errors.error_answer(status)


def _with_retry_after(answer: Answer, fault: Fault) -> Answer:
    if fault.retry_after is None:
        return answer
    return replace(answer, headers={**answer.headers, "retry-after": fault.retry_after})


def _drifted(value: Json) -> Json:
    """The same JSON with an unknown field in every object, and unknown values where a set looks closed."""
    if isinstance(value, Mapping):
        known = {
            key: UNKNOWN_VALUE if key in ENUM_FIELDS and isinstance(inner, str) else _drifted(inner)
            for key, inner in value.items()
        }
        return {**known, UNKNOWN_FIELD: {"since": "tomorrow"}}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_drifted(inner) for inner in value]
    return value


def _in_other_currency(value: Json) -> Json:
    """The same JSON with every `currencyCode` another one; the amounts stay, so that no reading of them is right."""
    if isinstance(value, Mapping):
        return {
            key: ("EUR" if inner == "USD" else "USD") if key == "currencyCode" and inner else _in_other_currency(inner)
            for key, inner in value.items()
        }
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_in_other_currency(inner) for inner in value]
    return value
