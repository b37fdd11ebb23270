"""CPU per call: our client, the HTTP library under it, and a new client for each call as in the guide's snippet."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

import httpx2

from benchmarks.server import Server, practice_server
from benchmarks.table import Row, median, spread
from solegate import CallOptions, ClientConfig, Credentials, StockXService
from solegate.client.auth import MemoryTokenStore
from solegate.client.transport import PoolConfig
from solegate.simulator import Limits, SimulatorConfig
from solegate.testing import UNLIMITED

CALLS, ROUNDS, UNPOOLED_CALLS = 300, 7, 20
ASK = CallOptions(max_age=0.0)

Ask = Callable[[str], Awaitable[object]]


async def _cpu_per_call(ask: Ask, ids: tuple[str, ...], calls: int) -> float:
    """CPU milliseconds of this process for each call, one after the other."""
    started = time.process_time()
    for number in range(calls):
        await ask(ids[number % len(ids)])
    return 1000 * (time.process_time() - started) / calls


async def _compare(server: Server, *, http2: bool) -> tuple[list[float], list[float], list[float]]:
    """Rounds of raw, ours and unpooled in turn, so that a slow moment of the machine hits all three."""
    known = SimulatorConfig(limits=Limits.off())
    config = ClientConfig(
        Credentials(known.client_id, known.client_secret, known.api_key),
        api_url=f"{server.base_url}/v2",
        auth_url=server.base_url,
        limits=UNLIMITED,
        pool=PoolConfig(http2=http2, ca_file=server.ca_file),
    )
    headers = {"authorization": f"Bearer {server.tokens.access_token}", "x-api-key": known.api_key}
    context = httpx2.create_ssl_context()
    if server.ca_file:
        context.load_verify_locations(cafile=str(server.ca_file))
    store = MemoryTokenStore(replace(server.tokens))

    async def unpooled(product_id: str) -> object:
        fresh = httpx2.create_ssl_context()
        if server.ca_file:
            fresh.load_verify_locations(cafile=str(server.ca_file))
        async with httpx2.AsyncClient(verify=fresh, http2=http2) as client:
            return (await client.get(_url(server, product_id), headers=headers)).json()

    async with (
        httpx2.AsyncClient(verify=context, http2=http2) as raw,
        StockXService(config, token_store=store) as service,
    ):

        async def ask_raw(product_id: str) -> object:
            return (await raw.get(_url(server, product_id), headers=headers)).json()

        async def ask_ours(product_id: str) -> object:
            return await service.get_market_data_from_stockx(product_id, options=ASK)

        times: tuple[list[float], list[float], list[float]] = ([], [], [])
        contenders: tuple[tuple[Ask, int], ...] = (
            (ask_raw, CALLS),
            (ask_ours, CALLS),
            (unpooled, UNPOOLED_CALLS),
        )
        for number in range(ROUNDS + 1):
            for kept, (ask, calls) in zip(times, contenders, strict=True):
                measured = await _cpu_per_call(ask, server.product_ids, calls)
                if number:  # the first round only warms up
                    kept.append(measured)
        return times


def _url(server: Server, product_id: str) -> str:
    return f"{server.base_url}/v2/catalog/products/{product_id}/market-data?currencyCode=EUR"


def measure() -> list[Row]:
    """CPU per market-data call, plain HTTP/1.1 and HTTP/2 over TLS."""
    rows = []
    for title, tls in (("HTTP/1.1", False), ("HTTP/2 over TLS", True)):
        with practice_server(tls=tls) as server:
            raw, ours, unpooled = asyncio.run(_compare(server, http2=tls))
        ratios = [mine / theirs for mine, theirs in zip(ours, raw, strict=True)]
        rows += [
            Row(f"CPU per call, raw library, {title}", f"{median(raw):.2f} ms", spread(raw, " ms")),
            Row(f"CPU per call, Solegate, {title}", f"{median(ours):.2f} ms", spread(ours, " ms")),
            Row(
                f"Solegate against the raw library, {title}",
                f"{median(ratios):.2f}x",
                spread(ratios, "x"),
                "<= 1.25x",
                median(ratios) <= 1.25,
            ),
            Row(
                f"a new client per call against Solegate, {title}",
                f"{median(unpooled) / median(ours):.1f}x",
                spread([each / median(ours) for each in unpooled], "x"),
            ),
        ]
    return rows
