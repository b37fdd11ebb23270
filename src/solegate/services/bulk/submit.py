"""Sends a chunk: its intents are SENT in a committed transaction first, and the lease is asked at the last byte."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from solegate.client.models.batches import Batch
from solegate.client.policy.waiting import BATCH_PATIENCE, next_look
from solegate.client.requests.listings import ListingChange, NewListing
from solegate.db import Session
from solegate.domain import job_chunks as chunks
from solegate.domain.guard_rails import Reason
from solegate.domain.intents import IN_FLIGHT, Action, Intent, IntentState
from solegate.domain.job_intents import (
    ACTIONS,
    back_to_plan,
    doubtful,
    planned,
    refused,
    sending,
    taken,
    wanted_of,
)
from solegate.domain.job_results import Entry, Verdict, decided, item_failed
from solegate.domain.jobs import Chunk, ChunkState, Job, JobItem, JobState, RowState
from solegate.domain.leases import Lease
from solegate.domain.tasks import Progress
from solegate.errors import (
    AuthenticationError,
    ConfigurationError,
    InvalidInputError,
    LeaseLostError,
    NotFoundError,
    Outcome,
    PermissionDeniedError,
    RequestRejectedError,
    StockXError,
    WritesStoppedError,
)
from solegate.services.bulk.book import ChunkBook, ChunkMovedError
from solegate.services.bulk.desk import SHORTEST_PAUSE, Desk

_NEEDS_A_PERSON = (AuthenticationError, ConfigurationError, PermissionDeniedError)
_REJECTIONS_BEFORE_PAUSE = 3
"""Chunks refused with the same sentence, while none was taken, before the job is paused: it is not about a row."""
_HALF = "Half of chunk"
"""So begins the reason of a chunk that was cut out of one that StockX refused."""
_STOPPED_PAUSE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class _Sent:
    """A chunk that is marked as sent, and its rows that go out."""

    chunk: Chunk
    entries: tuple[Entry, ...]


class Submitter:
    """Submits chunks of one account's jobs."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def submit(self, job: Job, chunk: Chunk, lease: Lease) -> Progress:
        """Send a chunk that is READY, and write down what is known afterwards.

        If this process dies after the first commit, the chunk stays SENT and is looked for. Nothing is sent when the
        job is no longer running, writes are stopped, or the lease is over.

        Raises:
            ChunkMovedError: another worker has moved it on.
        """
        try:
            sent = await self._mark(job, chunk, lease)
        except WritesStoppedError as error:
            return await self._stopped(job, error)
        if not sent.entries:
            return Progress(await self._desk.now(), f"chunk {chunk.number}: no row can be sent")
        try:
            batch = await self._send(job, sent.entries, lease)
        except (StockXError, ConfigurationError) as error:
            return await self._failed(job, sent, error)
        return await self._accepted(job, sent, batch)

    async def _mark(self, job: Job, chunk: Chunk, lease: Lease) -> _Sent:
        database = self._desk.database
        async with database.transaction() as session:
            now = await database.now(session)
            book = ChunkBook(session, job, now)
            await self._desk.guard.before_send(session)
            stored = await book.jobs.get(job.id, lock=True)
            if stored is None or stored.state is not JobState.RUNNING or not self._desk.gate(lease)():
                raise ChunkMovedError
            items = [item for item in await book.jobs.items_of(chunk) if item.state is RowState.READY]
            fresh = await self._allowed(session, book, job, [item for item in items if item.intent_id is None])
            known = await book.intents.get([item.intent_id for item in items if item.intent_id])
            again = await self._unhindered(book, job, [item for item in items if item.intent_id in known], known)
            first = await self._written(book, job, fresh, lease.until)
            resent = [sending(item, known[item.intent_id or ""], now=now, send_before=lease.until) for item in again]
            entries = tuple(sorted((*first, *resent), key=lambda each: each.item.number))
            marked = (
                chunks.sent(chunk, now=now, until=lease.until) if entries else chunks.ended(chunk, "nothing to send")
            )
            await book.write(chunk, marked, resent, evidence={"sent": len(entries)})
            await book.jobs.save_items([each.item for each in first])
            await book.jobs.started(job.id, now)
            return _Sent(marked, entries)

    async def _allowed(self, session: Session, book: ChunkBook, job: Job, items: Sequence[JobItem]) -> list[JobItem]:
        """The rows that no guard rail stands against and StockX could take; the others fail now."""
        reasons = await self._desk.guard.reasons(session, [wanted_of(job, item) for item in items])
        allowed, failed = [], []
        for item, broken in zip(items, reasons, strict=True):
            against = _against_rails(broken) if broken else _unfit(job, item, book.now)
            if against is not None:
                failed.append(refused(item, against.reason, against.advice, book.now))
            else:
                allowed.append(item)
        await book.refuse(failed)
        return allowed

    async def _written(self, book: ChunkBook, job: Job, items: Sequence[JobItem], send_before: datetime) -> list[Entry]:
        """The rows whose intents could be written; another intent stands in the way of the others, and they fail."""
        now = book.now
        entries = [sending(item, planned(job, item, now), now=now, send_before=send_before) for item in items]
        added = await book.intents.add([each.intent for each in entries])
        hindered = [each.item for each in entries if each.intent.id not in added]
        if hindered:
            holders = await book.intents.holders(job.account, [item.unit for item in hindered])
            failed = [_hindered(job, item, holders.get(item.unit), now) for item in hindered]
            await book.refuse(failed)
        return [each for each in entries if each.intent.id in added]

    async def _unhindered(
        self, book: ChunkBook, job: Job, items: Sequence[JobItem], known: Mapping[str, Intent]
    ) -> list[JobItem]:
        """Of the rows that are sent again, those against which nothing stands by now; the others fail."""
        busy = await book.intents.others(job.account, [item.unit for item in items], IN_FLIGHT, job_id=job.id)
        allowed, lost = [], []
        for item in items:
            broken = self._desk.guard.rails.check(wanted_of(job, item))
            verdict = _SUPERSEDED if item.unit in busy else _against_rails(broken) if broken else None
            if verdict is None:
                allowed.append(item)
            else:
                lost.append(decided(Entry(item, known[item.intent_id or ""]), verdict, book.now))
        await book.save(lost)
        return allowed

    async def _send(self, job: Job, entries: Sequence[Entry], lease: Lease) -> Batch:
        options = self._desk.sending(lease)
        match ACTIONS[job.kind]:
            case Action.CREATE:
                return await self._desk.stockx.create_listings([_new(each) for each in entries], options=options)
            case Action.DELETE:
                gone = [each.intent.listing_id or "" for each in entries]
                return await self._desk.stockx.delete_listings(gone, options=options)
            case _:
                return await self._desk.stockx.update_listings([_change(each) for each in entries], options=options)

    async def _accepted(self, job: Job, sent: _Sent, batch: Batch) -> Progress:
        database = self._desk.database
        async with database.transaction() as session:
            now = await database.now(session)
            book = ChunkBook(session, job, now)
            wait = timedelta(seconds=next_look(BATCH_PATIENCE, looks=0, elapsed=0.0))
            accepted = chunks.accepted(sent.chunk, batch.batch_id, now + wait)
            await book.write(sent.chunk, accepted, [taken(each, batch.batch_id, now) for each in sent.entries])
        return Progress(now, f"chunk {sent.chunk.number}: {len(sent.entries)} rows are batch {batch.batch_id}")

    async def _failed(self, job: Job, sent: _Sent, error: StockXError | ConfigurationError) -> Progress:
        """Write down what a failure means: it may have arrived, it was refused, or it is sent again later."""
        database = self._desk.database
        async with database.transaction() as session:
            now = await database.now(session)
            book = ChunkBook(session, job, now)
            if isinstance(error, StockXError) and error.outcome is not Outcome.NOT_APPLIED:
                lost = chunks.lost(sent.chunk, now=now, reason=error.message, policy=self._desk.policy.reconcile)
                await book.write(sent.chunk, lost, [doubtful(each, now) for each in sent.entries])
            elif isinstance(error, RequestRejectedError | NotFoundError):
                await self._rejected(book, job, sent, error.message)
            else:
                await self._later(book, job, sent, error)
        return Progress(now, f"chunk {sent.chunk.number} was not taken: {error.message}")

    async def _later(self, book: ChunkBook, job: Job, sent: _Sent, error: StockXError | ConfigurationError) -> None:
        until = book.now + self._desk.policy.retry_after
        if isinstance(error, StockXError) and error.retry_at is not None:
            until = max(error.retry_at, book.now + SHORTEST_PAUSE)
        if isinstance(error, LeaseLostError):
            until = book.now
        await self._plan_again(book, job, sent, chunks.held_back(sent.chunk, until, error.message))
        if isinstance(error, _NEEDS_A_PERSON):
            await book.jobs.annotate(job.id, str(error))

    async def _rejected(self, book: ChunkBook, job: Job, sent: _Sent, sentence: str) -> None:
        """One wrong row makes StockX refuse all: halve the chunk until the row stands alone, and fails alone.

        A refusal that is the same for several chunks, while none was taken, is about the account: the job is paused.
        """
        is_half = sent.chunk.reason.startswith(_HALF)
        every = await book.jobs.chunks(job.id)
        alike = sum(each.state is ChunkState.DONE and each.reason == sentence for each in every) + 1
        if not is_half and alike >= _REJECTIONS_BEFORE_PAUSE and not any(each.batch_id for each in every):
            await self._plan_again(book, job, sent, chunks.held_back(sent.chunk, book.now, sentence))
            note = f"StockX refuses every batch: {sentence}"
            await book.jobs.change(job.id, JobState.PAUSED, expected=[JobState.RUNNING], note=note)
            await book.note("job PAUSED", note)
            return
        done = chunks.ended(sent.chunk, sent.chunk.reason if is_half else sentence)
        if len(sent.entries) == 1:
            await book.write(sent.chunk, done, [decided(sent.entries[0], item_failed(sentence), book.now)])
            return
        entries = await self._plan_again(book, job, sent, done)
        middle = (len(entries) + 1) // 2
        for half in (entries[:middle], entries[middle:]):
            if half:
                await book.send_anew(half, f"{_HALF} {sent.chunk.number}: {sentence}")

    async def _plan_again(self, book: ChunkBook, job: Job, sent: _Sent, chunk: Chunk) -> list[Entry]:
        """Take rows back to the plan that surely did not arrive, unless a newer write on the listing is planned."""
        units = [each.item.unit for each in sent.entries]
        newer = await book.intents.others(job.account, units, [IntentState.PLANNED], job_id=job.id)
        again = [back_to_plan(each, book.now) for each in sent.entries if each.item.unit not in newer]
        over = [decided(each, _SUPERSEDED, book.now) for each in sent.entries if each.item.unit in newer]
        await book.write(sent.chunk, chunk, [*again, *over])
        return again

    async def _stopped(self, job: Job, error: WritesStoppedError) -> Progress:
        database = self._desk.database
        async with database.transaction() as session:
            now = await database.now(session)
            await ChunkBook(session, job, now).jobs.annotate(job.id, error.message)
        return Progress(now + _STOPPED_PAUSE, "writes are stopped")


