"""When a delivery is tried again, when it is given up, and how long a failing receiver is left alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solegate.domain.deliveries.schedule import (
    DISABLE_AFTER,
    GIVE_UP_AFTER,
    MOST_ATTEMPTS,
    Attempt,
    Verdict,
    gives_up_on,
    next_attempt,
    rest_after,
)

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUR = 3600


def attempts_from(start: datetime, *, chance: float) -> list[float]:
    """Seconds from the first attempt to each, if all of them fail at once."""
    at, made = start, [0.0]
    while (at := next_attempt(len(made), start, at, retry_after=None, chance=chance)) is not None:  # type: ignore[assignment]
        made.append((at - start).total_seconds())
    return made


def test_ten_attempts_in_seventy_five_hours():
    made = attempts_from(NOW, chance=0.5)

    assert made[:4] == [0, 5, 305, 2105]
    assert len(made) == MOST_ATTEMPTS == 10
    assert 75 * HOUR < made[-1] < 76 * HOUR


@given(st.floats(0, 1))
def test_the_jitter_moves_no_attempt_by_more_than_a_tenth_of_its_pause(chance):
    plain, made = attempts_from(NOW, chance=0.5), attempts_from(NOW, chance=chance)

    assert len(made) == MOST_ATTEMPTS
    assert all(abs(moved - due) <= due / 10 + 1e-3 for moved, due in zip(made, plain, strict=True))


def test_attempts_that_came_late_do_not_go_on_for_ever():
    late = NOW + GIVE_UP_AFTER * 1.2

    assert next_attempt(4, NOW, late, retry_after=None, chance=0.5) is None


@pytest.mark.parametrize(("asked", "seconds"), [(None, 5), (3.0, 5), (60.0, 60), (1e9, 24 * HOUR)])
def test_a_receiver_that_asks_for_patience_gets_it(asked, seconds):
    due = next_attempt(1, NOW, NOW, retry_after=asked, chance=0.5)

    assert due == NOW + timedelta(seconds=seconds)
    assert rest_after(1, retry_after=asked) == timedelta(seconds=seconds)


def test_a_receiver_that_fails_again_and_again_is_asked_every_five_minutes():
    assert [rest_after(failures, retry_after=None).total_seconds() for failures in (1, 2, 3, 100)] == [5, 300, 300, 300]


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, Verdict.TAKEN),
        (204, Verdict.TAKEN),
        (299, Verdict.TAKEN),
        (301, Verdict.REFUSED),
        (400, Verdict.REFUSED),
        (401, Verdict.REFUSED),
        (404, Verdict.REFUSED),
        (408, Verdict.AWAY),
        (410, Verdict.GONE),
        (425, Verdict.AWAY),
        (429, Verdict.AWAY),
        (500, Verdict.AWAY),
        (503, Verdict.AWAY),
        (None, Verdict.AWAY),
        (101, Verdict.AWAY),
    ],
)
def test_what_an_answer_means(status, verdict):
    assert Attempt(status).verdict is verdict


@pytest.mark.parametrize(
    ("since", "given_up"), [(None, False), (DISABLE_AFTER - timedelta(seconds=1), False), (DISABLE_AFTER, True)]
)
def test_a_subscriber_is_given_up_after_days_of_nothing_but_failures(since, given_up):
    assert gives_up_on(NOW - since if since else None, NOW) is given_up
