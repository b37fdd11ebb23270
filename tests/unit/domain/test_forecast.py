"""What a day will have used at its end: by pace, by plan and by open jobs, and when nothing is left."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from solegate.domain.forecast import Forecast, forecast
from solegate.domain.usage import DIRECT, Usage, Use

DAY = date(2026, 1, 1)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def use(cause: str, count: int) -> Usage:
    return {Use(DAY, cause, "interactive", "Search"): count}


def look(now: datetime = NOON, usage: Usage | None = None, **changes: Any) -> Forecast:
    usage = usage or {}
    known: dict[str, Any] = {
        "used": sum(usage.values()),
        "recurring": {"sync"},
        "planned_per_day": 0,
        "jobs": 0,
        "per_day": 25_000,
        "reserved": 2_500,
    }
    return forecast(now, usage, **known | changes)


def test_what_people_ask_for_goes_on_as_today() -> None:
    found = look(usage=use(DIRECT, 1_000))
    assert (found.expected, found.by_pace) == (2_000, 1_000)
    assert found.runs_out_at is found.background_stops_at is None


def test_what_recurs_goes_on_by_plan_or_by_pace_whichever_is_more() -> None:
    assert look(usage=use("sync", 100), planned_per_day=1_000).by_schedules == 500
    assert look(usage=use("sync", 900), planned_per_day=1_000).by_schedules == 900


def test_what_a_job_took_says_nothing_about_the_rest_of_the_day() -> None:
    found = look(usage=use("job", 8_000))
    assert found.expected == 8_000
    assert look(usage=use("job", 8_000), jobs=300).expected == 8_300


def test_a_quota_that_does_not_last_names_the_moments_at_which_it_ends() -> None:
    found = look(usage=use(DIRECT, 20_000))
    assert found.expected == 40_000
    assert found.runs_out_at == NOON + timedelta(hours=3)
    assert found.background_stops_at == NOON + timedelta(hours=1.5)


def test_a_quota_that_is_used_up_has_run_out_now() -> None:
    found = look(usage=use(DIRECT, 25_000))
    assert found.runs_out_at == found.background_stops_at == NOON


def test_without_a_quota_nothing_runs_out() -> None:
    found = look(usage=use(DIRECT, 10**6), per_day=None, reserved=0)
    assert found.runs_out_at is found.background_stops_at is None


def test_the_first_minutes_of_a_day_do_not_make_a_pace() -> None:
    early = datetime(2026, 1, 1, 0, 1, tzinfo=UTC)
    assert look(early, use(DIRECT, 60)).expected < 60 * 25


def test_the_day_is_that_of_utc_whatever_the_clock_shows() -> None:
    abroad = NOON.astimezone(timezone(timedelta(hours=9)))
    assert look(abroad, use(DIRECT, 7)) == look(NOON, use(DIRECT, 7))


def test_requests_of_unknown_purpose_count_as_asked_for() -> None:
    assert look(usage=use(DIRECT, 10), used=30).by_pace == 30
