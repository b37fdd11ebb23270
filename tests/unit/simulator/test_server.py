"""On a real socket: connections that break, TLS, HTTP/2, recycling, a port in use."""

from __future__ import annotations

import asyncio
import errno
import ssl
import time

import httpx2
import pytest

from solegate.simulator import Fault, FaultKind, ServerHandle, Simulator, running_server
from unit.simulator.helpers import headers, unlimited

SEARCH = "/catalog/search?query=nike"


@pytest.fixture(scope="module")
def simulator() -> Simulator:
    return Simulator(unlimited().config)


def client_of(server: ServerHandle, simulator: Simulator, *, http2: bool = True) -> httpx2.AsyncClient:
    trust = ssl.create_default_context(cafile=str(server.ca_file)) if server.ca_file else False
    return httpx2.AsyncClient(base_url=server.api_url, headers=headers(simulator), verify=trust, http2=http2)


@pytest.mark.parametrize(
    ("tls", "offered", "accepted", "version"),
    [
        (False, True, True, "HTTP/1.1"),
        (True, True, True, "HTTP/2"),
        (True, False, True, "HTTP/1.1"),
        (True, True, False, "HTTP/1.1"),
    ],
)
async def test_protocols_are_negotiated(simulator, tls, offered, accepted, version):
    async with (
        running_server(simulator, tls=tls, http2=offered) as server,
        client_of(server, simulator, http2=accepted) as client,
    ):
        answer = await client.get(SEARCH)
    assert (answer.status_code, answer.http_version) == (200, version)
    assert server.base_url.startswith("https://127.0.0.1:" if tls else "http://127.0.0.1:")
    assert (server.api_url, server.auth_url) == (f"{server.base_url}/v2", server.base_url)


async def test_the_certificate_is_gone_with_the_server(simulator):
    async with running_server(simulator, tls=True) as server:
        assert server.ca_file is not None
        assert server.ca_file.exists()
    assert not server.ca_file.exists()


@pytest.mark.parametrize("tls", [False, True], ids=["HTTP/1.1", "HTTP/2"])
@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (FaultKind.DROP, httpx2.RemoteProtocolError),
        (FaultKind.DROP_AFTER, httpx2.RemoteProtocolError),
        (FaultKind.RESET, httpx2.ReadError),
    ],
)
async def test_the_connection_is_really_closed_and_the_next_one_works(simulator, tls, kind, error):
    async with running_server(simulator, tls=tls) as server, client_of(server, simulator) as client:
        await client.get(SEARCH)
        fault_id = simulator.inject(Fault(kind=kind, times=1))
        with pytest.raises(error):
            await client.get(SEARCH)
        assert simulator.events()[-1].fault == fault_id
        assert (await client.get(SEARCH)).status_code == 200


async def test_reset_is_seen_as_a_reset(simulator):
    simulator.inject(Fault(kind=FaultKind.RESET, times=1))
    async with running_server(simulator) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        lines = [f"{name}: {value}" for name, value in headers(simulator).items()]
        writer.write("\r\n".join([f"GET /v2{SEARCH} HTTP/1.1", "host: x", *lines, "", ""]).encode())
        with pytest.raises(ConnectionResetError):
            await reader.read()
        writer.close()


@pytest.mark.parametrize("tls", [False, True], ids=["HTTP/1.1", "HTTP/2"])
async def test_a_slow_body_arrives_in_two_parts(simulator, tls):
    simulator.inject(Fault(kind=FaultKind.SLOW_BODY, delay=0.05, times=1))
    async with (
        running_server(simulator, tls=tls) as server,
        client_of(server, simulator) as client,
        client.stream("GET", SEARCH) as answer,
    ):
        arrivals = [(time.monotonic(), len(chunk)) async for chunk in answer.aiter_raw()]
    assert arrivals[-1][0] - arrivals[0][0] > 0.04
    assert sum(size for _, size in arrivals) == int(answer.headers["content-length"])


async def test_other_callers_are_not_cut(simulator):
    simulator.inject(Fault(kind=FaultKind.DROP, operation="GetProduct", times=1))
    simulator.inject(Fault(kind=FaultKind.DELAY, operation="Search", delay=0.05, times=1))
    product = f"/catalog/products/{simulator.catalog.products[0].id}"
    async with running_server(simulator) as server, client_of(server, simulator) as client:
        slow, dropped = await asyncio.gather(client.get(SEARCH), client.get(product), return_exceptions=True)
    assert isinstance(slow, httpx2.Response)
    assert isinstance(dropped, httpx2.RemoteProtocolError)


async def test_http11_connections_are_recycled_without_failing_a_call(simulator):
    async with (
        running_server(simulator, requests_per_connection=5) as server,
        client_of(server, simulator) as client,
    ):
        answers = [await client.get(SEARCH) for _ in range(12)]
    closed = [index for index, answer in enumerate(answers) if answer.headers.get("connection") == "close"]
    assert closed == [4, 9]


async def test_http2_connections_are_recycled_with_goaway():
    """Calls under way at that moment are lost, and the client has to cope; the next call gets a new connection."""
    simulator = Simulator(unlimited(latency=(0.02, 0.02)).config)
    async with (
        running_server(simulator, tls=True, requests_per_connection=5) as server,
        client_of(server, simulator) as client,
    ):
        first = await client.get(SEARCH)
        rest = await asyncio.gather(*(client.get(SEARCH) for _ in range(10)), return_exceptions=True)
        again = await client.get(SEARCH)
    assert first.http_version == again.http_version == "HTTP/2"
    assert any(isinstance(result, httpx2.RemoteProtocolError) for result in rest)


async def test_a_port_in_use_is_said_clearly(simulator):
    async with running_server(simulator) as server:
        with pytest.raises(OSError, match=f"port {server.port} on 127.0.0.1 is in use") as caught:
            async with running_server(simulator, port=server.port):
                pass
    assert caught.value.errno == errno.EADDRINUSE


async def test_a_host_that_is_not_ours_is_said_clearly(simulator):
    with pytest.raises(OSError, match=r"cannot listen on 192\.0\.2\.1"):
        async with running_server(simulator, host="192.0.2.1"):
            pass


async def test_a_port_is_free_again_at_once(simulator):
    async with running_server(simulator) as server, client_of(server, simulator) as client:
        await client.get(SEARCH)
    async with running_server(simulator, port=server.port) as again:
        assert again.port == server.port


async def test_shutdown_does_not_wait_for_a_caller_who_waits(simulator):
    simulator.inject(Fault(kind=FaultKind.DELAY, delay=60, times=1))
    async with running_server(simulator) as server, client_of(server, simulator) as client:
        call = asyncio.create_task(client.get(SEARCH))
        await asyncio.sleep(0.05)
        started = time.monotonic()
        leaving = server
    assert time.monotonic() - started < 2
    assert leaving.port
    with pytest.raises(httpx2.HTTPError):
        await call
