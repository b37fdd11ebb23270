"""Turns under the limit: order, slots, cancellation (design 4.2). In virtual time."""

from __future__ import annotations

import asyncio

import pytest

from solegate.client.limiter import RateLimiter
from solegate.client.policy.call import Lane
from solegate.client.policy.window import Slot
from solegate.clock import LoopClock
from solegate.metrics import Metrics
from solegate.testing import run_virtual
from support.turns import ONE, TEN, Callers, limiter, now, soon, start


def test_the_rate_is_used_in_full_and_never_passed() -> None:
    async def story() -> None:
        callers = Callers(limiter(TEN), latency=0.0)
        await asyncio.gather(*(callers.call(str(number)) for number in range(95)))
        assert [round(at, 6) for _, at in callers.got] == [float(number // 10) for number in range(95)]

    run_virtual(story())


def test_a_lane_is_first_come_first_served() -> None:
    async def story() -> None:
        callers = Callers(limiter())
        await asyncio.gather(*(callers.call(str(number)) for number in range(20)))
        assert callers.names == [str(number) for number in range(20)]

    run_virtual(story())


def test_urgent_lanes_go_first() -> None:
    async def story() -> None:
        callers = Callers(limiter())
        asked = [Lane.BACKGROUND, Lane.INTERACTIVE, Lane.WRITES, Lane.ORDERS]
        await callers.call("first")
        await asyncio.gather(*(callers.call(lane.value, lane) for lane in asked))
        assert callers.names == ["first", "orders", "writes", "interactive", "background"]

    run_virtual(story())


def test_a_late_urgent_caller_overtakes() -> None:
    async def story() -> None:
        callers = Callers(limiter())
        waiting = [start(callers.call(f"back{number}", Lane.BACKGROUND)) for number in range(4)]
        await asyncio.sleep(1.5)
        waiting.append(start(callers.call("order", Lane.ORDERS)))
        await asyncio.gather(*waiting)
        assert callers.names == ["back0", "back1", "order", "back2", "back3"]

    run_virtual(story())


def test_a_slot_is_held_until_one_window_after_the_answer() -> None:
    async def story() -> None:
        callers = Callers(limiter(), latency=0.25)
        await asyncio.gather(*(callers.call(str(number)) for number in range(3)))
        assert [at for _, at in callers.got] == [0.0, 1.25, 2.5]

    run_virtual(story())


def test_a_cancelled_waiter_leaves_no_hole() -> None:
    async def story() -> None:
        limit = limiter()
        callers = Callers(limit)
        tasks = [start(callers.call(str(number))) for number in range(4)]
        await asyncio.sleep(0.5)
        tasks[1].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert callers.got == [("0", 0.0), ("2", 1.0), ("3", 2.0)]
        assert limit.status().waiting == dict.fromkeys(Lane, 0)
        assert limit.status().used == 3

    run_virtual(story())


def test_a_waiter_cancelled_in_the_tick_of_its_grant_gives_the_slot_back() -> None:
    async def story() -> None:
        limit = limiter()
        held = await limit.acquire(Lane.INTERACTIVE, within=1.0)
        first = start(limit.acquire(Lane.INTERACTIVE, within=9.0))
        second = start(limit.acquire(Lane.INTERACTIVE, within=9.0))
        await soon()
        limit.unsent(held)  # grants `first`, which has not run since
        first.cancel()
        slot = await second
        assert first.cancelled()
        assert (slot.sent_at, now()) == (0.0, 0.0)
        limit.answered(slot)
        assert limit.status().used == 1

    run_virtual(story())


def test_a_deadline_ends_the_wait_and_leaks_nothing() -> None:
    async def story() -> None:
        limit = limiter()
        slot = await limit.acquire(Lane.INTERACTIVE, within=1.0)
        with pytest.raises(TimeoutError):
            await limit.acquire(Lane.INTERACTIVE, within=5.0)
        assert now() == 5.0
        limit.answered(slot)
        await limit.acquire(Lane.INTERACTIVE, within=5.0)
        assert now() == 6.0
        assert limit.status().used == 2

    run_virtual(story())


def test_a_caller_without_time_gets_a_free_slot_or_nothing() -> None:
    async def story() -> None:
        limit = limiter()
        await limit.refresh()
        warm = await limit.acquire(Lane.INTERACTIVE, within=1.0)
        limit.unsent(warm)
        await limit.acquire(Lane.INTERACTIVE, within=0.0)
        with pytest.raises(TimeoutError):
            await limit.acquire(Lane.INTERACTIVE, within=0.0)
        assert now() == 0.0

    run_virtual(story())


@pytest.mark.parametrize("way", ["answered", "lost", "unsent", "refused"])
def test_a_slot_counts_once_however_often_it_is_given_back(way: str) -> None:
    async def story() -> None:
        limit = limiter()
        slot = await limit.acquire(Lane.INTERACTIVE, within=1.0)
        give_back(limit, way, slot)
        used, paused = limit.status().used, limit.paused_for
        for again in ("answered", "lost", "unsent", "refused"):
            give_back(limit, again, slot)
        assert (limit.status().used, limit.paused_for) == (used, paused)
        await limit.acquire(Lane.INTERACTIVE, within=1_000.0)

    run_virtual(story())


def give_back(limit: RateLimiter, way: str, slot: Slot) -> None:
    if way == "lost":
        limit.lost(slot, timeout=3.0)
    elif way == "refused":
        limit.refused(slot, None)
    else:
        getattr(limit, way)(slot)


def test_a_request_without_an_answer_holds_its_slot_for_its_timeout_and_a_window() -> None:
    async def story() -> None:
        limit = limiter()
        limit.lost(await limit.acquire(Lane.INTERACTIVE, within=1.0), timeout=30.0)
        await limit.acquire(Lane.INTERACTIVE, within=100.0)
        assert now() == 31.0

    run_virtual(story())


def test_a_request_that_never_left_costs_neither_slot_nor_quota() -> None:
    async def story() -> None:
        limit = limiter()
        for _ in range(50):
            limit.unsent(await limit.acquire(Lane.INTERACTIVE, within=0.0 if now() else 1.0))
        assert now() == 0.0
        assert limit.status().used == 0

    run_virtual(story())


def test_waits_are_measured_by_lane() -> None:
    async def story() -> None:
        metrics = Metrics()
        limit = RateLimiter(ONE, account="a", clock=LoopClock(), metrics=metrics)
        callers = Callers(limit)
        await asyncio.gather(*(callers.call("x", lane) for lane in Lane))
        for waited, lane in enumerate(Lane):
            assert metrics.registry.get_sample_value("stockx_limiter_wait_seconds_sum", {"lane": lane.value}) == waited

    run_virtual(story())
