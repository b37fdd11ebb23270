"""What processes of one account know through the database: pauses, rates, items, and what the dead left behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from solegate.client.limiter import PausedTooLongError, RateLimiter
from solegate.client.policy.call import Lane
from solegate.client.policy.rate import ItemLimit, LimitProfile
from solegate.client.shared_window import ADMISSION, Step
from solegate.clock import LoopClock
from solegate.db import Database
from solegate.db.repositories import SqlWindowStore
from solegate.domain.limits import Unit
from solegate.errors import DatabaseError, InvalidInputError
from solegate.simulator import Limits
from solegate.testing import run_virtual
from support.shared import StrictServer, process, processes
from support.turns import now, start

ONE = LimitProfile("one", capacity=1, per_day=None)
TEN = LimitProfile("ten", capacity=10, per_day=None)
FAST = LimitProfile("fast", capacity=1_000, per_day=None)
PATIENT = 10_000.0


async def take(limit: RateLimiter, lane: Lane = Lane.INTERACTIVE, *, items: int = 0, within: float = PATIENT) -> float:
    """A request that is answered at once; when it was sent."""
    limit.answered(await limit.acquire(lane, within=within, items=items))
    return now()


@asynccontextmanager
async def killed(url: str, profile: LimitProfile) -> AsyncIterator[RateLimiter]:
    """A process that ends without a word: what it has not told by then, nobody is told."""
    async with process(url, profile, closes=False) as limit:
        yield limit


class TestARestart:
    def test_forgets_no_request(self, upgraded_url: str) -> None:
        async def story() -> None:
            async with process(upgraded_url, ONE) as limit:
                await take(limit)
            async with process(upgraded_url, ONE) as limit:
                assert await take(limit) == pytest.approx(1.0, abs=1e-4)

        run_virtual(story())

    def test_forgets_no_items(self, upgraded_url: str) -> None:
        async def story() -> None:
            async with process(upgraded_url, FAST) as limit:
                await take(limit, items=500)
            async with process(upgraded_url, FAST) as limit:
                assert await limit.items_ready_in(1) == pytest.approx(300.0, abs=1e-3)
                assert await take(limit, items=1) == pytest.approx(300.0, abs=1e-3)

        run_virtual(story())

    def test_forgets_neither_a_pause_nor_what_was_learnt(self, upgraded_url: str) -> None:
        async def story() -> None:
            async with process(upgraded_url, TEN) as limit:
                limit.refused(await limit.acquire(Lane.INTERACTIVE, within=1.0), 7.0)
            async with process(upgraded_url, TEN) as limit:
                assert await take(limit) == pytest.approx(7.0, abs=1e-4)
                assert limit.status().rate == pytest.approx(5.0, rel=0.01)

        run_virtual(story())


class TestAProcessThatWasKilled:
    def test_blocks_the_account_until_stockx_can_have_seen_its_request_and_no_longer(self, upgraded_url: str) -> None:
        async def story() -> None:
            async with killed(upgraded_url, ONE) as limit:
                await limit.acquire(Lane.INTERACTIVE, within=1.0, lasting=30.0)
            async with process(upgraded_url, ONE) as limit:
                assert await take(limit) == pytest.approx(ADMISSION + 30.0 + 1.0, abs=0.01)

        run_virtual(story())

    def test_leaves_the_turns_to_those_who_live(self, upgraded_url: str) -> None:
        async def story() -> None:
            async with process(upgraded_url, ONE) as limit:
                async with killed(upgraded_url, ONE) as dead:
                    await take(limit)
                    waiting = start(dead.acquire(Lane.ORDERS, within=PATIENT))
                    await asyncio.sleep(0.5)
                    waiting.cancel()
                assert await take(limit) < 2.0  # the dead one's turn is passed over
                assert await take(limit) < 3.0

        run_virtual(story())


class TestARefusal:
    def test_pauses_every_process_and_lowers_the_rate_for_all(self, upgraded_url: str) -> None:
        async def story() -> None:
            async with processes(upgraded_url, TEN, 4) as limits:
                await take(limits[1])
                limits[0].refused(await limits[0].acquire(Lane.INTERACTIVE, within=1.0), 20.0)
                await asyncio.sleep(0.1)
                sent = await asyncio.gather(*(take(limit) for limit in limits))
                assert sent == [pytest.approx(20.0, abs=1e-3)] * 4
                assert [limit.status().rate for limit in limits] == [pytest.approx(5.0, rel=0.01)] * 4

        run_virtual(story())

    def test_is_told_to_those_who_may_not_wait_so_long(self, upgraded_url: str) -> None:
        async def story() -> None:
            async with processes(upgraded_url, TEN, 2) as (one, two):
                one.refused(await one.acquire(Lane.INTERACTIVE, within=1.0), 60.0)
                await asyncio.sleep(0.1)
                with pytest.raises(PausedTooLongError):
                    await take(two, within=30.0)
                assert now() == pytest.approx(0.1)

        run_virtual(story())

    def test_of_a_batch_holds_the_batches_of_all_and_for_long(self, upgraded_url: str) -> None:
        async def story() -> None:
            async with processes(upgraded_url, FAST, 2) as (one, two):
                one.refused(await one.acquire(Lane.WRITES, within=1.0, items=10), None)
                await asyncio.sleep(0.1)
                assert await take(two) == pytest.approx(1.0, abs=1e-3)
                assert await two.items_ready_in(10) == pytest.approx(59.0, abs=0.01)
                assert await take(two, items=10) == pytest.approx(60.0, abs=1e-3)

        run_virtual(story())


def test_four_processes_learn_together_what_stockx_permits(upgraded_url: str) -> None:
    async def story() -> None:
        server = StrictServer(Limits(per_second=4))
        async with processes(upgraded_url, TEN, 4) as limits:

            async def caller(limit: RateLimiter) -> None:
                while now() < 60.0:
                    await server.call(limit)

            await asyncio.gather(*(caller(limit) for limit in limits for _ in range(5)))
        accepted = len(server.seen) - server.refused
        assert server.refused < 0.1 * len(server.seen)
        assert accepted > 0.75 * 4 * 60

    run_virtual(story())


def test_1500_items_of_three_processes_are_never_refused(upgraded_url: str) -> None:
    async def story() -> None:
        server = StrictServer(Limits.official(), latency=0.2)
        async with processes(upgraded_url, LimitProfile("official", capacity=1), 3) as limits:

            async def lister(limit: RateLimiter) -> None:
                for _ in range(5):
                    await server.call(limit, Lane.WRITES, items=100)

            await asyncio.gather(*(lister(limit) for limit in limits))
        assert server.refused == 0
        assert server.counter.items.busiest == 500
        assert 600.0 < now() < 640.0

    run_virtual(story())


def test_an_order_elsewhere_goes_before_background_work_here(upgraded_url: str) -> None:
    async def story() -> None:
        async with processes(upgraded_url, ONE, 2) as (here, elsewhere):
            slot = await here.acquire(Lane.BACKGROUND, within=1.0)
            background = [start(take(here, Lane.BACKGROUND)) for _ in range(3)]
            await asyncio.sleep(0.2)
            order = start(take(elsewhere, Lane.ORDERS))
            await asyncio.sleep(0.1)
            here.answered(slot)
            await asyncio.gather(order, *background)
            assert order.result() < min(each.result() for each in background)

    run_virtual(story())


def test_accounts_share_nothing(upgraded_url: str) -> None:
    async def story() -> None:
        async with (
            process(upgraded_url, ONE, account="a") as one,
            process(upgraded_url, ONE, account="b") as two,
        ):
            assert (await take(one), await take(two)) == (0.0, 0.0)

    run_virtual(story())


def test_a_caller_who_goes_away_leaves_neither_a_slot_nor_a_wish(upgraded_url: str) -> None:
    async def story() -> None:
        async with processes(upgraded_url, ONE, 2) as (one, two):
            gone = start(one.acquire(Lane.INTERACTIVE, within=PATIENT))
            await asyncio.sleep(0)
            gone.cancel()
            await asyncio.sleep(0.3)
            assert await take(two) == pytest.approx(0.3, abs=0.05)
            with pytest.raises(TimeoutError):
                await one.acquire(Lane.ORDERS, within=0.5)
            assert await take(two) < 2.0

    run_virtual(story())


class TestItemsReadyIn:
    def test_says_when_the_window_has_room(self, upgraded_url: str) -> None:
        async def story() -> None:
            async with processes(upgraded_url, FAST, 2) as (one, two):
                assert await two.items_ready_in(500) == 0.0
                await take(one, items=300)
                await asyncio.sleep(100.0)
                assert await two.items_ready_in(200) == 0.0
                assert await two.items_ready_in(201) == pytest.approx(200.0, abs=1e-3)
                assert now() == 100.0
                with pytest.raises(InvalidInputError):
                    await two.items_ready_in(501)

        run_virtual(story())

    def test_knows_an_answer_that_nobody_else_was_told_of_yet(self, upgraded_url: str) -> None:
        async def story() -> None:
            async with process(upgraded_url, FAST) as limit:
                slot = await limit.acquire(Lane.WRITES, within=1.0, items=500)
                await asyncio.sleep(10.0)
                limit.answered(slot)
                await asyncio.sleep(0.5)
                assert await limit.items_ready_in(1) == pytest.approx(299.5, abs=1e-3)

        run_virtual(story())

    def test_does_not_count_on_an_answer_that_is_still_to_come(self, upgraded_url: str) -> None:
        async def story() -> None:
            async with processes(upgraded_url, FAST, 2) as (one, two):
                await one.acquire(Lane.WRITES, within=1.0, items=500)
                assert await two.items_ready_in(1) == pytest.approx(300.0, abs=1e-3)

        run_virtual(story())

    def test_says_when_the_next_day_begins_if_this_one_is_used_up(self, upgraded_url: str) -> None:
        profile = LimitProfile("day", 1_000, per_day=None, items=ItemLimit(500, 1.0, per_day=500))

        async def story() -> None:
            async with processes(upgraded_url, profile, 2) as (one, two):
                await take(one, items=500)
                assert await two.items_ready_in(1) == pytest.approx(12 * 3_600.0, abs=0.1)

        run_virtual(story())


def test_a_document_of_another_version_counts_as_used_up(upgraded_url: str) -> None:
    async def story() -> None:
        clock = LoopClock()
        async with Database(upgraded_url, clock=clock) as database:
            await SqlWindowStore(database, clock).change("a", Unit.REQUESTS, lambda *_: '{"unheard": "of"}')
        async with process(upgraded_url, ONE) as limit:
            assert await take(limit) == pytest.approx(1.0, abs=0.01)

    run_virtual(story())


def test_a_database_that_fails_is_told_to_every_caller_and_forgets_nothing(upgraded_url: str) -> None:
    class Store(SqlWindowStore):
        broken = False

        async def change(self, account: str, unit: Unit, step: Step) -> None:
            if self.broken:
                raise DatabaseError("The disk is full.")
            await super().change(account, unit, step)

    async def story() -> None:
        async with process(upgraded_url, ONE, windows=Store) as limit:
            slot = await limit.acquire(Lane.INTERACTIVE, within=1.0)
            Store.broken = True
            limit.answered(slot)
            await asyncio.sleep(0.5)
            callers = [start(limit.acquire(Lane.INTERACTIVE, within=5.0)) for _ in range(3)]
            failed = await asyncio.gather(*callers, return_exceptions=True)
            assert [type(error) for error in failed] == [DatabaseError] * 3
            Store.broken = False
            assert await take(limit) == pytest.approx(1.0, abs=0.01)

    run_virtual(story())
