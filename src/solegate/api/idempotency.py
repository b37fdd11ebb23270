"""`Idempotency-Key` on every request that changes something: sent again, it is answered again and not done again.

A middleware, so that no route can be without it; it stands inside the compression and the body limit. Requests without
the header go through untouched, and nothing else is buffered. A route takes the `CallerKey` and hands it to the ledger
or the job, which finds by it what an earlier attempt did, should the process have died before its answer was kept.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Header, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from solegate.api.dependencies import CALLER, services_of
from solegate.api.problems import ProblemAnswers
from solegate.api.scopes import SHOWN_ONCE, line_of
from solegate.domain.idempotency import LONGEST_KEY, Answer, KeyRecord, fingerprint, parse_key
from solegate.errors import IdempotencyKeyError, SolegateError

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
"""`true` on an answer that was kept: nothing was done for this request."""
LARGEST_ANSWER = 1024 * 1024
"""Bytes of an answer that is kept; a larger one is worked on again, and found by its caller key."""

_CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_PREFIX = "/api/"
_NOT_KEPT = frozenset({"content-length", "date", "server", "set-cookie"})
"""Headers of an answer that belong to one delivery of it."""
_RECORD = "solegate.idempotency_key"


class Idempotency:
    """Answers repetitions out of what was kept, and keeps the answers of the others."""

    def __init__(self, app: ASGIApp, *, answers: ProblemAnswers, required: bool) -> None:
        self._app = app
        self._answers = answers
        self._required = required

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] not in _CHANGES or not scope["path"].startswith(_PREFIX):
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).getlist(HEADER)
        try:
            secret = line_of(scope) in SHOWN_ONCE
            if given and secret:
                raise IdempotencyKeyError(
                    f"This answer holds a secret and is not kept, so this takes no {HEADER}.",
                    hint="Send it without; if the answer is lost, revoke what was made and make another.",
                )
            if not given and (secret or not self._required):
                await self._app(scope, receive, send)
                return
            key = _one(given)
            body = await _body(receive)
            if body is not None:
                await self._with_key(key, body, scope, receive, send)
        except (SolegateError, HTTPException) as error:  # HTTPException: the body is too large
            response = await self._answers.answer(Request(scope), error)
            await response(scope, receive, send)

    async def _with_key(self, key: str, body: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        service = (await services_of(scope)).idempotency
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        content_type = Headers(scope=scope).get("content-type", "")
        request = fingerprint(scope["method"], scope["path"], query, body, content_type)
        found = await service.begin(key, request, caller=scope.get(CALLER, ""))
        if isinstance(found, Answer):
            await _again(found)(scope, receive, send)
            return
        scope[_RECORD] = found
        answer = _Collected()
        try:
            async with service.held(found):
                await self._app(scope, _received(body, receive), answer.take)
        except BaseException:
            await service.give_back(found)
            raise
        if answer.size <= LARGEST_ANSWER:
            await service.keep(found, answer.kept())
        else:
            await service.give_back(found)
        for message in answer.messages:
            await send(message)


class _Collected:
    """An answer, held back until it is kept."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.size = 0

    async def take(self, message: Message) -> None:
        """One message of the application."""
        self.messages.append(message)
        self.size += len(message.get("body", b""))

    def kept(self) -> Answer:
        """The answer, without what belongs to one delivery of it."""
        start, *rest = self.messages
        headers = {name: value for name, value in Headers(raw=start["headers"]).items() if name not in _NOT_KEPT}
        return Answer(start["status"], headers, b"".join(message.get("body", b"") for message in rest))


def _one(given: list[str]) -> str:
    """The key of a request.

    Raises:
        IdempotencyKeyError: there is none, or more than one, or it cannot be used.
    """
    if len(given) != 1:
        raise IdempotencyKeyError(
            f"This API wants an {HEADER} with every change."
            if not given
            else f"A request has one {HEADER}; this one has {len(given)}.",
            hint="Send a random UUID with every new request, and the same one again with its repetitions.",
        )
    return parse_key(given[0])


async def _body(receive: Receive) -> bytes | None:
    """The whole body, which is bounded outside of here; `None` when the caller has gone away."""
    parts = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _received(body: bytes, receive: Receive) -> Receive:
    """Give the application the body that was read already."""
    waiting = [body]

    async def again() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return again


def _again(answer: Answer) -> Response:
    response = Response(answer.body, answer.status)
    headers = MutableHeaders(raw=response.raw_headers)
    headers.update(answer.headers)
    headers[REPLAYED] = "true"
    return response


async def _caller_key(
    request: Request,
    idempotency_key: Annotated[  # noqa: ARG001 - documents the header; the middleware has read it
        str | None,
        Header(
            alias=HEADER,
            description=(
                "Makes it safe to send the request again: a repetition with the same key is given the same answer, "
                f"with `{REPLAYED}: true`, and nothing is done twice. Up to {LONGEST_KEY} characters, quoted or bare, "
                "kept for 72 hours; a random UUID is best."
            ),
            examples=['"8e03978e-40d5-43dd-bc93-6894a57f9324"'],
        ),
    ] = None,
) -> str | None:
    record: KeyRecord | None = request.scope.get(_RECORD)
    return None if record is None else record.caller_key


CallerKey = Annotated[str | None, Depends(_caller_key)]
"""Type of a route's parameter: the key by which what the request does is found again; `None` without one."""
