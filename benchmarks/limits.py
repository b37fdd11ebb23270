"""The limit in real time on a real socket: what is refused, and how much of the permitted rate is used."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Literal

from benchmarks.server import Server, practice_server
from benchmarks.table import Row
from solegate import GUIDE, OFFICIAL, CallOptions, ClientConfig, Credentials, LimitProfile, StockXService
from solegate.client.auth import MemoryTokenStore
from solegate.simulator import Limits, SimulatorConfig

CALLERS = 20
PATIENT = CallOptions(max_age=0.0, deadline=600.0)


@dataclass(frozen=True)
class Case:
    """A server's limit and network, and a client that knows the limit."""

    profile: LimitProfile
    kind: Literal["sliding", "fixed"]
    slow_tail: tuple[float, float]
    count: int

    @property
    def title(self) -> str:
        """The case in words."""
        tail = ", 1 % tail of +300 ms" if self.slow_tail[0] else ""
        return f"{self.count} requests, {self.profile.capacity}/s {self.kind}, 0-30 ms{tail}"

    @property
    def config(self) -> SimulatorConfig:
        """The strict server of this case."""
        limits = Limits(per_second=self.profile.capacity, kind=self.kind)
        return SimulatorConfig(limits=limits, latency=(0.0, 0.03), slow_tail=self.slow_tail)


NETWORKS = ((0.0, 0.0), (0.01, 0.3))
CASES = [
    case
    for tail in NETWORKS
    for case in (
        Case(GUIDE, "sliding", tail, 300),
        Case(GUIDE, "fixed", tail, 300),
        Case(OFFICIAL, "sliding", tail, 60),
    )
]


async def _seconds(server: Server, case: Case) -> float:
    known = case.config
    config = ClientConfig(
        Credentials(known.client_id, known.client_secret, known.api_key),
        api_url=f"{server.base_url}/v2",
        auth_url=server.base_url,
        limits=case.profile,
    )
    todo = iter(server.product_ids[: case.count])

    async def caller(service: StockXService) -> None:
        for product_id in todo:
            await service.get_market_data_from_stockx(product_id, options=PATIENT)

    async with StockXService(config, token_store=MemoryTokenStore(server.tokens)) as service:
        started = time.perf_counter()
        await asyncio.gather(*(caller(service) for _ in range(CALLERS)))
        return time.perf_counter() - started


def measure() -> list[Row]:
    """Refusals and use of the rate, each case in real time (about three minutes together)."""
    rows = []
    for case in CASES:
        with practice_server(case.config) as server:
            seconds = asyncio.run(_seconds(server, case))
            refused = server.refused()
        # The first window's requests may all leave at once: the limit permits the rest at its rate.
        used = (case.count - case.profile.capacity) / case.profile.rate / seconds
        rows.append(
            Row(
                f"limit: {case.title}",
                f"{refused} refused, {used:.1%} of the rate",
                f"{seconds:.1f} s",
                "0, >= 95 %",
                refused == 0 and used >= 0.95,
            )
        )
    return rows
