"""What a failed call says about its effect speaks for all of its attempts, not only for the last one."""

from __future__ import annotations

from typing import Any

import pytest

from solegate.client.policy.call import Call
from solegate.client.policy.outcome import Failed, Received
from solegate.client.policy.rate import LimitProfile
from solegate.errors import (
    AuthenticationError,
    DeadlineExceededError,
    NotFoundError,
    Outcome,
    PermissionDeniedError,
    RateLimitedError,
    RequestRejectedError,
    StockXError,
)
from solegate.testing import run_virtual
from support.client import (
    BROKEN,
    FAILING,
    OK,
    RECYCLED,
    REFUSED_CONNECTION,
    SAFE_WRITE,
    THROTTLED,
    TIMEOUT,
    UNAUTHORIZED,
    answer,
    bench,
    failed,
    read,
)

REFUSALS = [
    (answer(404), NotFoundError),
    (answer(400), RequestRejectedError),
    (answer(403), PermissionDeniedError),
    (UNAUTHORIZED, AuthenticationError),
    (answer(429, retry_after="3600"), RateLimitedError),
]


@pytest.mark.parametrize("unknown", [TIMEOUT, BROKEN, FAILING, RECYCLED])
@pytest.mark.parametrize(("refusal", "error"), REFUSALS)
def test_a_refusal_does_not_make_an_unknown_attempt_known(
    unknown: Received | Failed, refusal: Received, error: type[StockXError]
) -> None:
    async def story() -> None:
        caught = await failed(bench(unknown, refusal), Call(SAFE_WRITE, deadline=600.0), error)
        assert caught.outcome is Outcome.UNKNOWN
        assert "read back before repeating" in str(caught)

    run_virtual(story())


def test_a_turn_that_never_comes_does_not_make_it_known_either() -> None:
    async def story() -> None:
        parts = bench(FAILING, profile=LimitProfile("slow", 1, period=100.0))
        caught = await failed(parts, Call(SAFE_WRITE, deadline=50.0), DeadlineExceededError)
        assert (caught.outcome, caught.attempts) == (Outcome.UNKNOWN, 1)

    run_virtual(story())


@pytest.mark.parametrize(("refusal", "error"), REFUSALS)
@pytest.mark.parametrize("before", [[], [REFUSED_CONNECTION], [answer(429)]])
def test_a_refusal_is_known_when_nothing_before_it_can_have_arrived(
    before: list[Any], refusal: Received, error: type[StockXError]
) -> None:
    async def story() -> None:
        caught = await failed(bench(*before, refusal), Call(SAFE_WRITE, deadline=600.0), error)
        assert caught.outcome is Outcome.NOT_APPLIED

    run_virtual(story())


def test_nothing_is_ever_unknown_about_a_read() -> None:
    async def story() -> None:
        caught = await failed(bench(TIMEOUT, answer(404)), read(), NotFoundError)
        assert caught.outcome is Outcome.NOT_APPLIED

    run_virtual(story())


def test_success_is_success_whatever_came_before() -> None:
    async def story() -> None:
        assert (await bench(TIMEOUT, THROTTLED, OK).executor.execute(Call(SAFE_WRITE))).status == 200

    run_virtual(story())


@pytest.mark.parametrize(("timeout", "sent"), [(None, 30.0), (2.5, 2.5), (90.0, 90.0), (500.0, 100.0)])
def test_a_call_may_set_its_own_timeout_within_its_deadline(timeout: float | None, sent: float) -> None:
    async def story() -> None:
        parts = bench(OK)
        await parts.executor.execute(read(timeout=timeout, deadline=100.0))
        assert [request.timeout for request in parts.requests] == [sent]

    run_virtual(story())
