"""Clocks: aware UTC dates, time that never goes back, and hours that pass in milliseconds."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from solegate.clock import LoopClock, SystemClock
from solegate.testing import run_virtual


async def test_the_system_clock_tells_utc_and_never_goes_back() -> None:
    clock = SystemClock()
    before = clock.monotonic()
    assert clock.now().tzinfo is UTC
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
    await clock.sleep(0)
    await clock.sleep(-5)
    assert before <= clock.monotonic() < before + 5


def test_the_loop_clock_follows_the_loop() -> None:
    async def story() -> None:
        start = datetime(2026, 12, 31, 23, tzinfo=UTC)
        clock = LoopClock(start)
        assert clock.now() == start
        await clock.sleep(7_200)
        assert clock.now() == start + timedelta(hours=2)
        assert clock.monotonic() == 7_200.0
        await clock.sleep(-1)
        assert clock.monotonic() == 7_200.0

    run_virtual(story())


def test_a_loop_clock_made_late_starts_at_its_start() -> None:
    async def story() -> None:
        await LoopClock().sleep(100)
        clock = LoopClock()
        assert clock.now() == datetime(2026, 1, 1, 12, tzinfo=UTC)
        await clock.sleep(5)
        assert clock.now() == datetime(2026, 1, 1, 12, 0, 5, tzinfo=UTC)

    run_virtual(story())


@pytest.mark.parametrize("seconds", [0.001, 3_600.0, 1e7])
def test_virtual_time_costs_no_real_time(seconds: float) -> None:
    began = time.monotonic()
    run_virtual(LoopClock().sleep(seconds))
    assert time.monotonic() - began < 2.0
