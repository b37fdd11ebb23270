"""What processes that share a database ask StockX for only once: a new token, and an answer that all of them want.

Real processes, real sockets, the database of either kind.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier

from cryptography.fernet import Fernet
from sqlalchemy import text

from benchmarks.databases import databases
from benchmarks.table import Row
from solegate import ClientConfig, StockXService
from solegate.client.policy.call import GET_PRODUCT, Call
from solegate.clock import SystemClock
from solegate.db import Database, SecretBox
from solegate.db.repositories import SqlSharedCache, SqlTokenStore
from solegate.domain.accounts import TokenRecord
from solegate.simulator import Limits, Simulator, SimulatorConfig, running_server
from solegate.testing import fresh_tokens, practice_config

PROCESSES, CALLERS, READERS = 4, 500, 250


@dataclass(frozen=True)
class Task:
    """What each process is to do, all at once with the others.

    `wanting` callers need a token, after the stored one was `refused` or because its time is over; `readers` want the
    market of the first product.
    """

    config: ClientConfig
    database_url: str
    secret_key: str
    product_ids: tuple[str, ...]
    wanting: int = 0
    refused: bool = False
    readers: int = 0


@dataclass(frozen=True)
class Done:
    """What a process got: tokens by their version, answers by their source; and the seconds until it had all."""

    got: Counter[str]
    seconds: float


async def _work(task: Task, start: Barrier) -> Done:
    async with Database(task.database_url) as database:
        service = StockXService(
            task.config,
            token_store=SqlTokenStore(database, SecretBox([task.secret_key])),
            shared_cache=SqlSharedCache(database),
        )
        async with service:

            async def want() -> str:
                token = await (service.tokens.rejected(1) if task.refused else service.tokens.token())
                return f"version {token.version}"

            async def read() -> str:
                return str((await service.get_market_data_from_stockx(task.product_ids[0])).provenance.source)

            await asyncio.to_thread(start.wait)
            began = time.monotonic()
            got = await asyncio.gather(*(want() for _ in range(task.wanting)), *(read() for _ in range(task.readers)))
            seconds = time.monotonic() - began
            await service.execute(Call(GET_PRODUCT, {"productId": task.product_ids[0]}))  # the token is good for a call
            return Done(Counter(got), seconds)


def _process(task: Task, start: Barrier, pipe: Connection) -> None:
    pipe.send(asyncio.run(_work(task, start)))


def _run(task: Task) -> tuple[Done, ...]:
    spawn = multiprocessing.get_context("spawn")
    start, pipes, children = spawn.Barrier(PROCESSES), [], []
    for _ in range(PROCESSES):
        here, there = multiprocessing.Pipe()
        child = spawn.Process(target=_process, args=(task, start, there), daemon=True)
        child.start()
        pipes.append(here)
        children.append(child)
    done = tuple(pipe.recv() for pipe in pipes)
    for child in children:
        child.join(10)
    return done


async def _store(url: str, key: str, tokens: TokenRecord) -> None:
    """Let the account have these tokens, and nothing be remembered."""
    async with Database(url) as database:
        async with database.transaction() as session:
            for table in ("accounts", "cached_answers"):
                await session.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - two names of our own
        await SqlTokenStore(database, SecretBox([key])).save(tokens, expected_version=None)


async def _measure(name: str, url: str) -> list[Row]:
    clock, key = SystemClock(), Fernet.generate_key().decode()
    simulator = Simulator(SimulatorConfig(limits=Limits.off(), latency=(0.05, 0.05)), clock=clock)
    async with running_server(simulator) as server:
        config = practice_config(simulator, server.base_url)
        task = Task(config, url, key, tuple(product.id for product in simulator.catalog.products))
        tokens = fresh_tokens(simulator, clock)

        async def refreshes(tokens: TokenRecord, *, refused: bool) -> tuple[int, tuple[Done, ...]]:
            await _store(url, key, tokens)
            before = simulator.report().refreshes
            done = await asyncio.to_thread(_run, replace(task, wanting=CALLERS, refused=refused))
            return simulator.report().refreshes - before, done

        expired = await refreshes(replace(tokens, expires_at=clock.now() - timedelta(hours=1)), refused=False)
        simulator.expire_access_tokens()
        refused = await refreshes(tokens, refused=True)

        await _store(url, key, fresh_tokens(simulator, clock))

        async def loads() -> tuple[int, tuple[Done, ...]]:
            before = simulator.report().count("GetProductMarketData")
            done = await asyncio.to_thread(_run, replace(task, readers=READERS))
            return simulator.report().count("GetProductMarketData") - before, done

        cold, restarted = await loads(), await loads()
    crowd, readers = f"{CALLERS} callers x {PROCESSES} processes", f"{PROCESSES * READERS:,} cold readers"
    return [
        _row(f"{crowd}, token over: token calls, {name}", *expired, 1),
        _row(f"{crowd}, token refused (401): token calls, {name}", *refused, 1),
        _row(f"{readers} of one key in {PROCESSES} processes: calls, {name}", *cold, 1),
        _row(f"the same after a restart of all: calls, {name}", *restarted, 0),
    ]


def _row(claim: str, figure: int, done: tuple[Done, ...], goal: int) -> Row:
    return Row(
        claim, f"{figure}", f"all had it after {max(each.seconds for each in done):.2f} s", f"{goal}", figure == goal
    )


def measure() -> list[Row]:
    """Token calls and loads, on either database."""
    with databases() as urls:
        return [row for name, url in urls.items() for row in asyncio.run(_measure(name, url))]
