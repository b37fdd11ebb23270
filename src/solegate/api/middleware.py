"""Around every request: an id, a line in the log, a bound on the body, and an answer to what nobody foresaw.

Pure ASGI, so that nothing is buffered and a client's disconnect reaches the route.
"""

from __future__ import annotations

import re
import uuid

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from solegate.api.problems import ProblemAnswers
from solegate.clock import Clock
from solegate.log import get_logger
from solegate.settings import LOOPBACK

REQUEST_ID = "X-Request-Id"
SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
"""What every answer says unless it knows better: it is data, not a page, and belongs to who asked."""
ONLY_ENCRYPTED = "max-age=31536000"
"""Strict-Transport-Security, where the answer goes out encrypted: ask no other way for a year."""
DOOR = "/webhooks/"
"""Where webhooks are taken in; each proves itself."""
LOGIN_CALLBACK = "/api/v1/accounts/callback"
"""The one route that pages of another site, StockX's login, lead to."""
LARGEST_BODY = 1024 * 1024
"""Bytes of a request body; the largest sensible one is a few hundred."""

_SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")


class RequestContext:
    """Outermost: gives the request its id, logs it once it is answered, answers the unforeseen with 500.

    A caller's own `X-Request-Id` is kept if it is sane: letters, digits and `._:-`, at most 64 of them. Every log
    line written on behalf of the request carries it as `http_request_id`; `request_id` there is a StockX call's.
    """

    def __init__(self, app: ASGIApp, *, answers: ProblemAnswers, clock: Clock) -> None:
        self._app = app
        self._answers = answers
        self._clock = clock
        self._log = get_logger("api")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["request_id"] = _request_id(Headers(scope=scope))
        with bound_contextvars(http_request_id=scope["request_id"]):
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = self._clock.monotonic()
        status: int | None = None

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[REQUEST_ID] = scope["request_id"]
                for name, value in SAFE_HEADERS.items():
                    headers.setdefault(name, value)
                if scope["scheme"] == "https":
                    headers["Strict-Transport-Security"] = ONLY_ENCRYPTED
            await send(message)

        try:
            await self._app(scope, receive, send_marked)
        except Exception as error:
            self._log.exception("api.failed", route=_route(scope))
            if status is not None:
                raise
            response = await self._answers.answer(Request(scope), error)
            await response(scope, receive, send_marked)
        finally:
            self._log.info(
                "api.request",
                method=scope["method"],
                route=_route(scope),
                status=status,
                duration=round(self._clock.monotonic() - started, 6),
            )


class BodyLimit:
    """Refuses bodies above the limit: at once when their length is announced, else as soon as they exceed it."""

    def __init__(self, app: ASGIApp, *, answers: ProblemAnswers, largest: int = LARGEST_BODY) -> None:
        self._app = app
        self._answers = answers
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, or answer 413."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and int(announced) > self._largest:
            response = await self._answers.answer(Request(scope), self._too_large())
            await response(scope, receive, send)
            return
        received = 0

        async def receive_bounded() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._largest:
                raise self._too_large()
            return message

        await self._app(scope, receive_bounded, send)

    def _too_large(self) -> HTTPException:
        return HTTPException(413, f"A request body holds at most {self._largest} bytes.")


class LoopbackOnly:
    """Keeps other sites' pages, open in the owner's browser, from using an API that listens on the loopback.

    Such a page can reach the loopback, directly or by a name of its own that leads there (DNS rebinding). An address
    chosen on purpose (`host`) is reachable by names this process cannot know, so nothing is refused there. Nor is it at
    the door for webhooks, which come through tunnels under their names: no page can sign what is believed there.
    """

    def __init__(self, app: ASGIApp, *, answers: ProblemAnswers, host: str) -> None:
        self._app = app
        self._answers = answers
        self._guards = host in LOOPBACK

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, or answer 403 or 421."""
        refused = self._refused(Request(scope)) if scope["type"] == "http" and self._guards else None
        if refused is None:
            await self._app(scope, receive, send)
            return
        response = await self._answers.answer(Request(scope), refused)
        await response(scope, receive, send)

    @staticmethod
    def _refused(request: Request) -> HTTPException | None:
        if request.url.path.startswith(DOOR):
            return None
        if request.headers.get("sec-fetch-site") == "cross-site" and not _comes_back(request):
            return HTTPException(403, "Pages of other sites may not use this API.")
        if request.url.hostname in LOOPBACK:
            return None
        return HTTPException(421, "This API answers on the loopback only.")


def _comes_back(request: Request) -> bool:
    """Whether it is a browser's window that StockX's login sends back; its `state` proves the rest."""
    mode, target = request.headers.get("sec-fetch-mode"), request.headers.get("sec-fetch-dest")
    is_window = (mode, target) == ("navigate", "document")
    return is_window and request.method == "GET" and request.url.path == LOGIN_CALLBACK


def _request_id(headers: Headers) -> str:
    given = headers.get(REQUEST_ID, "")
    return given if _SANE_ID.fullmatch(given) else uuid.uuid4().hex


def _route(scope: Scope) -> str:
    """The route's template: a closed set, and free of ids."""
    return getattr(scope.get("route"), "path", "") or "unmatched"
