"""Who asks, whether they may, and how often: an API key with every request (issue 5, item 4).

A middleware around everything that does something, so that no route can be without it. It looks the route up in
`scopes.TABLE`, finds whose key it is, takes one request from what the key has left, and names the account that the
request is about. What it refuses has done nothing. Each process counts for itself: several let through as many times
what a key may. `held_to_the_table` sees that the router comes to the same route as the table did.
"""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Mapping

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from solegate.api.dependencies import ACCOUNT, CALLER, PRINCIPAL, REACH, house_of
from solegate.api.problems import ProblemAnswers
from solegate.api.scopes import EVERY_ACCOUNT, TEMPLATE, Lookup, Needed, line_of, lookup
from solegate.clock import Clock
from solegate.domain.keys import PERIOD, Admission, Allowance, ApiKey, admit
from solegate.errors import KeyRequiredError, NoSuchAccountError, ScopeMissingError, SolegateError, TooManyRequestsError
from solegate.log import get_logger

ACCOUNT_HEADER = "Solegate-Account"
"""Names the account that a request is about, where its key reaches more than one."""
FAILURES_PER_MINUTE = 60
"""Requests without a good key that one address may make in a minute."""
_MOST_ADDRESSES = 10_000
_FULL = Allowance()
_PASSED_ON = frozenset({"forwarded", "via", "x-real-ip"})


