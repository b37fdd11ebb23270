"""From a verdict, or a wait in vain, to the error a caller sees: the one place that chooses class and words."""

from __future__ import annotations

from datetime import datetime

from solegate.client.limiter import PausedTooLongError, QuotaUsedUpError
from solegate.client.policy.call import Call
from solegate.client.policy.outcome import Kind, Verdict
from solegate.client.policy.retry import Why
from solegate.domain.limits import Unit
from solegate.errors import (
    AuthenticationError,
    ConnectionFailedError,
    DeadlineExceededError,
    LeaseLostError,
    NotFoundError,
    PermissionDeniedError,
    QuotaExhaustedError,
    RateLimitedError,
    RequestRejectedError,
    StockXError,
    UpstreamError,
    UpstreamTimeoutError,
)

_ERRORS: dict[Kind, tuple[type[StockXError], str]] = {
    Kind.THROTTLED: (RateLimitedError, "was refused: too many requests"),
    Kind.UNAUTHORIZED: (AuthenticationError, "was refused although its token was just renewed"),
    Kind.FORBIDDEN: (PermissionDeniedError, "is not permitted"),
    Kind.NOT_FOUND: (NotFoundError, "found nothing"),
    Kind.REJECTED: (RequestRejectedError, "was rejected by StockX"),
    Kind.UPSTREAM: (UpstreamError, "failed at StockX"),
    Kind.TIMEOUT: (UpstreamTimeoutError, "got no answer in time"),
    Kind.CONNECTION: (ConnectionFailedError, "lost its connection"),
    Kind.RECYCLED: (ConnectionFailedError, "was handed back unprocessed too often"),
    Kind.HELD_BACK: (LeaseLostError, "was held back at the last moment"),
}
_REASONS = {
    Why.UNSAFE: " It was not repeated, because that could do it twice.",
    Why.BUDGET: " It was not repeated, because too many calls are failing.",
    Why.DEADLINE: " Its deadline leaves no time for another attempt.",
    Why.PAUSE: " StockX asks for a longer pause than a call may wait.",
}


def failure(
    verdict: Verdict, *, operation: str, why: Why, status: int | None, attempts: int, retry_at: datetime | None
) -> StockXError:
    """The error for a call that is given up after this verdict."""
    error, words = _ERRORS[verdict.kind]
    answer = f" (HTTP {status})" if status else ""
    said = f": {verdict.message.rstrip('.')}" if verdict.message else ""
    return error(
        f"{operation} {words}{answer}{said}.{_REASONS.get(why, '')}",
        operation=operation,
        outcome=verdict.outcome,
        status=status,
        attempts=attempts,
        retry_at=retry_at,
        hint=_hint(verdict.message),
    )


def not_sent(error: TimeoutError | QuotaUsedUpError | PausedTooLongError, call: Call, *, attempts: int) -> StockXError:
    """The error for a call whose turn, or next turn, did not come."""
    name = call.operation.name
    what = f"{name} was not sent{' again' if attempts else ''}"
    if isinstance(error, QuotaUsedUpError):
        quota = "quota" if error.unit is Unit.REQUESTS else "quota of batch items"
        return QuotaExhaustedError(f"{what}: today's {quota} is used up.", operation=name, retry_at=error.retry_at)
    if isinstance(error, PausedTooLongError):
        return RateLimitedError(f"{what}: StockX asked for a longer pause.", operation=name, retry_at=error.retry_at)
    return DeadlineExceededError(f"{what}: its turn did not come within {call.deadline:g} s.", operation=name)


def _hint(message: str) -> str:
    """What to do about the few messages that have a known cause (FACTS 1.4); empty keeps the error's own hint."""
    if "billing and shipping" in message.lower():
        return "Set up billing and shipping in your StockX account, then try again."
    return ""
