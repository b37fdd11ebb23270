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
    DROP = "drop"
    """The connection closes before anything is done."""
    DROP_AFTER = "drop_after"
    """The work is done, then the connection closes without an answer: the outcome is unknown to the caller."""
    RESET = "reset"
    """The connection is reset before anything is done."""
    UNAUTHORIZED = "unauthorized"
    """401 as for an expired token."""
    SCHEMA_DRIFT = "schema_drift"
    """The usual answer with unknown fields and unknown enum values (FACTS 1.10: no version bump)."""
    SLOW_BODY = "slow_body"
    """Half of the body, `delay` seconds of silence, the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One rule. Rules are tried in the order they were injected; the first that hits decides the request.

    Attributes:
        kind: what goes wrong.
        operation: an operationId of the specification such as `GetProductMarketData`, or `token` for the token
            endpoint, or `*` for every operation of the API (not the token endpoint: that is another host).
        times: how many requests it hits; `None` until cleared.
        after: how many matching requests pass unharmed first.
        probability: chance to hit a matching request, drawn from the simulator's seed.
        status: status of a `status` fault.
        retry_after: text of a Retry-After header, written as it is; for `throttle` and `status`.
        delay: seconds before the fault takes effect (for `slow_body`: within the body).
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
    """

    def __init__(self, *, reset: bool = False) -> None:
        super().__init__("the practice StockX closed the connection without an answer")
        self.reset = reset
