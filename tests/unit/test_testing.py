"""The helpers we give to others for their tests: virtual time, a scripted transport, a practice market."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable

import pytest

from solegate.client.policy.outcome import Failed, FailureKind, Received
from solegate.client.transport import WireRequest
from solegate.errors import ReauthenticationRequiredError
from solegate.testing import ScriptedTransport, VirtualTimeLoop, practice_client, run_virtual

FIRST, SECOND = Received(200, {}, b"1"), Failed(FailureKind.TIMEOUT, sent=True)
ASK = WireRequest("GET", "http://h/x", {"authorization": "Bearer canary"})


class TestVirtualTime:
    def test_jumps_to_the_next_timer_in_order(self) -> None:
        async def story() -> list[tuple[str, float]]:
            seen = []

            async def wait(name: str, seconds: float) -> None:
                await asyncio.sleep(seconds)
                seen.append((name, asyncio.get_running_loop().time()))

            await asyncio.gather(wait("day", 86_400), wait("now", 0), wait("hour", 3_600), wait("week", 604_800))
            return seen

        assert run_virtual(story()) == [("now", 0.0), ("hour", 3_600.0), ("day", 86_400.0), ("week", 604_800.0)]

    def test_stands_still_while_there_is_work(self) -> None:
        async def story() -> float:
            for _ in range(1_000):
                await asyncio.sleep(0)
            return asyncio.get_running_loop().time()

        assert run_virtual(story()) == 0.0

    def test_ends_timeouts_as_real_time_does(self) -> None:
        async def story() -> None:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(100):
                    await asyncio.Event().wait()
            assert asyncio.get_running_loop().time() == pytest.approx(100.0)

        run_virtual(story())

    def test_gives_back_what_the_story_returns_or_raises(self) -> None:
        async def returns() -> int:
            return 42

        async def raises() -> None:
            raise LookupError("mine")

        assert run_virtual(returns()) == 42
        with pytest.raises(LookupError, match="mine"):
            run_virtual(raises())

    def test_lets_a_thread_finish_when_nothing_else_waits(self) -> None:
        async def story() -> int:
            assert isinstance(asyncio.get_running_loop(), VirtualTimeLoop)
            return await asyncio.to_thread(lambda: 7)

        assert run_virtual(story()) == 7

    def test_stands_still_while_it_is_held_for_a_thread(self) -> None:
        async def story() -> tuple[float, float]:
            loop = asyncio.get_running_loop()
            assert isinstance(loop, VirtualTimeLoop)
            async with asyncio.timeout(60):
                with loop.held():
                    await asyncio.to_thread(time.sleep, 0.05)
                while_held = loop.time()
                await asyncio.sleep(30)
            return while_held, loop.time()

        assert run_virtual(story()) == (0.0, 30.0)


class TestScriptedTransport:
    def test_answers_in_order_and_repeats_the_last_line(self) -> None:
        async def story() -> None:
            transport = ScriptedTransport([FIRST, SECOND])
            assert [await transport.send(ASK) for _ in range(4)] == [FIRST, SECOND, SECOND, SECOND]
            assert transport.requests == [ASK] * 4
            await transport.aclose()

        run_virtual(story())

    def test_takes_its_time(self) -> None:
        async def story() -> None:
            await ScriptedTransport([FIRST], latency=2.5).send(ASK)
            assert asyncio.get_running_loop().time() == 2.5

        run_virtual(story())

    def test_may_look_at_the_request(self) -> None:
        async def story() -> None:
            transport = ScriptedTransport([lambda request: Received(200, {}, request.url.encode())])
            answer = await transport.send(ASK)
            assert isinstance(answer, Received)
            assert answer.body == b"http://h/x"

        run_virtual(story())

    def test_shows_no_secret(self) -> None:
        async def story() -> None:
            transport = ScriptedTransport([FIRST])
            await transport.send(ASK)
            assert "canary" not in repr(transport)

        run_virtual(story())


class TestThePracticeMarket:
    def play(self, story: Awaitable[None]) -> None:
        async def run() -> None:
            await story

        run_virtual(run())

    def test_is_connected_and_answers(self) -> None:
        async def story() -> None:
            async with practice_client() as market:
                found = await market.service.search_stockx_catalog("nike")
                assert found.products
                product = await market.service.get_product_details(found.products[0].product_id)
                assert product.product_id == found.products[0].product_id

        self.play(story())

    def test_can_start_without_tokens(self) -> None:
        async def story() -> None:
            async with practice_client(connected=False) as market:
                with pytest.raises(ReauthenticationRequiredError):
                    await market.service.search_stockx_catalog("nike")

        self.play(story())

    def test_has_the_same_catalog_for_the_same_seed(self) -> None:
        async def first(seed: int) -> str:
            async with practice_client(seed=seed) as market:
                return (await market.service.search_stockx_catalog("nike")).model_dump_json()

        assert run_virtual(first(3)) == run_virtual(first(3)) != run_virtual(first(4))
