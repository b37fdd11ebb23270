"""Bulk jobs on the wire."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from solegate.api.schemas.base import LINE_PATTERN, Money, NextCursor, Schema
from solegate.domain.cursors import Page
from solegate.domain.job_plan import JobPlan
from solegate.domain.job_rows import Fault, RowProblem
from solegate.domain.jobs import Chunk, ChunkState, JobItem, JobKind, JobState, RowState
from solegate.services.bulk.plan import Draft
from solegate.services.bulk.progress import JobProgress

_EXAMPLE: JsonDict = {
    "kind": "create",
    "name": "autumn",
    "rows": [{"sku": "DD1391-100", "size": "US M 9", "price": 150, "unit": "box 12"}],
}


class JobOptionsIn(Schema):
    """How a job is started."""

    model_config = ConfigDict(extra="forbid")

    kind: JobKind
    name: str = Field("", max_length=200, pattern=LINE_PATTERN, description="For people.")
    currency: str | None = Field(None, description="Of prices that name none; the configured one if left out.")
    skip_invalid: bool = Field(False, description="Do the rows that can be done; keep the others as failed ones.")
    dry_run: bool = Field(False, description="Check and plan; store nothing.")
    again: bool = Field(False, description="Make another job of the same rows.")


class JobFormIn(JobOptionsIn):
    """The same as fields of a form, beside the file."""

    model_config = ConfigDict(extra="ignore")


class JobIn(JobOptionsIn):
    """A job, with its rows as objects or as CSV text. The names of the columns are those of the command line."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _EXAMPLE})

    rows: tuple[dict[str, Any], ...] | None = Field(None, description="The rows, as objects.")
    csv: str | None = Field(None, description="The rows, as CSV text with a header.")

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.rows is None) == (self.csv is None):
            raise ValueError("give rows or csv")
        return self


class JobLinks(Schema):
    """Where more is told of a job."""

    events: str = Field(description="How far it is, as server-sent events.")
    rows: str
    chunks: str = Field(description="The batch calls it goes out in.")
    report: str = Field(description="Every row as CSV; `.json` gives it as JSON.")


class JobOut(Schema):
    """A job and how far it is."""

    id: str
    kind: JobKind
    state: JobState
    name: str
    actor: str
    parent_id: str | None = Field(None, description="The job whose rows it repeats or takes back.")
    total: int = Field(description="Rows, one for every pair or listing.")
    ended: int = Field(description="Rows that have their result.")
    rows: dict[RowState, int] = Field(description="How many rows are in which state.")
    is_over: bool = Field(description="Whether nothing more happens to it.")
    rows_per_minute: float
    seconds_left: float | None = Field(None, description="Least time left under StockX's limits.")
    done_at: datetime | None = Field(None, description="When it can be done at the earliest (UTC).")
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    note: str = Field(description="Why it stands still, for people.")
    links: JobLinks

    @classmethod
    def of(cls, progress: JobProgress) -> Self:
        """A job at one moment."""
        job, here = progress.job, f"/api/v1/jobs/{progress.job.id}"
        return cls(
            id=job.id,
            kind=job.kind,
            state=job.state,
            name=job.name,
            actor=job.actor,
            parent_id=job.parent_id,
            total=job.total,
            ended=progress.ended,
            rows=dict(progress.rows),
            is_over=progress.is_over,
            rows_per_minute=round(progress.per_minute, 1),
            seconds_left=progress.seconds_left,
            done_at=progress.done_at,
            created_at=job.created_at,
            started_at=job.started_at,
            finished_at=job.finished_at,
            note=job.note,
            links=JobLinks(
                events=f"{here}/events", rows=f"{here}/rows", chunks=f"{here}/chunks", report=f"{here}/report.csv"
            ),
        )


class JobStartedOut(JobOut):
    """A job that was started."""

    is_new: bool = Field(description="False when the same rows, or the same key, had been started before.")
    warnings: tuple[str, ...] = Field((), description="What was not read of the rows.")


class JobsOut(Schema):
    """Jobs, newest first."""

    items: tuple[JobOut, ...]
    next_cursor: NextCursor


class RowProblemOut(Schema):
    """Why a row cannot be done."""

    line: int = Field(description="Of the file, or the row's place from 1.")
    code: Fault
    reason: str
    advice: str

    @classmethod
    def of(cls, problem: RowProblem) -> Self:
        """A problem of a row."""
        return cls(line=problem.line, code=problem.fault, reason=problem.reason, advice=problem.advice)


