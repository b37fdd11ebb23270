"""The web framework's side: paths, requests and responses. Nothing else in the simulator knows Starlette.

A bare router, not a `Starlette` application: its error middleware would answer 500 where a fault wants the connection
closed without an answer.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from solegate.simulator.clock import SimClock
from solegate.simulator.gate import Gate, Visit, Work
from solegate.simulator.routes.catalog import Handler, Operation
from solegate.simulator.routes.control import Action, ControlRoutes
from solegate.simulator.routes.oauth import OAuthRoutes
from solegate.simulator.state.agenda import Agenda
from solegate.simulator.wire import errors, pages
from solegate.simulator.wire.answer import Answer, Call

API_PREFIX, CONTROL_PREFIX = "/v2", "/_sim"
ANY_METHOD = ("GET", "POST", "PUT", "PATCH", "DELETE")

Endpoint = Callable[[Request], Awaitable[Response]]


def build_app(
    gate: Gate,
    clock: SimClock,
    agenda: Agenda,
    *,
    operations: tuple[Operation, ...],
    oauth: OAuthRoutes,
    control: ControlRoutes,
) -> Router:
    """The ASGI application."""
    door = _Door(gate, clock, agenda)
    unknown = Operation("unknown", "*", "/{rest:path}", lambda _call: errors.api_error(404, "Not Found"))
    return Router(
        routes=[
            *(door.api_route(operation, (operation.method,)) for operation in operations),
            door.api_route(unknown, ANY_METHOD),
            *door.oauth_routes(oauth),
            *(
                Route(CONTROL_PREFIX + each.path, door.control(each.action), methods=[each.method])
                for each in control.controls()
            ),
            Route("/", door.control(lambda _query, _body: pages.home_page())),
        ],
        default=_outside,
    )


class _Door:
    """Makes endpoints of handlers: reads the request, passes the gate, writes the response."""

    def __init__(self, gate: Gate, clock: SimClock, agenda: Agenda) -> None:
        self._gate = gate
        self._agenda = agenda
        self._clock = clock

    def api_route(self, operation: Operation, methods: tuple[str, ...]) -> Route:
        """An operation of the API, behind the gate; what the market had to do by then is done before it."""
        handler: Handler = operation.handler

        def work(call: Call) -> Answer:
            self._agenda.catch_up(call.at)
            return handler(call)

        async def endpoint(request: Request) -> Response:
            body = b"" if request.method == "GET" else await request.body()
            path, query = request.path_params, dict(request.query_params)
            return await self._pass(request, operation.name, lambda now: work(Call(path, query, body, now)))

        return Route(API_PREFIX + operation.path, endpoint, methods=list(methods))

    def oauth_routes(self, oauth: OAuthRoutes) -> tuple[Route, ...]:
        """The login, logged as `authorize` and `token`."""

        async def authorize(request: Request) -> Response:
            query = dict(request.query_params)
            return await self._pass(request, "authorize", lambda _now: oauth.authorize(query))

        async def decide(request: Request) -> Response:
            form = await _form(request)
            return await self._pass(request, "authorize", lambda now: oauth.decide(form, now))

        async def token(request: Request) -> Response:
            form = await _form(request)
            return await self._pass(request, "token", lambda now: oauth.token(form, now))

        return (
            Route("/authorize", authorize),
            Route("/authorize/decision", decide, methods=["POST"]),
            Route("/oauth/token", token, methods=["POST"]),
        )

    def control(self, action: Action) -> Endpoint:
        """An endpoint outside the gate."""

        async def endpoint(request: Request) -> Response:
            return self._response(action(request.query_params, await request.body()))

        return endpoint

    async def _pass(self, request: Request, operation: str, work: Work) -> Response:
        visit = Visit(operation, request.method, request.url.path, request.headers)
        return self._response(await self._gate.pass_through(visit, work))

    def _response(self, answer: Answer) -> Response:
        headers = dict(answer.headers)
        if answer.content_type is not None:
            headers["content-type"] = answer.content_type
        if not answer.pause:
            return Response(answer.body, answer.status, headers)
        headers["content-length"] = str(len(answer.body))
        return StreamingResponse(self._halves(answer), answer.status, headers)

    async def _halves(self, answer: Answer) -> AsyncIterator[bytes]:
        middle = len(answer.body) // 2
        yield answer.body[:middle]
        await self._clock.sleep(answer.pause)
        yield answer.body[middle:]


async def _form(request: Request) -> Mapping[str, str]:
    """The fields of a form-encoded body; anything else has none."""
    return dict(parse_qsl((await request.body()).decode("latin-1"), keep_blank_values=True))


async def _outside(scope: Scope, receive: Receive, send: Send) -> None:
    """Anything outside the API, the login and the control endpoints."""
    if scope["type"] == "http":
        answer = errors.forbidden()
        headers = {"content-type": answer.content_type or ""}
        await Response(answer.body, answer.status, headers)(scope, receive, send)
