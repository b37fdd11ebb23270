"""Turns under the limit: order, cancellation, pauses. All in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

import pytest

from solegate.client.limiter import PausedTooLongError, RateLimiter
from solegate.client.policy.call import Lane
from solegate.client.policy.rate import LimitProfile, Slot
from solegate.clock import LoopClock
from solegate.metrics import Metrics
from solegate.testing import run_virtual

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


class TestPauses:
    def test_are_shared_by_everybody(self) -> None:
        async def story() -> None:
            limit = limiter(TEN)
            refused = await limit.acquire(Lane.INTERACTIVE, within=1.0)
            limit.refused(refused, 7.0)
            assert limit.paused_for == 7.0
            callers = Callers(limit)
            await asyncio.gather(*(callers.call("any", lane) for lane in Lane))
            assert {at for _, at in callers.got} == {7.0}

        run_virtual(story())

    def test_hold_those_who_wait_already(self) -> None:
        async def story() -> None:
            limit = limiter()
            slot = await limit.acquire(Lane.INTERACTIVE, within=1.0)
            callers = Callers(limit)
            waiting = start(callers.call("waiting"))
            await soon()
            limit.refused(slot, 20.0)
            await waiting
            assert callers.got == [("waiting", 20.0)]

        run_virtual(story())

    @pytest.mark.parametrize("within", [0.0, 5.0, 59.999])
    def test_longer_than_a_caller_may_wait_end_the_call_at_once(self, within: float) -> None:
        async def story() -> None:
            limit, clock = limiter(), LoopClock()
            limit.refused(await limit.acquire(Lane.INTERACTIVE, within=1.0), 60.0)
            with pytest.raises(PausedTooLongError) as caught:
                await limit.acquire(Lane.INTERACTIVE, within=within)
            assert caught.value.retry_at == clock.now() + timedelta(seconds=60)
            assert now() == 0.0
            await limit.acquire(Lane.INTERACTIVE, within=60.001)
            assert now() == 60.0

        run_virtual(story())

    def test_that_are_too_long_are_told_to_those_who_wait_already(self) -> None:
        async def story() -> None:
            limit = limiter()
            slot = await limit.acquire(Lane.INTERACTIVE, within=1.0)
            waiting = start(limit.acquire(Lane.INTERACTIVE, within=60.0))
            await soon()
            limit.refused(slot, 3_600.0)
            with pytest.raises(PausedTooLongError):
                await waiting
            assert now() == 0.0

        run_virtual(story())

    def test_never_become_shorter_by_a_later_refusal(self) -> None:
        async def story() -> None:
            limit = limiter(TEN)
            slots = [await limit.acquire(Lane.INTERACTIVE, within=1.0) for _ in range(2)]
            limit.refused(slots[0], 30.0)
            limit.refused(slots[1], 2.0)
            assert limit.paused_for == 30.0

        run_virtual(story())

    def test_are_at_least_one_window(self) -> None:
        async def story() -> None:
            limit = limiter(LimitProfile("slow", 5, period=4.0))
            limit.refused(await limit.acquire(Lane.INTERACTIVE, within=1.0), 0.0)
            assert limit.paused_for == 4.0

        run_virtual(story())

    def test_double_with_each_refusal_in_a_row_and_start_anew_after_a_success(self) -> None:
        async def story() -> None:
            limit = limiter()

            async def refuse() -> float:
                limit.refused(await limit.acquire(Lane.INTERACTIVE, within=1e4), None)
                return limit.paused_for

            pauses = [await refuse() for _ in range(4)]
            limit.answered(await limit.acquire(Lane.INTERACTIVE, within=1e4))
            pauses.append(await refuse())
            assert pauses == pytest.approx([1.0, 2.0, 4.0, 8.0, 1.0])

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