class JobPlanOut(Schema):
    """What a job will do and cost."""

    rows: int
    batches: int
    items: int = Field(description="Listings in batch calls, which StockX counts apart from requests.")
    requests: int = Field(description="About.")
    seconds: float = Field(description="Least time under the limits as they are now.")
    value: tuple[Money, ...] = Field(description="What is asked for the pairs together, by currency.")
    payout_estimate: tuple[Money, ...]

    @classmethod
    def of(cls, plan: JobPlan) -> Self:
        """A plan."""
        return cls(
            rows=plan.rows,
            batches=plan.chunks,
            items=plan.items,
            requests=plan.requests,
            seconds=plan.seconds,
            value=_sums(plan.value),
            payout_estimate=_sums(plan.payout),
        )


class JobDraftOut(Schema):
    """A job that was checked and not stored."""

    kind: JobKind
    refused: bool = Field(description="Whether it could not be started as it is.")
    problems: tuple[RowProblemOut, ...]
    warnings: tuple[str, ...]
    plan: JobPlanOut
    existing_job: str | None = Field(None, description="The job of the same rows that was started before.")

    @classmethod
    def of(cls, draft: Draft) -> Self:
        """A draft."""
        return cls(
            kind=draft.kind,
            refused=draft.is_refused,
            problems=tuple(map(RowProblemOut.of, draft.checked.problems)),
            warnings=draft.warnings,
            plan=JobPlanOut.of(draft.plan),
            existing_job=None if draft.existing is None else draft.existing.id,
        )


class JobRowOut(Schema):
    """A row of a job."""

    number: int
    line: int
    state: RowState
    sku: str | None = None
    size: str | None = None
    unit: str = Field(description="Which pair or listing it is about.")
    variant_id: str | None = None
    listing_id: str | None = None
    price: Money | None = None
    expires_at: datetime | None = None
    write_id: str | None = Field(None, description="Its write in the ledger.")
    reason: str
    advice: str

    @classmethod
    def of(cls, item: JobItem) -> Self:
        """A row."""
        return cls(
            number=item.number,
            line=item.line,
            state=item.state,
            sku=item.sku,
            size=item.size,
            unit=item.unit,
            variant_id=item.variant_id,
            listing_id=item.listing_id,
            price=Money.of(item.price),
            expires_at=item.expires_at,
            write_id=item.intent_id,
            reason=item.reason,
            advice=item.advice,
        )


class JobRowsOut(Schema):
    """Rows of a job, by number."""

    items: tuple[JobRowOut, ...]
    next_cursor: NextCursor

    @classmethod
    def of(cls, page: Page[JobItem]) -> Self:
        """A page of rows."""
        return cls(items=tuple(map(JobRowOut.of, page.rows)), next_cursor=page.next_cursor)


class JobChunkOut(Schema):
    """Up to 100 rows of a job that go out in one batch call of StockX's."""

    number: int
    state: ChunkState = Field(description="`WORKED`: StockX has worked it off; its listings are being read back.")
    rows: int
    batch_id: str | None = Field(description="By which StockX knows it.")
    sent_at: datetime | None = Field(description="When it was sent last.")
    next_at: datetime | None = Field(description="When it is looked at again.")
    looks: int = Field(description="How often it was looked at in this state.")
    reason: str = Field(description="Why it is where it is, in words.")

    @classmethod
    def of(cls, chunk: Chunk) -> Self:
        """A chunk."""
        return cls(
            number=chunk.number,
            state=chunk.state,
            rows=chunk.size,
            batch_id=chunk.batch_id,
            sent_at=chunk.sent_at,
            next_at=chunk.next_at,
            looks=chunk.looks,
            reason=chunk.reason,
        )


class JobChunksOut(Schema):
    """Chunks of a job, by number."""

    items: tuple[JobChunkOut, ...]
    next_cursor: NextCursor

    @classmethod
    def of(cls, page: Page[Chunk]) -> Self:
        """A page of chunks."""
        return cls(items=tuple(map(JobChunkOut.of, page.rows)), next_cursor=page.next_cursor)


def _sums(sums: Iterable[Any]) -> tuple[Money, ...]:
    return tuple(each for each in map(Money.of, sums) if each is not None)
