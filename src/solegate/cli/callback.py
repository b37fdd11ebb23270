"""The other end of a login in the browser: a server on this machine for the one redirect StockX sends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from html import escape
from urllib.parse import parse_qs, urlsplit

_READ_SECONDS = 10.0
_LOOPBACK = {"localhost": ("127.0.0.1", "::1"), "127.0.0.1": ("127.0.0.1",), "::1": ("::1",)}


@dataclass(frozen=True, slots=True)
class Redirect:
    """A browser that came back: the address it was sent to, and a way to tell the person how it ended."""

    url: str
    writer: asyncio.StreamWriter

    async def answer(self, text: str) -> None:
        """Show a last page in the browser; a browser that has gone away misses nothing."""
        with suppress(OSError):
            await _respond(self.writer, "200 OK", text)


def can_listen(redirect_uri: str) -> bool:
    """Whether a redirect to this address reaches this machine."""
    parts = urlsplit(redirect_uri)
    return parts.scheme == "http" and parts.hostname in _LOOPBACK


@asynccontextmanager
async def callback_server(redirect_uri: str, *, state: str) -> AsyncIterator[asyncio.Future[Redirect]]:
    """Listen on the redirect's own address; the first redirect of this login becomes the result.

    Any page can send a browser here, so what lacks the login's `state` is answered and otherwise ignored.

    Raises:
        OSError: the port is in use.
    """
    parts = urlsplit(redirect_uri)
    came_back: asyncio.Future[Redirect] = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            try:
                target = await _target(reader)
                asked = urlsplit(target)
            except (TimeoutError, ValueError):
                await _respond(writer, "400 Bad Request", "This cannot be read.")
                return
            if asked.path != (parts.path or "/"):
                await _respond(writer, "404 Not Found", "There is nothing here.")
            elif parse_qs(asked.query).get("state") != [state]:
                await _respond(writer, "400 Bad Request", "This is not the login under way.")
            elif came_back.done():
                await _respond(writer, "200 OK", "This login is being dealt with already.")
            else:
                came_back.set_result(Redirect(f"http://{parts.netloc}{target}", writer))

    async with AsyncExitStack() as stack:
        first, *others = _LOOPBACK[parts.hostname or ""]
        stack.push_async_callback(_close, await asyncio.start_server(serve, first, parts.port or 80))
        for host in others:
            with suppress(OSError):  # a machine without IPv6
                stack.push_async_callback(_close, await asyncio.start_server(serve, host, parts.port or 80))
        yield came_back


async def _close(server: asyncio.Server) -> None:
    server.close()


async def _target(reader: asyncio.StreamReader) -> str:
    """The path and query of a GET request.

    Raises:
        ValueError: it is something else.
    """
    async with asyncio.timeout(_READ_SECONDS):
        method, target, _version = (await reader.readline()).decode("ascii").split(" ", 2)
        while (await reader.readline()).strip():
            pass
    if method != "GET":
        raise ValueError("only a browser's GET is expected")
    return target


async def _respond(writer: asyncio.StreamWriter, status: str, text: str) -> None:
    page = (
        '<!doctype html><meta charset="utf-8"><title>Solegate</title>'
        f'<p style="font:1.1rem system-ui;margin:20vh auto;max-width:30rem">{escape(text)}</p>'
    ).encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(page)}\r\n"
    writer.write(f"{head}Cache-Control: no-store\r\nConnection: close\r\n\r\n".encode("ascii") + page)
    await writer.drain()
    writer.close()
    await writer.wait_closed()
