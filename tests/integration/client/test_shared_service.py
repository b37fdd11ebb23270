"""Whole services that share a limit: in processes of their own, and one whose token comes too late for its turn."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from solegate import ClientConfig, LimitProfile, StockXService
from solegate.client.auth import MemoryTokenStore
from solegate.clock import LoopClock, SystemClock
from solegate.db import Database
from solegate.db.repositories import SqlWindowStore
from solegate.metrics import Metrics
from solegate.simulator import Limits, Simulator, SimulatorConfig, running_server
from solegate.testing import ScriptedTransport, fresh_tokens, practice_config, run_virtual
from support.client import CREDENTIALS, Wire, answer, grant, now, read, tokens_of
from support.crowd import Work, run_processes

TWENTY = LimitProfile("twenty", capacity=20)


async def test_four_processes_on_one_account_are_never_refused(upgraded_url: str) -> None:
    clock = SystemClock()
    simulator = Simulator(SimulatorConfig(limits=Limits(per_second=20), latency=(0.0, 0.03)), clock=clock)
    async with running_server(simulator) as server:
        config = replace(practice_config(simulator, server.base_url), limits=TWENTY)
        products = tuple(product.id for product in simulator.catalog.products[:8])
        work = Work(config, fresh_tokens(simulator, clock), products, upgraded_url, callers=8, seconds=3.0)
        answered = await asyncio.to_thread(run_processes, work, 4)
        report = simulator.report()
    assert report.refused == 0
    assert report.count("GetProduct", 200) == sum(answered)
    assert report.busiest_window_requests <= 20
    assert sum(answered) >= 40  # the rate and the shares are measured by the benchmark, on a machine that is idle
    assert min(answered) >= 4


def test_a_turn_that_was_not_used_in_time_is_given_back_and_another_one_taken(upgraded_url: str) -> None:
    async def story() -> None:
        clock, metrics = LoopClock(), Metrics()
        slow_login = ScriptedTransport([grant()], latency=15.0)
        wire = Wire(ScriptedTransport([answer()]), slow_login)
        async with (
            Database(upgraded_url, clock=clock) as database,
            StockXService(
                ClientConfig(CREDENTIALS, limits=LimitProfile("one", capacity=1)),
                token_store=MemoryTokenStore(tokens_of(clock, expires_in=-1.0)),
                window_store=SqlWindowStore(database, clock),
                transport=wire,
                clock=clock,
                metrics=metrics,
            ) as service,
        ):
            await service.execute(read())
            assert now() < 15.1
            await service.execute(read())
        turns = metrics.registry.get_sample_value("stockx_limiter_wait_seconds_count", {"lane": "interactive"})
        assert (turns, len(wire.api.requests)) == (3, 2)
        assert 16.0 < now() < 16.1

    run_virtual(story())


def test_a_service_says_when_a_batch_could_be_sent() -> None:
    async def story() -> None:
        clock = LoopClock()
        config = ClientConfig(CREDENTIALS, limits=LimitProfile("ten", capacity=10))
        store = MemoryTokenStore(tokens_of(clock))
        wire = Wire(ScriptedTransport([answer()]))
        async with StockXService(config, token_store=store, transport=wire, clock=clock) as service:
            assert await service.items_ready_in(500) == 0.0
            await service.execute(replace(read(), items=400))
            assert await service.items_ready_in(100) == 0.0
            assert await service.items_ready_in(101) == 300.0

    run_virtual(story())
