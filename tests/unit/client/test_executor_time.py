"""Long pauses and deadlines: nobody waits in vain, and nobody longer than he may. In virtual time."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from solegate.client.policy.rate import LimitProfile
from solegate.errors import (
    DeadlineExceededError,
    RateLimitedError,
    StockXError,
    UpstreamError,
)
from solegate.testing import run_virtual
from support.client import (
    FAILING,
    OK,
    UNAUTHORIZED,
    answer,
    bench,
    failed,
    nothing_is_held,
    now,
    read,
)


class TestALongRetryAfter:
    def test_is_not_waited_for_and_others_fail_fast_without_a_request(self) -> None:
        async def story() -> None:
            parts = bench(answer(429, retry_after="3600"), OK)
            caught = await failed(parts, read(), RateLimitedError)
            later = parts.clock.now() + timedelta(hours=1)
            assert (caught.retry_at, caught.attempts) == (later, 1)
            assert f"Try again after {later:%Y-%m-%d %H:%M:%S} UTC" in str(caught)
            for _ in range(100):
                other = await failed(parts, read(), RateLimitedError)
                assert (other.retry_at, other.attempts) == (later, 0)
            assert (len(parts.requests), now()) == (1, 0.0)
            await asyncio.sleep(3_600)
            await parts.executor.execute(read())

        run_virtual(story())

    @pytest.mark.parametrize(("seconds", "waits"), [("120", True), ("120.01", False), ("121", False)])
    def test_begins_at_120_seconds(self, seconds: str, waits: bool) -> None:
        async def story() -> None:
            parts = bench(answer(429, retry_after=seconds), OK)
            call = read(deadline=1_000.0)
            if waits:
                assert (await parts.executor.execute(call)).attempts == 2
                assert now() == 120.0
            else:
                caught = await failed(parts, call, RateLimitedError)
                assert "longer pause than a call may wait" in str(caught)
                assert now() == 0.0

        run_virtual(story())

    @pytest.mark.parametrize("seconds", ["1e300", "99999999999", "Fri, 31 Dec 9999 23:59:59 GMT"])
    def test_without_sense_does_not_stop_the_client_for_ever(self, seconds: str) -> None:
        async def story() -> None:
            parts = bench(answer(429, retry_after=seconds), OK)
            await failed(parts, read(), RateLimitedError)
            await asyncio.sleep(86_400)
            await parts.executor.execute(read())

        run_virtual(story())


def test_a_pause_that_is_over_does_not_shorten_the_deadline() -> None:
    async def story() -> None:
        parts = bench(answer(429, retry_after="100"), FAILING, OK)
        assert (await parts.executor.execute(read(deadline=150.0))).attempts == 3

    run_virtual(story())


class TestTheDeadline:
    def test_ends_the_wait_for_a_turn(self) -> None:
        async def story() -> None:
            parts = bench(OK, profile=LimitProfile("slow", 1, period=100.0))
            await parts.executor.execute(read())
            caught = await failed(parts, read(deadline=5.0), DeadlineExceededError)
            assert (now(), caught.attempts, len(parts.requests)) == (5.0, 0, 1)
            assert "was not sent" in str(caught)

        run_virtual(story())

    def test_ends_the_attempts(self) -> None:
        async def story() -> None:
            parts = bench(FAILING, latency=3.0)
            caught = await failed(parts, read(deadline=5.0), UpstreamError)
            assert (caught.attempts, now()) == (2, 6.25)
            assert parts.requests[1].timeout == pytest.approx(1.75)
            assert "no time for another attempt" in str(caught)

        run_virtual(story())

    def test_limits_the_timeout_of_each_request(self) -> None:
        async def story() -> None:
            parts = bench(OK)
            await parts.executor.execute(read(deadline=5.0))
            await parts.executor.execute(read(deadline=500.0))
            assert [request.timeout for request in parts.requests] == [5.0, 30.0]

        run_virtual(story())

    def test_ends_the_wait_for_a_token(self) -> None:
        async def story() -> None:
            parts = bench(OK, expires_in=0)
            parts.wire.login.latency = 20.0
            await failed(parts, read(deadline=5.0), DeadlineExceededError)
            assert (now(), len(parts.requests)) == (5.0, 0)
            assert nothing_is_held(parts)
            await asyncio.sleep(20.0)
            await parts.executor.execute(read())
            assert len(parts.logins) == 1

        run_virtual(story())

    def test_ends_the_wait_for_a_token_after_a_401(self) -> None:
        async def story() -> None:
            parts = bench(UNAUTHORIZED, OK)
            parts.wire.login.latency = 20.0
            with pytest.raises(StockXError):
                await parts.executor.execute(read(deadline=5.0))
            assert (now(), len(parts.requests)) == (5.0, 1)

        run_virtual(story())
