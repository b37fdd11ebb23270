"""A batch's life: QUEUED, IN_PROGRESS, COMPLETED, in this order (FACTS 1.8).

COMPLETED says that every item was worked off, not that every item succeeded: each is COMPLETED or FAILED by itself. The
sets are open; a batch in a state nobody knows is not finished.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")

LARGEST_BATCH = 100
"""Most listings in one call: documented for update and delete, prudent for create (FACTS 1.1)."""


class BatchKind(StrEnum):
    """What a batch does to its listings."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class BatchStatus(StrEnum):
    """How far a batch is."""

    QUEUED = "QUEUED"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"


class BatchItemStatus(StrEnum):
    """How far an item of a batch is."""

    QUEUED = "QUEUED"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


_ORDER = {status: place for place, status in enumerate(BatchStatus)}


def may_become(old: str, new: str) -> bool:
    """Whether a batch may be `new` after `old`: only forward, steps may be missed between two looks."""
    if old == new or old not in set(BatchStatus) or new not in set(BatchStatus):
        return old != new
    return _ORDER[BatchStatus(old)] < _ORDER[BatchStatus(new)]


def is_terminal(status: str) -> bool:
    """Whether every item has been worked off."""
    return status == BatchStatus.COMPLETED


def is_item_terminal(status: str | None) -> bool:
    """Whether an item has come to its end."""
    return status in (BatchItemStatus.COMPLETED, BatchItemStatus.FAILED)


def chunks(items: Sequence[T], weights: Sequence[int], largest: int = LARGEST_BATCH) -> Iterator[tuple[T, ...]]:
    """Split items into batches of at most `largest` listings, in order; `weights` says how many each stands for.

    Raises:
        ValueError: one item alone is more than a batch holds.
    """
    chunk: list[T] = []
    weight = 0
    for item, count in zip(items, weights, strict=True):
        if count > largest:
            raise ValueError(f"one item stands for {count} listings, a batch holds {largest}")
        if weight + count > largest:
            yield tuple(chunk)
            chunk, weight = [], 0
        chunk.append(item)
        weight += count
    if chunk:
        yield tuple(chunk)
