"""Who asks, whether they may, and how often: an API key with every request (issue 5, item 4).

A middleware around everything that does something, so that no route can be without it. It looks the route up in
`scopes.TABLE`, finds whose key it is, takes one request from what the key has left, and names the account that the
request is about. What it refuses has done nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from solegate.api.dependencies import ACCOUNT, ACTOR, PRINCIPAL, house_of
from solegate.api.problems import ProblemAnswers
from solegate.api.scopes import Lookup, Needed, lookup
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


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request that may go on."""

    account: str
    actor: str
    admission: Admission | None
    per_minute: int = 0


class ApiKeys:
    """Lets a request through that carries a key for it.

    Args:
        app: what it guards.
        answers: turn a refusal into an answer.
        clock: for how often.
        open_to_all: ask for no key: the development switch, on the loopback only (`app.create_app` sees to that).
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
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        known, needed = self._table.needed(scope["method"], scope["path"])
        if known and needed is None:
            await self._app(scope, receive, send)
            return
        try:
            asked = await self._asked(scope, needed)
        except SolegateError as error:
            await self._refuse(error, scope, receive, send)
            return
        scope[ACCOUNT], scope[PRINCIPAL] = asked.account, asked.actor
        await self._app(scope, receive, _told(send, asked))

    async def _asked(self, scope: Scope, needed: Needed) -> _Asked:
        """Who asks for what.

        Raises:
            KeyRequiredError: nobody who is known.
            TooManyRequestsError: too often.
            ScopeMissingError: the key is not for this.
            NoSuchAccountError: the key does not reach the account that is named.
            DatabaseError: the key cannot be looked up.
        """
        headers = Headers(scope=scope)
        house = house_of(scope)
        wanted = headers.get(ACCOUNT_HEADER, "").strip()
        text = _key_text(headers)
        if self._open and not text and not _behind_proxy(headers):
            return _Asked(wanted or house.default, ACTOR, None)
        key = await house.keys.holder(text) if text else None
        if key is None:
            self._count_stranger(scope, text)
            raise KeyRequiredError(
                "This needs an API key." if not text else "The API key opens nothing: unknown, revoked or expired."
            )
        admission = self._admit(key)
        if needed is not None and not key.scope.covers(needed):
            raise ScopeMissingError(f"This needs a key with the scope '{needed}'; this one has '{key.scope}'.")
        return _Asked(_account(key, wanted, house.default), f"API key '{key.name}'", admission, key.per_minute)

    def _admit(self, key: ApiKey) -> Admission:
        judged = admit(self._allowances.get(key.id, _FULL), key.per_minute, self._clock.monotonic())
        self._allowances[key.id] = judged.allowance  # as many as there are keys
        if not judged.admitted:
            message = f"The key '{key.name}' may make {key.per_minute} requests in a minute, and has."
            raise TooManyRequestsError(message, retry_after=judged.retry_after)
        return judged

    def _count_stranger(self, scope: Scope, text: str) -> None:
        """Slow down who tries keys.

        Raises:
            TooManyRequestsError: the address has tried too often.
        """
        address = (scope.get("client") or ("unknown", 0))[0]
        if len(self._strangers) >= _MOST_ADDRESSES:
            self._strangers.clear()
        judged = admit(self._strangers.get(address, _FULL), FAILURES_PER_MINUTE, self._clock.monotonic())
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


def rate_limit_headers(admission: Admission, per_minute: int) -> Mapping[str, str]:
    """The headers of draft-ietf-httpapi-ratelimit-headers-10: the policy, and what is left of it."""
    return {
        "RateLimit-Policy": f'"key";q={per_minute};w={int(PERIOD)}',
        "RateLimit": f'"key";r={admission.left};t={math.ceil(admission.reset)}',
    }


def _told(send: Send, asked: _Asked) -> Send:
    """Say on every answer what the key has left."""
    if asked.admission is None:
        return send
    told = rate_limit_headers(asked.admission, asked.per_minute)

    async def send_told(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(told)
        await send(message)

    return send_told


def _behind_proxy(headers: Headers) -> bool:
    """Whether the request came through somebody who passes on what strangers send."""
    return any(name in headers for name in ("forwarded", "x-forwarded-for", "via"))


def _key_text(headers: Headers) -> str:
    """The key that a request carries, in one place and once; else nothing, which opens nothing."""
    given = [*headers.getlist("authorization"), *headers.getlist("x-api-key")]
    if len(given) != 1:
        return "more than one" if given else ""
    kind, _, credentials = given[0].strip().partition(" ")
    if "x-api-key" in headers:
        return given[0].strip()
    return credentials.strip() if kind.lower() == "bearer" and credentials else "not a bearer key"


def _account(key: ApiKey, wanted: str, default: str) -> str:
    """The account that a request is about.

    Raises:
        NoSuchAccountError: the key does not reach it; whether there is such an account is not said.
    """
    if key.account is None:
        return wanted or default
    if wanted and wanted != key.account:
        raise NoSuchAccountError(f"There is no account '{wanted}' for this key.", hint=f"Leave {ACCOUNT_HEADER} out.")
    return key.account
