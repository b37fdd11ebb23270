"""The day's quota: who may still send, what survives a restart, and what happens at midnight UTC."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime

import pytest

from solegate.client.limiter import QuotaUsedUpError, RateLimiter
from solegate.client.policy.call import Lane
from solegate.client.policy.rate import LimitProfile
from solegate.client.quota import BLOCK, MemoryLimitStore
from solegate.clock import LoopClock
from solegate.domain.limits import Unit
from solegate.errors import DatabaseError
from solegate.metrics import Metrics
from solegate.testing import run_virtual

TODAY, TOMORROW = date(2026, 1, 1), date(2026, 1, 2)
MIDNIGHT = datetime(2026, 1, 2, tzinfo=UTC)


def limiter(
    per_day: int | None, *, reserve: float = 0.0, store: MemoryLimitStore | None = None, metrics: Metrics | None = None,
    clock: LoopClock | None = None,
) -> RateLimiter:  # fmt: skip
    profile = LimitProfile("day", capacity=1_000, per_day=per_day, reserve=reserve)
    clock = clock or LoopClock()
    clock.now()
    return RateLimiter(profile, account="a", clock=clock, metrics=metrics or Metrics(), store=store)


async def send(limit: RateLimiter, count: int, lane: Lane = Lane.INTERACTIVE) -> int:
    """Send one after the other; how many got their turn."""
    for sent in range(count):
        try:
            limit.answered(await limit.acquire(lane, within=100.0))
        except QuotaUsedUpError:
            return sent
    return count


class BrokenStore(MemoryLimitStore):
    """A store whose disk is full until it is mended."""

    broken = True

    async def take(self, account: str, day: date, wanted: int, limit: int, unit: Unit = Unit.REQUESTS) -> int:
        await asyncio.sleep(1.0)
        if self.broken:
            raise DatabaseError("The disk is full.")
        return await super().take(account, day, wanted, limit, unit)


@pytest.mark.parametrize("per_day", [1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK])
def test_exactly_the_quota_is_sent(per_day: int) -> None:
    async def story() -> None:
        limit = limiter(per_day)
        assert await send(limit, 200) == per_day
        with pytest.raises(QuotaUsedUpError) as caught:
            await limit.acquire(Lane.ORDERS, within=1.0)
        assert caught.value.retry_at == MIDNIGHT
        assert (limit.status().used, limit.status().left) == (per_day, 0)

    run_virtual(story())


def test_all_who_wait_are_told_when_it_is_used_up() -> None:
    async def story() -> None:
        limit = limiter(5)
        results = await asyncio.gather(
            *(limit.acquire(lane, within=100.0) for lane in list(Lane) * 5), return_exceptions=True
        )
        assert sum(isinstance(result, QuotaUsedUpError) for result in results) == 15
        assert limit.status().waiting == dict.fromkeys(Lane, 0)

    run_virtual(story())


def test_background_never_takes_the_reserve_while_others_may() -> None:
    async def story() -> None:
        limit = limiter(100, reserve=0.1)
        assert await send(limit, 200, Lane.BACKGROUND) == 90
        assert await send(limit, 4, Lane.ORDERS) == 4
        assert await send(limit, 1, Lane.BACKGROUND) == 0
        assert await send(limit, 200, Lane.INTERACTIVE) == 6

    run_virtual(story())


def test_background_that_is_turned_away_holds_up_nobody() -> None:
    async def story() -> None:
        limit = limiter(20, reserve=0.5)
        back = [asyncio.ensure_future(limit.acquire(Lane.BACKGROUND, within=9.0)) for _ in range(30)]
        await asyncio.wait(back)
        assert sum(isinstance(each.exception(), QuotaUsedUpError) for each in back) == 20
        assert await send(limit, 20, Lane.WRITES) == 10

    run_virtual(story())


def test_after_midnight_it_works_again() -> None:
    async def story() -> None:
        limit = limiter(5)
        assert await send(limit, 9) == 5
        await asyncio.sleep(12 * 3600 - 0.001)
        assert await send(limit, 1) == 0
        await asyncio.sleep(0.001)
        assert await send(limit, 9) == 5

    run_virtual(story())


def test_a_block_drawn_yesterday_is_not_spent_today() -> None:
    async def story() -> None:
        store = MemoryLimitStore()
        limit = limiter(100, store=store)
        await send(limit, 1)
        await asyncio.sleep(12 * 3600)
        assert await send(limit, 200) == 100
        assert await store.used("a", TOMORROW) == 100

    run_virtual(story())


def test_use_survives_a_restart() -> None:
    async def story() -> None:
        store = MemoryLimitStore()
        first = limiter(100, store=store)
        await send(first, 30)
        assert await store.used("a", TODAY) == 2 * BLOCK
        await first.aclose()
        assert await store.used("a", TODAY) == 30
        second = limiter(100, store=store)
        await second.refresh()
        assert (second.status().used, second.status().left) == (30, 70)
        assert await send(second, 200) == 70

    run_virtual(story())


def test_a_crash_loses_one_block_at_most() -> None:
    async def story() -> None:
        store = MemoryLimitStore()
        await send(limiter(100, store=store), 1)
        assert await send(limiter(100, store=store), 200) == 100 - BLOCK

    run_virtual(story())


@pytest.mark.parametrize(("capacity", "lost"), [(1, 5), (3, 15), (10, BLOCK)])
def test_no_more_is_drawn_ahead_than_five_seconds_need(capacity: int, lost: int) -> None:
    async def story() -> None:
        store = MemoryLimitStore()
        profile = LimitProfile("slow", capacity, per_day=100)
        limit = RateLimiter(profile, account="a", clock=LoopClock(), metrics=Metrics(), store=store)
        await limit.acquire(Lane.INTERACTIVE, within=1.0)
        assert await store.used("a", TODAY) == lost

    run_virtual(story())


def test_two_processes_share_the_quota() -> None:
    async def story() -> None:
        store = MemoryLimitStore()
        one, two = limiter(60, store=store), limiter(60, store=store)
        sent = await asyncio.gather(send(one, 100), send(two, 100))
        assert sum(sent) == 60

    run_virtual(story())


def test_accounts_do_not_share_it() -> None:
    async def story() -> None:
        store = MemoryLimitStore()
        assert await store.take("a", TODAY, 10, 10) == 10
        assert await store.take("a", TODAY, 1, 10) == 0
        assert await store.take("b", TODAY, 3, 10) == 3
        await store.give_back("a", TODAY, 99)
        assert await store.used("a", TODAY) == 0

    run_virtual(story())


def test_a_failing_store_is_told_to_every_caller_and_the_limiter_recovers() -> None:
    async def story() -> None:
        store = BrokenStore()
        limit = limiter(100, store=store)
        results = await asyncio.gather(
            *(limit.acquire(lane, within=10.0) for lane in list(Lane) * 3), return_exceptions=True
        )
        assert [type(result) for result in results] == [DatabaseError] * 12
        store.broken = False
        assert await send(limit, 3) == 3
        await limit.aclose()
        assert await store.used("a", TODAY) == 3

    run_virtual(story())


def test_a_caller_cancelled_while_the_store_is_asked_costs_nothing() -> None:
    async def story() -> None:
        store = BrokenStore()
        store.broken = False
        limit = limiter(100, store=store)
        caller = asyncio.ensure_future(limit.acquire(Lane.INTERACTIVE, within=10.0))
        await asyncio.sleep(0.5)
        caller.cancel()
        await limit.aclose()
        assert await store.used("a", TODAY) == 0

    run_virtual(story())


def test_without_a_quota_nothing_is_counted_against_anybody() -> None:
    async def story() -> None:
        limit = limiter(None)
        assert await send(limit, 2_000, Lane.BACKGROUND) == 2_000
        assert limit.status().left is None

    run_virtual(story())


def test_the_metrics_show_use_and_rest() -> None:
    async def story() -> None:
        metrics = Metrics()
        limit = limiter(100, metrics=metrics)
        await send(limit, 7)
        assert metrics.registry.get_sample_value("stockx_quota_used") == 7
        assert metrics.registry.get_sample_value("stockx_quota_left") == 93

    run_virtual(story())


def test_a_request_unsent_after_midnight_is_not_given_back_to_the_new_day() -> None:
    async def story() -> None:
        limit = limiter(5)
        yesterday = await limit.acquire(Lane.INTERACTIVE, within=1.0)
        await asyncio.sleep(12 * 3600)
        sent = await send(limit, 1)
        limit.unsent(yesterday)
        assert limit.status().used == 1
        assert sent + await send(limit, 99) == 5

    run_virtual(story())


def test_the_status_after_midnight_is_of_the_new_day() -> None:
    async def story() -> None:
        limit = limiter(5)
        await send(limit, 9)
        await asyncio.sleep(12 * 3600)
        assert (limit.status().used, limit.status().left) == (0, 5)

    run_virtual(story())
