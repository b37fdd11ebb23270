"""A sync's run as a value: begun, gone on, failed, ended; and from which day the history is read again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solegate.domain.sync import Cost, Phase, Place, SyncRun, SyncState, history_since

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)

PLACES = st.builds(
    Place,
    phase=st.sampled_from(Phase),
    end=st.integers(0, 10**6),
    details=st.integers(0, 10**4),
    since=st.none() | st.dates(),
    passed=st.lists(st.text()).map(tuple),
)


@given(PLACES)
def test_a_place_survives_being_kept(place: Place) -> None:
    assert Place.from_json(place.to_json()) == place


def test_a_place_that_was_never_kept_is_the_beginning() -> None:
    assert Place.from_json({}) == Place()


def test_the_life_of_a_run() -> None:
    run = SyncRun(name="listings")
    assert (run.under_way, run.age(NOW)) == (False, None)
    with pytest.raises(ValueError, match="no run"):
        _ = run.run_at

    run = run.begun(NOW).went_on(Place(end=100), requests=1, rows=100, changed=3)
    assert (run.state, run.run_at, run.rows) == (SyncState.RUNNING, NOW, 100)
    run = run.failed("StockX failed.", requests=2)
    assert (run.state, run.under_way, run.place.end, run.error) == (SyncState.FAILING, True, 100, "StockX failed.")
    run = run.went_on(Place(phase=Phase.DETAILS), requests=1, rows=50)
    assert (run.state, run.error, run.requests, run.rows) == (SyncState.RUNNING, "", 4, 150)
    run = run.ended(NOW + timedelta(minutes=1))

    assert (run.state, run.under_way, run.place) == (SyncState.IDLE, False, Place())
    assert run.age(NOW + timedelta(minutes=3)) == 120.0
    assert (run.requests, run.rows, run.changed) == (4, 150, 3)
    assert run.begun(NOW + timedelta(hours=1)).rows == 0


def test_two_runs_never_have_the_same_beginning_even_if_the_clock_stands_or_goes_back() -> None:
    first = SyncRun(name="listings").begun(NOW).ended(NOW)

    for now in (NOW, NOW - timedelta(hours=1)):
        assert first.begun(now).run_at > first.run_at


@pytest.mark.parametrize(
    ("succeeded", "oldest_open", "since"),
    [
        (None, None, None),
        (None, NOW, None),
        (NOW, None, date(2026, 11, 21)),
        (NOW, NOW - timedelta(days=1), date(2026, 11, 21)),
        (NOW, NOW - timedelta(days=100), date(2026, 8, 16)),
        (NOW.replace(hour=1).astimezone(None), None, date(2026, 11, 21)),
    ],
)
def test_the_history_goes_back_to_what_may_have_changed(
    succeeded: datetime | None, oldest_open: datetime | None, since: date | None
) -> None:
    assert history_since(succeeded, oldest_open, timedelta(days=3)) == since


def test_a_cost_is_the_sum_of_its_parts() -> None:
    assert Cost(3, 7, 100).requests == 10
