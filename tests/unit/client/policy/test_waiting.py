"""When to look again: as seldom as is still prompt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solegate.client.policy.waiting import BATCH_PATIENCE, OPERATION_PATIENCE, Patience, next_look

PATIENCES = st.sampled_from([BATCH_PATIENCE, OPERATION_PATIENCE])


def looks_until(done_after: float, *, begins: float, patience: Patience) -> tuple[int, float]:
    """Looks and seconds until something is seen to be done that progresses evenly between two moments."""
    at, share = 0.0, 0.0
    for looks in range(200):
        if at >= done_after and looks:
            return looks, at
        at += next_look(patience, looks=looks, elapsed=at, done=share)
        share = min(1.0, max(0.0, (at - begins) / (done_after - begins)))
    raise AssertionError("never done")


@given(PATIENCES, st.integers(0, 10**6), st.floats(0, 10**6), st.floats(0, 1))
def test_a_wait_is_never_hasty_nor_endless(patience: Patience, looks: int, elapsed: float, done: float) -> None:
    assert patience.first <= next_look(patience, looks=looks, elapsed=elapsed, done=done) <= patience.longest


@given(PATIENCES, st.integers(0, 100))
def test_looks_get_rarer(patience: Patience, looks: int) -> None:
    now, later = (next_look(patience, looks=each, elapsed=0.0) for each in (looks, looks + 1))
    assert now <= later


def test_an_operation_is_first_looked_at_after_a_second() -> None:
    assert next_look(OPERATION_PATIENCE, looks=0, elapsed=0.0) == 1.0


@pytest.mark.parametrize(("settles", "most_looks"), [(0.4, 1), (2.5, 2), (30.0, 6), (300.0, 16)])
def test_an_operation_costs_few_looks(settles: float, most_looks: int) -> None:
    looks, at = looks_until(settles, begins=settles - 0.001, patience=OPERATION_PATIENCE)

    assert looks <= most_looks
    assert at <= max(1.0, 2.5 * settles)


@pytest.mark.parametrize("per_second", [1, 1.67, 2, 5, 10, 50])
@pytest.mark.parametrize("begins", [0.0, 1.0, 5.0])
def test_a_hundred_items_cost_six_looks_from_one_item_a_second_on(per_second: float, begins: float) -> None:
    done_after = begins + 100 / per_second
    looks, at = looks_until(done_after, begins=begins, patience=BATCH_PATIENCE)

    assert looks <= 6, "with the submit and one call for the items that is 8 requests"
    assert at <= 2 * done_after + BATCH_PATIENCE.first


def test_half_done_means_as_long_again() -> None:
    assert next_look(BATCH_PATIENCE, looks=3, elapsed=10.0, done=0.5) == pytest.approx(11.0)


def test_an_early_estimate_stretches_a_wait_only_so_far() -> None:
    assert next_look(BATCH_PATIENCE, looks=1, elapsed=3.0, done=0.01) <= 3.0 * 1.6 * 2.5


@pytest.mark.parametrize("done", [0.0, 1.0])
def test_without_a_known_share_the_looks_just_get_rarer(done: float) -> None:
    assert next_look(BATCH_PATIENCE, looks=1, elapsed=50.0, done=done) == pytest.approx(3.0 * 1.6)
