"""What is done next for a bulk job: a pure function of what is stored (design 4.7).

A worker that takes over knows nothing but the rows; so this looks at nothing else, and the same rows give the same
action, whoever asks. In this order:

1. A chunk that was sent, and whose sender may no longer send, is looked for: its answer is lost.
2. The next chunk is submitted, if its items fit into StockX's window now: items are what is scarce, so no slot of them
   waits for a look at something else. Only when many looks are overdue they go first: the longer a chunk waits, the
   deeper it lies under newer listings, and the more pages it costs to read it back.
3. Whatever is due is looked at: doubtful chunks, batches under way, listings to be read back; the longest overdue
   first.
4. Otherwise the job waits for the earliest of these, or ends.

A chunk is only submitted from READY. It is READY again only when it surely did not arrive; the rows of one whose answer
was lost are sent again only in a new chunk, once reconciliation did not find them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from solegate.domain.jobs import FINISHED_JOBS, IN_FLIGHT_CHUNKS, Chunk, ChunkState, Job, JobKind, JobState

MOST_IN_FLIGHT = 60
"""Chunks that StockX may have at once: an hour's worth at 500 items in 5 minutes, should it be that slow."""

MOST_OVERDUE = 5
"""Chunks that wait for a look before the next chunk is sent: as many as the item limit lets out at once."""


@dataclass(frozen=True, slots=True)
class Submit:
    """Send a chunk as one batch."""

    chunk: Chunk


@dataclass(frozen=True, slots=True)
class Reconcile:
    """Look whether a chunk whose answer is lost arrived."""

    chunk: Chunk


@dataclass(frozen=True, slots=True)
class Look:
    """Ask how far a batch is, and what came of its items once it is done."""

    chunk: Chunk


@dataclass(frozen=True, slots=True)
class ReadBack:
    """See whether the listings of a chunk are as intended."""

    chunk: Chunk


@dataclass(frozen=True, slots=True)
class Enrich:
    """Look up the next SKU: a job that sends no batches."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing can be done before `until`; `None` waits for a person, who paused the job."""

    until: datetime | None


@dataclass(frozen=True, slots=True)
class Finish:
    """Every row has its result."""


JobAction: TypeAlias = Submit | Reconcile | Look | ReadBack | Enrich | Wait | Finish
_LOOKS: dict[ChunkState, type[Reconcile | Look | ReadBack]] = {
    ChunkState.SENT: Reconcile,
    ChunkState.UNKNOWN: Reconcile,
    ChunkState.ACCEPTED: Look,
    ChunkState.WORKED: ReadBack,
}


def next_action(
    job: Job,
    chunks: Sequence[Chunk],
    now: datetime,
    *,
    items_ready_at: datetime,
    most_in_flight: int = MOST_IN_FLIGHT,
) -> JobAction:
    """What to do next.

    Args:
        job: as stored.
        chunks: those in flight, and at least the first that is READY.
        now: by the database's clock.
        items_ready_at: when StockX's window has room for the items of the first READY chunk.
        most_in_flight: chunks that StockX may have at once.
    """
    if job.kind is JobKind.ENRICH:
        return _next_enrichment(job)
    flying = sorted((each for each in chunks if each.state in IN_FLIGHT_CHUNKS), key=lambda each: _due(each, now))
    lost = [each for each in flying if each.state is ChunkState.SENT and _due(each, now) <= now]
    if lost:
        return Reconcile(lost[0])
    ready = min((each for each in chunks if each.state is ChunkState.READY), key=_number, default=None)
    sends = ready is not None and job.state is JobState.RUNNING and len(flying) < most_in_flight
    send_at = max(items_ready_at, _due(ready, now)) if ready is not None and sends else None
    overdue = sum(_due(each, now) <= now for each in flying)
    if ready is not None and send_at is not None and send_at <= now and overdue < MOST_OVERDUE:
        return Submit(ready)
    if flying and _due(flying[0], now) <= now:
        return _LOOKS[flying[0].state](flying[0])
    if not flying and send_at is None:
        return Wait(None) if ready is not None and job.state is JobState.PAUSED else Finish()
    return Wait(min(moment for moment in (send_at, *(_due(each, now) for each in flying)) if moment is not None))


def _next_enrichment(job: Job) -> JobAction:
    if job.state is JobState.RUNNING:
        return Enrich()
    return Finish() if job.state in FINISHED_JOBS else Wait(None)


def _due(chunk: Chunk, now: datetime) -> datetime:
    return now if chunk.next_at is None else chunk.next_at


def _number(chunk: Chunk) -> int:
    return chunk.number
