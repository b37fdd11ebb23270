"""A batch that StockX refuses, and what else concerns items but their waiting. In virtual time."""

from __future__ import annotations

import asyncio

import pytest

from solegate.client.limiter import PausedTooLongError, RateLimiter
from solegate.client.policy.call import Lane
from solegate.client.policy.rate import LimitProfile
from solegate.clock import LoopClock
from solegate.metrics import Metrics
from solegate.testing import run_virtual
from support.items import fill, limiter, take
from support.turns import now, soon, start


class TestARefusedBatch:
    @pytest.mark.parametrize(("retry_after", "pause"), [(None, 60.0), (7.0, 7.0), (900.0, 900.0)])
    def test_pauses_batches_for_long_and_everybody_else_for_one_window(
        self, retry_after: float | None, pause: float
    ) -> None:
        async def story() -> None:
            limit = limiter()
            limit.refused(await take(limit, 1), retry_after)
            assert (limit.pause_of(0), limit.pause_of(1)) == (1.0, pause)
            limit.answered(await limit.acquire(Lane.BACKGROUND, within=2.0))
            assert now() == 1.0
            limit.answered(await take(limit, 1))
            assert now() == pause

        run_virtual(story())

    def test_again_and_again_pauses_ever_longer_until_one_is_accepted(self) -> None:
        async def story() -> None:
            limit, pauses = limiter(), []
            for _ in range(5):
                limit.refused(await take(limit, 1), None)
                pauses.append(limit.pause_of(1))
            limit.answered(await take(limit, 1))
            limit.refused(await take(limit, 1), None)
            assert [*pauses, limit.pause_of(1)] == [60.0, 120.0, 240.0, 300.0, 300.0, 60.0]

        run_virtual(story())

    def test_teaches_nothing_about_the_rate(self) -> None:
        async def story() -> None:
            limit = limiter(LimitProfile("ten", capacity=10, per_day=None))
            slots = [await limit.acquire(Lane.INTERACTIVE, within=0.0) for _ in range(9)]
            limit.refused(await take(limit, 1), None)
            for slot in slots:
                limit.answered(slot)
            await asyncio.sleep(5)
            limit.answered(await limit.acquire(Lane.INTERACTIVE, within=0.0))
            assert limit.status().rate == 10.0

        run_virtual(story())

    def test_sends_those_away_at_once_who_may_not_wait_so_long(self) -> None:
        async def story() -> None:
            limit = limiter()
            slot = await take(limit, 500)
            hasty, patient = start(take(limit, 1, within=50.0)), start(take(limit, 1))
            await asyncio.sleep(1)
            limit.refused(slot, 100.0)
            with pytest.raises(PausedTooLongError):
                await hasty
            with pytest.raises(PausedTooLongError):
                await take(limit, 1, within=50.0)
            assert now() == 1.0
            await patient
            assert now() == 301.0  # the refused items hold their places: nobody knows whether they were counted

        run_virtual(story())

    def test_a_refused_read_says_nothing_about_items(self) -> None:
        async def story() -> None:
            limit = limiter()
            limit.refused(await limit.acquire(Lane.ORDERS, within=0.0), None)
            limit.answered(await take(limit, 1))
            assert now() == 1.0

        run_virtual(story())


def test_without_a_limit_of_items_a_batch_is_a_request_like_any_other() -> None:
    async def story() -> None:
        limit = limiter(LimitProfile("free", 10, per_day=None, items=None))
        limit.refused(await take(limit, 10_000), None)
        await asyncio.sleep(1.0)
        assert limit.status().rate == 10.0
        limit.answered(await take(limit, 10_000))
        assert limit.status().rate < 10.0
        assert (limit.status().items_used, limit.status().items_left) == (0, None)

    run_virtual(story())


def test_the_metrics_show_items_apart_from_requests() -> None:
    async def story() -> None:
        metrics = Metrics()
        limit = RateLimiter(LimitProfile("x", 10), account="a", clock=LoopClock(), metrics=metrics)
        limit.answered(await take(limit, 70))
        shown = [
            metrics.registry.get_sample_value(f"stockx_{name}") for name in ("items_used", "items_left", "quota_used")
        ]
        assert shown == [70, 49_930, 1]

    run_virtual(story())


def test_closing_sends_away_who_waits_for_items() -> None:
    async def story() -> None:
        limit = limiter()
        await fill(limit)
        waiting = start(take(limit, 1))
        await soon()
        await limit.aclose()
        with pytest.raises(RuntimeError, match="closed"):
            await waiting

    run_virtual(story())
