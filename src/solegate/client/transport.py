"""The wire to StockX: besides `outbound` the only file that knows the HTTP library.

One pooled client per process (guide section 2), opened with the application and closed with it. A request comes
back as a value, `Received` or `Failed`; the library's exceptions end here. A trace of each request tells what the
exceptions do not: whether any byte may have left, and whether the connection had served requests before, so that
a server recycling its connections is told apart from one that breaks. And it is the place of the last-byte gate: a
process that was frozen while it waited for its turn or its connection may find another at work when it wakes.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import httpx2

from solegate.client.policy.outcome import Failed, FailureKind, Received

_LOOPBACK = ("all://localhost", "all://127.0.0.1", "all://[::1]")
"""Never reached through a proxy, whatever the environment says: the practice market listens there."""


@dataclass(frozen=True, slots=True)
class WireRequest:
    """A request as it goes out.

    `timeout` is in seconds, for everything from connecting to the last byte; `gate` tells whether it may still leave.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)
    timeout: float = 30.0
    gate: Callable[[], bool] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class PoolConfig:
    """The connection pool: the guide's numbers (section 2). `ca_file` is trusted besides the system's authorities."""

    http2: bool = True
    connect_timeout: float = 10.0
    max_connections: int = 100
    max_keepalive: int = 20
    keepalive_seconds: float = 300.0
    ca_file: Path | None = None


class Transport(Protocol):
    """Sends one request, once. Implementations: `HttpTransport`, and `testing.ScriptedTransport`."""

    async def send(self, request: WireRequest) -> Received | Failed:
        """Send it and read the whole answer."""
        ...

    async def aclose(self) -> None:
        """Close every connection."""
        ...


class HttpTransport:
    """The real transport. `mount` replaces the network, to reach an application in the same process."""

    def __init__(self, config: PoolConfig | None = None, *, mount: httpx2.AsyncBaseTransport | None = None) -> None:
        config = config or PoolConfig()
        self._connect_timeout = config.connect_timeout
        self._served = False
        """Whether an answer has come since the newest connection was opened."""
        self._client = httpx2.AsyncClient(
            transport=mount,
            verify=_tls_context(config.ca_file),
            http2=config.http2,
            mounts=dict.fromkeys(_LOOPBACK),
            limits=httpx2.Limits(
                max_connections=config.max_connections,
                max_keepalive_connections=config.max_keepalive,
                keepalive_expiry=config.keepalive_seconds,
            ),
            headers={"user-agent": "solegate", "accept": "application/json, application/pdf"},
        )

    async def send(self, request: WireRequest) -> Received | Failed:
        """See `Transport.send`."""
        served, trace = self._served, self._tracing(request)
        try:
            async with asyncio.timeout(request.timeout):
                response = await self._client.request(
                    request.method,
                    request.url,
                    headers=request.headers,
                    content=request.body,
                    timeout=httpx2.Timeout(request.timeout, connect=min(self._connect_timeout, request.timeout)),
                    extensions={"trace": trace},
                )
        except _HeldBack:
            return Failed(FailureKind.HELD_BACK, trace.sent, "its sender may no longer send it")
        except TimeoutError:
            return Failed(FailureKind.TIMEOUT, trace.sent, f"no whole answer within {request.timeout:g} s")
        except (httpx2.RequestError, OSError) as error:
            return Failed(_kind_of(error, used=served and not trace.fresh), trace.sent, _describe(error))
        self._served = True
        return Received(response.status_code, response.headers, response.content, response.http_version)

    async def aclose(self) -> None:
        """See `Transport.aclose`."""
        await self._client.aclose()

    def _connecting(self) -> None:
        self._served = False

    def _tracing(self, request: WireRequest) -> _Trace:
        if request.gate is None:
            return _Trace(self._connecting)
        return _GatedTrace(self._connecting, request.gate, has_body=bool(request.body))


_HEADERS_START, _BODY_STARTS = "send_request_headers.started", "send_request_body.started"
"""The library's events on either HTTP version; each comes just before its bytes are written."""


class _Trace:
    """What happened on the wire to one request, from the library's own trace events."""

    __slots__ = ("_connecting", "fresh", "sent")

    def __init__(self, connecting: Callable[[], None]) -> None:
        self.fresh = False
        self.sent = False
        self._connecting = connecting

    async def __call__(self, event: str, _info: Mapping[str, Any]) -> None:
        if event.endswith(_HEADERS_START):
            self.sent = True
        elif event == "connection.connect_tcp.started":
            self.fresh = True
            self._connecting()


class _HeldBack(Exception):  # noqa: N818 - an event on purpose, not a mistake
    """Raised out of the trace when the gate is shut."""


class _GatedTrace(_Trace):
    """Asks the gate before the bytes leave.

    A request counts once it is whole: one with a body when its body is out, any other with its headers. So the gate is
    asked before the headers, and before a body as well; headers alone, of which the body never comes, do nothing.
    """

    __slots__ = ("_chances", "_gate")

    def __init__(self, connecting: Callable[[], None], gate: Callable[[], bool], *, has_body: bool) -> None:
        super().__init__(connecting)
        self._gate = gate
        self._chances = (_HEADERS_START, _BODY_STARTS) if has_body else (_HEADERS_START,)

    async def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        if event.endswith(self._chances) and not self._gate():
            raise _HeldBack
        await super().__call__(event, info)


def _kind_of(error: httpx2.RequestError | OSError, *, used: bool) -> FailureKind:
    """Tell the failures apart; a break of a connection that has served before means that it was recycled."""
    if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.PoolTimeout):
        return FailureKind.CONNECT
    if isinstance(error, httpx2.TimeoutException):
        return FailureKind.TIMEOUT
    recycled = used and isinstance(error, httpx2.NetworkError | httpx2.ProtocolError | OSError)
    return FailureKind.RECYCLED if recycled else FailureKind.BROKEN


def _describe(error: httpx2.RequestError | OSError) -> str:
    if isinstance(error, httpx2.LocalProtocolError):  # its text would show the header it cannot write
        return "the request cannot be written"
    return str(error) or type(error).__name__


def _tls_context(ca_file: Path | None) -> ssl.SSLContext:
    context = httpx2.create_ssl_context()
    if ca_file is not None:
        context.load_verify_locations(cafile=str(ca_file))
    return context
