"""Faults by rule: what goes wrong, for which operation, how often. Pure values; `state/faults.py` applies them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """What goes wrong."""

    STATUS = "status"
    """An error answer of `status`, with the body StockX is known to send (FACTS 1.4)."""
    THROTTLE = "throttle"
    """429, with `retry_after` as its header text in any syntax."""
    DELAY = "delay"
    """The usual answer, `delay` seconds late."""
    EMPTY_504 = "empty_504"
    """504 without a body (FACTS 1.4)."""
    HTML_403 = "html_403"
    """The page of a web application firewall (FACTS 1.6)."""
    NOT_JSON = "not_json"
    """200 with a page instead of JSON."""
    TRUNCATED = "truncated"
    """The usual answer, its JSON cut in half."""
    EMPTY_BODY = "empty_body"
    """The work is done, the status is the usual one, and there is no body."""
    GARBAGE = "garbage"
    """The work is done; the body is bytes that are no text in any encoding one would try."""
    DROP = "drop"
    """The connection closes before anything is done."""
    DROP_DURING = "drop_during"
    """The work is done and half of the answer is sent, then the connection closes."""
    DROP_AFTER = "drop_after"
    """The work is done, then the connection closes without an answer: the outcome is unknown to the caller."""
    RESET = "reset"
    """The connection is reset before anything is done."""
    RESET_DURING = "reset_during"
    """The work is done and half of the answer is sent, then the connection is reset."""
    RESET_AFTER = "reset_after"
    """The work is done, then the connection is reset without an answer."""
    HANG = "hang"
    """Nothing is done and nothing answered; after `delay` seconds the connection closes."""
    HANG_AFTER = "hang_after"
    """The work is done and nothing answered; after `delay` seconds the connection closes."""
    COMMIT_THEN_STATUS = "commit_then_status"
    """The work is done, and the answer is an error of `status`: "Failed to fetch from Subgraph" (FACTS 1.7)."""
    DUPLICATE_DELIVERY = "duplicate_delivery"
    """A proxy on the way delivers the request twice, and the first answer counts: no idempotency key (FACTS 1.7)."""
    STALE_READ = "stale_read"
    """A GET is answered as it was the last time, whatever was written since (FACTS 1.7: "accepted" is not "done")."""
    UNAUTHORIZED = "unauthorized"
    """401 as for an expired token."""
    AUTH_STORM = "auth_storm"
    """From the first hit on, 401 for `delay` seconds, with good tokens too."""
    REVOKE_SESSION = "revoke_session"
    """The login behind the request's token ends for good, refresh token included, and the answer is 401 (FACTS 2)."""
    BROWNOUT = "brownout"
    """From the first hit on, for `delay` seconds: up to four seconds late, and every third request a 503."""
    QUOTA_CUT = "quota_cut"
    """The day's limit drops to what was used of it, and the answer is 429, until limits are set anew (FACTS 1.1)."""
    CLOCK_SKEW = "clock_skew"
    """429 by a server whose clock is `delay` seconds ahead: Date and, as a date, Retry-After (in seconds, or 5)."""
    BATCH_LIMIT = "batch_limit"
    """429 with the text for batch items, which concerns batch writes only (FACTS 1.4, 1.5)."""
    NOT_READY = "not_ready"
    """400 until the account has billing and shipping set up (FACTS 1.4)."""
    VANISHED = "vanished"
    """404 for an id that was there: ids can vanish (FACTS 1.7)."""
    ERROR_SHAPE = "error_shape"
    """An error of `status` in a shape that nobody has seen; StockX has used four already (FACTS 1.4)."""
    WRONG_CURRENCY = "wrong_currency"
    """The usual answer, but in another currency than the one asked for (FACTS 1.9)."""
    SCHEMA_DRIFT = "schema_drift"
    """The usual answer with unknown fields and unknown enum values (FACTS 1.10: no version bump)."""
    SLOW_BODY = "slow_body"
    """Half of the body, `delay` seconds of silence, the rest."""


LASTING = frozenset({FaultKind.AUTH_STORM, FaultKind.BROWNOUT})
"""Kinds that, once they have hit, hit every request they concern for `delay` seconds."""

_NEED_DELAY = LASTING | {FaultKind.HANG, FaultKind.HANG_AFTER, FaultKind.CLOCK_SKEW}
_DELAY_IS_NOT_LATENESS = _NEED_DELAY | {FaultKind.SLOW_BODY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One rule. Rules are tried in the order they were injected; the first that hits decides the request.

    Attributes:
        kind: what goes wrong.
        operation: an operationId of the specification such as `GetProductMarketData`, or `token` for the token
            endpoint, or `*` for every operation of the API (not the token endpoint: that is another host).
        times: how many requests it hits; `None` until cleared. A storm or a brownout counts as one hit.
        after: how many matching requests pass unharmed first.
        probability: chance to hit a matching request, drawn from the simulator's seed.
        status: status of `status`, `commit_then_status` and `error_shape`.
        retry_after: text of a Retry-After header, written as it is; for `throttle` and `status`.
        delay: seconds before the fault takes effect; some kinds use them otherwise, as they say.
        body: text to answer with instead of the usual error body.
    """

    kind: FaultKind
    operation: str = "*"
    times: int | None = None
    after: int = 0
    probability: float = 1.0
    status: int = 500
    retry_after: str | None = None
    delay: float = 0.0
    body: str | None = None

    def __post_init__(self) -> None:
        if self.times is not None and self.times < 1:
            raise ValueError("times must be at least 1, or null until cleared")
        if self.after < 0:
            raise ValueError("after must not be negative")
        if not 0 <= self.probability <= 1:
            raise ValueError("probability must be between 0 and 1")
        if not 400 <= self.status <= 599:
            raise ValueError("status must be an error status, 400 to 599")
        if self.delay < 0:
            raise ValueError("delay must not be negative")
        if self.kind in _NEED_DELAY and not self.delay:
            raise ValueError(f"delay must be more than 0 seconds for {self.kind}")
        if self.kind is FaultKind.CLOCK_SKEW and not (self.retry_after or "0").isdecimal():
            raise ValueError("retry_after must be whole seconds for clock_skew, which writes them as a date")

    @property
    def lateness(self) -> float:
        """Seconds to wait before it takes effect."""
        return 0.0 if self.kind in _DELAY_IS_NOT_LATENESS else self.delay

    def concerns(self, operation: str) -> bool:
        """Whether the rule is about this operation."""
        if self.operation == "*":
            return operation not in OAUTH_OPERATIONS
        return self.operation == operation


OAUTH_OPERATIONS = frozenset({"authorize", "token"})
"""Names, in faults, events and the report, of what is not an operation of the API."""


class ConnectionDropped(ConnectionError):  # noqa: N818 - an event on purpose, not a mistake
    """Raised out of the application when a fault closes the connection without an answer.

    In-process the caller's ASGI transport sees it; the socket server turns it into a closed connection.

    Attributes:
        reset: the peer shall see a reset instead of an end of file.
        half: half of an answer was sent before.
    """

    def __init__(self, *, reset: bool = False, half: bool = False) -> None:
        ending = "in the middle of its answer" if half else "without an answer"
        super().__init__(f"the practice StockX {'reset' if reset else 'closed'} the connection {ending}")
        self.reset = reset
        self.half = half
