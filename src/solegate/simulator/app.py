"""The web's side: ASGI messages in, ASGI messages out. Nothing else in the simulator knows them.

No framework: its error handling would answer 500 where a fault wants the connection closed without an answer, and its
routing takes longer than all the rest of a request.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope, Send

from solegate.simulator.clock import SimClock
from solegate.simulator.faults import ConnectionDropped
from solegate.simulator.gate import Gate
from solegate.simulator.paths import Paths
from solegate.simulator.routes.catalog import Handler, Operation
from solegate.simulator.routes.control import Action, ControlRoutes
from solegate.simulator.routes.oauth import OAuthRoutes
from solegate.simulator.trouble import Visit, Work
from solegate.simulator.wire import errors, pages
from solegate.simulator.wire.answer import Answer, Call
from solegate.simulator.wire.faulty import http_date

API_PREFIX, CONTROL_PREFIX = "/v2", "/_sim"
BODILESS = (204, 304)


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    def parameters(self) -> Mapping[str, str]:
        """The query; of a name that comes twice the last value."""
        return dict(parse_qsl(self.query, keep_blank_values=True)) if self.query else {}

    def form(self) -> Mapping[str, str]:
        """The fields of a form-encoded body; anything else has none."""
        return dict(parse_qsl(self.body.decode("latin-1"), keep_blank_values=True))


Endpoint = Callable[[_Request, dict[str, str]], Awaitable[Answer]]


def build_app(
    gate: Gate,
    clock: SimClock,
    *,
    operations: tuple[Operation, ...],
    oauth: OAuthRoutes,
    control: ControlRoutes,
) -> App:
    """The ASGI application."""
    door = _Door(gate)
    paths: Paths[Endpoint] = Paths()
    for operation in operations:
        paths.add(operation.method, API_PREFIX + operation.path, door.api(operation.name, operation.handler))
    door.open_oauth(paths, oauth)
    for each in control.controls():
        paths.add(each.method, CONTROL_PREFIX + each.path, door.control(each.action))
    paths.add("GET", "/", door.control(lambda _query, _body: pages.home_page()))
    unknown = door.api("unknown", lambda _call: errors.api_error(404, "Not Found"))
    return App(clock, paths, unknown)


class App:
    """An ASGI application of few words: one answer a request, and a connection that breaks on demand."""

    def __init__(self, clock: SimClock, paths: Paths[Endpoint], unknown: Endpoint) -> None:
        self._clock = clock
        self._paths = paths
        self._unknown = unknown

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request.

        Raises:
            ConnectionDropped: a fault closes the connection, before its answer or in the middle of it.
        """
        if scope["type"] != "http":
            return
        request = await _read(scope, receive)
        found = self._paths.find(request.method, request.path)
        if found is not None:
            answer = await found[0](request, found[1])
        elif request.path.startswith(API_PREFIX + "/"):
            answer = await self._unknown(request, {})
        else:
            answer = errors.forbidden()  # outside the API, the login and the control endpoints
        await self._write(answer, send)

    async def _write(self, answer: Answer, send: Send) -> None:
        headers = {"date": http_date(self._clock.now()), **answer.headers}
        if answer.content_type is not None:
            headers["content-type"] = answer.content_type
        if answer.status not in BODILESS:
            headers["content-length"] = str(len(answer.body))
        raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": raw})
        body = answer.body
        if answer.pause or answer.cut:
            middle = len(body) // 2
            await send({"type": "http.response.body", "body": body[:middle], "more_body": True})
            if answer.cut:
                raise ConnectionDropped(reset=answer.cut == "reset", half=True)
            await self._clock.sleep(answer.pause)
            body = body[middle:]
        await send({"type": "http.response.body", "body": body})


class _Door:
    """Makes endpoints of handlers: what passes the gate, and under which name."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def api(self, name: str, handler: Handler) -> Endpoint:
        """An operation of the API, behind the gate."""

        async def endpoint(request: _Request, path: dict[str, str]) -> Answer:
            query, body = request.parameters(), request.body
            return await self._pass(request, name, lambda now: handler(Call(path, query, body, now)))

        return endpoint

    def open_oauth(self, paths: Paths[Endpoint], oauth: OAuthRoutes) -> None:
        """The login, logged as `authorize` and `token`."""

        async def authorize(request: _Request, _path: dict[str, str]) -> Answer:
            return await self._pass(request, "authorize", lambda _now: oauth.authorize(request.parameters()))

        async def decide(request: _Request, _path: dict[str, str]) -> Answer:
            return await self._pass(request, "authorize", lambda now: oauth.decide(request.form(), now))

        async def token(request: _Request, _path: dict[str, str]) -> Answer:
            return await self._pass(request, "token", lambda now: oauth.token(request.form(), now))

        paths.add("GET", "/authorize", authorize)
        paths.add("POST", "/authorize/decision", decide)
        paths.add("POST", "/oauth/token", token)

    def control(self, action: Action) -> Endpoint:
        """An endpoint outside the gate."""

        async def endpoint(request: _Request, _path: dict[str, str]) -> Answer:
            return action(request.parameters(), request.body)

        return endpoint

    async def _pass(self, request: _Request, operation: str, work: Work) -> Answer:
        visit = Visit(operation, request.method, request.path, request.headers, request.query)
        return await self._gate.pass_through(visit, work)


async def _read(scope: Scope, receive: Receive) -> _Request:
    """The request, with the whole of its body."""
    parts: list[bytes] = []
    method = scope["method"]
    while method not in ("GET", "HEAD"):
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            break
    return _Request(
        method=method,
        path=scope["path"],
        query=scope.get("query_string", b"").decode("latin-1"),
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
        body=b"".join(parts),
    )