_SUPERSEDED = Verdict(
    RowState.FAILED,
    IntentState.FAILED,
    "Another write on this listing came in between.",
    "Look at the listing; if this row still holds, run the failed rows again.",
)


def _new(entry: Entry) -> NewListing:
    intent = entry.intent
    if intent.price is None:
        raise InvalidInputError("A new listing needs a price.")
    return NewListing(
        intent.variant_id, intent.price, expires_at=intent.expires_at, inventory_type=intent.inventory_type
    )


def _change(entry: Entry) -> ListingChange:
    intent = entry.intent
    return ListingChange(intent.listing_id or "", intent.price, intent.expires_at, intent.active)


def _against_rails(broken: Sequence[Reason]) -> Verdict:
    """Why a guard rail holds a row back."""
    reason, advice = " ".join(each.message for each in broken), " ".join(each.hint for each in broken)
    return Verdict(RowState.FAILED, IntentState.FAILED, reason, advice)


def _unfit(job: Job, item: JobItem, now: datetime) -> Verdict | None:
    """Why StockX would refuse the whole batch for this row; `None` if it would not."""
    entry = Entry(item, planned(job, item, now))
    try:
        if item.expires_at is not None and item.expires_at <= now:
            raise InvalidInputError("The expiry is in the past by now.")
        if ACTIONS[job.kind] is Action.CREATE:
            _new(entry)
        elif ACTIONS[job.kind] is not Action.DELETE:
            _change(entry)
    except InvalidInputError as error:
        return Verdict(RowState.FAILED, IntentState.FAILED, error.message, "Correct the row.")
    return None


def _hindered(job: Job, item: JobItem, holder: Intent | None, now: datetime) -> JobItem:
    """A row in whose way another intent stands."""
    if ACTIONS[job.kind] is Action.CREATE:
        listing = f"listing {holder.listing_id}" if holder and holder.listing_id else "being listed now"
        advice = "If this is another pair, name each pair in a column `unit`."
        return refused(item, f"This pair is already listed ({listing}).", advice, now)
    advice = "Run the failed rows again in a minute."
    return refused(replace(item), "Another write on this listing is under way.", advice, now)
