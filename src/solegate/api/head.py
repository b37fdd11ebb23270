"""HEAD is GET without the body (RFC 9110, section 9.3.2), on every route that has a GET."""

from __future__ import annotations

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class _EnoughError(OSError):
    """Raised into an answer that goes on after its headers; Starlette takes it for a listener that is gone."""


class HeadAsGet:
    """Lets routes answer GET alone: of an answer to HEAD the headers are sent and the body is not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        ended = False

        async def send_headers(message: Message) -> None:
            nonlocal ended
            scope["method"] = "HEAD"  # servers look: a body that is announced and does not come is none of their errors
            if message["type"] == "http.response.start":
                await send(message)
                return
            if not ended:
                ended = True
                await send({"type": "http.response.body", "body": b"", "more_body": False})
            if message.get("more_body", False):
                raise _EnoughError

        scope["method"] = "GET"
        try:
            await self._app(scope, receive, send_headers)
        except (_EnoughError, ClientDisconnect):
            return
        finally:
            scope["method"] = "HEAD"
