"""Real processes of one account that work at the same time, sharing their limit through a database."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier

from solegate import ClientConfig, StockXService
from solegate.client.auth import MemoryTokenStore
from solegate.client.policy.call import GET_PRODUCT, Call
from solegate.clock import SystemClock
from solegate.db import Database
from solegate.db.repositories import SqlLimitStore, SqlWindowStore
from solegate.domain.accounts import TokenRecord


@dataclass(frozen=True)
class Work:
    """What each process does: so many callers read products for so many seconds."""

    config: ClientConfig
    tokens: TokenRecord
    product_ids: tuple[str, ...]
    database_url: str
    callers: int
    seconds: float


async def _work(work: Work, start: Barrier) -> int:
    async with (
        Database(work.database_url) as database,
        StockXService(
            work.config,
            token_store=MemoryTokenStore(work.tokens),
            limit_store=SqlLimitStore(database),
            window_store=SqlWindowStore(database, SystemClock()),
        ) as service,
    ):
        await asyncio.to_thread(start.wait, 60)
        until, answered = time.monotonic() + work.seconds, 0

        async def caller(number: int) -> None:
            nonlocal answered
            while time.monotonic() < until:
                product_id = work.product_ids[number]
                await service.execute(Call(GET_PRODUCT, {"productId": product_id}, deadline=60.0))
                answered += 1

        await asyncio.gather(*(caller(number) for number in range(work.callers)))
    return answered


def _process(work: Work, start: Barrier, pipe: Connection) -> None:
    pipe.send(asyncio.run(_work(work, start)))


def run_processes(work: Work, count: int) -> list[int]:
    """Let so many processes work at the same time; how many answers each of them got."""
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Barrier(count)
    pipes, children = [], []
    for _ in range(count):
        here, there = spawn.Pipe(duplex=False)
        child = spawn.Process(target=_process, args=(work, start, there), daemon=True)
        child.start()
        pipes.append(here)
        children.append(child)
    answered = [int(pipe.recv()) for pipe in pipes]
    for child in children:
        child.join(30)
    return answered
