"""Real parts of the client, wired by hand, for tests of one mechanism at a time."""

from __future__ import annotations

import asyncio
import itertools
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from solegate.client.attempt import Endpoint
from solegate.client.auth import MemoryTokenStore, TokenManager
from solegate.client.breaker import BreakerGate
from solegate.client.drift import DriftRadar
from solegate.client.executor import Executor
from solegate.client.limiter import RateLimiter
from solegate.client.policy.call import GET_PRODUCT, Call, Effect, Operation
from solegate.client.policy.oauth import Credentials
from solegate.client.policy.outcome import Failed, FailureKind, Received
from solegate.client.policy.rate import LimitProfile
from solegate.client.policy.retry import RetryPolicy
from solegate.client.transport import WireRequest
from solegate.client.usage import UsageCounter, UsageStore
from solegate.clock import LoopClock
from solegate.domain.accounts import TokenRecord
from solegate.errors import StockXError
from solegate.metrics import Metrics
from solegate.testing import UNLIMITED, ScriptedTransport

CANARY = "canary-7f3e9d"
"""Stands in every secret; it must turn up nowhere."""
CREDENTIALS = Credentials("client-id", f"{CANARY}-client-secret", f"{CANARY}-api-key")
LIFETIME = 43_200
"""Seconds an access token lives (FACTS 2)."""

READ = Operation("TestRead", "GET", "/test/read")
SAFE_WRITE = Operation("TestWrite", "PUT", "/test/write", Effect.SAFE_WRITE)
CREATE = Operation("TestCreate", "POST", "/test/create", Effect.CREATE)

TIMEOUT = Failed(FailureKind.TIMEOUT, sent=True, detail="no answer")
BROKEN = Failed(FailureKind.BROKEN, sent=True, detail="connection reset")
REFUSED_CONNECTION = Failed(FailureKind.CONNECT, sent=False, detail="connection refused")
RECYCLED = Failed(FailureKind.RECYCLED, sent=True, detail="server disconnected")


def answer(status: int = 200, body: object = None, **headers: str) -> Received:
    """An answer; `body` is sent as it is when it is bytes, else as JSON. `retry_after=` becomes `retry-after`."""
    raw = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
    return Received(status, {name.replace("_", "-"): value for name, value in headers.items()}, raw)


def grant(number: int = 2, *, refresh_token: str = "", expires_in: object = LIFETIME) -> Received:
    """The login server's good answer; its tokens carry the number."""
    body = {"access_token": f"{CANARY}-access-{number}", "expires_in": expires_in, "token_type": "Bearer"}
    return answer(200, body | ({"refresh_token": refresh_token} if refresh_token else {}))


FAILING = answer(500, {"statusCode": 500, "errorMessage": "Failed to fetch flex market data"})
INVALID_GRANT = answer(403, {"error": "invalid_grant", "error_description": "Unknown or invalid refresh token."})
INVALID_CLIENT = answer(401, {"error": "invalid_client", "error_description": "Unauthorized"})


def tokens_of(clock: LoopClock, *, version: int = 1, expires_in: float = LIFETIME, **changes: Any) -> TokenRecord:
    """A connected account's record, valid for `expires_in` seconds."""
    known = {"access_token": f"{CANARY}-access-{version}", "refresh_token": f"{CANARY}-refresh-{version}"}
    return TokenRecord("default", version, expires_at=clock.now() + timedelta(seconds=expires_in), **known | changes)


@dataclass(slots=True)
class Wire:
    """A transport that sends logins to one script and everything else to another."""

    api: ScriptedTransport
    login: ScriptedTransport = field(default_factory=lambda: ScriptedTransport([grant()]))

    async def send(self, request: WireRequest) -> Received | Failed:
        """See `Transport.send`."""
        return await (self.login if request.url.endswith("/oauth/token") else self.api).send(request)

    async def aclose(self) -> None:
        """See `Transport.aclose`."""


@dataclass(slots=True)
class Bench:
    """The pipeline of one account, and what can be seen of it. Build it inside a running loop."""

    wire: Wire
    clock: LoopClock
    metrics: Metrics
    store: MemoryTokenStore
    limiter: RateLimiter
    breaker: BreakerGate
    tokens: TokenManager
    executor: Executor

    @property
    def requests(self) -> list[WireRequest]:
        """What the API was asked."""
        return self.wire.api.requests

    @property
    def logins(self) -> list[WireRequest]:
        """What the login server was asked."""
        return self.wire.login.requests

    def count(self, name: str, **labels: str) -> float:
        """A metric's value; 0 while it was never touched."""
        return self.metrics.registry.get_sample_value(name, labels) or 0.0


def bench(
    *script: Any,
    login: ScriptedTransport | None = None,
    latency: float = 0.0,
    profile: LimitProfile = UNLIMITED,
    policy: RetryPolicy | None = None,
    expires_in: float = LIFETIME,
    store: MemoryTokenStore | None = None,
    chance: float = 0.5,
    usage: UsageStore | None = None,
) -> Bench:
    """Wire an account's pipeline to a script of answers; the last one repeats for ever."""
    clock, metrics = LoopClock(), Metrics()
    wire = Wire(ScriptedTransport(list(script) or [answer()], latency))
    if login is not None:
        wire.login = login
    store = store or MemoryTokenStore(tokens_of(clock, expires_in=expires_in))
    limiter = RateLimiter(profile, account="default", clock=clock, metrics=metrics)
    breaker = BreakerGate(clock=clock, metrics=metrics)
    tokens = TokenManager(
        CREDENTIALS, account="default", owner="here", auth_url="http://login.test", store=store, transport=wire,
        clock=clock, metrics=metrics,
    )  # fmt: skip
    numbers = itertools.count(1)
    executor = Executor(
        Endpoint("http://api.test/v2", CREDENTIALS.api_key), transport=wire, limiter=limiter, breaker=breaker,
        tokens=tokens, clock=clock, metrics=metrics, chance=lambda: chance,
        new_request_id=lambda: f"call-{next(numbers)}", policy=policy,
        radar=DriftRadar(clock=clock, metrics=metrics), usage=UsageCounter(account="default", clock=clock, store=usage),
    )  # fmt: skip
    return Bench(wire, clock, metrics, store, limiter, breaker, tokens, executor)


def read(product_id: str = "p1", **changes: Any) -> Call:
    """A plain read of one product."""
    return Call(GET_PRODUCT, {"productId": product_id}, **changes)


OK, UNAUTHORIZED, THROTTLED, FAILING = answer(200, {"fine": True}), answer(401), answer(429), answer(500)


def now() -> float:
    """The virtual time of the running story."""
    return asyncio.get_running_loop().time()


async def failed(parts: Bench, call: Call, error: type[StockXError]) -> StockXError:
    """The error, of exactly this class, that a call ends with."""
    with pytest.raises(error) as caught:
        await parts.executor.execute(call)
    assert type(caught.value) is error
    return caught.value


def tokens_sent(parts: Bench) -> list[str]:
    """The tokens of every request, by what tells them apart."""
    return [request.headers["authorization"].removeprefix(f"Bearer {CANARY}-access-") for request in parts.requests]


def nothing_is_held(parts: Bench) -> bool:
    """Every slot and permit was given back."""
    return parts.limiter.status().in_flight == 0 and parts.breaker._breaker._in_flight == 0
