"""What requests were for is counted: every request that StockX can have seen, and none that it cannot."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from solegate.client.usage import CAUSE, FLUSH_SECONDS
from solegate.domain.usage import DIRECT, Usage, Use, used_by
from solegate.errors import DatabaseError, SolegateError
from solegate.testing import run_virtual
from support.client import OK, REFUSED_CONNECTION, THROTTLED, bench, read

TODAY = datetime.now(UTC).date()


class Notebook:
    """A usage store that fails as often as it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.added: list[dict[str, int]] = []

    async def add(self, account: str, usage: Usage) -> None:
        assert account == "default"
        if self.failures:
            self.failures -= 1
            raise DatabaseError("gone")
        self.added.append({f"{use.cause} {use.lane} {use.operation}": count for use, count in usage.items()})


def test_each_attempt_counts_for_what_caused_it() -> None:
    async def story() -> None:
        notes = Notebook()
        parts = bench(THROTTLED, OK, usage=notes)
        await parts.executor.execute(read())
        token = CAUSE.set("sync")
        await parts.executor.execute(read())
        CAUSE.reset(token)
        await asyncio.sleep(FLUSH_SECONDS)
        assert notes.added == [{"direct interactive GetProduct": 2, "sync interactive GetProduct": 1}]

    run_virtual(story())


def test_a_request_that_was_given_up_on_the_way_counts() -> None:
    async def story() -> None:
        notes = Notebook()
        parts = bench(OK, latency=10, usage=notes)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await parts.executor.execute(read())
        await asyncio.sleep(FLUSH_SECONDS)
        assert notes.added == [{"direct interactive GetProduct": 1}]

    run_virtual(story())


def test_a_request_that_never_left_does_not_count() -> None:
    async def story() -> None:
        notes = Notebook()
        parts = bench(REFUSED_CONNECTION, usage=notes)
        with pytest.raises(SolegateError):
            await parts.executor.execute(read(max_attempts=1))
        await asyncio.sleep(FLUSH_SECONDS)
        assert notes.added == []

    run_virtual(story())


def test_many_requests_are_one_write() -> None:
    async def story() -> None:
        notes = Notebook()
        parts = bench(OK, usage=notes)
        await asyncio.gather(*(parts.executor.execute(read(str(number))) for number in range(40)))
        await asyncio.sleep(FLUSH_SECONDS)
        assert notes.added == [{"direct interactive GetProduct": 40}]

    run_virtual(story())


def test_what_could_not_be_written_is_written_with_the_next() -> None:
    async def story() -> None:
        notes = Notebook(failures=1)
        parts = bench(OK, usage=notes)
        await parts.executor.execute(read())
        await asyncio.sleep(FLUSH_SECONDS)
        assert notes.added == []
        await parts.executor.execute(read())
        await asyncio.sleep(FLUSH_SECONDS)
        assert notes.added == [{"direct interactive GetProduct": 2}]

    run_virtual(story())


def test_the_shares_of_a_day_come_the_greatest_first() -> None:
    usage = {
        Use(TODAY, DIRECT, "interactive", "Search"): 3,
        Use(TODAY, "sync", "orders", "GetOrders"): 5,
        Use(TODAY, "sync", "background", "Search"): 4,
    }
    assert used_by(usage, "cause") == {"sync": 9, DIRECT: 3}
    assert list(used_by(usage, "operation").items()) == [("Search", 7), ("GetOrders", 5)]
