"""Processes of one account that share their limit through a database, in one event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from solegate.client.limiter import RateLimiter
from solegate.client.policy.call import Lane
from solegate.client.policy.rate import LimitProfile
from solegate.client.policy.window import Slot
from solegate.clock import LoopClock
from solegate.db import Database
from solegate.db.repositories import SqlLimitStore, SqlWindowStore
from solegate.metrics import Metrics
from solegate.simulator import Limits
from solegate.simulator.state.limits import Moment, RequestLimiter


@asynccontextmanager
async def process(
    url: str,
    profile: LimitProfile,
    *,
    account: str = "a",
    closes: bool = True,
    windows: type[SqlWindowStore] = SqlWindowStore,
) -> AsyncIterator[RateLimiter]:
    """A limiter with connections of its own; it ends as a process does that is closed, or that is killed."""
    clock = LoopClock()
    async with Database(url, clock=clock) as database:
        limit = RateLimiter(
            profile,
            account=account,
            clock=clock,
            metrics=Metrics(),
            store=SqlLimitStore(database),
            windows=windows(database, clock),
        )
        yield limit
        if closes:
            await limit.aclose()


@asynccontextmanager
async def processes(url: str, profile: LimitProfile, count: int) -> AsyncIterator[list[RateLimiter]]:
    """Several of them."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(process(url, profile)) for _ in range(count)]


@dataclass
class StrictServer:
    """A StockX that sees a request half way between its sending and its answer, and counts strictly."""

    limits: Limits
    latency: float = 0.03
    refused: int = 0
    seen: list[tuple[float, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.counter, self.clock = RequestLimiter(self.limits), LoopClock()

    def used(self, profile: LimitProfile) -> float:
        """The share of the permitted rate that was used: whole windows full of requests, over the time they took."""
        full = (len(self.seen) - 1) // profile.capacity * profile.capacity
        return full / profile.rate / (self.seen[full][0] - self.seen[0][0])

    async def call(
        self, limit: RateLimiter, lane: Lane = Lane.INTERACTIVE, *, items: int = 0, within: float = 1e6
    ) -> Slot:
        """One request of this process, from its turn to its answer."""
        slot = await limit.acquire(lane, within=within, items=items)
        await asyncio.sleep(self.latency / 2)
        at = Moment(self.clock.monotonic(), self.clock.now())
        fits = self.counter.admit(at) and self.counter.items.admit(at, items)
        self.seen.append((at.monotonic, items))
        await asyncio.sleep(self.latency / 2)
        if fits:
            limit.answered(slot)
        else:
            self.refused += 1
            limit.refused(slot, None)
        return slot
