"""The one mapping of errors to HTTP: RFC 9457 problem documents (`application/problem+json`).

| Error (`code`) | Status | Why |
|---|---|---|
| `invalid_input`, `request_rejected`, `operation_failed` | 422 | it cannot be done, as Solegate or StockX says |
| `guard_rail` | 422 | it breaks a guard rail of the account; nothing was sent |
| `write_failed` | 422 | the write is surely not in effect; `detail` says why |
| `idempotency_key` | 400 | the `Idempotency-Key` is malformed, or missing where one is required |
| `idempotency_mismatch` | 422 | the `Idempotency-Key` was used for another request |
| `idempotency_conflict` | 409 | the first request with this key still runs; `Retry-After` says when to ask again |
| `already_listed`, `unit_busy` | 409 | another write on the same pair or listing is in the way |
| `writes_stopped` | 423 | every write of the account is stopped; nothing was sent |
| `no_such_record`, `no_such_account` | 404 | our own records hold no such write, job, account or page |
| `key_required` | 401 | no API key, or one that is unknown, revoked or expired |
| `scope_missing` | 403 | the API key is good, but not for this |
| `too_many_requests` | 429 | the API key asks too often; `Retry-After` says when to ask again |
| `bad_signature` | 401 | the webhook is not signed by its source, or its time is out of bounds |
| `webhook_payload` | 400 | the webhook is its source's, but its body is none that such a source sends |
| `webhook_conflict` | 409 | the webhook's id was used for other content |
| `address_refused` | 422 | the address must not be called from here |
| `product_not_found`, `not_found` | 404 | StockX has no such thing; `alternatives` are codes to review |
| `permission_denied` | 502 | StockX does not let this account do it: not the caller's fault |
| `authentication`, `needs_reauth` | 503 | a person has to mend the connection to StockX; see `hint` |
| `lease_lost` | 503 | another process goes on with it; nothing was sent |
| `rate_limited`, `quota_exhausted`, `circuit_open` | 503 | not now; `Retry-After` and `retryAt` say when |
| `upstream`, `connection_failed`, `unexpected_response` | 502 | StockX failed |
| `upstream_timeout`, `deadline_exceeded`, `still_pending` | 504 | no answer from StockX in time |
| `database` | 503 | the local database failed; nothing was written |
| `configuration`, `credentials_missing`, `internal` | 500 | set up wrongly, or a bug; the log has it by request id |

StockX's limits are 503 and not 429, because it is not this caller who asked too often. `type` is stable:
`/problems/` and the code with dashes; that page describes the problem. A class without a line of its own has its
parent's status, so a new error is never unmapped.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from types import MappingProxyType

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from solegate import errors
from solegate.api.schemas.problem import FieldProblem, Problem
from solegate.clock import Clock
from solegate.errors import (
    GuardRailError,
    IdempotencyConflictError,
    Outcome,
    ProductNotFoundError,
    SolegateError,
    StockXError,
    TooManyRequestsError,
    WriteFailedError,
    WritesStoppedError,
)
from solegate.log import Redactor

MEDIA_TYPE = "application/problem+json"

KINDS: Mapping[type[SolegateError], tuple[int, str]] = MappingProxyType({
    errors.SolegateError: (500, "Solegate failed"),
    errors.ConfigurationError: (500, "Solegate is not configured correctly"),
    errors.CredentialsMissingError: (500, "The StockX application is not configured"),
    errors.InvalidInputError: (422, "The input cannot be used"),
    errors.NoSuchRecordError: (404, "There is no such record"),
    errors.DatabaseError: (503, "The local database failed"),
    errors.NoSuchAccountError: (404, "There is no such account"),
    errors.KeyRequiredError: (401, "An API key is required"),
    errors.ScopeMissingError: (403, "The API key is not for this"),
    errors.TooManyRequestsError: (429, "The API key asks too often"),
    errors.SignatureError: (401, "The webhook is not signed by its source"),
    errors.WebhookPayloadError: (400, "The webhook's body cannot be read"),
    errors.WebhookConflictError: (409, "The webhook's id was used for other content"),
    errors.AddressRefusedError: (422, "The address must not be called from here"),
    errors.ProductNotFoundError: (404, "Product not found on StockX"),
    errors.AlreadyListedError: (409, "The pair is already listed"),
    errors.UnitBusyError: (409, "Another write on it is under way"),
    errors.GuardRailError: (422, "The write breaks a guard rail"),
    errors.WritesStoppedError: (423, "Writes are stopped"),
    errors.WriteFailedError: (422, "The write is not in effect"),
    errors.IdempotencyKeyError: (400, "The idempotency key cannot be used"),
    errors.IdempotencyMismatchError: (422, "The idempotency key was used for another request"),
    errors.IdempotencyConflictError: (409, "The first request with this idempotency key still runs"),
    errors.StockXError: (502, "The call to StockX failed"),
    errors.RequestRejectedError: (422, "StockX rejects the request"),
    errors.NotFoundError: (404, "StockX knows no such thing"),
    errors.PermissionDeniedError: (502, "StockX does not permit it"),
    errors.AuthenticationError: (503, "StockX does not accept the account's token"),
    errors.ReauthenticationRequiredError: (503, "The account has to log in at StockX again"),
    errors.RateLimitedError: (503, "StockX asks for a pause"),
    errors.QuotaExhaustedError: (503, "Today's StockX quota is used up"),
    errors.LeaseLostError: (503, "Another process goes on with it"),
    errors.CircuitOpenError: (503, "StockX is failing, calls are held back"),
    errors.UpstreamError: (502, "StockX failed"),
    errors.UpstreamTimeoutError: (504, "StockX gave no answer in time"),
    errors.ConnectionFailedError: (502, "StockX cannot be reached"),
    errors.UnexpectedResponseError: (502, "StockX gave an answer that cannot be understood"),
    errors.DeadlineExceededError: (504, "The call's turn did not come in time"),
    errors.OperationFailedError: (422, "StockX accepted the change and then failed it"),
    errors.StillPendingError: (504, "StockX is still working on it"),
})  # fmt: skip
"""Status and title by error class; a class that is missing has its parent's."""

