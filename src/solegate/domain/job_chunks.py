"""The moves of a chunk, as pure functions: each gives the chunk as it is afterwards, with the time of its next look.

When a chunk whose answer was lost is sent again is decided here too (`may_resend`), in the same way as for a single
write (`reconciliation.ReconcilePolicy`): never before looks in vain, the last of them after the grace.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from solegate.domain.jobs import Chunk, ChunkState
from solegate.domain.reconciliation import ReconcilePolicy

_SECOND_SEARCH = timedelta(seconds=60)
"""A search between the first and the last: most batches that were taken show by then."""
_SETTLING = (1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0)
"""Seconds between looks at listings that are not yet as intended; StockX shows most changes within its next round of
five minutes (FACTS 1.7)."""
_SETTLED_BY = timedelta(minutes=30)
"""What is not as intended by then has failed: when another seller's software gives up (FACTS 1.7)."""
_LEAST_LOOKS = len(_SETTLING)
SAFE_RESEND_AFTER = timedelta(seconds=60)
"""From when on a change that does not show is sent again; doing it twice gives the same end."""


def sent(chunk: Chunk, *, now: datetime, until: datetime) -> Chunk:
    """It is about to be sent; nobody else acts on it before `until`, when the sender's right ends."""
    return replace(chunk, state=ChunkState.SENT, sent_at=now, next_at=until, looks=chunk.looks + 1, batch_id=None)


def accepted(chunk: Chunk, batch_id: str, look_at: datetime) -> Chunk:
    """StockX took it."""
    return replace(chunk, state=ChunkState.ACCEPTED, batch_id=batch_id, next_at=look_at, looks=0, reason="")


def held_back(chunk: Chunk, until: datetime, reason: str) -> Chunk:
    """It surely did not arrive; it is sent again from `until` on."""
    return replace(chunk, state=ChunkState.READY, next_at=until, reason=reason)


def lost(chunk: Chunk, *, now: datetime, reason: str, policy: ReconcilePolicy) -> Chunk:
    """It may or may not have arrived."""
    return replace(chunk, state=ChunkState.UNKNOWN, next_at=now + policy.first_look, looks=0, reason=reason)


def looked_at(chunk: Chunk, look_at: datetime) -> Chunk:
    """StockX is still working on it."""
    return replace(chunk, next_at=look_at, looks=chunk.looks + 1)


def worked(chunk: Chunk, now: datetime) -> Chunk:
    """StockX has worked it off; its listings are to be read back."""
    settled = now + timedelta(seconds=_SETTLING[0])
    return replace(chunk, state=ChunkState.WORKED, next_at=settled, looks=0, reason="")


def read_back(chunk: Chunk, now: datetime, *, at_once: bool) -> Chunk:
    """Some of its listings are not decided; `at_once` when they only were too many for one step."""
    seconds = 0.0 if at_once else _SETTLING[min(chunk.looks + 1, len(_SETTLING) - 1)]
    return replace(chunk, next_at=now + timedelta(seconds=seconds), looks=chunk.looks + 1)


def patience_is_over(chunk: Chunk, now: datetime) -> bool:
    """Whether listings that are not as intended by now have failed."""
    since = now if chunk.sent_at is None else chunk.sent_at
    return chunk.looks >= _LEAST_LOOKS and now >= since + _SETTLED_BY


def searched_in_vain(chunk: Chunk, *, end: datetime, policy: ReconcilePolicy) -> Chunk:
    """It was looked for and not found. `end` is when its last byte can have left at the latest."""
    looks = chunk.looks + 1
    wait = min(_SECOND_SEARCH, policy.grace / 2) if looks == 1 else policy.grace * (looks - 1)
    return replace(chunk, next_at=end + wait, looks=looks)


def may_resend(chunk: Chunk, *, end: datetime, now: datetime, policy: ReconcilePolicy) -> bool:
    """Whether a look at `now` that finds nothing is believed: not the first, and after the grace."""
    return chunk.looks + 1 >= policy.looks and now >= end + policy.grace


def postponed(chunk: Chunk, until: datetime, reason: str) -> Chunk:
    """StockX could not be asked about it; that is no look in vain, and holds up no other chunk."""
    return replace(chunk, next_at=until, reason=reason)


def ended(chunk: Chunk, reason: str = "") -> Chunk:
    """Nothing is left to do with it."""
    return replace(chunk, state=ChunkState.DONE, next_at=None, reason=reason)
