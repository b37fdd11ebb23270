"""A bulk job's life, and that of its rows and chunks (design 4.7).

    job:   RUNNING <--> PAUSED;  RUNNING, PAUSED --> CANCELLED;  RUNNING --> DONE
    row:   READY --> SUBMITTED --> DONE | FAILED;  READY --> SKIPPED (cancelled before it was sent)
    chunk: READY --> SENT --> ACCEPTED --> DONE;  SENT, ACCEPTED --> UNKNOWN --> DONE | READY

A job is DONE when every row has its result; that some of them failed is a normal result. Rows of a chunk that was sent
keep their way even in a cancelled job: what StockX took is followed to its end.
"""

from __future__ import annotations

from enum import StrEnum


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
    UNKNOWN = "UNKNOWN"
    DONE = "DONE"


FINISHED_JOBS = frozenset({JobState.DONE, JobState.CANCELLED})
FINISHED_ROWS = frozenset({RowState.DONE, RowState.FAILED, RowState.SKIPPED})
