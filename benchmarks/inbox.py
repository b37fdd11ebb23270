"""What the door for webhooks takes: signed webhooks over real sockets into the durable inbox, by one server process.

The server is in a process of its own, bound to one core where the machine lets it be; the senders keep their
connections and are raw, so that they cost little. Every answer counts after the commit alone. Nothing is processed
meanwhile: that is a worker's.
"""

from __future__ import annotations

import asyncio
import base64
import gc
import hashlib
import hmac
import logging
import multiprocessing
import os
import resource
import socket
import statistics
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection

import uvicorn
from cryptography.fernet import Fernet

from benchmarks.databases import databases
from benchmarks.table import Row
from solegate.app import create_app
from solegate.bootstrap import House
from solegate.clock import SystemClock
from solegate.domain.webhooks.values import SourceKind
from solegate.settings import Settings

SECONDS, WARM_UP = 6.0, 1.0
CROWD, FEW = 64, 1
QUICK = 0.050
"""Seconds within which a webhook is to be answered (issue 5)."""
_KEY = bytes(range(32))
_SECRET = f"whsec_{base64.b64encode(_KEY).decode()}"
_BODY = b'{"type":"order.shipped","timestamp":"2026-01-01T12:00:00Z","data":{"id":"%s","pad":"' + b"x" * 400 + b'"}}'


@dataclass(frozen=True)
class Taken:
    """What a crowd of senders got: seconds to each answer, and seconds of the server's CPU."""

    latencies: tuple[float, ...]
    seconds: float
    cpu: float

    @property
    def rate(self) -> float:
        """Webhooks a second."""
        return len(self.latencies) / self.seconds

    @property
    def per_core(self) -> float:
        """Webhooks for each second that the server computed."""
        return len(self.latencies) / self.cpu

    def percentile(self, percent: int) -> float:
        """Seconds within which so many of a hundred were answered."""
        return statistics.quantiles(self.latencies, n=100)[percent - 1]


async def _serve(url: str, pipe: Connection) -> None:
    settings = Settings(
        _env_file=None,
        database_url=url,
        secret_key=Fernet.generate_key().decode(),
        log_level="ERROR",
    )
    app = create_app(settings, clock=SystemClock())
    gc.freeze()  # as `solegate serve` does
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on"))
    with socket.create_server(("127.0.0.1", 0), backlog=CROWD) as listening:
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as `solegate serve` does
        running = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        house: House = app.state.house
        webhooks = (await house.of(house.default)).webhooks
        await webhooks.sources.add("bench", SourceKind.STANDARD, secret=_SECRET)
        pipe.send(listening.getsockname()[1])
        while await asyncio.to_thread(pipe.recv) == "how much":
            used = resource.getrusage(resource.RUSAGE_SELF)
            pipe.send(used.ru_utime + used.ru_stime)
        server.should_exit = True
        await running


def _server(url: str, pipe: Connection) -> None:
    logging.disable(logging.CRITICAL)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    asyncio.run(_serve(url, pipe))


def _request(sender: int, number: int) -> bytes:
    body = _BODY.replace(b"%s", f"{sender}-{number}".encode())
    message_id, now = f"msg_{sender}_{number}", int(time.time())
    signed = hmac.new(_KEY, f"{message_id}.{now}.".encode() + body, hashlib.sha256).digest()
    head = (
        f"POST /webhooks/bench HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nwebhook-id: {message_id}\r\nwebhook-timestamp: {now}\r\n"
        f"webhook-signature: v1,{base64.b64encode(signed).decode()}\r\n\r\n"
    )
    return head.encode() + body


async def _send(port: int, sender: int, until: float, found: list[float], *, counts_from: float) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    number = 0
    while (began := time.monotonic()) < until:
        writer.write(_request(sender, number))
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"the server answered {head[:40]!r}")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
        await reader.readexactly(int(length.split(b":")[1]))
        if began >= counts_from:
            found.append(time.monotonic() - began)
        number += 1
    writer.close()


async def _crowd(port: int, pipe: Connection, senders: int, first: int) -> Taken:
    found: list[float] = []
    counts_from = time.monotonic() + WARM_UP
    sending = [
        asyncio.create_task(_send(port, first + each, counts_from + SECONDS, found, counts_from=counts_from))
        for each in range(senders)
    ]
    await asyncio.sleep(WARM_UP)
    before = _used(pipe)
    await asyncio.gather(*sending)
    cpu = _used(pipe) - before
    return Taken(tuple(found), SECONDS, cpu)


def _used(pipe: Connection) -> float:
    pipe.send("how much")
    cpu: float = pipe.recv()
    return cpu


def measure() -> list[Row]:
    """A crowd of senders, and one alone, on each database."""
    rows: list[Row] = []
    with databases() as urls:
        for name, url in urls.items():
            here, there = multiprocessing.Pipe()
            child = multiprocessing.get_context("spawn").Process(target=_server, args=(url, there), daemon=True)
            child.start()
            port = here.recv()
            crowd = asyncio.run(_crowd(port, here, CROWD, 0))
            alone = asyncio.run(_crowd(port, here, FEW, CROWD))
            here.send("stop")
            child.join(10)
            rows += _rows(name, crowd, alone)
    return rows


def _rows(name: str, crowd: Taken, alone: Taken) -> list[Row]:
    def times(taken: Taken) -> str:
        return f"p50 {taken.percentile(50) * 1e3:.1f} ms, p99 {taken.percentile(99) * 1e3:.1f} ms"

    return [
        Row(
            f"webhooks into the durable inbox on one core, {CROWD} senders at once, {name}",
            f"{crowd.rate:,.0f} a second; {crowd.per_core:,.0f} for each second of the server's CPU",
            times(crowd),
        ),
        Row(
            f"a webhook is answered, one sender, {name}",
            times(alone),
            f"{len(alone.latencies):,} webhooks, {alone.rate:,.0f} a second",
            f"p99 under {QUICK * 1e3:.0f} ms",
            alone.percentile(99) < QUICK,
        ),
    ]
