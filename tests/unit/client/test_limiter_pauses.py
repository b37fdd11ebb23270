"""The pause after a 429 is everybody's (design 4.2). In virtual time."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from solegate.client.limiter import PausedTooLongError
from solegate.client.policy.call import Lane
from solegate.client.policy.rate import LimitProfile
from solegate.clock import LoopClock
from solegate.testing import run_virtual
from support.turns import TEN, Callers, limiter, now, soon, start


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
