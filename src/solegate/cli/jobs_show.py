"""Bulk jobs as text and as JSON: plans, rows that are refused, how far a job is, what came of its rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from solegate.cli.output import Json, Output, amount, counted, styled
from solegate.domain.job_plan import JobPlan
from solegate.domain.job_rows import RowProblem
from solegate.domain.jobs import Job, JobItem, JobKind, JobState, RowState
from solegate.domain.money import Money
from solegate.services.bulk.plan import Draft
from solegate.services.bulk.progress import JobProgress
from solegate.services.bulk.report import report_row

MOST_ROWS = 200
"""Rows that are shown; a report has every one."""
WHAT = {
    JobKind.CREATE: ("pair to list", "pairs to list"),
    JobKind.UPDATE: ("listing to change", "listings to change"),
    JobKind.ACTIVATE: ("listing to put up for sale", "listings to put up for sale"),
    JobKind.DEACTIVATE: ("listing to take off sale", "listings to take off sale"),
    JobKind.DELETE: ("listing to delete", "listings to delete"),
    JobKind.ENRICH: ("style code to look up", "style codes to look up"),
}
_ROW_STYLES = {RowState.DONE: "green", RowState.FAILED: "red", RowState.SKIPPED: "yellow"}
_JOB_STYLES = {JobState.DONE: "green", JobState.CANCELLED: "yellow", JobState.PAUSED: "yellow"}


def show_problems(output: Output, problems: Sequence[RowProblem]) -> None:
    """A table with why rows cannot be done."""
    if problems:
        rows = [(each.line, each.reason, each.advice) for each in problems[:MOST_ROWS]]
        output.table(("Line", "Reason", "What to do"), rows, right=("Line",), wide=("Reason", "What to do"))
    if len(problems) > MOST_ROWS:
        output.line(f"{len(problems) - MOST_ROWS:,} more are not shown.")


def show_plan(output: Output, draft: Draft) -> None:
    """What a job will do and cost."""
    plan, refused = draft.plan, len(draft.checked.refused)
    kept = f"; {counted(refused, 'row')} cannot be done and will be kept as failed" if refused else ""
    output.line(f"{draft.name or 'The job'}: {counted(plan.rows, *WHAT[plan.kind])}{kept}.")
    facts = [
        ("Batches", f"{plan.chunks:,}, {plan.items:,} items" if plan.chunks else None),
        ("Requests", f"about {plan.requests:,}"),
        ("Time", f"at least {duration(plan.seconds)}, under the limits as they are now"),
        ("Value", _sums(plan.value)),
        ("Payout", f"about {_sums(plan.payout)}" if plan.payout else None),
    ]
    for name, text in facts:
        if text:
            output.line(f"  {name:<9} {text}")


def show_progress(output: Output, progress: JobProgress) -> None:
    """One job, in a few lines."""
    job = progress.job
    output.line(f"Job {job.id} ({job.kind}{f', {job.name}' if job.name else ''}) is {job.state}.")
    tally = ", ".join(f"{count:,} {state.lower()}" for state, count in progress.rows.items() if count)
    output.line(f"  {counted(job.total, 'row')}: {tally or 'none'}")
    if progress.seconds_left:
        output.line(
            f"  at least {duration(progress.seconds_left)} left; {progress.per_minute:,.0f} rows a minute so far"
        )
    if job.note:
        output.line(f"  {job.note}")


def show_failed(output: Output, items: Sequence[JobItem], failed: int) -> None:
    """A table of rows that did not succeed; `failed` is how many there are in all."""
    if items:
        rows = [(each.line, _what(each), each.reason, each.advice) for each in items]
        output.table(("Line", "Row", "Reason", "What to do"), rows, right=("Line",), wide=("Reason", "What to do"))
    if failed > len(items):
        output.line(f"{failed - len(items):,} more are not shown; `solegate jobs report` has every one.")


def show_jobs(output: Output, progresses: Iterable[JobProgress]) -> None:
    """A table of jobs."""
    output.table(
        ("Job", "Kind", "State", "Rows", "Done", "Failed", "Name", "Started"),
        [
            (
                each.job.id,
                each.job.kind,
                styled(each.job.state, _JOB_STYLES.get(each.job.state, "")),
                f"{each.job.total:,}",
                f"{each.rows[RowState.DONE]:,}",
                styled(f"{each.failed:,}", _ROW_STYLES[RowState.FAILED] if each.failed else ""),
                each.job.name,
                f"{each.job.created_at:%Y-%m-%d %H:%M}",
            )
            for each in progresses
        ],
        right=("Rows", "Done", "Failed"),
        wide=("Name",),
    )


def draft_document(draft: Draft, *, dry_run: bool) -> dict[str, Json]:
    """A draft as JSON."""
    return {
        "dryRun": dry_run,
        "kind": draft.kind.value,
        "name": draft.name,
        "existingJob": None if draft.existing is None else draft.existing.id,
        "refused": draft.is_refused,
        "problems": [problem_document(each) for each in draft.checked.problems],
        "warnings": list(draft.warnings),
        "plan": plan_document(draft.plan),
    }


def problem_document(problem: RowProblem) -> dict[str, Json]:
    """What is wrong with a row, as JSON."""
    return {
        "line": problem.line,
        "code": problem.fault.value,
        "reason": problem.reason,
        "advice": problem.advice,
    }


def plan_document(plan: JobPlan) -> dict[str, Json]:
    """A plan as JSON."""
    return {
        "rows": plan.rows,
        "batches": plan.chunks,
        "items": plan.items,
        "requests": plan.requests,
        "seconds": round(plan.seconds),
        "value": [amount(each) for each in plan.value],
        "payoutEstimate": [amount(each) for each in plan.payout],
    }


def progress_document(progress: JobProgress) -> dict[str, Json]:
    """A job and how far it is, as JSON."""
    left = progress.seconds_left
    return job_document(progress.job) | {
        "rows": {state.value: count for state, count in progress.rows.items()},
        "ended": progress.ended,
        "rowsPerMinute": round(progress.per_minute, 1),
        "secondsLeft": None if left is None else round(left),
    }


def job_document(job: Job) -> dict[str, Json]:
    """A job as JSON."""
    return {
        "id": job.id,
        "kind": job.kind.value,
        "state": job.state.value,
        "name": job.name,
        "actor": job.actor,
        "parentId": job.parent_id,
        "total": job.total,
        "createdAt": job.created_at.isoformat(),
        "finishedAt": None if job.finished_at is None else job.finished_at.isoformat(),
        "note": job.note,
    }


def row_documents(items: Iterable[JobItem]) -> list[Json]:
    """Rows as JSON, as in a report."""
    return [dict(report_row(each)) for each in items]


def duration(seconds: float) -> str:
    """A length of time for people: `a few seconds`, `5 min`, `1 h 35 min`, `2 d 4 h`."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return "a few seconds"
    hours, minutes = divmod(minutes, 60)
    if hours < 1:
        return f"{minutes} min"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if days else f"{hours} h {minutes} min"


def _sums(sums: Iterable[Money]) -> str:
    return ", ".join(map(str, sums))


def _what(item: JobItem) -> str | None:
    """What a row is about."""
    return " ".join(filter(None, (item.sku, item.size))) or item.listing_id or item.variant_id
