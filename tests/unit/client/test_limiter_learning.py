"""A limit nobody told us: the limiter finds it, and hardly anything is refused on the way (design 4.2)."""

from __future__ import annotations

import asyncio
from bisect import bisect_right

import pytest

from solegate.client.limiter import RateLimiter
from solegate.client.policy.call import Lane
from solegate.client.policy.rate import LimitProfile
from solegate.clock import LoopClock
from solegate.metrics import Metrics
from solegate.testing import run_virtual


class StrictServer:
    """Accepts `limit` requests in any `window` seconds, and refuses the rest; refused ones do not count."""

    def __init__(
        self, limit: int, *, window: float = 1.0, fixed: bool = False, retry_after: float | None = None
    ) -> None:
        self.limit, self.window, self.fixed, self.retry_after = limit, window, fixed, retry_after
        self.accepted: list[float] = []
        self.refused: list[float] = []

    def accepts(self, now: float) -> bool:
        start = now // self.window * self.window - 1e-9 if self.fixed else now - self.window + 1e-9
        fine = len(self.accepted) - bisect_right(self.accepted, start) < self.limit
        (self.accepted if fine else self.refused).append(now)
        return fine

    @property
    def share_refused(self) -> float:
        return len(self.refused) / (len(self.refused) + len(self.accepted))

    def rate(self, since: float, until: float) -> float:
        return sum(since <= at < until for at in self.accepted) / (until - since)


async def load(
    limit: RateLimiter, server: StrictServer, *, seconds: float, callers: int = 20, latency: float = 0.05
) -> None:
    async def call() -> None:
        loop = asyncio.get_running_loop()
        while loop.time() < seconds:
            slot = await limit.acquire(Lane.BACKGROUND, within=1e6)
            await asyncio.sleep(latency / 2)
            accepted = server.accepts(loop.time())
            await asyncio.sleep(latency / 2)
            if accepted:
                limit.answered(slot)
            else:
                limit.refused(slot, server.retry_after)

    async with asyncio.TaskGroup() as group:
        for _ in range(callers):
            group.create_task(call())


def settled(server: StrictServer, *, configured: int, seconds: float = 300.0, latency: float = 0.05) -> RateLimiter:
    async def story() -> RateLimiter:
        profile = LimitProfile("wrong", capacity=configured, per_day=None)
        limit = RateLimiter(profile, account="a", clock=LoopClock(), metrics=Metrics())
        await load(limit, server, seconds=seconds, latency=latency)
        return limit

    return run_virtual(story())


@pytest.mark.parametrize("retry_after", [None, 1.0])
@pytest.mark.parametrize("fixed", [False, True], ids=["sliding", "fixed"])
@pytest.mark.parametrize(("configured", "real"), [(10, 4), (10, 8), (10, 1), (20, 3), (2, 1)])
def test_a_lower_limit_is_learnt(configured: int, real: int, fixed: bool, retry_after: float | None) -> None:
    server = StrictServer(real, fixed=fixed, retry_after=retry_after)
    settled(server, configured=configured)
    assert server.share_refused < 0.05
    assert server.rate(100.0, 300.0) == pytest.approx(real, rel=0.1)


@pytest.mark.parametrize("latency", [0.0, 0.13, 0.5])
@pytest.mark.parametrize("fixed", [False, True], ids=["sliding", "fixed"])
def test_a_limit_that_is_known_is_never_passed(fixed: bool, latency: float) -> None:
    server = StrictServer(10, fixed=fixed)
    settled(server, configured=10, seconds=60.0, latency=latency)
    assert server.refused == []


def test_one_burst_of_refusals_lowers_the_rate_once() -> None:
    async def story() -> None:
        metrics = Metrics()
        profile = LimitProfile("ten", capacity=10, per_day=None)
        limit = RateLimiter(profile, account="a", clock=LoopClock(), metrics=metrics)
        slots = [await limit.acquire(Lane.INTERACTIVE, within=1.0) for _ in range(10)]
        for slot in slots[:6]:
            limit.answered(slot)
        for slot in slots[6:]:
            limit.refused(slot, None)
        await limit.acquire(Lane.INTERACTIVE, within=10.0)
        assert limit.status().rate == pytest.approx(6.0)
        assert metrics.registry.get_sample_value("stockx_rate_limit_hits_total") == 4.0
        assert metrics.registry.get_sample_value("stockx_limiter_rate_per_second") == pytest.approx(6.0)

    run_virtual(story())


def test_a_refusal_that_comes_late_lowers_the_rate_no_further() -> None:
    async def story() -> None:
        profile = LimitProfile("ten", capacity=10, per_day=None)
        limit = RateLimiter(profile, account="a", clock=LoopClock(), metrics=Metrics())
        slots = [await limit.acquire(Lane.INTERACTIVE, within=1.0) for _ in range(10)]
        for slot in slots[:6]:
            limit.answered(slot)
        for slot in slots[6:9]:
            limit.refused(slot, None)
        limit.answered(await limit.acquire(Lane.INTERACTIVE, within=10.0))
        before = limit.status().rate
        limit.refused(slots[9], None)
        limit.answered(await limit.acquire(Lane.INTERACTIVE, within=10.0))
        assert limit.status().rate >= before

    run_virtual(story())


def test_a_passing_limit_is_forgotten() -> None:
    async def story() -> None:
        profile = LimitProfile("ten", capacity=10, per_day=None)
        limit = RateLimiter(profile, account="a", clock=LoopClock(), metrics=Metrics())
        limit.refused(await limit.acquire(Lane.INTERACTIVE, within=1.0), None)
        limit.answered(await limit.acquire(Lane.INTERACTIVE, within=10.0))
        assert limit.status().rate < 6.0
        await asyncio.sleep(3_600.0)
        assert limit.status().rate == 10.0

    run_virtual(story())
