"""Follows a job on the terminal, and works on it in this process while no worker does."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from solegate.background import drive
from solegate.bootstrap import Services
from solegate.cli.failures import ExitCode
from solegate.cli.jobs_show import MOST_ROWS, duration, progress_document, row_documents, show_failed, show_progress
from solegate.cli.output import Output, ProgressBar
from solegate.db.repositories.workers import WorkerRepository
from solegate.domain.jobs import Job, JobItem, JobState, RowState
from solegate.services.bulk.progress import JobProgress

POLL_SECONDS = 0.5
_GRACE = 10.0
"""Seconds a step under way may take to its end after Ctrl-C."""


@dataclass(slots=True)
class Follower:
    """Follows one job, and tells what holds it up as soon as that changes."""

    services: Services
    job: Job
    output: Output
    _told: str = field(default="", init=False)
    _stop: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _working: asyncio.Task[None] | None = field(default=None, init=False)

    async def follow(self, bar: ProgressBar) -> JobProgress:
        """Show how far the job is until nothing more happens to it.

        Cancelled, it lets the step that runs come to its end; the job stays as it is and can be gone on with.
        """
        jobs = self.services.jobs
        try:
            async for progress in jobs.watch(self.job.id, every=POLL_SECONDS):
                bar.at(progress.ended, progress.job.total, label=_label(progress))
                self._tell(progress.job.note)
                if not progress.has_stopped:
                    await self._work_if_nobody_does()
        finally:
            await self._stop_working()
        return await jobs.progress(self.job.id)

    def _tell(self, note: str) -> None:
        if note and note != self._told:
            self.output.note(note, style="yellow")
        self._told = note

    async def _work_if_nobody_does(self) -> None:
        """Start to work here when no worker lives; if a worker comes later, the two share the steps."""
        if self._working is not None:
            if self._working.done():
                self._working.result()
                self._working = None
            return
        workers, now = await WorkerRepository(self.services.database).known()
        if any(each.takes_work(now) for each in workers):
            return
        self._working = asyncio.create_task(drive(self.services, self.job.id, stop=self._stop, grace=_GRACE))

    async def _stop_working(self) -> None:
        if self._working is not None:
            self._stop.set()
            with suppress(asyncio.CancelledError):
                await self._working


async def failed_rows(services: Services, progress: JobProgress) -> tuple[JobItem, ...]:
    """The rows to show at the end: the first that did not succeed."""
    if not progress.failed:
        return ()
    return await services.jobs.rows(progress.job.id, states=[RowState.FAILED], limit=MOST_ROWS)


def show_end(output: Output, progress: JobProgress, failed: Sequence[JobItem]) -> ExitCode:
    """How a job ended, or stands when nothing more happens to it."""
    output.document(progress_document(progress) | {"failedRows": row_documents(failed)})
    show_failed(output, failed, progress.failed)
    show_progress(output, progress)
    job_id = progress.job.id
    if progress.failed and progress.is_over:
        output.line(
            f"`solegate jobs report {job_id}` has every row, `solegate jobs retry {job_id}` repeats the failed."
        )
    if progress.job.state is JobState.PAUSED:
        output.line(f"`solegate jobs resume {job_id}` goes on.")
    return ExitCode.OK if progress.rows[RowState.DONE] == progress.job.total else ExitCode.INCOMPLETE


def how_to_go_on(job: Job | None) -> str:
    """What a command says that was interrupted."""
    if job is None:
        return "Nothing was stored."
    return (
        f"Job {job.id} is kept. A worker goes on with it by itself; `solegate jobs watch {job.id}` does without one, "
        f"`solegate jobs pause {job.id}` holds it."
    )


def _label(progress: JobProgress) -> str:
    left = progress.seconds_left
    if progress.is_over:
        return "done"
    if progress.job.state is not JobState.RUNNING:
        return f"{progress.job.state.lower()}, following what was sent"
    return f"at least {duration(left)} left" if left else "nearly done"
