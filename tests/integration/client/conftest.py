"""A client and a simulator that talk over a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

import pytest

from solegate import LimitProfile, StockXService
from solegate.client.auth import MemoryTokenStore
from solegate.client.transport import PoolConfig
from solegate.clock import SystemClock
from solegate.simulator import Limits, Simulator, SimulatorConfig, running_server
from solegate.testing import UNLIMITED, PracticeMarket, fresh_tokens, practice_config

SocketMarket = Callable[..., AbstractAsyncContextManager[PracticeMarket]]


@asynccontextmanager
async def _socket_market(
    *,
    limits: Limits | None = None,
    profile: LimitProfile = UNLIMITED,
    latency: tuple[float, float] = (0.0, 0.0),
    tls: bool = False,
    http2: bool = True,
    requests_per_connection: int | None = None,
) -> AsyncIterator[PracticeMarket]:
    clock = SystemClock()
    simulator = Simulator(SimulatorConfig(limits=limits or Limits.off(), latency=latency), clock=clock)
    async with running_server(
        simulator, tls=tls, http2=http2, requests_per_connection=requests_per_connection
    ) as server:
        pool = PoolConfig(http2=http2, ca_file=server.ca_file)
        config = replace(practice_config(simulator, server.base_url), limits=profile, pool=pool)
        store = MemoryTokenStore(fresh_tokens(simulator, clock))
        async with StockXService(config, token_store=store, clock=clock) as service:
            yield PracticeMarket(service, simulator, clock)


@pytest.fixture
def socket_market() -> SocketMarket:
    """Open a market on a loopback socket: `async with socket_market(tls=True) as market`."""
    return _socket_market
