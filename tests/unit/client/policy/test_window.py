"""The answer-held window never lets a server see too much, whatever the network does (design 4.2)."""

from __future__ import annotations

import math
from bisect import bisect_right
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solegate.client.policy.window import AnswerHeldWindow


def seconds(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False)


journeys = st.lists(st.tuples(seconds(0.0, 3.0), seconds(0.0, 1.0), seconds(0.0, 0.5)), min_size=1, max_size=60)
"""For each request: its latency, the share of it after which the server sees it, and the caller's idle time."""


def drive(
    capacity: int, period: float, requests: list[tuple[float, float, float]]
) -> tuple[list[float], AnswerHeldWindow]:
    """Send as early as the window permits; give back when the server saw each request."""
    window, now, seen = AnswerHeldWindow(capacity, period), 0.0, []
    answers: list[float] = []

    def deliver(until: float) -> None:
        for at in sorted(at for at in answers if at <= until):
            window.answered(at)
            answers.remove(at)

    for latency, share, idle in requests:
        now += idle
        deliver(now)
        while (ready_at := window.ready_at(now)) > now:
            now = min([ready_at, *answers])
            assert now < math.inf
            deliver(now)
        window.take()
        seen.append(now + latency * share)
        answers.append(now + latency)
    deliver(math.inf)
    return sorted(seen), window


@settings(max_examples=150)
@given(st.integers(1, 12), seconds(0.1, 5.0), journeys)
def test_no_window_of_any_server_sees_more_than_the_capacity(
    capacity: int, period: float, requests: list[tuple[float, float, float]]
) -> None:
    seen, window = drive(capacity, period, requests)
    # A sliding window: any `capacity + 1` requests in a row span at least one period. A fixed window of the same
    # length lies within one such span, wherever it starts, so it can hold no more either.
    for first, last in zip(seen, seen[capacity:], strict=False):
        assert last - first >= period - 1e-9
    assert window.in_flight == 0


@settings(max_examples=60)
@given(st.integers(1, 12), seconds(0.1, 5.0), journeys, seconds(0.0, 5.0))
def test_no_fixed_window_sees_more_than_the_capacity(
    capacity: int, period: float, requests: list[tuple[float, float, float]], offset: float
) -> None:
    seen, _ = drive(capacity, period, requests)
    start = -offset
    while start <= seen[-1]:
        inside = bisect_right(seen, start + period - 1e-9) - bisect_right(seen, start)
        assert inside <= capacity
        start += period


@given(st.integers(1, 12), seconds(0.1, 5.0), st.integers(1, 60))
def test_without_latency_the_full_rate_is_used(capacity: int, period: float, requests: int) -> None:
    seen, _ = drive(capacity, period, [(0.0, 0.0, 0.0)] * requests)
    assert seen[-1] <= period * ((requests - 1) // capacity) + 1e-6


class TestSlots:
    def test_are_free_at_first(self) -> None:
        assert AnswerHeldWindow(1, 1.0).ready_at(5.0) == 5.0

    def test_in_flight_can_only_be_freed_by_an_answer(self) -> None:
        window = AnswerHeldWindow(1, 1.0)
        window.take()
        assert window.ready_at(100.0) == math.inf

    @pytest.mark.parametrize(("now", "ready_at"), [(10.0, 11.0), (10.999, 11.0), (11.0, 11.0), (12.0, 12.0)])
    def test_are_free_exactly_one_period_after_the_answer(self, now: float, ready_at: float) -> None:
        window = AnswerHeldWindow(1, 1.0)
        window.take()
        window.answered(10.0)
        assert window.ready_at(now) == ready_at

    def test_that_were_never_sent_are_free_at_once(self) -> None:
        window = AnswerHeldWindow(1, 1.0)
        window.take()
        window.unsent()
        assert window.ready_at(0.0) == 0.0
        assert window.in_flight == 0

    def test_come_free_in_the_order_of_their_answers(self) -> None:
        window = AnswerHeldWindow(2, 1.0)
        window.take()
        window.take()
        window.answered(7.0)
        window.answered(5.0)
        assert window.ready_at(5.5) == 6.0
        window.take()
        assert window.ready_at(6.0) == 8.0

    def test_may_be_held_into_the_future_when_an_answer_was_lost(self) -> None:
        window = AnswerHeldWindow(1, 1.0)
        window.take()
        window.answered(30.0)
        assert window.ready_at(0.0) == 31.0

    def test_keep_their_times_when_the_limit_changes(self) -> None:
        window = AnswerHeldWindow(2, 1.0)
        for _ in range(2):
            window.take()
            window.answered(10.0)
        window.resize(1, 4.0)
        assert window.ready_at(10.0) == 14.0
        window.resize(3, 1.0)
        assert window.ready_at(10.0) == 10.0


@given(st.lists(st.sampled_from(["take", "answer", "unsent"]), max_size=120), st.integers(1, 8))
def test_no_slot_is_lost_or_made_up(moves: list[str], capacity: int) -> None:
    window, flying, now = AnswerHeldWindow(capacity, 1.0), 0, 0.0
    free_at = []
    for move in moves:
        if move == "take":
            free_at.append(ready := window.ready_at(now))
            if ready < math.inf:
                now = ready
                window.take()
                flying += 1
        elif flying:
            flying -= 1
            window.answered(now) if move == "answer" else window.unsent()
        assert window.in_flight == flying <= capacity
    assert all(later >= earlier for earlier, later in pairwise(at for at in free_at if at < math.inf))
    for _ in range(flying):
        window.answered(now)
    assert window.in_flight == 0
    assert window.ready_at(now + 1.0) == now + 1.0


def test_a_weight_takes_so_many_slots_and_they_come_free_together() -> None:
    window = AnswerHeldWindow(500, 300.0)
    window.take(400)
    assert (window.ready_at(0.0, 100), window.ready_at(0.0, 101)) == (0.0, math.inf)
    window.answered(7.0, 400)
    assert (window.ready_at(8.0, 100), window.ready_at(8.0, 101), window.ready_at(8.0, 500)) == (8.0, 307.0, 307.0)
    window.take(100)
    window.unsent(100)
    assert (window.ready_at(8.0, 100), window.ready_at(307.0, 500), window.in_flight) == (8.0, 307.0, 0)


def test_a_weight_waits_for_the_last_of_the_slots_it_needs() -> None:
    window = AnswerHeldWindow(10, 1.0)
    for at, weight in ((0.3, 4), (0.1, 2), (0.2, 4)):
        window.take(weight)
        window.answered(at, weight)
    ready = [round(window.ready_at(0.5, weight), 9) for weight in (1, 2, 3, 6, 7, 10)]
    assert ready == [1.1, 1.1, 1.2, 1.2, 1.3, 1.3]
