"""Batches: QUEUED, IN_PROGRESS, COMPLETED, in this order, worked off item by item (FACTS 1.8).

COMPLETED says that every item had its turn, not that it succeeded. An item whose ask did not open is COMPLETED all the
same, with a listing and without an ask: only the listing's status tells (FACTS 1.7).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from solegate.simulator.state.agenda import Agenda
from solegate.simulator.state.events import EventLog
from solegate.simulator.state.listings import ListingBook
from solegate.simulator.state.operations import OperationType
from solegate.simulator.state.records import BatchMark, Listing, NewListing, Wish
from solegate.simulator.state.shelf import within
from solegate.simulator.world.dice import hashed_uuid

BatchKind = Literal["create", "update", "delete"]
BatchStatus = Literal["QUEUED", "IN_PROGRESS", "COMPLETED"]
ItemStatus = Literal["QUEUED", "IN_PROGRESS", "COMPLETED", "FAILED"]

NO_LISTING = "Listing not found"


@dataclass(frozen=True, slots=True)
class Change:
    """What an item of an update or delete batch asks for; a delete wishes nothing."""

    listing_id: str
    wish: Wish


@dataclass(slots=True)
class BatchItem:
    """One listing's part of a batch. When it is done it has a listing, and an ask if one is open, or an error."""

    id: str
    job: NewListing | Change
    status: ItemStatus = "QUEUED"
    listing_id: str | None = None
    ask_id: str | None = None
    error: str | None = None


@dataclass(slots=True)
class Batch:
    """A batch and its items, in the order in which they were sent."""

    id: str
    kind: BatchKind
    items: tuple[BatchItem, ...]
    created_at: datetime
    updated_at: datetime
    status: BatchStatus = "QUEUED"
    completed_at: datetime | None = None


class BatchBook:
    """Keeps the batches and works them off at the market's pace."""

    def __init__(self, seed: int, agenda: Agenda, listings: ListingBook, log: EventLog | None = None) -> None:
        self._seed = seed
        self._agenda = agenda
        self._listings = listings
        self._log = log or EventLog()
        self._batches: dict[str, Batch] = {}

    def get(self, kind: BatchKind, batch_id: str) -> Batch | None:
        """The batch of this kind with this id."""
        batch = self._batches.get(batch_id)
        return batch if batch and batch.kind == kind else None

    def submit(self, kind: BatchKind, jobs: Sequence[NewListing | Change], at: datetime) -> Batch:
        """A new batch, QUEUED; one item for each job, and there is at least one."""
        batch_id = self._new_id()
        items = tuple(BatchItem(hashed_uuid(batch_id, place), job) for place, job in enumerate(jobs))
        batch = self._batches[batch_id] = Batch(batch_id, kind, items, at, at)
        seconds = within(*self._listings.pace.batch_start_seconds, self._seed, batch_id, "start")
        self._agenda.at(at + timedelta(seconds=seconds), lambda due: self._start(batch, due))
        return batch

    def _new_id(self) -> str:
        """A v4 id: here SPEC26 allows no v7."""
        number, attempt = len(self._batches) + 1, 0
        while True:
            batch_id = hashed_uuid(self._seed, "batch", number, attempt)
            if batch_id[14] == "4":
                return batch_id
            attempt += 1

    def _start(self, batch: Batch, at: datetime) -> None:
        batch.status, batch.updated_at = "IN_PROGRESS", at
        self._take_up(batch, 0, at)

    def _take_up(self, batch: Batch, place: int, at: datetime) -> None:
        """Begin with the next item, or be done."""
        if place == len(batch.items):
            batch.status, batch.completed_at = "COMPLETED", at
            self._log.note(at, "batch COMPLETED", batch.id)
            return
        batch.items[place].status = "IN_PROGRESS"
        due = at + timedelta(seconds=1 / self._listings.pace.batch_items_per_second)
        self._agenda.at(due, lambda turn: self._work(batch, place, turn))

    def _work(self, batch: Batch, place: int, at: datetime) -> None:
        item = batch.items[place]
        listing = self._listings.get(item.job.listing_id) if isinstance(item.job, Change) else None
        if listing and listing.busy_until > at:  # an earlier write is under way: it settles first
            self._agenda.at(listing.busy_until, lambda turn: self._work(batch, place, turn))
            return
        if isinstance(item.job, NewListing):
            listing = self._listings.create(item.job, at, BatchMark(batch.id, item.id, at))
        else:
            item.error = self._change(batch.kind, listing, item.job.wish, at)
        if item.error is None and listing:
            item.listing_id, item.ask_id = listing.id, listing.ask.id if listing.ask else None
        item.status = "COMPLETED" if item.error is None else "FAILED"
        batch.updated_at = at
        self._take_up(batch, place + 1, at)

    def _change(self, kind: BatchKind, listing: Listing | None, wish: Wish, at: datetime) -> str | None:
        """Update or delete a listing at once; returns why not."""
        if listing is None:
            return NO_LISTING
        operation: OperationType = "DELETE" if kind == "delete" else "UPDATE"
        refusal = self._listings.refusal(listing, operation, at)
        if refusal is None:
            self._listings.write(listing, operation, at, wish, at_once=True)
        return refusal
