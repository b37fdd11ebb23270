"""Several processes of one account keep one limit together, over SQLite and PostgreSQL (design 4.2). Virtual time."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from solegate.client.limiter import RateLimiter
from solegate.client.policy.rate import LimitProfile
from solegate.simulator import Limits
from solegate.testing import run_virtual
from support.shared import StrictServer, processes
from support.turns import now

ONE = LimitProfile("one", capacity=1, per_day=None)
TWENTY = LimitProfile("twenty", capacity=20, per_day=None)


async def load(server: StrictServer, limits: list[RateLimiter], *, callers: int, seconds: float) -> Counter[int]:
    """Keep every process busy for so long; how many requests each got through."""
    done: Counter[int] = Counter()

    async def caller(number: int) -> None:
        while now() < seconds:
            await server.call(limits[number])
            done[number] += 1

    await asyncio.gather(*(caller(number) for number in range(len(limits)) for _ in range(callers)))
    return done


@pytest.mark.parametrize("kind", ["sliding", "fixed"])
@pytest.mark.parametrize(("profile", "callers"), [(ONE, 3), (TWENTY, 10), (TWENTY, 2)], ids=["1/s", "20/s", "idle"])
def test_four_processes_keep_one_limit_use_it_in_full_and_get_equal_shares(upgraded_url, profile, callers, kind):
    async def story() -> None:
        server = StrictServer(Limits(per_second=profile.capacity, kind=kind))
        async with processes(upgraded_url, profile, 4) as limits:
            done = await load(server, limits, callers=callers, seconds=12.0)
        assert server.refused == 0
        assert server.used(profile) >= 0.93
        assert min(done.values()) >= 0.8 * max(done.values()) - 1

    run_virtual(story())
