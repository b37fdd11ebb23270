"""Real processes that share a database of either kind, before a practice market on a socket."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from solegate.client.models.base import Source
from solegate.clock import SystemClock
from solegate.simulator import Limits, Simulator, SimulatorConfig, running_server
from solegate.testing import fresh_tokens, practice_config
from support.cli import KEY, log_in
from support.sharers import Errand, run_processes

PROCESSES, READERS = 3, 50


async def test_processes_renew_an_expired_token_once_and_load_an_answer_once(upgraded_url: str) -> None:
    clock = SystemClock()
    simulator = Simulator(SimulatorConfig(limits=Limits.off(), latency=(0.05, 0.05)), clock=clock)
    await log_in(upgraded_url, replace(fresh_tokens(simulator, clock), expires_at=clock.now()))
    async with running_server(simulator) as server:
        config = practice_config(simulator, server.base_url)
        errand = Errand(config, upgraded_url, KEY, simulator.catalog.products[0].id, READERS)

        cold = await asyncio.to_thread(run_processes, errand, PROCESSES)
        restarted = await asyncio.to_thread(run_processes, errand, 1)

    report = simulator.report()
    assert [each.total() for each in cold] == [READERS] * PROCESSES
    assert (report.refreshes, report.count("GetProductMarketData")) == (1, 1)
    assert restarted == [{Source.CACHE: READERS}]
