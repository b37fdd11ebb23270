"""Processes of one account that work at the same time: what each does, and how they are started together."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import Sequence
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
class Task:
    """What each process is to do."""

    config: ClientConfig
    tokens: TokenRecord
    product_ids: tuple[str, ...]
    database_url: str
    seconds: float
    callers: int


@dataclass(frozen=True)
class Done:
    """What a process did: requests answered, when the last one was, and its CPU seconds meanwhile."""

    requests: int
    ended: float
    cpu: float


async def _work(task: Task, start: Barrier) -> Done:
    clock = SystemClock()
    async with (
        Database(task.database_url) as database,
        StockXService(
            task.config,
            token_store=MemoryTokenStore(task.tokens),
            limit_store=SqlLimitStore(database),
            window_store=SqlWindowStore(database, clock),
        ) as service,
    ):
        await asyncio.to_thread(start.wait)
        until, cpu = time.monotonic() + task.seconds, time.process_time()

        async def caller(number: int) -> int:
            answered = 0
            while time.monotonic() < until:
                product_id = task.product_ids[(number + answered) % len(task.product_ids)]
                await service.execute(Call(GET_PRODUCT, {"productId": product_id}, deadline=600.0))
                answered += 1
            return answered

        answered = await asyncio.gather(*(caller(number) for number in range(task.callers)))
        return Done(sum(answered), time.monotonic(), time.process_time() - cpu)


def _process(task: Task, start: Barrier, pipe: Connection) -> None:
    pipe.send(asyncio.run(_work(task, start)))


def run_processes(task: Task, count: int) -> tuple[float, Sequence[Done]]:
    """Let so many processes work at the same time; how long it took in seconds, and what each of them did."""
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Barrier(count + 1)
    pipes, children = [], []
    for _ in range(count):
        here, there = multiprocessing.Pipe()
        child = spawn.Process(target=_process, args=(task, start, there), daemon=True)
        child.start()
        pipes.append(here)
        children.append(child)
    start.wait(60)
    began = time.monotonic()
    done = [pipe.recv() for pipe in pipes]
    for child in children:
        child.join(10)
    return max(each.ended for each in done) - began, done
