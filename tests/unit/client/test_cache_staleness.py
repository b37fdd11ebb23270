"""Old answers: when they are served, how they are labelled, and when they are no excuse (design 4.4)."""

from __future__ import annotations

import asyncio

import pytest

from solegate.client.models.base import Source
from solegate.errors import (
    AuthenticationError,
    CircuitOpenError,
    NotFoundError,
    PermissionDeniedError,
    QuotaExhaustedError,
    RateLimitedError,
    ReauthenticationRequiredError,
    RequestRejectedError,
    StockXError,
    UnexpectedResponseError,
    UpstreamError,
    UpstreamTimeoutError,
)
from support.shelf import Shelf, play


def test_a_little_stale_is_served_at_once_and_refreshed_once() -> None:
    async def story(shelf: Shelf) -> None:
        await shelf.read()
        await asyncio.sleep(300.0)
        before = asyncio.get_running_loop().time()
        answers = await asyncio.gather(*(shelf.seen() for _ in range(50)))
        assert set(answers) == {("v1", Source.STALE, 300.0)}
        assert asyncio.get_running_loop().time() == before
        await asyncio.sleep(2.0)
        assert await shelf.seen() == ("v2", Source.CACHE, 1.0)
        assert (shelf.loads, shelf.count("stale")) == (2, 50)

    play(story)


def test_a_refresh_behind_that_fails_disturbs_nobody_and_is_tried_again() -> None:
    async def story(shelf: Shelf) -> None:
        await shelf.read()
        await asyncio.sleep(300.0)
        shelf.trouble = UpstreamError("x", operation="GetProduct")
        assert (await shelf.seen())[:2] == ("v1", Source.STALE)
        await asyncio.sleep(2.0)
        shelf.trouble = None
        assert (await shelf.seen())[:2] == ("v1", Source.STALE)
        await asyncio.sleep(2.0)
        assert (await shelf.seen())[:2] == ("v3", Source.CACHE)

    play(story)


EXCUSES: list[type[StockXError]] = [
    UpstreamError, UpstreamTimeoutError, CircuitOpenError, QuotaExhaustedError, RateLimitedError,
    UnexpectedResponseError,
]  # fmt: skip
NO_EXCUSES: list[type[StockXError]] = [
    NotFoundError, RequestRejectedError, AuthenticationError, ReauthenticationRequiredError,
]  # fmt: skip


@pytest.mark.parametrize("error", EXCUSES)
def test_when_stockx_cannot_be_asked_an_old_answer_stands_in_with_its_age(error: type[StockXError]) -> None:
    async def story(shelf: Shelf) -> None:
        await shelf.read()
        await asyncio.sleep(5_000.0)
        shelf.trouble = error("x", operation="GetProduct")
        assert await shelf.seen() == ("v1", Source.STALE, 5_001.0)
        assert (await shelf.read()).provenance.stale
        assert shelf.count("stale_error") == 2
        await asyncio.sleep(86_400.0)
        with pytest.raises(error):
            await shelf.read()

    play(story)


@pytest.mark.parametrize("error", NO_EXCUSES)
def test_when_stockx_says_no_an_old_answer_is_no_answer(error: type[StockXError]) -> None:
    async def story(shelf: Shelf) -> None:
        await shelf.read()
        await asyncio.sleep(5_000.0)
        shelf.trouble = error("x", operation="GetProduct")
        with pytest.raises(error):
            await shelf.read()

    play(story)


def test_a_refused_permission_is_not_papered_over() -> None:
    async def story(shelf: Shelf) -> None:
        await shelf.read()
        await asyncio.sleep(5_000.0)
        shelf.trouble = PermissionDeniedError("x", operation="GetProduct")
        with pytest.raises(PermissionDeniedError):
            await shelf.read()

    play(story)


def test_a_404_is_remembered_for_a_minute() -> None:
    async def story(shelf: Shelf) -> None:
        shelf.trouble = NotFoundError("p1 is gone", operation="GetProduct", status=404)
        for _ in range(5):
            with pytest.raises(NotFoundError, match="p1 is gone"):
                await shelf.read()
        assert (shelf.loads, shelf.count("negative")) == (1, 4)
        await asyncio.sleep(60.0)
        shelf.trouble = None
        assert (await shelf.seen())[0] == "v2"

    play(story)


def test_a_remembered_404_is_a_new_error_each_time() -> None:
    async def story(shelf: Shelf) -> None:
        shelf.trouble = NotFoundError("gone", operation="GetProduct", status=404)
        errors = []
        for _ in range(3):
            with pytest.raises(NotFoundError) as caught:
                await shelf.read()
            errors.append(caught.value)
        assert len({id(error) for error in errors}) == 3
        assert {error.status for error in errors} == {404}

    play(story)


def test_a_caller_may_ask_for_younger_or_for_now() -> None:
    async def story(shelf: Shelf) -> None:
        await shelf.read()
        await asyncio.sleep(100.0)
        assert (await shelf.seen(max_age=100.5))[1] is Source.CACHE
        assert await shelf.seen(max_age=100.0) == ("v2", Source.LIVE, 0.0)
        assert await shelf.seen(max_age=0.0) == ("v3", Source.LIVE, 0.0)
        assert await shelf.seen() == ("v3", Source.CACHE, 0.0)
        await asyncio.sleep(1_000.0)
        assert await shelf.seen(max_age=2_000.0) == ("v3", Source.CACHE, 1_000.0)

    play(story)


def test_what_is_asked_for_now_is_stale_rather_than_nothing_when_stockx_fails() -> None:
    async def story(shelf: Shelf) -> None:
        await shelf.read()
        shelf.trouble = UpstreamError("x", operation="GetProduct")
        assert (await shelf.seen(max_age=0.0))[:2] == ("v1", Source.STALE)

    play(story)
