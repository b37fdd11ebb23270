"""The breaker's state machine, by table and by random walk."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from solegate.client.policy.breaker import Breaker, BreakerPolicy, Busy, Permit, Rejected, State
from solegate.client.policy.outcome import Health

GOOD, BAD, NEUTRAL = Health.GOOD, Health.BAD, Health.NEUTRAL


def permit(breaker: Breaker, now: float = 0.0) -> Permit:
    leave = breaker.ask(now)
    assert isinstance(leave, Permit)
    return leave


def play(breaker: Breaker, *results: Health, now: float = 0.0, every: float = 0.0) -> float:
    """One request after the other, with these results."""
    for result in results:
        breaker.record(permit(breaker, now), result, now)
        now += every
    return now


def opened(times: int = 1) -> tuple[Breaker, float]:
    """A breaker that has opened so many times in a row, and the time of the last opening."""
    breaker, now = Breaker(), 0.0
    play(breaker, *[BAD] * 5)
    for _ in range(times - 1):
        rejected = breaker.ask(now)
        assert isinstance(rejected, Rejected)
        now = rejected.retry_at
        play(breaker, BAD, now=now)
    return breaker, now


@pytest.mark.parametrize(("failures", "state"), [(0, State.CLOSED), (4, State.CLOSED), (5, State.OPEN)])
def test_it_opens_after_five_failures_in_a_row(failures: int, state: State) -> None:
    breaker = Breaker()
    play(breaker, *[BAD] * failures)
    assert breaker.state(0.0) is state


def test_a_success_between_starts_the_count_anew() -> None:
    breaker = Breaker()
    play(breaker, *[BAD] * 4, GOOD, *[BAD] * 4)
    assert breaker.state(0.0) is State.CLOSED


def test_cancelled_requests_neither_count_nor_clear_the_count() -> None:
    breaker = Breaker()
    play(breaker, *[NEUTRAL] * 50)
    assert breaker.state(0.0) is State.CLOSED
    play(breaker, *[BAD] * 4, NEUTRAL, BAD)
    assert breaker.state(0.0) is State.OPEN


@pytest.mark.parametrize(
    ("goods", "bads", "state"),
    [
        (10, 9, State.CLOSED),
        (10, 10, State.OPEN),
        (11, 10, State.CLOSED),
        (9, 10, State.CLOSED),
        (30, 29, State.CLOSED),
    ],
)
def test_it_opens_when_half_of_at_least_20_calls_failed(goods: int, bads: int, state: State) -> None:
    breaker = Breaker(BreakerPolicy(failures=1_000))
    play(breaker, *[GOOD] * goods, *[BAD] * bads, every=0.1)
    assert breaker.state(10.0) is state


def test_calls_older_than_the_window_do_not_count() -> None:
    breaker = Breaker(BreakerPolicy(failures=1_000))
    play(breaker, *[GOOD] * 10, *[BAD] * 9)
    play(breaker, BAD, now=61.0)
    assert breaker.state(61.0) is State.CLOSED


def test_only_a_failure_opens_it() -> None:
    breaker = Breaker(BreakerPolicy(failures=1_000))
    play(breaker, *[BAD] * 19, GOOD)
    assert breaker.state(0.0) is State.CLOSED


@pytest.mark.parametrize(
    ("times", "seconds"), [(1, 60.0), (2, 120.0), (3, 240.0), (4, 480.0), (5, 600.0), (6, 600.0), (50, 600.0)]
)
def test_each_opening_without_a_success_doubles_the_time_up_to_ten_minutes(times: int, seconds: float) -> None:
    breaker, now = opened(times)
    assert breaker.check(now) == Rejected(now + seconds)
    assert breaker.check(now + seconds - 0.001) == Rejected(now + seconds)
    assert breaker.state(now + seconds) is State.HALF_OPEN


def test_a_long_outage_does_not_break_the_breaker() -> None:
    assert opened(1_100)[0].state(1e12) is State.HALF_OPEN


def test_a_success_of_the_probe_makes_the_time_short_again() -> None:
    breaker, now = opened(4)
    play(breaker, GOOD, now=now + 480.0)
    play(breaker, *[BAD] * 5, now=now + 481.0)
    assert breaker.check(now + 481.0) == Rejected(now + 541.0)


def test_half_open_lets_exactly_one_of_200_through() -> None:
    breaker, _ = opened()
    leaves = [breaker.ask(60.0) for _ in range(200)]
    assert [leave for leave in leaves if isinstance(leave, Permit)] == [leaves[0]]
    assert leaves[0].probe  # type: ignore[union-attr]


@pytest.mark.parametrize(("health", "state"), [(GOOD, State.CLOSED), (BAD, State.OPEN), (NEUTRAL, State.HALF_OPEN)])
def test_the_probe_decides(health: Health, state: State) -> None:
    breaker, _ = opened()
    breaker.record(permit(breaker, 60.0), health, 61.0)
    assert breaker.state(61.0) is state
    assert isinstance(breaker.ask(61.0), Permit) is (health is not BAD)


def test_results_from_before_a_change_count_for_nothing() -> None:
    breaker = Breaker()
    play(breaker, GOOD)
    old = [permit(breaker) for _ in range(30)]
    for each in old[:5]:
        breaker.record(each, BAD, 0.0)
    assert breaker.state(0.0) is State.OPEN
    probe = permit(breaker, 60.0)
    for each in old[5:]:
        breaker.record(each, GOOD, 60.0)
    assert breaker.state(60.0) is State.HALF_OPEN
    breaker.record(probe, GOOD, 60.0)
    breaker.record(old[0], BAD, 60.0)
    assert breaker.state(60.0) is State.CLOSED


def test_while_unproven_no_more_are_in_flight_than_may_still_fail() -> None:
    breaker = Breaker()
    first = [permit(breaker) for _ in range(5)]
    assert isinstance(breaker.ask(0.0), Busy)
    breaker.record(first[0], BAD, 0.0)
    assert isinstance(breaker.ask(0.0), Busy)
    breaker.record(first[1], NEUTRAL, 0.0)
    assert isinstance(breaker.ask(0.0), Permit)


def test_once_proven_everybody_passes() -> None:
    breaker = Breaker()
    play(breaker, GOOD)
    assert all(isinstance(breaker.ask(0.0), Permit) for _ in range(1_000))


class BreakerMachine(RuleBasedStateMachine):
    """Any order of asking, answering, cancelling and waiting."""

    policy = BreakerPolicy(failures=3, least_calls=6, window=10.0, open_for=5.0, open_at_most=20.0)

    @initialize()
    def start(self) -> None:
        self.breaker = Breaker(self.policy)
        self.now = 0.0
        self.current: list[Permit] = []
        self.stale: list[Permit] = []
        self.in_a_row = 0
        self.known = State.CLOSED

    def note(self) -> State:
        """The state now; on a change the permits of before are stale."""
        state = self.breaker.state(self.now)
        if state is not self.known:
            legal = {
                State.CLOSED: {State.OPEN},
                State.OPEN: {State.HALF_OPEN},
                State.HALF_OPEN: {State.CLOSED, State.OPEN},
            }
            assert state in legal[self.known]
            self.known, self.in_a_row = state, 0
            self.stale += self.current
            self.current = []
        return state

    @rule()
    def ask(self) -> None:
        state = self.note()
        check = self.breaker.check(self.now)
        leave = self.breaker.ask(self.now)
        assert isinstance(leave, Rejected) == (check is not None)
        if isinstance(leave, Permit):
            assert state is not State.OPEN
            assert leave.probe == (state is State.HALF_OPEN)
            self.current.append(leave)
        elif isinstance(leave, Rejected):
            assert leave.retry_at > self.now
            assert state is State.OPEN or self.current
        else:
            assert state is State.CLOSED
            assert len(self.current) + self.in_a_row >= self.policy.failures
            assert self.current, "nobody would ever wake the caller"

    @precondition(lambda self: self.current)
    @rule(data=st.data(), health=st.sampled_from(Health))
    def answer(self, data: st.DataObject, health: Health) -> None:
        self.note()
        if not self.current:
            return
        done = data.draw(st.sampled_from(self.current))
        self.current.remove(done)
        if health is not NEUTRAL:
            self.in_a_row = 0 if health is GOOD else self.in_a_row + 1
        self.breaker.record(done, health, self.now)
        before = self.known
        state = self.note()
        if before is State.CLOSED and self.in_a_row >= self.policy.failures:
            assert state is State.OPEN
        if health is not BAD:
            assert state is not State.OPEN

    @precondition(lambda self: self.stale)
    @rule(data=st.data(), health=st.sampled_from(Health))
    def late_answer(self, data: st.DataObject, health: Health) -> None:
        state = self.note()
        late = data.draw(st.sampled_from(self.stale))
        self.stale.remove(late)
        self.breaker.record(late, health, self.now)
        assert self.note() is state

    @rule(seconds=st.sampled_from([0.1, 1.0, 5.0, 25.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @invariant()
    def at_most_one_probe_is_out(self) -> None:
        if self.note() is State.HALF_OPEN:
            assert len(self.current) <= 1


TestBreakerMachine = BreakerMachine.TestCase
TestBreakerMachine.settings = settings(max_examples=60, stateful_step_count=40)
