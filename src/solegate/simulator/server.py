"""The practice StockX on a real socket: HTTP/1.1, and HTTP/2 over TLS by negotiation.

Hypercorn speaks the protocols. Its own `serve` keeps the connections to itself, and closing one without an answer is
what some faults are about; so this module listens, knows each connection by its peer's address, and lends Hypercorn
one connection at a time.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
import struct
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import trustme
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.asyncio.worker_context import WorkerContext
from hypercorn.config import Config
from hypercorn.events import Closed, Event
from hypercorn.typing import ASGIFramework
from hypercorn.utils import wrap_app
from starlette.types import Receive, Scope, Send

from solegate.simulator.faults import ConnectionDropped
from solegate.simulator.simulator import Simulator

KEEP_ALIVE_SECONDS = 75
SHUTDOWN_SECONDS = 0.5
NEVER = 2**31


@dataclass(frozen=True, slots=True)
class ServerHandle:
    """Where the simulator listens. With TLS, `ca_file` holds the certificate to trust, as long as the server runs."""

    base_url: str
    port: int
    ca_file: Path | None = None

    @property
    def api_url(self) -> str:
        """Base URL of the API."""
        return f"{self.base_url}/v2"

    @property
    def auth_url(self) -> str:
        """Base URL of the login."""
        return self.base_url


@asynccontextmanager
async def running_server(
    simulator: Simulator,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    tls: bool = False,
    http2: bool = True,
    requests_per_connection: int | None = None,
) -> AsyncIterator[ServerHandle]:
    """Serve the simulator on the running loop until the block is left.

    With `requests_per_connection` a connection is recycled after that many requests. HTTP/1.1 says Connection: close.
    HTTP/2 sends GOAWAY and abandons every stream under way, the last one included: ruder than RFC 9113 (6.8) wants it,
    and what Hypercorn does in earnest.

    Raises:
        OSError: the port is in use, or the host is not ours.
    """
    with tempfile.TemporaryDirectory(prefix="solegate-simulator-") as folder:
        ca_file = Path(folder) / "ca.pem" if tls else None
        context = _tls_context(host, ca_file, http2=http2) if ca_file else None
        listener = _Listener(simulator, requests_per_connection)
        server = await asyncio.start_server(listener.accept, sock=_bound_socket(host, port), ssl=context)
        bound_port: int = server.sockets[0].getsockname()[1]
        try:
            yield ServerHandle(f"{'https' if tls else 'http'}://{_for_url(host)}:{bound_port}", bound_port, ca_file)
        finally:
            server.close()
            await listener.close()


class _Connection(TCPServer):
    """Hypercorn's connection, deaf to what an application still says after the connection has closed.

    Hypercorn would start an idle timer then, on a task group that is ending.
    """

    async def protocol_send(self, event: Event) -> None:
        """Send bytes, or note a change of state."""
        if self.writer.is_closing():
            return
        try:
            await super().protocol_send(event)
        except OSError:
            await self.protocol.handle(Closed())


class _Listener:
    """Lends connections to Hypercorn, and can cut one."""

    def __init__(self, simulator: Simulator, requests_per_connection: int | None) -> None:
        self._simulator = simulator
        self._config = Config()
        self._config.errorlog = None
        self._config.include_server_header = False
        self._config.include_date_header = False  # the application says what time it is in the practice market
        self._config.keep_alive_timeout = KEEP_ALIVE_SECONDS
        self._config.keep_alive_max_requests = requests_per_connection or NEVER
        self._context = WorkerContext(None)
        self._app = wrap_app(cast("ASGIFramework", self._answer_or_cut), self._config.wsgi_max_body_size, "asgi")
        self._connections: dict[object, asyncio.StreamWriter] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take a new connection."""
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = (writer.get_extra_info("peername") or ())[:2]  # nothing, if it has already left
        self._connections[peer] = writer
        try:
            await _Connection(self._app, asyncio.get_running_loop(), self._config, self._context, {}, reader, writer)
        except* OSError:
            pass  # how a peer leaves, politely or not, is its own affair
        finally:
            self._connections.pop(peer, None)

    async def close(self) -> None:
        """Let idle connections end at once and cut the others."""
        await self._context.terminated.set()
        if self._tasks:
            _, busy = await asyncio.wait(self._tasks, timeout=SHUTDOWN_SECONDS)
            for writer in self._connections.values():
                writer.transport.abort()
            for task in busy:
                task.cancel()
            await asyncio.gather(*busy, return_exceptions=True)

    async def _answer_or_cut(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._simulator.app(scope, receive, send)
        except ConnectionDropped as drop:
            self._cut(tuple(scope["client"]), reset=drop.reset)

    def _cut(self, peer: object, *, reset: bool) -> None:
        """Close a connection without a word; `reset` makes the peer see ECONNRESET instead of an end of file."""
        writer = self._connections.get(peer)
        if writer is None:
            return
        if reset:
            with suppress(OSError):
                linger = struct.pack("ii", 1, 0)
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.transport.abort()


def _bound_socket(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # inherited; without it each answer waits 40 ms
        sock.bind((host, port))
        sock.listen()
    except OSError as error:
        sock.close()
        if error.errno == errno.EADDRINUSE:
            raise OSError(
                error.errno, f"port {port} on {host} is in use; stop what listens there or take another"
            ) from error
        raise OSError(error.errno, f"cannot listen on {host} port {port}: {error.strerror}") from error
    sock.setblocking(False)
    return sock


def _tls_context(host: str, ca_file: Path, *, http2: bool) -> ssl.SSLContext:
    """A fresh authority and a certificate of it; the authority's certificate goes to `ca_file`."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(ca_file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["h2", "http/1.1"] if http2 else ["http/1.1"])
    authority.issue_cert(*dict.fromkeys((host, "localhost", "127.0.0.1"))).configure_cert(context)
    return context


def _for_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