HTTP_KINDS: Mapping[int, tuple[str, str]] = MappingProxyType({
    403: ("cross_site", "The request comes from another site"),
    404: ("no_such_route", "There is no such route"),
    405: ("method_not_allowed", "The route does not take this method"),
    413: ("body_too_large", "The request body is too large"),
    421: ("wrong_host", "The request is for another host"),
    500: ("internal", "Solegate failed unexpectedly"),
})  # fmt: skip
"""Code and title of the problems that no error class stands for."""


def problem_type(code: str) -> str:
    """The stable relative URI of a problem."""
    return f"/problems/{code.replace('_', '-')}"


def kind_of(error: type[SolegateError]) -> tuple[int, str]:
    """Status and title of an error class: its own, or its nearest parent's."""
    return next(KINDS[each] for each in error.__mro__ if each in KINDS)


class ProblemAnswers:
    """Turns any exception into the answer the caller gets.

    Args:
        clock: for `Retry-After`, which counts from now.
        redactor: takes secrets out of texts that StockX wrote.
    """

    def __init__(self, *, clock: Clock, redactor: Redactor) -> None:
        self._clock = clock
        self._redactor = redactor

    async def answer(self, request: Request, error: Exception) -> JSONResponse:
        """The problem document of an exception, as a response."""
        problem = self.describe(error).model_copy(
            update={"instance": request.url.path, "request_id": request.scope.get("request_id")}
        )
        headers = dict(getattr(error, "headers", None) or {})
        if problem.retry_at is not None:
            headers["Retry-After"] = str(self._seconds_until(problem))
        return JSONResponse(
            problem.model_dump(mode="json", by_alias=True, exclude_none=True),
            status_code=problem.status,
            headers=headers,
            media_type=MEDIA_TYPE,
        )

    def describe(self, error: Exception) -> Problem:
        """The problem document of an exception. What is not foreseen says nothing about the inside."""
        match error:
            case SolegateError():
                return self._failed(error)
            case RequestValidationError():
                return _invalid(error)
            case HTTPException():
                return _http(error.status_code, str(error.detail))
            case _:
                return _http(500, "The log has the details under this request id.")

    def _failed(self, error: SolegateError) -> Problem:
        status, title = kind_of(type(error))
        problem = Problem(
            type=problem_type(error.code),
            title=title,
            status=status,
            detail=self._redactor.text(error.message),
            code=error.code,
            hint=self._redactor.text(error.hint) or None,
        )
        if isinstance(error, ProductNotFoundError):
            return problem.model_copy(update={"alternatives": error.alternatives})
        if isinstance(error, GuardRailError | WritesStoppedError | WriteFailedError):
            return problem.model_copy(update={"outcome": Outcome.NOT_APPLIED})
        if isinstance(error, IdempotencyConflictError | TooManyRequestsError):
            return problem.model_copy(update={"retry_at": self._clock.now() + timedelta(seconds=error.retry_after)})
        if isinstance(error, StockXError):
            return problem.model_copy(
                update={
                    "outcome": error.outcome,
                    "operation": error.operation,
                    "attempts": error.attempts,
                    "upstream_status": error.status,
                    "retry_at": error.retry_at,
                    "call_id": error.request_id or None,
                }
            )
        return problem

    def _seconds_until(self, problem: Problem) -> int:
        """Whole seconds to wait, rounded up: too early is useless, and 0 would invite a storm."""
        wait = problem.retry_at - self._clock.now() if problem.retry_at else None
        return max(1, math.ceil(wait.total_seconds())) if wait else 1


def install(app: FastAPI, answers: ProblemAnswers) -> None:
    """Let every foreseen error of a route be answered; the middleware answers the unforeseen ones."""
    for kind in (SolegateError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, answers.answer)


def _invalid(error: RequestValidationError) -> Problem:
    """What is wrong with which field; the values themselves are not repeated."""
    fields = tuple(
        FieldProblem(field=".".join(str(part) for part in each["loc"]), message=each["msg"]) for each in error.errors()
    )
    status, title = KINDS[errors.InvalidInputError]
    code = errors.InvalidInputError.code
    detail = "; ".join(f"{each.field}: {each.message}" for each in fields)
    return Problem(type=problem_type(code), title=title, status=status, detail=detail, code=code, errors=fields)


def _http(status: int, detail: str) -> Problem:
    phrase = HTTPStatus(status).phrase
    code, title = HTTP_KINDS.get(status, (phrase.lower().replace(" ", "_"), phrase))
    hint = "The routes are listed at /docs." if status in {404, 405} else None
    return Problem(type=problem_type(code), title=title, status=status, detail=detail, code=code, hint=hint)
