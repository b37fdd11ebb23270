"""What a fault does to an answer. Closing connections is not an answer: that is the gate's part."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from solegate.simulator.faults import Fault, FaultKind
from solegate.simulator.wire import errors
from solegate.simulator.wire.answer import JSON_TYPE, TEXT_TYPE, Answer, Json, html_answer, json_answer

UNKNOWN_FIELD = "practiceDrift"
UNKNOWN_VALUE = "PRACTICE_DRIFT"
FIXED_STATUS = {FaultKind.THROTTLE: 429, FaultKind.UNAUTHORIZED: 401}
ENUM_FIELDS = frozenset({"productType", "gender", "season"})
"""Fields with a closed look whose set is in fact open."""


def instead(fault: Fault, *, oauth: bool = False) -> Answer | None:
    """The answer a fault gives in place of the usual one, or `None` if the work is to be done first."""
    match fault.kind:
        case FaultKind.STATUS | FaultKind.THROTTLE | FaultKind.UNAUTHORIZED:
            status = FIXED_STATUS.get(fault.kind, fault.status)
            return _with_retry_after(_error(fault, status, oauth=oauth), fault)
        case FaultKind.EMPTY_504:
            return errors.gateway_timeout()
        case FaultKind.HTML_403:
            return errors.waf_page()
        case FaultKind.NOT_JSON:
            return html_answer(fault.body or "<!DOCTYPE html><html><body>We will be right back.</body></html>")
        case _:
            return None


def spoiled(fault: Fault, answer: Answer) -> Answer:
    """The usual answer after the fault has passed over it."""
    match fault.kind:
        case FaultKind.TRUNCATED:
            return replace(answer, body=answer.body[: len(answer.body) // 2])
        case FaultKind.SCHEMA_DRIFT if answer.content_type == JSON_TYPE:
            return replace(answer, body=json_answer(_drifted(json.loads(answer.body))).body)
        case FaultKind.SLOW_BODY:
            return replace(answer, pause=fault.delay)
        case _:
            return answer


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
