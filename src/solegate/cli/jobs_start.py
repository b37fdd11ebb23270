"""Starts a job from a file: checked, planned, shown, asked for, stored, and followed to its end."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import typer

from solegate.bootstrap import Services
from solegate.cli.failures import CommandError, ExitCode
from solegate.cli.guard import ACTOR
from solegate.cli.jobs_follow import Follower, failed_rows, how_to_go_on, show_end
from solegate.cli.jobs_show import draft_document, job_document, show_plan, show_problems, show_progress
from solegate.cli.output import Output, counted
from solegate.cli.run import NOTHING_CHANGED, with_services
from solegate.domain.jobs import Job, JobKind
from solegate.services.bulk.control import Started
from solegate.services.bulk.plan import Draft, JobOptions
from solegate.services.bulk.rows import rows_of_file


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How a job is started, as the command line says.

    Attributes:
        currency: of prices that name none.
        dry_run: check and plan only.
        yes: do not ask.
        skip_invalid: do the rows that can be done although others cannot.
        key: under which the job is started once.
        again: make another job of the same rows.
        name: for people.
        wait: follow it to its end.
    """

    currency: str | None
    dry_run: bool
    yes: bool
    skip_invalid: bool
    key: str | None
    again: bool
    name: str
    wait: bool


@dataclass(slots=True)
class _Run:
    """What a command that is interrupted has to tell of."""

    job: Job | None = field(default=None)

    def kept(self) -> str:
        """What is kept, and how to go on."""
        return how_to_go_on(self.job)


def start_from_file(kind: JobKind, file: Path, wishes: Wishes, output: Output) -> ExitCode:
    """Check, plan, ask, store, follow."""
    run = _Run()

    async def work(services: Services) -> ExitCode:
        draft = await _draft(services, kind, file, wishes, output)
        for warning in draft.warnings:
            output.note(warning, style="yellow")
        if draft.existing is None:
            show_problems(output, draft.checked.problems)
        if draft.is_refused:
            output.document(draft_document(draft, dry_run=wishes.dry_run))
            raise _refusal(draft)
        if draft.existing is None:
            show_plan(output, draft)
        if wishes.dry_run:
            output.document(draft_document(draft, dry_run=True))
            output.line(f"Nothing was stored.{_existing(draft)}")
            return ExitCode.OK
        if not wishes.yes and draft.existing is None:
            _ask(draft)
        return await _go(services, await services.jobs.start_draft(draft, actor=ACTOR), run, wishes.wait, output)

    return with_services(work, kept=run.kept)


def follow_up(begin: Callable[[Services], Awaitable[Started]], output: Output, *, wait: bool) -> ExitCode:
    """Start a job that repeats or takes back another one, and follow it."""
    run = _Run()

    async def work(services: Services) -> ExitCode:
        return await _go(services, await begin(services), run, wait, output)

    return with_services(work, kept=run.kept)


def watch_job(job_id: str, output: Output) -> ExitCode:
    """Follow a job that is there; while no worker lives, work on it here."""
    run = _Run()

    async def work(services: Services) -> ExitCode:
        run.job = await services.jobs.get(job_id)
        return await _follow(services, run.job, output)

    return with_services(work, kept=run.kept)


async def _draft(services: Services, kind: JobKind, file: Path, wishes: Wishes, output: Output) -> Draft:
    with output.progress("Looking up style codes", None) as bar:
        options = JobOptions(currency=wishes.currency, skip_invalid=wishes.skip_invalid, on_lookup=bar.at)
        return await services.jobs.draft(
            kind,
            rows_of_file(file, kind),
            key=wishes.key,
            again=wishes.again,
            name=wishes.name,
            options=options,
        )


def _refusal(draft: Draft) -> CommandError:
    """Why nothing is stored; the rows have been shown."""
    lines = len({each.line for each in draft.checked.problems})
    hint = "`--skip-invalid` does the rows that can be done."
    if not draft.checked.complete:
        hint = f"Nothing was looked up yet, so there may be more. {hint}"
    return CommandError(
        f"{counted(lines, 'row')} cannot be done. {NOTHING_CHANGED}", exit_code=ExitCode.BAD_INPUT, hint=hint
    )


def _existing(draft: Draft) -> str:
    return "" if draft.existing is None else f" These rows are job {draft.existing.id}; `--again` makes another one."


def _ask(draft: Draft) -> None:
    if not sys.stdin.isatty():
        raise CommandError(
            f"{draft.name}: nobody is there to ask. {NOTHING_CHANGED}",
            exit_code=ExitCode.BAD_INPUT,
            hint="`--yes` answers in advance, `--dry-run` shows the plan.",
        )
    if not typer.confirm("Start it", default=False, err=True):
        raise CommandError(f"Not started. {NOTHING_CHANGED}", exit_code=ExitCode.INTERRUPTED)


async def _go(services: Services, started: Started, run: _Run, wait: bool, output: Output) -> ExitCode:
    run.job = job = started.job
    if not started.is_new:
        output.note(f"These rows are job {job.id} already; it is gone on with. `--again` makes another one.")
    if wait:
        return await _follow(services, job, output)
    output.document(job_document(job) | {"isNew": started.is_new})
    show_progress(output, await services.jobs.progress(job.id))
    output.line(f"A worker works on it; `solegate jobs watch {job.id}` shows how far it is, and does without one.")
    return ExitCode.OK


async def _follow(services: Services, job: Job, output: Output) -> ExitCode:
    with output.progress(f"Job {job.id}", job.total) as bar:
        progress = await Follower(services, job, output).follow(bar)
    return show_end(output, progress, await failed_rows(services, progress))
