"""Windows and days at their exact boundaries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from solegate.simulator import Limits, Simulator, SimulatorConfig
from solegate.simulator.state.limits import FixedWindow, Moment, RequestLimiter, SlidingWindow
from unit.simulator.helpers import START, HandClock, caller


def moment(seconds: float, start: datetime = START) -> Moment:
    return Moment(seconds, start + timedelta(seconds=seconds))


def admitted(limits: Limits, *times: float) -> list[bool]:
    limiter = RequestLimiter(limits)
    return [limiter.admit(moment(at)) for at in times]


def test_sliding_a_request_exactly_one_window_later_is_accepted():
    assert admitted(Limits.official(), 0, 0.999, 1.0, 1.999, 2.0) == [True, False, True, False, True]


def test_sliding_counts_the_last_second_not_the_calendar_one():
    limits = Limits(per_second=2)
    assert admitted(limits, 0.5, 0.9, 1.1, 1.4, 1.5, 1.9) == [True, True, False, False, True, True]


def test_fixed_windows_are_aligned_so_a_burst_fits_over_the_boundary():
    limits = Limits(per_second=2, kind="fixed")
    assert admitted(limits, 0.9, 0.99, 0.999, 1.0, 1.0, 1.5, 2.0) == [True, True, False, True, True, False, True]


def test_a_longer_window():
    assert admitted(Limits(per_second=1, window=5), 0, 4.9, 5) == [True, False, True]


@pytest.mark.parametrize(("count_refused", "expected"), [(False, [True, False, True]), (True, [True, False, False])])
def test_refused_requests_count_only_when_asked_to(count_refused, expected):
    assert admitted(Limits(per_second=1, count_refused=count_refused), 0, 0.5, 1.2) == expected


def test_the_day_ends_at_midnight_utc():
    limiter = RequestLimiter(Limits(per_second=None, per_day=2))
    evening = datetime(2026, 3, 1, 23, 59, 58, tzinfo=UTC)
    times = (0, 0.5, 1, 1.999999, 2, 3, 4)
    assert [limiter.admit(moment(at, evening)) for at in times] == [True, True, False, False, True, True, False]
    assert limiter.refused == 3
    assert limiter.used_today(moment(4, evening)) == 2


def test_no_limits_refuse_nothing_and_still_measure():
    limiter = RequestLimiter(Limits.off())
    assert all(limiter.admit(moment(0.01 * step)) for step in range(150))
    assert limiter.busiest_arrivals == limiter.busiest_accepted == 100


def test_the_busiest_window_is_told_for_all_and_for_accepted():
    limiter = RequestLimiter(Limits(per_second=2))
    for at in (0, 0.1, 0.2, 0.3, 5, 5.9):
        limiter.admit(moment(at))
    assert (limiter.busiest_arrivals, limiter.busiest_accepted) == (4, 2)


def test_a_cut_of_the_limit_counts_what_is_in_the_window():
    limiter = RequestLimiter(Limits(per_second=3))
    assert [limiter.admit(moment(at)) for at in (0, 0.1)] == [True, True]
    limiter.change(Limits(per_second=2))
    assert [limiter.admit(moment(at)) for at in (0.2, 1.0)] == [False, True]


def test_a_window_of_another_shape_starts_empty_but_the_day_goes_on():
    limiter = RequestLimiter(Limits(per_second=1, per_day=2))
    assert limiter.admit(moment(0))
    limiter.change(Limits(per_second=1, per_day=2, kind="fixed"))
    assert [limiter.admit(moment(at)) for at in (0.1, 1)] == [True, False]


@pytest.mark.parametrize("window", [SlidingWindow(1), FixedWindow(1)])
def test_windows_forget(window):
    assert [window.add(moment(at)) for at in (0, 0.5)] == [1, 2]
    assert window.count(moment(1.5)) == 0


@pytest.mark.parametrize("wrong", [{"per_second": 0}, {"per_second": 1, "window": 0}, {"per_second": 1, "per_day": -1}])
def test_limits_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match=r"per_second|window|per_day"):
        Limits(**wrong)


async def test_over_the_wire_the_refusal_is_plain_text_without_retry_after():
    clock = HandClock()
    simulator = Simulator(SimulatorConfig(products=10), clock=clock)
    async with caller(simulator) as client:
        answers = [await client.get("/catalog/search", params={"query": "nike"}) for _ in range(2)]
        clock.elapsed += 1
        answers.append(await client.get("/catalog/search", params={"query": "nike"}))
    assert [answer.status_code for answer in answers] == [200, 429, 200]
    assert answers[1].text == "Too Many Requests"
    assert "retry-after" not in answers[1].headers


async def test_requests_with_wrong_credentials_are_not_counted():
    simulator = Simulator(SimulatorConfig(products=10), clock=HandClock())
    async with caller(simulator) as client:
        for _ in range(5):
            refused = await client.get("/catalog/search?query=nike", headers={"x-api-key": "wrong"})
            assert refused.status_code == 403
        assert (await client.get("/catalog/search?query=nike")).status_code == 200
    report = simulator.report()
    assert (report.used_today, report.refused, report.busiest_window_requests) == (1, 0, 1)


async def test_half_of_the_latency_passes_before_the_request_is_counted():
    clock = HandClock()
    config = SimulatorConfig(products=10, limits=Limits.off(), latency=(0.2, 0.2), slow_tail=(1.0, 1.0))
    simulator = Simulator(config, clock=clock)
    async with caller(simulator) as client:
        await client.get("/catalog/search?query=nike")
    assert clock.slept == pytest.approx([0.6, 0.6])
    assert simulator.events()[0].at == START + timedelta(seconds=0.6)


async def test_latency_comes_from_the_seed():
    slept = []
    for _ in range(2):
        clock = HandClock()
        config = SimulatorConfig(products=10, limits=Limits.off(), latency=(0.0, 0.03), slow_tail=(0.2, 0.3))
        async with caller(Simulator(config, clock=clock)) as client:
            for _ in range(20):
                await client.get("/catalog/search?query=nike")
        slept.append(clock.slept)
    assert slept[0] == slept[1]
    assert max(slept[0]) > 0.15
    assert len(set(slept[0])) == 20
