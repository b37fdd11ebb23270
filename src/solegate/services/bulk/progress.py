"""How far a job is, how fast it goes, and when it can be done at the earliest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from solegate.db.repositories.jobs import JobProgress as Counts
from solegate.domain.job_plan import Limits, seconds_left
from solegate.domain.jobs import FINISHED_ROWS, Job, JobState, RowState


@dataclass(frozen=True, slots=True, kw_only=True)
class JobProgress:
    """A job at one moment.

    Attributes:
        job: as stored.
        at: when that was (UTC).
        rows: how many rows are in which state; every state is there.
        ended: rows that have their result.
        per_minute: rows that got it in a minute, on the whole run; 0 before the first.
        seconds_left: the least time it still takes under the limits; 0 when nothing is left, `None` while it stands
            still.
    """

    job: Job
    at: datetime
    rows: Mapping[RowState, int]
    ended: int
    per_minute: float
    seconds_left: float | None

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens: every row has its result."""
        return self.job.state is JobState.DONE or (
            self.job.state is JobState.CANCELLED and self.ended == self.job.total
        )

    @property
    def has_stopped(self) -> bool:
        """Whether nothing happens by itself: it is over, or paused and nothing that was sent before is followed."""
        return self.is_over or (self.job.state is JobState.PAUSED and not self.rows[RowState.SUBMITTED])

    @property
    def done_at(self) -> datetime | None:
        """When it can be done at the earliest."""
        return None if self.seconds_left is None else self.at + timedelta(seconds=self.seconds_left)

    @property
    def failed(self) -> int:
        """Rows that did not succeed."""
        return self.rows[RowState.FAILED]


def progress_of(job: Job, counts: Counts, limits: Limits, now: datetime) -> JobProgress:
    """What a job's counts mean at a moment."""
    rows = {state: counts.rows.get(state, 0) for state in RowState}
    ended = sum(rows[state] for state in FINISHED_ROWS)
    minutes = ((job.finished_at or now) - (job.started_at or job.created_at)).total_seconds() / 60
    left: float | None = 0.0
    if ended < job.total:
        left = None
        if job.state is JobState.RUNNING:
            left = seconds_left(
                job.kind,
                ready=rows[RowState.READY],
                submitted=rows[RowState.SUBMITTED],
                done=rows[RowState.DONE],
                elapsed=(now - (job.started_at or now)).total_seconds(),
                limits=limits,
            )
    return JobProgress(
        job=job,
        at=now,
        rows=rows,
        ended=ended,
        per_minute=ended / minutes if minutes > 0 else 0.0,
        seconds_left=left,
    )
