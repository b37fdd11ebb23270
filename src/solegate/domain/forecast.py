"""How a day's requests will go on: what is used by its end, and when they run out if they do."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from solegate.domain.usage import Usage

LEAST_ELAPSED = 3_600.0
"""Seconds of a day before which its pace says too little: until then an hour counts as gone."""
JOB_CAUSE = "job"
"""What bulk jobs cause goes on only as long as there are open ones, whatever they took today."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What a day will have used at its end, in requests.

    Attributes:
        expected: altogether, what is used already included; it may be more than there are.
        by_pace: what is still to come of what people and programs ask for, if they go on as today.
        by_schedules: what is still to come of what is done again and again.
        by_jobs: what is still to come of open bulk jobs.
        runs_out_at: when nothing is left, if that is before the end of the day.
        background_stops_at: when only the reserve is left, and background work waits for the next day.
    """

    expected: int
    by_pace: int
    by_schedules: int
    by_jobs: int
    runs_out_at: datetime | None
    background_stops_at: datetime | None


def forecast(
    now: datetime,
    usage: Usage,
    *,
    used: int,
    recurring: Collection[str],
    planned_per_day: int,
    jobs: int,
    per_day: int | None,
    reserved: int,
) -> Forecast:
    """Look ahead to 24:00 UTC.

    What recurs is expected at its plan or at today's pace, whichever is more: new orders cost requests on top. What
    is still to come is taken to come evenly.

    Args:
        now: the moment, aware.
        usage: what today's requests were for.
        used: how many there were, those included of which it is not known what they were for.
        recurring: the causes that recur by plan.
        planned_per_day: requests that the plan takes in a whole day.
        jobs: requests that open jobs still need.
        per_day: the day's quota; `None` for none.
        reserved: how many of them are kept back from the background.
    """
    now = now.astimezone(UTC)
    begin = datetime.combine(now.date(), time(), UTC)
    left = (begin + _DAY - now).total_seconds()
    by_day = left / max(LEAST_ELAPSED, (now - begin).total_seconds())
    repeated = sum(count for use, count in usage.items() if use.cause in recurring)
    from_jobs = sum(count for use, count in usage.items() if use.cause == JOB_CAUSE)
    by_schedules = round(max(planned_per_day * left / _DAY.total_seconds(), repeated * by_day))
    by_pace = round(max(0, used - repeated - from_jobs) * by_day)
    to_come = by_pace + by_schedules + jobs

    def moment(room: int) -> datetime | None:
        """When so many more are used."""
        if room >= to_come:
            return None
        return now + timedelta(seconds=left * max(0, room) / to_come)

    return Forecast(
        expected=used + to_come,
        by_pace=by_pace,
        by_schedules=by_schedules,
        by_jobs=jobs,
        runs_out_at=None if per_day is None else moment(per_day - used),
        background_stops_at=None if per_day is None else moment(per_day - reserved - used),
    )
