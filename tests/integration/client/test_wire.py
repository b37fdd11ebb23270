"""The pooled client on real sockets: TLS, HTTP/2, and servers that recycle or break their connections."""

from __future__ import annotations

import asyncio
import socket

import pytest

from solegate import CallOptions, StockXError
from solegate.client.policy.outcome import Failed, FailureKind, Received
from solegate.client.transport import HttpTransport, PoolConfig, WireRequest
from solegate.errors import ConnectionFailedError, Outcome, UnexpectedResponseError, UpstreamTimeoutError
from solegate.simulator import Fault, FaultKind, Simulator, running_server

ASK = CallOptions(max_age=0.0)


# The server cuts the connection under its own tasks; what it leaves behind is not the client's doing.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore:coroutine 'TCPServer")
@pytest.mark.parametrize(("tls", "http2"), [(True, True), (True, False), (False, False)], ids=["h2", "tls", "plain"])
async def test_recycled_connections_fail_no_call(socket_market, tls, http2):
    async with socket_market(tls=tls, http2=http2, requests_per_connection=100, latency=(0.0, 0.004)) as market:
        ids = [product.id for product in market.simulator.catalog.products]
        todo = iter(range(1000))

        async def caller() -> int:
            done = 0
            for number in todo:
                await market.service.get_product_details(ids[number % len(ids)], options=ASK)
                done += 1
            return done

        done = await asyncio.gather(*(caller() for _ in range(20)))

    assert sum(done) == 1000


@pytest.mark.parametrize(("http2", "spoken"), [(True, "HTTP/2"), (False, "HTTP/1.1")])
async def test_http2_is_spoken_where_both_sides_can(http2, spoken):
    async with running_server(Simulator(), tls=True) as server:
        transport = HttpTransport(PoolConfig(http2=http2, ca_file=server.ca_file))
        result = await transport.send(WireRequest("GET", f"{server.base_url}/_sim/health", {}))
        await transport.aclose()

    assert isinstance(result, Received)
    assert result.http_version == spoken


async def test_a_dropped_connection_is_tried_again(socket_market):
    async with socket_market() as market:
        product = market.simulator.catalog.products[0]
        market.simulator.inject(Fault(kind=FaultKind.DROP, operation="GetProduct", times=1))

        found = await market.service.get_product_details(product.id)

    assert found.product_id == product.id


@pytest.mark.parametrize("kind", [FaultKind.RESET, FaultKind.DROP])
async def test_a_server_that_only_drops_is_given_up_with_a_clear_error(socket_market, kind):
    async with socket_market() as market:
        market.simulator.inject(Fault(kind=kind, operation="GetProduct"))

        with pytest.raises(ConnectionFailedError) as caught:
            await market.service.get_product_details("any")

    assert caught.value.outcome is Outcome.NOT_APPLIED
    assert "Check the network" in str(caught.value)


async def test_a_body_that_never_ends_runs_into_the_deadline(socket_market):
    async with socket_market() as market:
        product = market.simulator.catalog.products[0]
        market.simulator.inject(Fault(kind=FaultKind.SLOW_BODY, operation="GetProduct", delay=5.0))

        with pytest.raises(UpstreamTimeoutError):
            await market.service.get_product_details(product.id, options=CallOptions(deadline=0.3))


async def test_a_page_instead_of_json_is_not_understood(socket_market):
    async with socket_market() as market:
        product = market.simulator.catalog.products[0]
        market.simulator.inject(Fault(kind=FaultKind.NOT_JSON, operation="GetProduct"))

        with pytest.raises(UnexpectedResponseError, match="cannot be understood"):
            await market.service.get_product_details(product.id)


async def test_the_pool_survives_cancelled_callers(socket_market):
    """The reason to prefer this HTTP library: its predecessor's pool ran dry after cancelled callers."""
    async with socket_market(latency=(0.05, 0.05)) as market:
        product = market.simulator.catalog.products[0]
        for _ in range(3):
            impatient = [
                asyncio.create_task(market.service.get_product_details(product.id, options=ASK)) for _ in range(120)
            ]
            await asyncio.sleep(0.02)
            for task in impatient:
                task.cancel()
            await asyncio.gather(*impatient, return_exceptions=True)

        found = await market.service.get_product_details(product.id, options=ASK)

    assert found.product_id == product.id


async def test_nobody_listening_is_reported_as_not_sent():
    with socket.socket() as bound_but_not_listening:
        bound_but_not_listening.bind(("127.0.0.1", 0))
        port = bound_but_not_listening.getsockname()[1]
        transport = HttpTransport()
        result = await transport.send(WireRequest("GET", f"http://127.0.0.1:{port}/", {}))
        await transport.aclose()

    assert isinstance(result, Failed)
    assert (result.kind, result.sent) == (FailureKind.CONNECT, False)


async def test_a_failed_call_tells_what_to_do(socket_market):
    async with socket_market() as market:
        market.simulator.inject(Fault(kind=FaultKind.STATUS, status=500, operation="GetProduct"))

        with pytest.raises(StockXError) as caught:
            await market.service.get_product_details("any", options=CallOptions(max_attempts=1))

    error = caught.value
    assert (error.status, error.attempts, error.operation) == (500, 1, "GetProduct")
    assert error.request_id
    assert "try again later" in str(error)