class ApiKeys:
    """Lets a request through that carries a key for it.

    Args:
        app: what it guards.
        answers: turn a refusal into an answer.
        clock: for how often.
        open_to_all: ask for no key: the development switch, which the settings allow on the loopback only.
        table: what each route asks for.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        answers: ProblemAnswers,
        clock: Clock,
        open_to_all: bool,
        table: Lookup | None = None,
    ) -> None:
        self._app = app
        self._answers = answers
        self._clock = clock
        self._open = open_to_all
        self._table = table or lookup()
        self._allowances: dict[str, Allowance] = {}
        self._strangers: dict[str, Allowance] = {}
        self._log = get_logger("security")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, or answer 401, 403, 404 or 429."""
        if scope["type"] == "websocket":  # there is none, and none shall come in past the table
            await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] != "http":
            await self._app(scope, receive, send)
        else:
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[TEMPLATE], needed = self._table.needed(scope["method"], scope["path"])
        try:
            if needed is not None:
                key = await self._holder(scope)
                if key is not None:
                    admission = self._judged(key)
                    send = _told(send, admission, key.per_minute)
                    _may(key, admission, needed, scope)
                _name(scope, key, Headers(scope=scope), house_of(scope).default)
        except SolegateError as error:
            await self._refuse(error, scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _holder(self, scope: Scope) -> ApiKey | None:
        """Whose key a request carries; `None` where none is asked for.

        Raises:
            KeyRequiredError: nobody's who is known.
            TooManyRequestsError: nobody's, and not for the first time.
            DatabaseError: the key cannot be looked up.
        """
        headers = Headers(scope=scope)
        text = _key_text(headers)
        if self._open and not text and not _passed_on(headers):
            return None
        key = await house_of(scope).keys.holder(text) if text else None
        if key is None:
            self._count_stranger(scope, text)
            raise KeyRequiredError(
                "This needs an API key." if not text else "The API key opens nothing: unknown, revoked or expired."
            )
        return key

    def _judged(self, key: ApiKey) -> Admission:
        judged = admit(self._allowances.get(key.id, _FULL), key.per_minute, self._clock.monotonic())
        self._allowances[key.id] = judged.allowance  # as many as there are keys
        return judged

    def _count_stranger(self, scope: Scope, text: str) -> None:
        """Slow down who tries keys. Who was seen longest ago is forgotten when there are too many.

        Raises:
            TooManyRequestsError: the address has tried too often.
        """
        address = _neighbourhood((scope.get("client") or ("unknown", 0))[0])
        judged = admit(self._strangers.pop(address, _FULL), FAILURES_PER_MINUTE, self._clock.monotonic())
        if len(self._strangers) >= _MOST_ADDRESSES:
            del self._strangers[next(iter(self._strangers))]
        self._strangers[address] = judged.allowance
        self._log.info("api.no_key", address=address, sent_one=bool(text))
        if not judged.admitted:
            message = "Too many requests without a good API key came from this address."
            raise TooManyRequestsError(message, retry_after=judged.retry_after)

    async def _refuse(self, error: SolegateError, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._answers.answer(Request(scope), error)
        if isinstance(error, KeyRequiredError):
            response.headers["WWW-Authenticate"] = 'Bearer realm="solegate"'
        await response(scope, receive, send)


async def held_to_the_table(request: Request) -> None:
    """Every route's first dependency: whether the router understands the path as the table does.

    It need not: a route without parameters answers to its path with a line feed behind it as well, say.

    Raises:
        HTTPException: it came to another route than the one whose scope was asked for.
    """
    if request.scope["route"].path != request.scope[TEMPLATE]:
        raise HTTPException(404)


def rate_limit_headers(admission: Admission, per_minute: int) -> Mapping[str, str]:
    """The headers of draft-ietf-httpapi-ratelimit-headers-10: the policy, and what is left of it."""
    return {
        "RateLimit-Policy": f'"key";q={per_minute};w={int(PERIOD)}',
        "RateLimit": f'"key";r={admission.left};t={math.ceil(admission.reset)}',
    }


def _told(send: Send, admission: Admission, per_minute: int) -> Send:
    """Say on every answer what the key has left."""
    told = rate_limit_headers(admission, per_minute)

    async def send_told(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(told)
        await send(message)

    return send_told


def _may(key: ApiKey, admission: Admission, needed: Needed, scope: Scope) -> None:
    """Whether a key is for this, and for one more.

    Raises:
        TooManyRequestsError: it has been used too often.
        ScopeMissingError: it is not for this.
    """
    if not admission.admitted:
        message = f"The key '{key.name}' may make {key.per_minute} requests in a minute, and has."
        raise TooManyRequestsError(message, retry_after=admission.retry_after)
    if needed is not None and not key.scope.covers(needed):
        raise ScopeMissingError(f"This needs a key with the scope '{needed}'; this one has '{key.scope}'.")
    if key.account is not None and line_of(scope) in EVERY_ACCOUNT:
        raise ScopeMissingError(f"This is about every account; this key reaches '{key.account}' alone.")


def _name(scope: Scope, key: ApiKey | None, headers: Headers, default: str) -> None:
    """Write down for the routes who asks, and about which account.

    Raises:
        NoSuchAccountError: the key does not reach it; whether there is such an account is not said.
    """
    wanted = ", ".join(headers.getlist(ACCOUNT_HEADER)).strip()  # two of them name no account
    if key is not None:
        scope[PRINCIPAL], scope[CALLER] = f"API key '{key.name}'", key.id
        if key.account is not None:
            if wanted not in {"", key.account}:
                hint = f"Leave {ACCOUNT_HEADER} out."
                raise NoSuchAccountError(f"There is no account '{wanted}' for this key.", hint=hint)
            wanted = scope[REACH] = key.account
    scope[ACCOUNT] = wanted or default


def _passed_on(headers: Headers) -> bool:
    """Whether the request came through somebody who passes on what strangers send."""
    return any(name in _PASSED_ON or name.startswith("x-forwarded-") for name in headers)


def _key_text(headers: Headers) -> str:
    """The key that a request carries, in one place and once; else what opens nothing."""
    given = [*headers.getlist("authorization"), *headers.getlist("x-api-key")]
    if len(given) != 1:
        return "more than one" if given else ""
    if "x-api-key" in headers:
        return given[0].strip()
    kind, _, credentials = given[0].strip().partition(" ")
    return credentials.strip() if kind.lower() == "bearer" and credentials else "not a bearer key"


def _neighbourhood(address: str) -> str:
    """What counts as one address: of the sixth version, the network that is given to one customer."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return address if parsed.version == 4 else str(ipaddress.ip_network((parsed, 64), strict=False))
