"""A limiter of batch items, and taking from it."""

from __future__ import annotations

from solegate.client.limiter import RateLimiter
from solegate.client.policy.call import Lane
from solegate.client.policy.rate import LimitProfile
from solegate.client.policy.window import Slot
from solegate.client.quota import MemoryLimitStore
from solegate.clock import LoopClock
from solegate.metrics import Metrics

HOUR = 3_600.0
FAST = LimitProfile("fast", capacity=1_000, per_day=None)


def limiter(profile: LimitProfile = FAST, store: MemoryLimitStore | None = None) -> RateLimiter:
    return RateLimiter(profile, account="a", clock=LoopClock(), metrics=Metrics(), store=store)


async def take(limit: RateLimiter, items: int, lane: Lane = Lane.WRITES, *, within: float = HOUR) -> Slot:
    return await limit.acquire(lane, within=within, items=items)


async def fill(limit: RateLimiter) -> None:
    """Use the whole item window now, answered at once."""
    limit.answered(await take(limit, 500))
