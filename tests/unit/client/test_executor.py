"""Playbooks: StockX's answers in, requests and results out. One call at a time, in virtual time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from solegate.client.policy.call import Call
from solegate.client.policy.outcome import Failed, FailureKind, Received
from solegate.client.policy.rate import LimitProfile
from solegate.errors import (
    AuthenticationError,
    ConnectionFailedError,
    NotFoundError,
    Outcome,
    PermissionDeniedError,
    RateLimitedError,
    RequestRejectedError,
    StockXError,
    UpstreamError,
    UpstreamTimeoutError,
)
from solegate.testing import run_virtual
from support.client import (
    BROKEN,
    CANARY,
    CREATE,
    FAILING,
    OK,
    READ,
    RECYCLED,
    REFUSED_CONNECTION,
    SAFE_WRITE,
    THROTTLED,
    TIMEOUT,
    UNAUTHORIZED,
    answer,
    bench,
    failed,
    nothing_is_held,
    now,
    read,
    tokens_sent,
)


def test_an_answer_comes_as_it_was_sent() -> None:
    async def story() -> None:
        parts = bench(answer(200, b'{"a": 1}', x_special="yes"))
        reply = await parts.executor.execute(read(query={"currencyCode": "EUR"}))
        assert (reply.status, reply.body, reply.headers["x-special"]) == (200, b'{"a": 1}', "yes")
        assert (reply.attempts, reply.request_id, reply.fetched_at) == (1, "call-1", parts.clock.now())
        request = parts.requests[0]
        assert (request.method, request.url) == ("GET", "http://api.test/v2/catalog/products/p1?currencyCode=EUR")
        assert request.headers["x-api-key"] == f"{CANARY}-api-key"
        assert request.headers["authorization"] == f"Bearer {CANARY}-access-1"
        assert (request.body, request.timeout) == (None, 30.0)
        assert nothing_is_held(parts)

    run_virtual(story())


def test_a_body_is_sent_as_json() -> None:
    async def story() -> None:
        parts = bench(answer(201))
        await parts.executor.execute(Call(CREATE, body=b"{}"))
        assert (parts.requests[0].method, parts.requests[0].body) == ("POST", b"{}")
        assert parts.requests[0].headers["content-type"] == "application/json"

    run_virtual(story())


@pytest.mark.parametrize(
    ("script", "attempts", "seconds"),
    [
        ([THROTTLED, OK], 2, 1.0),
        ([answer(429, retry_after="7"), OK], 2, 7.0),
        ([answer(429, retry_after="1.5"), OK], 2, 1.5),
        ([answer(429, retry_after="0"), OK], 2, 1.0),
        ([answer(429, retry_after="-3"), OK], 2, 1.0),
        ([answer(429, retry_after="soon"), OK], 2, 1.0),
        ([answer(429, retry_after="Thu, 01 Jan 2026 12:00:09 GMT"), OK], 2, 9.0),
        ([answer(429, retry_after="Thu, 01 Jan 2026 15:00:09 GMT", date="Thu, 01 Jan 2026 15:00:00 GMT"), OK], 2, 9.0),
        ([answer(429, retry_after="Sun, 06 Nov 1994 08:49:37 GMT"), OK], 2, 1.0),
        ([THROTTLED, THROTTLED, OK], 3, 3.0),
        ([FAILING, OK], 2, 0.25),
        ([FAILING, FAILING, OK], 3, 0.75),
        ([answer(504, b""), OK], 2, 0.25),
        ([answer(408), OK], 2, 0.25),
        ([TIMEOUT, OK], 2, 0.25),
        ([REFUSED_CONNECTION, OK], 2, 0.25),
        ([BROKEN, OK], 2, 0.25),
        ([THROTTLED, FAILING, OK], 3, 1.5),
        ([RECYCLED, OK], 1, 0.0),
        ([RECYCLED, RECYCLED, FAILING, OK], 2, 0.25),
        ([UNAUTHORIZED, OK], 2, 0.0),
        ([FAILING, UNAUTHORIZED, OK], 3, 0.25),
        ([FAILING, FAILING, UNAUTHORIZED, OK], 4, 0.75),
    ],
)
def test_a_read_gets_through(script: list[Received | Failed], attempts: int, seconds: float) -> None:
    async def story() -> None:
        parts = bench(*script)
        reply = await parts.executor.execute(read())
        assert (reply.body, reply.attempts, len(parts.requests)) == (OK.body, attempts, len(script))
        assert now() == pytest.approx(seconds)
        assert nothing_is_held(parts)

    run_virtual(story())


@pytest.mark.parametrize(
    ("script", "error", "status", "attempts"),
    [
        ([FAILING], UpstreamError, 500, 3),
        ([answer(504, b"")], UpstreamTimeoutError, 504, 3),
        ([TIMEOUT], UpstreamTimeoutError, None, 3),
        ([REFUSED_CONNECTION], ConnectionFailedError, None, 3),
        ([BROKEN], ConnectionFailedError, None, 3),
        ([RECYCLED], ConnectionFailedError, None, 0),
        ([THROTTLED], RateLimitedError, 429, 3),
        ([FAILING, answer(404)], NotFoundError, 404, 2),
        ([answer(400, {"message": "no."})], RequestRejectedError, 400, 1),
        ([answer(404)], NotFoundError, 404, 1),
        ([answer(403, b"<title>denied</title>")], PermissionDeniedError, 403, 1),
        ([UNAUTHORIZED, UNAUTHORIZED], AuthenticationError, 401, 2),
    ],
)
def test_a_read_is_given_up(
    script: list[Received | Failed], error: type[StockXError], status: int | None, attempts: int
) -> None:
    async def story() -> None:
        parts = bench(*script)
        caught = await failed(parts, read(), error)
        assert (caught.status, caught.attempts, caught.outcome) == (status, attempts, Outcome.NOT_APPLIED)
        assert (caught.operation, caught.request_id) == ("GetProduct", "call-1")
        assert len(parts.requests) == (attempts or 5)
        assert nothing_is_held(parts)

    run_virtual(story())


@pytest.mark.parametrize("trouble", [TIMEOUT, BROKEN, FAILING, answer(503), answer(504, b""), answer(408), RECYCLED])
def test_a_create_that_may_have_arrived_is_not_sent_again(trouble: Received | Failed) -> None:
    async def story() -> None:
        parts = bench(trouble, OK)
        with pytest.raises(UpstreamError, match="read back before repeating") as caught:
            await parts.executor.execute(Call(CREATE, body=b"{}"))
        assert caught.value.outcome is Outcome.UNKNOWN
        assert len(parts.requests) == 1

    run_virtual(story())


@pytest.mark.parametrize(
    "trouble",
    [REFUSED_CONNECTION, Failed(FailureKind.TIMEOUT, sent=False), THROTTLED, UNAUTHORIZED,
     Failed(FailureKind.RECYCLED, sent=False)],
)  # fmt: skip
def test_a_create_that_surely_did_not_arrive_is_sent_again(trouble: Received | Failed) -> None:
    async def story() -> None:
        parts = bench(trouble, answer(201))
        assert (await parts.executor.execute(Call(CREATE, body=b"{}"))).status == 201
        assert [request.body for request in parts.requests] == [b"{}", b"{}"]

    run_virtual(story())


@pytest.mark.parametrize("trouble", [TIMEOUT, FAILING])
def test_a_safe_write_is_repeated_and_unknown_when_given_up(trouble: Received | Failed) -> None:
    async def story() -> None:
        parts = bench(trouble)
        with pytest.raises(UpstreamError) as caught:
            await parts.executor.execute(Call(SAFE_WRITE, body=b"{}"))
        assert (caught.value.outcome, len(parts.requests)) == (Outcome.UNKNOWN, 3)

    run_virtual(story())


def test_a_401_is_answered_by_one_refresh_and_the_new_token() -> None:
    async def story() -> None:
        parts = bench(UNAUTHORIZED, OK)
        await parts.executor.execute(read())
        assert tokens_sent(parts) == ["1", "2"]
        assert len(parts.logins) == 1

    run_virtual(story())


def test_two_401s_end_the_call_and_a_wrong_key_starts_no_storm() -> None:
    async def story() -> None:
        parts = bench(UNAUTHORIZED)
        await failed(parts, read(), AuthenticationError)
        assert tokens_sent(parts) == ["1", "2"]
        for _ in range(20):
            await failed(parts, read(), AuthenticationError)
        assert len(parts.logins) == 1
        assert parts.count("stockx_auth_failures_total") == 22

    run_virtual(story())


def test_100_calls_that_get_a_401_at_once_refresh_once() -> None:
    async def story() -> None:
        def by_token(request: Any) -> Received:
            return UNAUTHORIZED if request.headers["authorization"].endswith("-1") else OK

        parts = bench(by_token, latency=0.1)
        replies = await asyncio.gather(*(parts.executor.execute(read()) for _ in range(100)))
        assert {reply.attempts for reply in replies} <= {1, 2}
        assert len(parts.logins) == 1

    run_virtual(story())


@pytest.mark.parametrize(("most", "requests"), [(1, 1), (2, 2), (5, 5)])
def test_a_call_may_set_its_own_number_of_attempts(most: int, requests: int) -> None:
    async def story() -> None:
        parts = bench(FAILING)
        await failed(parts, read(max_attempts=most), UpstreamError)
        assert len(parts.requests) == requests

    run_virtual(story())


@pytest.mark.parametrize("moment", ["waiting for its turn", "waiting for a token", "on the wire"])
def test_a_cancelled_call_gives_everything_back(moment: str) -> None:
    async def story() -> None:
        slow = moment == "waiting for its turn"
        parts = bench(
            OK, latency=10.0, profile=LimitProfile("one", 1 if slow else 100, period=1.0),
            expires_in=0 if moment == "waiting for a token" else 43_200,
        )  # fmt: skip
        parts.wire.login.latency = 10.0
        first = asyncio.ensure_future(parts.executor.execute(read())) if slow else None
        await asyncio.sleep(0.1)
        call = asyncio.ensure_future(parts.executor.execute(read()))
        await asyncio.sleep(0.1)
        call.cancel()
        await asyncio.wait([call])
        if first:
            await first
        assert nothing_is_held(parts)
        await parts.executor.execute(read())
        assert parts.limiter.status().used == {"waiting for a token": 1}.get(moment, 2)

    run_virtual(story())


def test_plain_reads_of_the_test_kind_work_too() -> None:
    async def story() -> None:
        parts = bench(OK)
        assert (await parts.executor.execute(Call(READ))).status == 200

    run_virtual(story())
