"""Stores a job: with its rows, its chunks and its task in one transaction, or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from solegate.client.policy.call import Lane
from solegate.db import Database
from solegate.db.repositories.audit import AuditRepository
from solegate.db.repositories.jobs import JobRepository
from solegate.db.repositories.tasks import TaskRepository
from solegate.domain.audit import AuditEntry
from solegate.domain.batches import LARGEST_BATCH
from solegate.domain.job_rows import Refused, RowProblem, WantedRow
from solegate.domain.jobs import Chunk, Job, JobItem, JobKind, RowState
from solegate.domain.tasks import Task
from solegate.errors import InvalidInputError
from solegate.services.bulk.checks import RowChecks
from solegate.services.bulk.plan import Draft
from solegate.services.guard import WriteGuard

TASK_KIND = "job"
"""The kind of task that advances a job."""
_LANES = tuple(Lane)
_NAMED = 5
"""Most problems that are named in one sentence."""


class JobStarter:
    """Stores jobs of one account.

    Args:
        database: where they are kept.
        checks: looks once more at what may have changed.
        guard: may have stopped every write.
        tasks: what makes workers advance a job.
    """

    def __init__(self, database: Database, checks: RowChecks, guard: WriteGuard, tasks: TaskRepository) -> None:
        self._database = database
        self._checks = checks
        self._guard = guard
        self._tasks = tasks

    async def start(self, draft: Draft, job_id: str, *, actor: str, parent: Job | None = None) -> tuple[Job, bool]:
        """Store a job, and whether it is new: another process may have started it under the same key meanwhile.

        Raises:
            InvalidInputError: rows cannot be done; nothing was stored.
            WritesStoppedError: every write of the account is stopped.
        """
        checked = draft.checked
        if draft.is_refused:
            raise rows_refused(checked.problems)
        async with self._database.transaction() as session:
            jobs = JobRepository(session)
            existing = await jobs.find_by_key(draft.account, draft.key)
            if existing is not None:
                return existing, False
            if draft.kind is not JobKind.ENRICH:
                await self._guard.before_plan(session)
            late = await self._checks.objections(session, draft.kind, checked.rows)
            if late:
                raise rows_refused([problem for _, problem in late])
            now = await self._database.now(session)
            job = replace(_job(draft, job_id, now), actor=actor, parent_id=None if parent is None else parent.id)
            if not await jobs.create(job, _items(draft, job_id, now), _chunks(draft, job_id)):
                return await jobs.find_by_key(draft.account, draft.key) or job, False
            evidence = {"kind": job.kind.value, "rows": job.total, "refused": len(checked.refused)}
            await AuditRepository(session).add([audit_of(job, "job started", now, evidence=evidence)])
            await self._tasks.put(session, task_of(job, now))
        return job, True


def rows_refused(problems: Sequence[RowProblem]) -> InvalidInputError:
    """The error that says which rows cannot be done; a few of them by name."""
    lines = len({each.line for each in problems})
    named = " ".join(f"Line {each.line}: {each.reason}" for each in problems[:_NAMED])
    more = f" And {len(problems) - _NAMED} more." if len(problems) > _NAMED else ""
    what = "1 row" if lines == 1 else f"{lines:,} rows"
    return InvalidInputError(f"{what} cannot be done, so nothing was stored. {named}{more}")


def task_of(job: Job, due_at: datetime) -> Task:
    """What makes a worker advance a job; enrichments go behind everything a person waits for."""
    lane = Lane.BACKGROUND if job.kind is JobKind.ENRICH else Lane.WRITES
    return Task(account=job.account, kind=TASK_KIND, subject=job.id, lane=_LANES.index(lane), due_at=due_at)


def audit_of(
    job: Job, what: str, at: datetime, *, actor: str = "", evidence: Mapping[str, object] | None = None
) -> AuditEntry:
    """A line of the audit trail about a whole job."""
    return AuditEntry(
        at=at,
        account=job.account,
        job_id=job.id,
        actor=actor or job.actor,
        what=what,
        why=job.name,
        evidence=evidence or {},
    )


def _job(draft: Draft, job_id: str, now: datetime) -> Job:
    rows = draft.checked.rows
    options = {"currency": draft.currency, "fingerprint": draft.fingerprint}
    if draft.kind is JobKind.CREATE:
        options["inventory_type"] = rows[0].inventory_type
    return Job(
        id=job_id,
        account=draft.account,
        kind=draft.kind,
        key=draft.key,
        name=draft.name,
        options=options,
        total=len(rows) + len(draft.checked.refused),
        created_at=now,
    )


def _items(draft: Draft, job_id: str, now: datetime) -> Iterator[JobItem]:
    """The rows to be done, then those that cannot be, which have their result already."""
    batched = draft.kind is not JobKind.ENRICH
    number = 0
    for number, row in enumerate(draft.checked.rows, start=1):
        chunk = (number - 1) // LARGEST_BATCH + 1 if batched else None
        yield _item(row, job_id, number, now, chunk=chunk)
    for further, refused in enumerate(draft.checked.refused, start=number + 1):
        yield _item(refused.row, job_id, further, now, refused=refused)


def _item(
    row: WantedRow, job_id: str, number: int, now: datetime, *, chunk: int | None = None, refused: Refused | None = None
) -> JobItem:
    problems = () if refused is None else refused.problems
    return JobItem(
        job_id=job_id,
        number=number,
        line=row.line,
        chunk=chunk,
        state=RowState.READY if refused is None else RowState.FAILED,
        unit=row.unit,
        sku=row.sku or None,
        size=row.size or None,
        variant_id=row.variant_id or None,
        listing_id=row.listing_id or None,
        price=row.price,
        expires_at=row.expires_at,
        reason=" ".join(each.reason for each in problems),
        advice=" ".join(dict.fromkeys(each.advice for each in problems)),
        updated_at=now,
    )


def _chunks(draft: Draft, job_id: str) -> Iterator[Chunk]:
    rows = len(draft.checked.rows)
    for number, first in enumerate(range(0, rows if draft.kind is not JobKind.ENRICH else 0, LARGEST_BATCH), start=1):
        yield Chunk(job_id=job_id, number=number, size=min(LARGEST_BATCH, rows - first))
