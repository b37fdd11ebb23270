"""CPU per call: our client, the HTTP library under it, and a new client for each call as in the guide's snippet.

Like is compared with like: the pipeline (limit, breaker, token, retry, metrics) with a bare request, and typed answers
with a bare request whose body goes through the same models. The plain `json.loads` stands beside them.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import httpx2
from pydantic import TypeAdapter

from benchmarks.server import Server, practice_server
from benchmarks.table import Row, median, spread
from solegate import CallOptions, ClientConfig, Credentials, StockXService
from solegate.client.auth import MemoryTokenStore
from solegate.client.models import VariantMarketData
from solegate.client.policy.call import GET_PRODUCT_MARKET_DATA, Call
from solegate.client.transport import PoolConfig
from solegate.simulator import Limits, SimulatorConfig
from solegate.testing import UNLIMITED

CALLS, UNPOOLED_CALLS, ROUNDS = 100, 5, 25
GOAL = 1.25
ASK = CallOptions(max_age=0.0)
KNOWN = SimulatorConfig(limits=Limits.off())
MODELS = TypeAdapter(tuple[VariantMarketData, ...])

Ask = Callable[[str], Awaitable[object]]
Times = Mapping[str, list[float]]


@dataclass(frozen=True)
class Wire:
    """How the server is reached."""

    server: Server
    http2: bool

    def url(self, product_id: str) -> str:
        """The call that is measured: the market of every variant of a product, about 13 KB."""
        return f"{self.server.base_url}/v2/catalog/products/{product_id}/market-data?currencyCode=EUR"

    @property
    def headers(self) -> dict[str, str]:
        """What StockX wants to see."""
        return {"authorization": f"Bearer {self.server.tokens.access_token}", "x-api-key": KNOWN.api_key}

    def trust(self) -> ssl.SSLContext:
        """A new TLS context, as each new client makes one."""
        context = httpx2.create_ssl_context()
        if self.server.ca_file:
            context.load_verify_locations(cafile=str(self.server.ca_file))
        return context

    def config(self) -> ClientConfig:
        """The same for our client."""
        return ClientConfig(
            Credentials(KNOWN.client_id, KNOWN.client_secret, KNOWN.api_key),
            api_url=f"{self.server.base_url}/v2",
            auth_url=self.server.base_url,
            limits=UNLIMITED,
            pool=PoolConfig(http2=self.http2, ca_file=self.server.ca_file),
        )


async def _cpu_per_call(ask: Ask, ids: tuple[str, ...], calls: int) -> float:
    """CPU milliseconds of this process for each call, one after the other."""
    started = time.process_time()
    for number in range(calls):
        await ask(ids[number % len(ids)])
    return 1000 * (time.process_time() - started) / calls


async def _compare(wire: Wire) -> Times:
    """CPU milliseconds per call of every contender, in rounds in turn: a slow moment of the machine hits all."""
    async with (
        httpx2.AsyncClient(verify=wire.trust(), http2=wire.http2) as raw,
        StockXService(wire.config(), token_store=MemoryTokenStore(wire.server.tokens)) as service,
    ):
        contenders = _contenders(wire, raw, service)
        times: dict[str, list[float]] = {name: [] for name in contenders}
        for number in range(ROUNDS + 1):
            for name, ask in contenders.items():
                calls = UNPOOLED_CALLS if name == "unpooled" else CALLS
                measured = await _cpu_per_call(ask, wire.server.product_ids, calls)
                if number:  # the first round only warms up
                    times[name].append(measured)
        return times


def _contenders(wire: Wire, raw: httpx2.AsyncClient, service: StockXService) -> dict[str, Ask]:
    async def bare(product_id: str) -> bytes:
        return (await raw.get(wire.url(product_id), headers=wire.headers)).content

    async def pipeline(product_id: str) -> object:
        return await service.execute(Call(GET_PRODUCT_MARKET_DATA, {"productId": product_id}, {"currencyCode": "EUR"}))

    async def with_json(product_id: str) -> object:
        return (await raw.get(wire.url(product_id), headers=wire.headers)).json()

    async def with_models(product_id: str) -> object:
        return MODELS.validate_json(await bare(product_id))

    async def typed(product_id: str) -> object:
        return await service.get_market_data_from_stockx(product_id, options=ASK)

    async def unpooled(product_id: str) -> object:
        async with httpx2.AsyncClient(verify=wire.trust(), http2=wire.http2) as client:
            return (await client.get(wire.url(product_id), headers=wire.headers)).json()

    return {
        "bare": bare,
        "pipeline": pipeline,
        "with_json": with_json,
        "with_models": with_models,
        "typed": typed,
        "unpooled": unpooled,
    }


def _ratio(claim: str, times: Times, ours: str, theirs: str, goal: float | None = GOAL) -> Row:
    ratios = [mine / other for mine, other in zip(times[ours], times[theirs], strict=True)]
    middle = median(ratios)
    wanted = f"<= {goal:g}x" if goal else ""
    return Row(claim, f"{middle:.2f}x", spread(ratios, "x"), wanted, middle <= goal if goal else None)


def measure() -> list[Row]:
    """CPU per market-data call, over HTTP/1.1 and over HTTP/2 with TLS."""
    rows = []
    for title, http2 in (("HTTP/1.1", False), ("HTTP/2, TLS", True)):
        with practice_server(tls=http2) as server:
            times = asyncio.run(_compare(Wire(server, http2)))
        rows += [
            Row(f"{title}: CPU per bare request", f"{median(times['bare']):.2f} ms", spread(times["bare"], " ms")),
            _ratio(f"{title}: Solegate's pipeline / bare request", times, "pipeline", "bare"),
            _ratio(f"{title}: typed answer / bare request and the same models", times, "typed", "with_models", None),
            _ratio(f"{title}: typed answer / bare request and json.loads", times, "typed", "with_json", None),
            _ratio(f"{title}: a new client per call / Solegate", times, "unpooled", "typed", None),
        ]
    return rows
