"""Batch items: a window and a day of their own, in which nobody else has to wait (FACTS 1.1, 1.5). In virtual time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solegate.client.limiter import QuotaUsedUpError, RateLimiter
from solegate.client.policy.call import Lane
from solegate.client.policy.rate import ItemLimit, LimitProfile
from solegate.client.quota import MemoryLimitStore
from solegate.clock import LoopClock
from solegate.domain.limits import Unit
from solegate.errors import InvalidInputError
from solegate.simulator import Limits
from solegate.simulator.state.limits import Moment, RequestLimiter
from solegate.testing import run_virtual
from support.items import HOUR, fill, limiter, take
from support.turns import now, soon, start


@dataclass
class Server:
    """A strict StockX that sees each request somewhere between its sending and its answer."""

    limit: RateLimiter
    limits: Limits = field(default_factory=Limits.official)
    latency: float = 0.2
    seen: list[tuple[float, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.counter, self.clock, self.refused = RequestLimiter(self.limits), LoopClock(), 0

    async def call(self, items: int = 0, lane: Lane = Lane.WRITES, *, within: float = HOUR) -> float:
        """One request; when its answer came."""
        slot = await self.limit.acquire(lane, within=within, items=items)
        await asyncio.sleep(self.latency / 2)
        at = Moment(self.clock.monotonic(), self.clock.now())
        fits = self.counter.admit(at) and self.counter.items.admit(at, items)
        self.refused += not fits
        self.seen.append((now(), items))
        await asyncio.sleep(self.latency / 2)
        self.limit.answered(slot)
        return now()


def test_1500_items_of_several_callers_are_never_refused_while_reads_go_on() -> None:
    async def story() -> None:
        server = Server(limiter(LimitProfile("official", capacity=1)))

        async def caller() -> None:
            for _ in range(5):
                await server.call(100)

        async def reader() -> list[float]:
            return [await server.call(0, Lane.INTERACTIVE) for _ in range(100)]

        *_, reads = await asyncio.gather(caller(), caller(), caller(), reader())
        assert server.refused == 0
        assert sum(items for _, items in server.seen) == 1_500
        assert server.counter.items.busiest == 500
        assert reads[-1] < 100 * 1.2 + 15 * 1.2  # the first five batches came between, no other wait
        assert 600 < now() < 640  # two windows had to pass, and no more

    run_virtual(story())


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 100), st.sampled_from(Lane), st.floats(0.0, 400.0)), min_size=1, max_size=40
    ),
    st.floats(0.0, 60.0),
)  # fmt: skip
def test_no_strict_window_ever_sees_too_many_items(batches: list[tuple[int, Lane, float]], latency: float) -> None:
    async def story() -> None:
        server = Server(limiter(), Limits(per_second=None), latency)

        async def caller(items: int, lane: Lane, idle: float) -> None:
            await asyncio.sleep(idle)
            await server.call(items, lane, within=100 * HOUR)

        await asyncio.gather(*(caller(*each) for each in batches))
        assert server.refused == 0
        assert server.limit.status().items_in_flight == 0

    run_virtual(story())


def test_who_waits_for_items_holds_up_nobody_and_the_first_in_line_stays_first() -> None:
    async def story() -> None:
        limit = limiter()
        await fill(limit)
        got: list[str] = []

        async def want(name: str, items: int, lane: Lane = Lane.WRITES) -> None:
            limit.answered(await take(limit, items, lane))
            got.append(name)

        waiting = [start(want("large", 500)), start(want("small", 1)), start(want("urgent", 100, Lane.ORDERS))]
        await soon()
        assert limit.status().waiting == {**dict.fromkeys(Lane, 0), Lane.WRITES: 2, Lane.ORDERS: 1}
        for lane in Lane:
            limit.answered(await limit.acquire(lane, within=0.0))
        assert (now(), got) == (0.0, [])
        await asyncio.gather(*waiting)
        assert got == ["urgent", "large", "small"]
        assert now() == pytest.approx(900.0)

    run_virtual(story())


def test_items_are_free_one_window_after_the_answer() -> None:
    async def story() -> None:
        limit = limiter()
        slot = await take(limit, 500)
        waiting = start(take(limit, 1))
        await asyncio.sleep(1_000)
        assert not waiting.done()
        limit.answered(slot)
        await waiting
        assert now() == 1_300

    run_virtual(story())


def test_items_that_never_left_are_free_at_once_and_lost_ones_when_they_can_have_arrived_no_more() -> None:
    async def story() -> None:
        limit = limiter()
        limit.unsent(await take(limit, 500))
        lost = await take(limit, 500)
        assert (now(), limit.status().items_used) == (0.0, 500)
        limit.lost(lost, timeout=30.0)
        await take(limit, 1)
        assert now() == 330.0

    run_virtual(story())


@pytest.mark.parametrize("by", ["timeout", "cancellation"])
def test_who_gives_up_leaves_his_items_to_the_next(by: str) -> None:
    async def story() -> None:
        limit = limiter()
        limit.answered(await take(limit, 450))
        large = start(take(limit, 100, within=50.0 if by == "timeout" else HOUR))
        small = start(take(limit, 50))
        await asyncio.sleep(10)
        if by == "cancellation":
            large.cancel()
        await asyncio.wait([large, small])
        assert small.exception() is None
        assert now() == (50.0 if by == "timeout" else 10.0)
        assert limit.status().items_used == 500

    run_virtual(story())


def test_who_gives_up_while_waiting_for_the_turn_gives_the_items_back() -> None:
    async def story() -> None:
        limit = limiter(LimitProfile("slow", capacity=1, period=100.0, per_day=None))
        limit.answered(await limit.acquire(Lane.WRITES, within=0.0))
        with pytest.raises(TimeoutError):
            await take(limit, 500, within=50.0)
        assert limit.status().items_used == 0
        limit.answered(await take(limit, 500))
        assert now() == 100.0

    run_virtual(story())


def test_more_items_than_a_window_holds_are_refused_before_anything_waits() -> None:
    async def story() -> None:
        with pytest.raises(InvalidInputError, match="501 items never fit"):
            await take(limiter(), 501)

    run_virtual(story())


class TestTheDay:
    PROFILE = LimitProfile("day", 1_000, per_day=None, reserve=0.1, items=ItemLimit(100, 1.0, 1_000))

    async def send(self, limit: RateLimiter, lane: Lane = Lane.WRITES) -> int:
        """How many items of this lane get through before the day's are used up."""
        sent = 0
        while True:
            try:
                limit.answered(await take(limit, 100, lane))
            except QuotaUsedUpError:
                return sent
            sent += 100

    def test_is_used_to_the_last_item_and_the_background_leaves_its_reserve(self) -> None:
        async def story() -> None:
            limit = limiter(self.PROFILE)
            assert await self.send(limit, Lane.BACKGROUND) == 900
            assert await self.send(limit) == 100
            with pytest.raises(QuotaUsedUpError, match="quota of items") as caught:
                await take(limit, 1, Lane.ORDERS)
            assert caught.value.retry_at == datetime(2026, 1, 2, tzinfo=UTC)
            assert (limit.status().items_used, limit.status().items_left) == (1_000, 0)
            limit.answered(await limit.acquire(Lane.WRITES, within=0.0))

        run_virtual(story())

    def test_is_shared_by_processes_and_survives_them_apart_from_the_requests(self) -> None:
        async def story() -> None:
            store = MemoryLimitStore()
            one, two = limiter(self.PROFILE, store), limiter(self.PROFILE, store)
            assert sum(await asyncio.gather(self.send(one), self.send(two))) == 1_000
            await one.aclose()
            await two.aclose()
            day = datetime(2026, 1, 1, tzinfo=UTC).date()
            assert (await store.used("a", day, Unit.ITEMS), await store.used("a", day)) == (1_000, 0)
            later = limiter(self.PROFILE, store)
            await later.refresh()
            assert later.status().items_left == 0

        run_virtual(story())

    def test_begins_anew_at_midnight(self) -> None:
        async def story() -> None:
            limit = limiter(self.PROFILE)
            await self.send(limit)
            await asyncio.sleep(12 * HOUR)
            limit.answered(await take(limit, 100))
            assert limit.status().items_used == 100

        run_virtual(story())
