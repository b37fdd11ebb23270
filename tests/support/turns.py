"""Callers that wait for their turn at a limiter."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from solegate.client.limiter import RateLimiter
from solegate.client.policy.call import Lane
from solegate.client.policy.rate import LimitProfile
from solegate.clock import LoopClock
from solegate.metrics import Metrics

ONE = LimitProfile("one", capacity=1)
TEN = LimitProfile("ten", capacity=10)


def limiter(profile: LimitProfile = ONE) -> RateLimiter:
    return RateLimiter(profile, account="a", clock=LoopClock(), metrics=Metrics())


def now() -> float:
    return asyncio.get_running_loop().time()


async def soon() -> None:
    """Let every task that can go on do so."""
    for _ in range(5):
        await asyncio.sleep(0)


def start(story: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    return asyncio.get_running_loop().create_task(story)


class Callers:
    """Callers that ask for a turn, keep note of when they got it, and are answered after `latency`."""

    def __init__(self, limit: RateLimiter, *, latency: float = 0.0) -> None:
        self.limit = limit
        self.latency = latency
        self.got: list[tuple[str, float]] = []

    async def call(self, name: str, lane: Lane = Lane.INTERACTIVE, within: float = 1_000.0) -> None:
        slot = await self.limit.acquire(lane, within=within)
        self.got.append((name, now()))
        await asyncio.sleep(self.latency)
        self.limit.answered(slot)

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.got]
