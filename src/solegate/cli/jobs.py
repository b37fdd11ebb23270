"""`solegate jobs`: thousands of rows at once, checked first, planned, worked off, and reported row by row."""

from __future__ import annotations

import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import typer

from solegate.bootstrap import Services
from solegate.cli.failures import ExitCode
from solegate.cli.guard import ACTOR
from solegate.cli.jobs_show import job_document, progress_document, show_jobs, show_progress
from solegate.cli.jobs_start import Wishes, follow_up, start_from_file, watch_job
from solegate.cli.output import JsonFlag, Output
from solegate.cli.run import with_services
from solegate.domain.jobs import Job, JobKind, JobState
from solegate.services.bulk.progress import JobProgress
from solegate.services.bulk.report import ReportFormat, write_report

File = Annotated[Path, typer.Argument(metavar="FILE", help="CSV file, UTF-8, with a header.")]
JobId = Annotated[str, typer.Argument(metavar="JOB", help="Job id.")]
Currency = Annotated[str | None, typer.Option(help="Currency of prices that name none; the setting's otherwise.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check and plan; store nothing.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
SkipInvalid = Annotated[
    bool, typer.Option("--skip-invalid", help="Do the rows that can be done; keep the others as failed.")
]
Key = Annotated[str | None, typer.Option(help="Under which it is started once; the file's rows otherwise.")]
Again = Annotated[bool, typer.Option("--again", help="Make another job of the same rows.")]
Name = Annotated[str, typer.Option(help="A name for people; the file's otherwise.")]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Leave it to a worker.")]

_KINDS = {
    JobKind.CREATE: """List pairs for sale.

    Columns: sku and size, or variant_id; price; and if you like currency, quantity, expires, unit, inventory_type. A
    unit names the pair, so that it is never listed twice; without it the pairs of a size are counted.""",
    JobKind.UPDATE: "Change prices or expiries.\n\nColumns: listing_id, and price, currency or expires.",
    JobKind.ACTIVATE: "Put listings up for sale.\n\nColumns: listing_id, and if you like price, currency, expires.",
    JobKind.DEACTIVATE: "Take listings off sale; they stay as drafts.\n\nColumn: listing_id.",
    JobKind.DELETE: "Delete listings that are not sold. They do not come back.\n\nColumn: listing_id.",
    JobKind.ENRICH: "Bring products into the database, with sizes, barcodes and prices.\n\nColumn: sku.",
}


def starter(kind: JobKind) -> Callable[..., ExitCode]:
    """The command that starts jobs of a kind."""

    def start(
        file: File,
        *,
        currency: Currency = None,
        dry_run: DryRun = False,
        yes: Yes = False,
        skip_invalid: SkipInvalid = False,
        key: Key = None,
        again: Again = False,
        name: Name = "",
        no_wait: NoWait = False,
        as_json: JsonFlag = False,
    ) -> ExitCode:
        wishes = Wishes(
            currency=currency,
            dry_run=dry_run,
            yes=yes,
            skip_invalid=skip_invalid,
            key=key,
            again=again,
            name=name,
            wait=not no_wait,
        )
        return start_from_file(kind, file, wishes, Output(as_json=as_json))

    start.__doc__ = _KINDS[kind]
    return start


def list_jobs(
    *,
    state: Annotated[list[JobState] | None, typer.Option(help="Only jobs in this state; repeatable.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="Most jobs shown.")] = 20,
    as_json: JsonFlag = False,
) -> ExitCode:
    """List jobs, newest first."""
    output = Output(as_json=as_json)

    async def work(services: Services) -> list[JobProgress]:
        jobs = await services.jobs.list(states=state or (), limit=limit)
        return [await services.jobs.progress(each.id) for each in jobs]

    found = with_services(work)
    output.document([progress_document(each) for each in found])
    if found:
        show_jobs(output, found)
    else:
        output.line("No jobs. `solegate jobs create FILE` starts one.")
    return ExitCode.OK


def show_job(job_id: JobId, *, as_json: JsonFlag = False) -> ExitCode:
    """Show how far a job is."""
    output = Output(as_json=as_json)

    async def work(services: Services) -> JobProgress:
        return await services.jobs.progress(job_id)

    progress = with_services(work)
    output.document(progress_document(progress))
    show_progress(output, progress)
    return ExitCode.OK


def watch(job_id: JobId, *, as_json: JsonFlag = False) -> ExitCode:
    """Follow a job to its end. While no worker lives, it is worked on here."""
    return watch_job(job_id, Output(as_json=as_json))


def pause(job_id: JobId, *, as_json: JsonFlag = False) -> ExitCode:
    """Send nothing more of a job for now; what was sent is followed."""
    return _change(lambda services: services.jobs.pause(job_id, actor=ACTOR), Output(as_json=as_json))


def resume(job_id: JobId, *, as_json: JsonFlag = False) -> ExitCode:
    """Let a paused job go on, in a worker or with `jobs watch`."""
    return _change(lambda services: services.jobs.resume(job_id, actor=ACTOR), Output(as_json=as_json))


def cancel(job_id: JobId, *, as_json: JsonFlag = False) -> ExitCode:
    """Give up what was not sent of a job; what was sent is followed to its end."""
    return _change(lambda services: services.jobs.cancel(job_id, actor=ACTOR), Output(as_json=as_json))


def retry(job_id: JobId, *, no_wait: NoWait = False, as_json: JsonFlag = False) -> ExitCode:
    """Start a job of the rows that failed."""
    return follow_up(
        lambda services: services.jobs.retry_failed(job_id, actor=ACTOR), Output(as_json=as_json), wait=not no_wait
    )


def undo(job_id: JobId, *, no_wait: NoWait = False, as_json: JsonFlag = False) -> ExitCode:
    """Take off sale what a job put up for sale; it has to be over."""
    return follow_up(
        lambda services: services.jobs.undo(job_id, actor=ACTOR), Output(as_json=as_json), wait=not no_wait
    )


def report(
    job_id: JobId,
    *,
    file: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it there, not to standard output.")] = None,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Write what came of every row, as CSV or, with --json, as JSON."""
    form = ReportFormat.JSON if as_json else ReportFormat.CSV

    async def work(services: Services) -> None:
        await services.jobs.get(job_id)
        pieces = write_report(services.jobs.each_row(job_id), form)
        if file is None:
            async for piece in pieces:
                sys.stdout.write(piece)
            sys.stdout.flush()
            return
        with file.open("w", encoding="utf-8", newline="") as out:
            async for piece in pieces:
                out.write(piece)

    try:
        with_services(work)
    except BrokenPipeError:  # whoever reads it has seen enough (`| head`)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return ExitCode.OK


def _change(change: Callable[[Services], Awaitable[Job]], output: Output) -> ExitCode:
    async def work(services: Services) -> tuple[Job, JobProgress]:
        job = await change(services)
        return job, await services.jobs.progress(job.id)

    job, progress = with_services(work)
    output.document(job_document(job))
    show_progress(output, progress)
    return ExitCode.OK


COMMANDS: Mapping[str, Callable[..., ExitCode]] = MappingProxyType(
    {
        "list": list_jobs,
        "show": show_job,
        "watch": watch,
        "pause": pause,
        "resume": resume,
        "cancel": cancel,
        "retry": retry,
        "undo": undo,
        "report": report,
    }
)
"""What can be done with jobs that are there, by name."""
