"""What goes wrong with a StockX call."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from solegate.errors.base import Outcome, SolegateError


class StockXError(SolegateError):
    """Base of everything that can go wrong with a StockX call.

    Attributes:
        outcome: whether the call took effect.
        operation: name of the StockX operation, such as `GetProductMarketData`.
        status: HTTP status of the last answer; `None` when there was none.
        attempts: how many requests were really sent for this call.
        retry_at: earliest time (UTC) at which repeating makes sense; `None` when unknown.
        request_id: our id of the call, the same in every log line about it.
    """

    code = "stockx"

    def __init__(
        self,
        message: str,
        *,
        operation: str,
        outcome: Outcome = Outcome.NOT_APPLIED,
        status: int | None = None,
        attempts: int = 0,
        retry_at: datetime | None = None,
        request_id: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.outcome = outcome
        self.operation = operation
        self.status = status
        self.attempts = attempts
        self.retry_at = retry_at
        self.request_id = request_id

    def anew(self) -> Self:
        """An equal error to raise elsewhere: one exception object belongs to one caller."""
        fields = ("operation", "outcome", "status", "attempts", "retry_at", "request_id", "hint")
        return type(self)(self.message, **{name: getattr(self, name) for name in fields})

    def __str__(self) -> str:
        """Add the effect and the earliest retry to the message."""
        effect = {
            Outcome.NOT_APPLIED: "Nothing was changed at StockX.",
            Outcome.APPLIED: "StockX did act on it.",
            Outcome.UNKNOWN: "Whether StockX acted on it is unknown; read back before repeating.",
        }[self.outcome]
        later = f"Try again after {self.retry_at:%Y-%m-%d %H:%M:%S} UTC." if self.retry_at else ""
        return " ".join(filter(None, (self.message, effect, self.hint, later)))


class RequestRejectedError(StockXError):
    """Raised when StockX refuses the request itself (400, 409, 413, 415, 422, ...): repeating it is useless."""

    code = "request_rejected"


class NotFoundError(StockXError):
    """Raised when StockX knows no such thing (404, 410). Ids can vanish from its catalog (FACTS 1.7)."""

    code = "not_found"
    hint = "Check the id; search by style code to find the current one."


class PermissionDeniedError(StockXError):
    """Raised on 403: the key or account may not do this, or a gateway blocked the request."""

    code = "permission_denied"
    hint = "Check the API key and that the account's StockX application covers this operation."


class AuthenticationError(StockXError):
    """Raised when StockX rejects a freshly refreshed token, so refreshing again would not help."""

    code = "authentication"
    hint = "Check SOLEGATE_STOCKX_API_KEY (it is not the client id), then run `solegate auth status`."


class ReauthenticationRequiredError(AuthenticationError):
    """Raised when the account is NEEDS_REAUTH: the refresh token is gone, only a person can log in again."""

    code = "needs_reauth"
    hint = "Run `solegate auth login`."


class RateLimitedError(StockXError):
    """Raised when StockX answered 429 and the wait it asks for is longer than the call may take."""

    code = "rate_limited"


class QuotaExhaustedError(StockXError):
    """Raised before sending when the day's quota is used up, or only the reserve is left for this lane."""

    code = "quota_exhausted"
    hint = "The quota resets at 00:00 UTC; background work leaves a reserve for orders and writes."


class LeaseLostError(StockXError):
    """Raised when a write was held back at the last moment: whoever sends it may no longer do so. Nothing left."""

    code = "lease_lost"


class CircuitOpenError(StockXError):
    """Raised without sending anything while the breaker holds calls back from a failing StockX."""

    code = "circuit_open"
    hint = "StockX is failing; Solegate probes it and recovers by itself."


class UpstreamError(StockXError):
    """Raised when StockX keeps answering 5xx."""

    code = "upstream"
    hint = "StockX is having trouble; try again later."


class UpstreamTimeoutError(UpstreamError):
    """Raised when StockX does not answer in time."""

    code = "upstream_timeout"


class ConnectionFailedError(UpstreamError):
    """Raised when no connection to StockX can be made, or it breaks before the answer."""

    code = "connection_failed"
    hint = "Check the network and SOLEGATE_STOCKX_API_URL."


class UnexpectedResponseError(UpstreamError):
    """Raised when a successful answer cannot be understood: not JSON, truncated, or without its required fields."""

    code = "unexpected_response"


class DeadlineExceededError(UpstreamTimeoutError):
    """Raised when the call's own deadline passes while it waits for its turn or between attempts."""

    code = "deadline_exceeded"
    hint = "Many calls share the limit; raise the deadline or lower the load."


class OperationFailedError(StockXError):
    """Raised by `ensure_succeeded` when StockX accepted a write and then failed it; the message is StockX's own."""

    code = "operation_failed"
    hint = "Look at the listing: the operation before it may have succeeded, such as a CREATE before a failed ACTIVATE."


class StillPendingError(StockXError):
    """Raised when StockX is still working on what was waited for; it goes on there, only the waiting ended."""

    code = "still_pending"
    hint = "Wait again with the same operation or batch; do not send it again."
