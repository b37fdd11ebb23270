"""An account that is saturated delays no other: each has a limiter of its own, and workers take turns."""

from __future__ import annotations

import asyncio

from solegate.client.limiter import RateLimiter
from solegate.client.policy.call import Lane
from solegate.client.policy.rate import LimitProfile
from solegate.clock import LoopClock
from solegate.db import Database
from solegate.db.repositories import SqlLimitStore, SqlWindowStore
from solegate.metrics import Metrics
from solegate.testing import run_virtual

COUNT, CALLS = 5, 20
ONE_A_SECOND = LimitProfile("one", capacity=1)


def test_a_thousand_calls_of_one_account_delay_no_call_of_another(upgraded_url: str) -> None:
    async def story() -> None:
        clock = LoopClock()
        async with Database(upgraded_url, clock=clock) as database:
            limiters = [
                RateLimiter(
                    ONE_A_SECOND,
                    account=f"a{number}",
                    clock=clock,
                    metrics=Metrics(),
                    store=SqlLimitStore(database),
                    windows=SqlWindowStore(database, clock),
                )
                for number in range(COUNT)
            ]

            async def call(limiter: RateLimiter) -> float:
                asked = clock.monotonic()
                limiter.answered(await limiter.acquire(Lane.INTERACTIVE, within=1e6))
                return clock.monotonic() - asked

            crowd = [asyncio.create_task(call(limiters[0])) for _ in range(1_000)]
            await asyncio.sleep(5)

            async def work(limiter: RateLimiter) -> list[float]:
                waits = []
                for _ in range(CALLS):
                    waits.append(await call(limiter))
                    await asyncio.sleep(1.5)
                return waits

            waits = await asyncio.gather(*(work(limiter) for limiter in limiters[1:]))
            assert max(max(each) for each in waits) < 0.2
            assert sum(each.done() for each in crowd) < 60

            for each in crowd:
                each.cancel()
            await asyncio.gather(*crowd, return_exceptions=True)
            for limiter in limiters:
                await limiter.aclose()

    run_virtual(story())
