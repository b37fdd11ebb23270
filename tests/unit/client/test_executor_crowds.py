"""Many calls at once: a dead StockX is left in peace, and what happened can be read off the metrics and the log."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Iterator

import pytest

from solegate.client.policy.breaker import State
from solegate.client.policy.outcome import Failed, Received
from solegate.client.policy.rate import LimitProfile
from solegate.errors import AuthenticationError, CircuitOpenError, NotFoundError, StockXError, UpstreamError
from solegate.log import configure_logging
from solegate.testing import ScriptedTransport, run_virtual
from support.client import (
    BROKEN,
    CANARY,
    INVALID_GRANT,
    RECYCLED,
    REFUSED_CONNECTION,
    TIMEOUT,
    Bench,
    answer,
    bench,
    read,
)

OK, UNAUTHORIZED, THROTTLED, FAILING = answer(200), answer(401), answer(429), answer(500)
GUIDE = LimitProfile("guide", 10, per_day=None)


async def crowd(parts: Bench, calls: int, *, at_once: int, deadline: float = 1e6) -> list[object]:
    """Make so many calls, so many at once; what each came to."""
    gate = asyncio.Semaphore(at_once)

    async def one(number: int) -> object:
        async with gate:
            return await parts.executor.execute(read(f"p{number}", deadline=deadline))

    return await asyncio.gather(*(one(number) for number in range(calls)), return_exceptions=True)


FREE = LimitProfile("free", 10_000, per_day=None)


@pytest.mark.parametrize(
    ("at_once", "profile", "trouble"),
    [
        (1, GUIDE, FAILING), (20, GUIDE, FAILING), (1_000, GUIDE, FAILING), (1, FREE, TIMEOUT), (20, FREE, BROKEN),
        (1_000, FREE, REFUSED_CONNECTION), (1_000, FREE, answer(504, b"")), (20, GUIDE, TIMEOUT),
    ],
)  # fmt: skip
def test_of_1000_calls_at_most_5_reach_a_dead_stockx(
    at_once: int, profile: LimitProfile, trouble: Received | Failed
) -> None:
    async def story() -> None:
        parts = bench(trouble, latency=1.0, profile=profile)
        results = await crowd(parts, 1_000, at_once=at_once)
        assert len(parts.requests) <= 5
        assert all(isinstance(result, StockXError) for result in results)
        assert sum(isinstance(result, CircuitOpenError) for result in results) >= 990
        assert parts.breaker.state is State.OPEN

    run_virtual(story())


def test_a_stockx_that_dies_under_load_sees_no_more_than_what_is_in_flight() -> None:
    async def story() -> None:
        parts = bench(*[OK] * 50, FAILING, latency=0.1, profile=GUIDE)
        await crowd(parts, 1_000, at_once=20)
        assert len(parts.requests) <= 50 + 20

    run_virtual(story())


def test_at_half_open_exactly_1_of_200_goes_through() -> None:
    async def story() -> None:
        parts = bench(*[FAILING] * 5, OK, latency=1.0)
        await crowd(parts, 20, at_once=20)
        before = len(parts.requests)
        await asyncio.sleep(60.0)
        results = await crowd(parts, 200, at_once=200)
        assert len(parts.requests) == before + 1
        assert sum(not isinstance(result, Exception) for result in results) == 1
        assert parts.breaker.state is State.CLOSED
        assert all(not isinstance(result, Exception) for result in await crowd(parts, 200, at_once=200))

    run_virtual(story())


def test_an_open_breaker_says_when_to_try_again() -> None:
    async def story() -> None:
        parts = bench(FAILING)
        await crowd(parts, 10, at_once=10)
        with pytest.raises(CircuitOpenError) as caught:
            await parts.executor.execute(read())
        assert caught.value.retry_at is not None
        assert 59.0 < (caught.value.retry_at - parts.clock.now()).total_seconds() <= 60.0
        assert (caught.value.attempts, caught.value.status) == (0, None)

    run_virtual(story())


def test_a_cancelled_probe_lets_the_next_one_through() -> None:
    async def story() -> None:
        parts = bench(*[FAILING] * 5, OK, latency=5.0)
        await crowd(parts, 10, at_once=10)
        await asyncio.sleep(60.0)
        probe = asyncio.ensure_future(parts.executor.execute(read()))
        await asyncio.sleep(1.0)
        probe.cancel()
        await asyncio.wait([probe])
        assert parts.breaker.state is State.HALF_OPEN
        await parts.executor.execute(read())

    run_virtual(story())


@pytest.mark.parametrize("refusal", [answer(400), answer(403), answer(404), UNAUTHORIZED])
def test_refusals_never_open_the_breaker(refusal: Received) -> None:
    async def story() -> None:
        parts = bench(refusal)
        await crowd(parts, 100, at_once=10)
        assert parts.breaker.state is State.CLOSED
        assert len(parts.requests) >= 100

    run_virtual(story())


def test_cancelled_calls_never_open_the_breaker() -> None:
    async def story() -> None:
        parts = bench(OK, latency=10.0)
        for _ in range(30):
            call = asyncio.ensure_future(parts.executor.execute(read()))
            await asyncio.sleep(1.0)
            call.cancel()
            await asyncio.wait([call])
        assert parts.breaker.state is State.CLOSED
        await parts.executor.execute(read())

    run_virtual(story())


def test_retries_stop_when_too_many_calls_fail() -> None:
    async def story() -> None:
        parts = bench(*[THROTTLED] * 400, OK)
        results = await crowd(parts, 60, at_once=1, deadline=1e9)
        assert len(parts.requests) < 60 + 110
        assert any("too many calls are failing" in str(result) for result in results)

    run_virtual(story())


def test_500_calls_on_an_expired_token_refresh_once() -> None:
    async def story() -> None:
        parts = bench(OK, expires_in=0)
        parts.wire.login.latency = 1.0
        results = await crowd(parts, 500, at_once=500)
        assert not any(isinstance(result, Exception) for result in results)
        assert len(parts.logins) == 1

    run_virtual(story())


def test_a_revoked_account_sends_nothing() -> None:
    async def story() -> None:
        parts = bench(OK, login=ScriptedTransport([INVALID_GRANT]), expires_in=0)
        results = await crowd(parts, 500, at_once=500)
        assert {result.code for result in results if isinstance(result, StockXError)} == {"needs_reauth"}
        assert len({id(result) for result in results}) == 500
        assert len({result.request_id for result in results if isinstance(result, StockXError)}) == 500
        assert (len(parts.logins), len(parts.requests)) == (1, 0)
        assert parts.limiter.status().used == 0

    run_virtual(story())


class TestMetrics:
    @pytest.mark.parametrize(
        ("script", "labels", "result", "retries"),
        [
            ([OK], {"success": 1}, "ok", {}),
            ([answer(204)], {"success": 1}, "ok", {}),
            ([THROTTLED, OK], {"rate_limited": 1, "success": 1}, "ok", {"throttled": 1}),
            ([UNAUTHORIZED, OK], {"auth_failed": 1, "success": 1}, "ok", {"unauthorized": 1}),
            ([FAILING], {"error": 3}, "upstream", {"upstream": 2}),
            ([answer(404)], {"error": 1}, "not_found", {}),
            ([TIMEOUT, OK], {"exception": 1, "success": 1}, "ok", {"timeout": 1}),
            ([REFUSED_CONNECTION], {"exception": 3}, "connection_failed", {"connection": 2}),
            ([RECYCLED, OK], {"success": 1}, "ok", {"recycled": 1}),
        ],
    )
    def test_tell_each_story(
        self, script: list[Received | Failed], labels: dict[str, int], result: str, retries: dict[str, int]
    ) -> None:
        async def story() -> None:
            parts = bench(*script)
            await crowd(parts, 1, at_once=1)
            on = {"method": "GET", "endpoint": "/catalog/products/{productId}"}
            for status in ("success", "rate_limited", "auth_failed", "error", "exception"):
                assert parts.count("stockx_requests_total", **on, status=status) == labels.get(status, 0)
            assert parts.count("stockx_request_duration_seconds_count", **on) == sum(labels.values())
            assert parts.count("stockx_calls_total", operation="GetProduct", result=result) == 1
            for reason, count in retries.items():
                assert parts.count("stockx_retries_total", operation="GetProduct", reason=reason) == count
            assert parts.count("stockx_rate_limit_hits_total") == labels.get("rate_limited", 0)
            assert parts.count("stockx_auth_failures_total") == labels.get("auth_failed", 0)

        run_virtual(story())

    def test_show_the_breaker(self) -> None:
        async def story() -> None:
            parts = bench(*[FAILING] * 5, OK)
            await crowd(parts, 10, at_once=10)
            assert parts.count("stockx_breaker_state") == 2
            await asyncio.sleep(60.0)
            await parts.executor.execute(read())
            assert parts.count("stockx_breaker_state") == 0
            for state in ("open", "half_open", "closed"):
                assert parts.count("stockx_breaker_transitions_total", to=state) == 1

        run_virtual(story())

    def test_do_not_grow_with_the_catalog(self) -> None:
        async def story() -> None:
            parts = bench(OK)

            def series() -> int:
                return sum(len(list(metric.samples)) for metric in parts.metrics.registry.collect())

            await parts.executor.execute(read())
            before = series()
            for number in range(10_000):
                await parts.executor.execute(read(f"product-{number}"))
            assert series() == before

        run_virtual(story())


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything logged, as the product writes it."""
    root = logging.getLogger()
    handlers, level, stream = root.handlers[:], root.level, io.StringIO()
    configure_logging(level="DEBUG", style="json", stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


def test_log_lines_name_the_call_and_carry_no_secret(log: io.StringIO) -> None:
    async def story() -> None:
        leaky = answer(404, {"message": f"no product for Bearer {CANARY}-access-1"})
        parts = bench(UNAUTHORIZED, leaky, *[FAILING] * 6, login=ScriptedTransport([answer(503), INVALID_GRANT]))
        with pytest.raises(UpstreamError):
            await parts.executor.execute(read())
        parts = bench(UNAUTHORIZED, login=ScriptedTransport([INVALID_GRANT]))
        with pytest.raises(AuthenticationError):
            await parts.executor.execute(read())
        parts = bench(leaky, *[FAILING] * 6)
        with pytest.raises(NotFoundError):
            await parts.executor.execute(read())
        await crowd(parts, 10, at_once=10)

    run_virtual(story())
    text = log.getvalue()
    assert CANARY not in text
    for expected in (
        "stockx.call.failed",
        '"request_id": "call-1"',
        "stockx.auth.needs_reauth",
        "stockx.breaker.changed",
    ):
        assert expected in text
