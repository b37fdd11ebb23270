"""Real processes that share a database, and want the same at the same moment."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections import Counter
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier

from solegate import ClientConfig, StockXService
from solegate.db import Database, SecretBox
from solegate.db.repositories import SqlSharedCache, SqlTokenStore

SECONDS = 90


@dataclass(frozen=True)
class Errand:
    """What each process reads: the market of a product, with so many readers at once."""

    config: ClientConfig
    database_url: str
    secret_key: str
    product_id: str
    readers: int


def run_processes(errand: Errand, count: int) -> list[Counter[str]]:
    """The sources of what each process read; all of them begin when all of them are ready."""
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Barrier(count)
    pipes, children = [], []
    for _ in range(count):
        here, there = spawn.Pipe()
        child = spawn.Process(target=_process, args=(errand, start, there), daemon=True)
        child.start()
        there.close()  # so that a child's end is seen here
        pipes.append(here)
        children.append(child)
    try:
        return [pipe.recv() for pipe in pipes if pipe.poll(SECONDS)]
    finally:
        for child in children:
            child.join(10)
            child.kill()
        for pipe in pipes:
            pipe.close()


def _process(errand: Errand, start: Barrier, pipe: Connection) -> None:
    pipe.send(asyncio.run(_read(errand, start)))


async def _read(errand: Errand, start: Barrier) -> Counter[str]:
    async with (
        Database(errand.database_url) as database,
        StockXService(
            errand.config,
            token_store=SqlTokenStore(database, SecretBox([errand.secret_key])),
            shared_cache=SqlSharedCache(database),
        ) as service,
    ):
        await asyncio.to_thread(start.wait, SECONDS)
        read = (service.get_market_data_from_stockx(errand.product_id) for _ in range(errand.readers))
        return Counter(answer.provenance.source for answer in await asyncio.gather(*read))
