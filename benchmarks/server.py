"""A simulator in a process of its own, so that its CPU time is not the client's."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from solegate.clock import SystemClock
from solegate.domain.accounts import TokenRecord
from solegate.simulator import Limits, Simulator, SimulatorConfig, running_server
from solegate.testing import fresh_tokens


@dataclass(frozen=True)
class Server:
    """Where the simulator listens, with tokens and products to ask it for."""

    base_url: str
    ca_file: Path | None
    tokens: TokenRecord
    product_ids: tuple[str, ...]
    pipe: Connection

    def refused(self) -> int:
        """Requests the simulator has refused so far: its own count, not the client's."""
        self.pipe.send("refused")
        return int(self.pipe.recv())


@contextmanager
def practice_server(config: SimulatorConfig | None = None, *, tls: bool = False) -> Iterator[Server]:
    """Run a simulator in a child process; without limits unless the configuration has some."""
    config = config or SimulatorConfig(limits=Limits.off())
    here, there = multiprocessing.Pipe()
    child = multiprocessing.get_context("spawn").Process(target=_serve, args=(config, tls, there), daemon=True)
    child.start()
    base_url, ca_file, tokens, product_ids = here.recv()
    try:
        yield Server(base_url, ca_file, tokens, product_ids, here)
    finally:
        here.send("stop")
        child.join(10)


def _serve(config: SimulatorConfig, tls: bool, pipe: Connection) -> None:
    asyncio.run(_until_told_to_stop(config, tls, pipe))


async def _until_told_to_stop(config: SimulatorConfig, tls: bool, pipe: Connection) -> None:
    clock = SystemClock()
    simulator = Simulator(config, clock=clock)
    async with running_server(simulator, tls=tls) as server:
        product_ids = tuple(product.id for product in simulator.catalog.products)
        pipe.send((server.base_url, server.ca_file, fresh_tokens(simulator, clock), product_ids))
        while await asyncio.to_thread(pipe.recv) != "stop":
            pipe.send(simulator.report().refused)
