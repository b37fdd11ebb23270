"""Whose turn it is among accounts, and how many loops their tasks need."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from solegate.domain.tasks import drains_wanted, next_turn

ACCOUNTS = st.sampled_from(["a", "b", "c"])


def test_an_order_of_any_account_goes_before_everything_else() -> None:
    assert next_turn([("a", 3), ("b", 0)], {"b": 7}, {"b": 99}) == ("b", 0)


def test_in_a_lane_it_is_the_turn_of_the_account_for_which_least_is_done() -> None:
    assert next_turn([("a", 1), ("b", 1)], {"a": 2, "b": 1}, {}) == ("b", 1)


def test_among_equals_it_is_the_turn_of_who_waited_longest() -> None:
    assert next_turn([("a", 1), ("b", 1), ("c", 1)], {}, {"a": 5, "b": 3, "c": 4}) == ("b", 1)


def test_without_anything_due_it_is_nobodys_turn() -> None:
    assert next_turn([], {}, {}) is None


def test_steps_that_end_at_once_alternate_between_accounts() -> None:
    turns: dict[str, int] = {}
    taken = []
    for turn in range(1, 10):
        chosen = next_turn([("a", 3), ("b", 3), ("c", 3)], {}, turns)
        assert chosen is not None
        turns[chosen[0]] = turn
        taken.append(chosen[0])
    assert taken == ["a", "b", "c"] * 3


def test_an_account_that_is_worked_for_keeps_no_loop_from_another() -> None:
    assert drains_wanted({"busy": 100}, {}, each=2, most=32, active=0) == 2
    assert drains_wanted({"busy": 98, "idle": 1}, {"busy": 2}, each=2, most=32, active=2) == 1
    assert drains_wanted({"busy": 98}, {"busy": 2}, each=2, most=32, active=2) == 0


def test_loops_that_are_about_to_claim_are_not_sent_out_again() -> None:
    assert drains_wanted({"a": 1, "b": 1}, {}, each=2, most=32, active=2) == 0


@given(st.dictionaries(ACCOUNTS, st.integers(0, 50)), st.dictionaries(ACCOUNTS, st.integers(0, 5)), st.integers(0, 40))
def test_there_are_never_more_loops_than_there_may_be(due: dict[str, int], held: dict[str, int], active: int) -> None:
    wanted = drains_wanted(due, held, each=2, most=8, active=active)
    assert 0 <= wanted <= max(0, 8 - active)
