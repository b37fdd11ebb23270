"""Whether a call is sent again: the table of design 4.1 at its exact boundaries."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solegate.client.policy.call import Effect
from solegate.client.policy.outcome import Health, Kind, Verdict
from solegate.client.policy.retry import (
    GiveUp,
    Progress,
    Resend,
    RetryBudget,
    RetryPolicy,
    Why,
    backoff,
    decide,
)
from solegate.errors import Outcome

POLICY = RetryPolicy()
REPEATABLE = (Kind.UPSTREAM, Kind.TIMEOUT, Kind.CONNECTION)


def after(
    kind: Kind,
    *,
    effect: Effect = Effect.READ,
    outcome: Outcome = Outcome.NOT_APPLIED,
    attempts: int = 1,
    remaining: float = 1_000.0,
    recycled: int = 0,
    refreshed: bool = False,
    pause: float = 0.0,
    chance: float = 0.5,
    budget: RetryBudget | None = None,
) -> Resend | GiveUp:
    return decide(
        Verdict(kind, outcome, Health.NEUTRAL), effect, Progress(attempts, remaining, recycled, refreshed),
        policy=POLICY, budget=budget or RetryBudget(), pause=pause, chance=chance,
    )  # fmt: skip


@pytest.mark.parametrize("kind", REPEATABLE)
def test_a_read_is_repeated_after_a_failure_of_stockx(kind: Kind) -> None:
    assert after(kind) == Resend(0.25)


@pytest.mark.parametrize("kind", [Kind.FORBIDDEN, Kind.NOT_FOUND, Kind.REJECTED])
def test_what_stockx_refuses_for_good_is_not_repeated(kind: Kind) -> None:
    assert after(kind) == GiveUp(Why.FINAL)


def test_a_429_is_repeated_without_a_wait_of_its_own_because_the_limiter_waits() -> None:
    assert after(Kind.THROTTLED, pause=30.0) == Resend(0.0)


@pytest.mark.parametrize("kind", [*REPEATABLE, Kind.THROTTLED])
@pytest.mark.parametrize(("attempts", "again"), [(1, True), (2, True), (3, False), (4, False)])
def test_three_attempts_are_made_at_most(kind: Kind, attempts: int, again: bool) -> None:
    decision = after(kind, attempts=attempts)
    assert isinstance(decision, Resend) if again else decision == GiveUp(Why.ATTEMPTS)


@pytest.mark.parametrize(
    ("pause", "again"), [(0.0, True), (119.99, True), (120.0, True), (120.01, False), (3600, False)]
)
def test_a_pause_of_up_to_120_seconds_is_waited_for(pause: float, again: bool) -> None:
    decision = after(Kind.THROTTLED, pause=pause)
    assert decision == (Resend(0.0) if again else GiveUp(Why.PAUSE))


@pytest.mark.parametrize(("remaining", "again"), [(30.01, True), (30.0, False), (29.0, False), (0.0, False)])
def test_a_pause_that_outlasts_the_deadline_ends_the_call(remaining: float, again: bool) -> None:
    decision = after(Kind.THROTTLED, pause=30.0, remaining=remaining)
    assert decision == (Resend(0.0) if again else GiveUp(Why.DEADLINE))


@pytest.mark.parametrize(("remaining", "again"), [(0.2501, True), (0.25, False), (0.0, False), (-1.0, False)])
def test_a_backoff_that_outlasts_the_deadline_ends_the_call(remaining: float, again: bool) -> None:
    decision = after(Kind.UPSTREAM, remaining=remaining)
    assert isinstance(decision, Resend) if again else decision == GiveUp(Why.DEADLINE)


@pytest.mark.parametrize("kind", REPEATABLE)
def test_a_create_that_may_have_arrived_is_never_repeated(kind: Kind) -> None:
    assert after(kind, effect=Effect.CREATE, outcome=Outcome.UNKNOWN) == GiveUp(Why.UNSAFE)
    assert after(Kind.RECYCLED, effect=Effect.CREATE, outcome=Outcome.UNKNOWN) == GiveUp(Why.UNSAFE)


@pytest.mark.parametrize("kind", [Kind.CONNECTION, Kind.THROTTLED])
def test_a_create_that_surely_did_not_arrive_is_repeated(kind: Kind) -> None:
    assert isinstance(after(kind, effect=Effect.CREATE), Resend)
    assert after(Kind.UNAUTHORIZED, effect=Effect.CREATE) == Resend(0.0, free=True)
    assert after(Kind.RECYCLED, effect=Effect.CREATE, recycled=1) == Resend(0.0, free=True)


@pytest.mark.parametrize("kind", REPEATABLE)
def test_a_safe_write_leads_to_the_same_end_state_and_is_repeated(kind: Kind) -> None:
    assert isinstance(after(kind, effect=Effect.SAFE_WRITE, outcome=Outcome.UNKNOWN), Resend)


@pytest.mark.parametrize(("recycled", "again"), [(1, True), (4, True), (5, False)])
def test_recycled_connections_cost_no_attempt_but_are_limited(recycled: int, again: bool) -> None:
    decision = after(Kind.RECYCLED, recycled=recycled, attempts=3)
    assert decision == (Resend(0.0, free=True) if again else GiveUp(Why.ATTEMPTS))


def test_a_401_is_answered_by_one_refresh() -> None:
    assert after(Kind.UNAUTHORIZED) == Resend(0.0, free=True)
    assert after(Kind.UNAUTHORIZED, attempts=3) == Resend(0.0, free=True)
    assert after(Kind.UNAUTHORIZED, refreshed=True) == GiveUp(Why.FINAL)


@pytest.mark.parametrize(("kind", "retries"), [(Kind.UPSTREAM, 35), (Kind.TIMEOUT, 35), (Kind.THROTTLED, 100)])
def test_an_outage_empties_the_budget_and_retries_stop(kind: Kind, retries: int) -> None:
    budget = RetryBudget()
    decisions = [after(kind, budget=budget) for _ in range(retries + 2)]
    assert [isinstance(decision, Resend) for decision in decisions] == [True] * retries + [False] * 2
    assert decisions[-1] == GiveUp(Why.BUDGET)


@pytest.mark.parametrize(
    "given_up",
    [
        {"kind": Kind.UPSTREAM, "attempts": 3}, {"kind": Kind.UPSTREAM, "remaining": 0.0}, {"kind": Kind.REJECTED},
        {"kind": Kind.THROTTLED, "pause": 121.0}, {"kind": Kind.UNAUTHORIZED}, {"kind": Kind.RECYCLED},
    ],
)  # fmt: skip
def test_only_a_counted_resend_costs_budget(given_up: dict[str, object]) -> None:
    budget = RetryBudget()
    after(budget=budget, **given_up)  # type: ignore[arg-type]
    assert budget.left == budget.capacity


def test_success_gives_back_what_its_last_retry_cost() -> None:
    budget = RetryBudget(100)
    assert budget.spend(Kind.TIMEOUT)
    assert budget.spend(Kind.THROTTLED)
    assert budget.left == 81
    budget.succeeded(Kind.TIMEOUT)
    assert budget.left == 95
    budget.succeeded(None)
    assert budget.left == 96
    budget.succeeded(Kind.THROTTLED)
    assert budget.left == 100


steps = st.lists(st.tuples(st.booleans(), st.sampled_from([*Kind, None])), max_size=80)


@given(steps, st.integers(0, 60))
def test_the_budget_stays_between_nothing_and_its_capacity(
    steps: list[tuple[bool, Kind | None]], capacity: int
) -> None:
    budget = RetryBudget(capacity)
    for spends, kind in steps:
        if spends and kind is not None:
            before = budget.left
            assert budget.spend(kind) == (budget.left < before)
        else:
            budget.succeeded(kind)
        assert 0 <= budget.left <= capacity


@given(st.integers(1, 500), st.floats(0, 1, exclude_max=True))
def test_the_backoff_is_full_jitter_below_the_cap(attempts: int, chance: float) -> None:
    step = min(20.0, 0.5 * 2.0 ** (attempts - 1))
    assert 0.0 <= backoff(attempts, POLICY, chance) <= step
    assert backoff(attempts, POLICY, 0.0) == 0.0


def test_the_backoff_bears_any_number_of_attempts() -> None:
    assert backoff(5_000, POLICY, 1.0) == POLICY.cap


@given(
    st.sampled_from([kind for kind in Kind if kind is not Kind.OK]), st.sampled_from(Effect),
    st.sampled_from(Outcome), st.integers(1, 6), st.floats(-10, 1e6), st.floats(0, 1e9),
)  # fmt: skip
def test_a_resend_never_waits_past_the_deadline_and_never_doubles_a_create(
    kind: Kind, effect: Effect, outcome: Outcome, attempts: int, remaining: float, pause: float
) -> None:
    decision = after(
        kind, effect=effect, outcome=outcome, attempts=attempts, remaining=remaining, pause=pause, chance=0.999
    )
    if isinstance(decision, Resend) and not decision.free:
        assert max(decision.wait, pause) < remaining
        assert attempts < POLICY.max_attempts
        assert effect is not Effect.CREATE or outcome is Outcome.NOT_APPLIED
