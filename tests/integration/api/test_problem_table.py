"""The problem table is complete: every error class, whatever raised it, becomes its problem."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from fastapi import FastAPI

from solegate import errors
from solegate.api import problems
from solegate.errors import Outcome, ProductNotFoundError, SolegateError, StockXError
from solegate.log import Redactor
from support.api import CANARY, JumpClock

EXPECTED = {
    "error": 500,
    "configuration": 500,
    "credentials_missing": 500,
    "invalid_input": 422,
    "no_such_record": 404,
    "no_such_account": 404,
    "key_required": 401,
    "scope_missing": 403,
    "too_many_requests": 429,
    "bad_signature": 401,
    "webhook_payload": 400,
    "webhook_conflict": 409,
    "address_refused": 422,
    "database": 503,
    "product_not_found": 404,
    "already_listed": 409,
    "unit_busy": 409,
    "guard_rail": 422,
    "writes_stopped": 423,
    "write_failed": 422,
    "idempotency_key": 400,
    "idempotency_mismatch": 422,
    "idempotency_conflict": 409,
    "stockx": 502,
    "request_rejected": 422,
    "not_found": 404,
    "permission_denied": 502,
    "authentication": 503,
    "needs_reauth": 503,
    "rate_limited": 503,
    "quota_exhausted": 503,
    "lease_lost": 503,
    "circuit_open": 503,
    "upstream": 502,
    "upstream_timeout": 504,
    "connection_failed": 502,
    "unexpected_response": 502,
    "deadline_exceeded": 504,
    "operation_failed": 422,
    "still_pending": 504,
}


def _tree(root: type[SolegateError]) -> Iterator[type[SolegateError]]:
    yield root
    for child in root.__subclasses__():
        if child.__module__.startswith(errors.__name__):
            yield from _tree(child)


def _raised(kind: type[SolegateError], **more: object) -> SolegateError:
    if issubclass(kind, ProductNotFoundError):
        return kind("XY1234-100", alternatives=("XY1234-101",))
    if issubclass(kind, StockXError):
        return kind("It failed.", operation="GetProduct", **more)  # type: ignore[arg-type]
    return kind("It failed.")


async def _answer(error: Exception, clock: JumpClock | None = None) -> httpx2.Response:
    app = FastAPI()
    answers = problems.ProblemAnswers(clock=clock or JumpClock(), redactor=Redactor([CANARY]))
    problems.install(app, answers)

    @app.get("/fails")
    async def fails() -> None:
        raise error

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://test") as client:
        return await client.get("/fails")


def test_every_error_has_a_line_of_its_own_in_the_table():
    assert set(problems.KINDS) == set(_tree(SolegateError))


def test_codes_and_so_types_are_unique():
    codes = [each.code for each in _tree(SolegateError)] + [code for code, _ in problems.HTTP_KINDS.values()]
    assert len(codes) == len(set(codes))


def test_the_docstring_names_every_code_with_its_status():
    rows = [line for line in (problems.__doc__ or "").splitlines() if line.startswith("| `")]
    documented = {
        code.strip("` "): int(status)
        for _, codes, status, *_ in (row.split("|") for row in rows)
        for code in codes.split(",")
    }
    named = {code: status for code, status in EXPECTED.items() if code not in {"error", "stockx"}}
    assert documented == named | {"internal": 500}


@pytest.mark.parametrize("kind", list(_tree(SolegateError)), ids=lambda kind: kind.__name__)
async def test_every_error_becomes_its_problem(kind: type[SolegateError]):
    answer = await _answer(_raised(kind))
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, problem["code"]) == (EXPECTED[kind.code], kind.code)
    assert problem["type"] == problems.problem_type(kind.code)


async def test_an_error_without_a_line_has_its_parents_status():
    class NewUpstreamError(errors.UpstreamTimeoutError):
        """Not in the table."""

    assert (await _answer(_raised(NewUpstreamError))).status_code == 504


async def test_a_stockx_error_brings_everything_it_knows():
    error = errors.UpstreamTimeoutError(
        "It took too long.",
        operation="CreateListing",
        outcome=Outcome.UNKNOWN,
        status=504,
        attempts=2,
        request_id="abc",
    )
    assert (await _answer(error)).json() == {
        "type": "/problems/upstream-timeout",
        "title": "StockX gave no answer in time",
        "status": 504,
        "detail": "It took too long.",
        "instance": "/fails",
        "code": "upstream_timeout",
        "hint": "StockX is having trouble; try again later.",
        "outcome": "unknown",
        "operation": "CreateListing",
        "attempts": 2,
        "upstreamStatus": 504,
        "callId": "abc",
    }


async def test_alternatives_are_passed_on():
    problem = (await _answer(_raised(ProductNotFoundError))).json()
    assert problem["alternatives"] == ["XY1234-101"]
    assert "please review" in problem["hint"]


@pytest.mark.parametrize(
    ("wait", "header"), [(0.2, "1"), (1.0, "1"), (1.001, "2"), (59.5, "60"), (86_400, "86400"), (-5, "1"), (0, "1")]
)
async def test_retry_after_is_whole_seconds_rounded_up_and_never_zero(wait: float, header: str):
    clock = JumpClock(datetime(2026, 3, 1, 8, tzinfo=UTC))
    error = _raised(errors.CircuitOpenError, retry_at=clock.now() + timedelta(seconds=wait))
    answer = await _answer(error, clock)
    assert answer.headers["retry-after"] == header


async def test_a_running_request_says_when_to_ask_again_and_a_refused_write_that_nothing_was_done():
    assert (await _answer(_raised(errors.IdempotencyConflictError))).headers["retry-after"] == "2"
    for kind in (errors.GuardRailError, errors.WritesStoppedError, errors.WriteFailedError):
        assert (await _answer(_raised(kind))).json()["outcome"] == "not_applied"


async def test_without_a_known_time_there_is_no_retry_after():
    assert "retry-after" not in (await _answer(_raised(errors.RateLimitedError))).headers


async def test_secrets_in_what_stockx_wrote_are_taken_out():
    error = errors.RequestRejectedError(
        f"StockX said: bad key {CANARY}, Bearer abc.def.ghi", operation="Search", hint=f"Was {CANARY} right?"
    )
    text = (await _answer(error)).text
    assert CANARY not in text
    assert "abc.def.ghi" not in text
    assert "[redacted]" in text
