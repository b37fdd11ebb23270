"""One call under way, and one of its attempts, as values."""

from __future__ import annotations

from dataclasses import dataclass, field

from solegate.client.auth import AccessToken
from solegate.client.policy.breaker import Permit
from solegate.client.policy.call import Call
from solegate.client.policy.outcome import Kind
from solegate.client.policy.window import Slot
from solegate.client.transport import WireRequest


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the API is and with which key it is asked."""

    api_url: str
    api_key: str = field(repr=False)
    timeout: float = 30.0


@dataclass(slots=True)
class Run:
    """How far one call is."""

    call: Call
    request_id: str
    deadline: float
    attempts: int = 0
    recycled: int = 0
    token: AccessToken | None = None
    rejected: bool = False
    refreshed: bool = False
    retried_after: Kind | None = None
    maybe_applied: bool = False
    """Whether any attempt so far may have taken effect: no later refusal can take that back."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request about to be sent, with what has to be given back for it. Times are monotonic seconds."""

    slot: Slot
    permit: Permit
    request: WireRequest
    started: float
