"""A receiver of webhooks on a real socket: it keeps what came and answers as it is told."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import trustme


@dataclass(frozen=True)
class Call:
    """One request that came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """What it answers; `silent` gives none, `hang_up` closes the connection."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay: float = 0.0
    silent: bool = False
    hang_up: bool = False


@dataclass
class Receiver:
    """The receiver, while it listens; `answer` may be changed at any moment."""

    port: int
    scheme: str = "http"
    answer: Callable[[Call], Answer] = lambda _: Answer()
    calls: list[Call] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)
    """Set with every request; a test clears it."""

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/in"

    @property
    def ids(self) -> list[str]:
        return [call.id for call in self.calls]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
            body = await reader.readexactly(int(headers.get("content-length") or 0))
            call = Call(head[0].split(" ")[1], headers, body)
            self.calls.append(call)
            self.came.set()
            answer = self.answer(call)
            await asyncio.sleep(answer.delay)
            if answer.silent:
                await reader.read()
            elif not answer.hang_up:
                lines = [f"HTTP/1.1 {answer.status} Answer", "connection: close", f"content-length: {len(answer.body)}"]
                lines += [f"{name}: {value}" for name, value in answer.headers.items()]
                writer.write("\r\n".join([*lines, "", ""]).encode() + answer.body)
                await writer.drain()
        writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()


@asynccontextmanager
async def receiving(*, authority: trustme.CA | None = None, name: str = "127.0.0.1") -> AsyncIterator[Receiver]:
    """Listen on a free port of this machine; with an authority over TLS, under a certificate for `name`."""
    tls = None
    if authority is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name).configure_cert(tls)
    receiver = Receiver(0, "https" if tls else "http")
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()


def answers(*script: Answer | int) -> Callable[[Call], Answer]:
    """Answer from a script; its last line repeats for ever."""
    left = [line if isinstance(line, Answer) else Answer(line) for line in script]
    return lambda _: left.pop(0) if len(left) > 1 else left[0]
