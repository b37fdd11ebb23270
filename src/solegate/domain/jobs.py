"""A bulk job's life, and that of its rows and chunks (design 4.7).

    job:   RUNNING <--> PAUSED;  RUNNING, PAUSED --> CANCELLED;  RUNNING --> DONE
    row:   READY <--> SUBMITTED --> DONE | FAILED;  READY --> SKIPPED (cancelled before it was sent)
    chunk: READY --> SENT --> ACCEPTED --> WORKED --> DONE
           SENT --> READY (surely not arrived), UNKNOWN;  UNKNOWN --> ACCEPTED, WORKED (found), DONE (not there)

A job is DONE when every row has its result; that some of them failed is a normal result. Rows of a chunk that was sent
keep their way even in a cancelled job: what StockX took is followed to its end. Rows of an unknown chunk that are
surely not there go to a new chunk. What this module does not decide: what is done next (`job_steps`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from solegate.domain.money import Money


class JobKind(StrEnum):
    """What a job does with each row."""

    CREATE = "create"
    UPDATE = "update"
    ACTIVATE = "activate"
    DEACTIVATE = "deactivate"
    DELETE = "delete"
    ENRICH = "enrich"


class JobState(StrEnum):
    """How far a job is."""

    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    CANCELLED = "CANCELLED"
    DONE = "DONE"


class RowState(StrEnum):
    """How far a row is."""

    READY = "READY"
    SUBMITTED = "SUBMITTED"
    DONE = "DONE"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


class ChunkState(StrEnum):
    """How far a chunk, up to 100 rows in one batch call, is."""

    READY = "READY"
    SENT = "SENT"
    ACCEPTED = "ACCEPTED"
    WORKED = "WORKED"
    """StockX has worked off every item; the listings are being read back."""
    UNKNOWN = "UNKNOWN"
    DONE = "DONE"


FINISHED_JOBS = frozenset({JobState.DONE, JobState.CANCELLED})
FINISHED_ROWS = frozenset({RowState.DONE, RowState.FAILED, RowState.SKIPPED})
IN_FLIGHT_CHUNKS = frozenset({ChunkState.SENT, ChunkState.ACCEPTED, ChunkState.WORKED, ChunkState.UNKNOWN})
"""Chunks that StockX may be acting on, or has acted on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A bulk job.

    Attributes:
        id: ours.
        account: whose.
        kind: what is done with each row.
        state: how far it is.
        key: what makes it the same job when it is started again.
        name: for people: the name of its file.
        actor: who started it.
        parent_id: the job whose rows it repeats or takes back.
        options: what holds for every row, such as `inventory_type`.
        total: how many rows.
        created_at, started_at, finished_at: when.
        note: why it stands still, or ended as it did; for people.
    """

    id: str
    account: str
    kind: JobKind
    state: JobState = JobState.RUNNING
    key: str
    name: str = ""
    actor: str = ""
    parent_id: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    total: int
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Up to 100 rows of a job that go out in one batch call.

    Attributes:
        job_id, number: its name; numbers start at 1.
        state: how far it is.
        size: how many rows.
        batch_id: by which StockX knows it.
        sent_at: when it was sent last.
        next_at: when to look at it again; `None` at once.
        looks: how often it was looked at in this state.
        reason: why it is where it is, in words.
    """

    job_id: str
    number: int
    state: ChunkState = ChunkState.READY
    size: int
    batch_id: str | None = None
    sent_at: datetime | None = None
    next_at: datetime | None = None
    looks: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobItem:
    """One row of a job.

    Attributes:
        job_id, number: its name; numbers start at 1. A quantity in the file makes several rows of one line.
        line: of the file, or the place in the request.
        chunk: the chunk it goes out in; `None` in a job that sends no batches.
        state: how far it is.
        unit: the pair's own reference, or `listing:` and the id of what is changed.
        sku, size: as they were written.
        variant_id: the size by StockX's id.
        listing_id: the listing that is changed, or that came of it.
        price: what a buyer shall pay; `None` leaves it.
        expires_at: the end of the ask that is wanted; `None` for the usual one.
        intent_id: its intent in the ledger, once it was sent.
        reason: why it ended as it did; for people.
        advice: what to do next; for people.
        updated_at: when it changed last.
    """

    job_id: str
    number: int
    line: int
    chunk: int | None = None
    state: RowState = RowState.READY
    unit: str
    sku: str | None = None
    size: str | None = None
    variant_id: str | None = None
    listing_id: str | None = None
    price: Money | None = None
    expires_at: datetime | None = None
    intent_id: str | None = None
    reason: str = ""
    advice: str = ""
    updated_at: datetime
