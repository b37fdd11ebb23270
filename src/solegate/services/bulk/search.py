"""Looks for a chunk whose answer is lost: it may have arrived, and StockX would list the same pairs twice (FACTS 1.7).

A create is looked for among the account's listings. One listing with a tag of the chunk names the batch that made it,
and that batch tells of all rows at once, of those too that are not worked off yet. Where listings name no batch, they
are matched one by one. Only when nothing was found, twice and after the grace, the rows go out again, in a new chunk.

A change of a listing does no harm when it is done twice: what does not show it after a minute is sent again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from solegate.domain import job_chunks as chunks
from solegate.domain.batches import BatchKind
from solegate.domain.job_intents import back_to_plan, doubtful, taken, with_listing
from solegate.domain.job_results import UNDECIDED, Entry, Seen, carries_tag_of, carry_tags_of, decided
from solegate.domain.jobs import Chunk, ChunkState, Job, JobKind, RowState
from solegate.domain.reconciliation import CLOCK_SLACK, Matches, end_of_sending, match
from solegate.domain.tasks import Progress
from solegate.errors import NotFoundError
from solegate.services.bulk.book import ChunkBook
from solegate.services.bulk.desk import Desk
from solegate.services.bulk.settle import FIRST_ROUND, Settler, freed
from solegate.services.bulk.sightings import Sightings

_MOST_BATCHES = 5
"""Unknown batches whose items are read in one search, the most likely first."""


class Searcher:
    """Finds out what became of chunks whose answer is lost."""

    def __init__(self, desk: Desk, sightings: Sightings, settler: Settler) -> None:
        self._desk = desk
        self._sightings = sightings
        self._settler = settler

    async def search(self, job: Job, chunk: Chunk) -> Progress:
        """Look for a chunk; one that is still SENT is UNKNOWN from now on.

        Raises:
            ChunkMovedError: another worker has moved it on.
            StockXError: StockX could not be asked.
        """
        if chunk.state is ChunkState.SENT:
            return await self._lost(job, chunk)
        if job.kind is not JobKind.CREATE:
            return await self._changed(job, chunk)
        database = self._desk.database
        async with database.reading() as session:
            entries = await ChunkBook(session, job, job.created_at).entries(chunk, RowState.SUBMITTED)
        listings = await self._fresh(job, entries)
        batch_id = await self._batch(entries, listings)
        if batch_id is not None:
            return await self._found(job, chunk, entries, batch_id)
        return await self._matched(job, chunk, entries, match([each.intent for each in entries], listings, ()))

    async def _lost(self, job: Job, chunk: Chunk) -> Progress:
        """Its sender died, or its answer could not be written down: no byte of it can leave any more."""
        database = self._desk.database
        async with database.transaction() as session:
            now = await database.now(session)
            book = ChunkBook(session, job, now)
            entries = await book.entries(chunk, RowState.SUBMITTED)
            why = "Its sender ended before the answer was written down."
            unknown = chunks.lost(chunk, now=now, reason=why, policy=self._desk.policy.reconcile)
            await book.write(chunk, unknown, [doubtful(each, now) for each in entries])
        return Progress(now, f"chunk {chunk.number}: answer lost")

    async def _fresh(self, job: Job, entries: Sequence[Entry]) -> list[Seen]:
        """Listings of the chunk's sizes that nobody in the ledger made, nor any batch that the ledger knows."""
        since = min((each.intent.sent_at or job.created_at for each in entries), default=job.created_at) - CLOCK_SLACK
        if any(each.intent.attempts > 1 for each in entries):
            since = min(each.intent.created_at for each in entries) - CLOCK_SLACK
        seen = await self._sightings.since([each.intent.variant_id for each in entries], since)
        database = self._desk.database
        async with database.reading() as session:
            book = ChunkBook(session, job, job.created_at)
            owners = await book.intents.owners(job.account, [each.listing_id for each in seen])
            known = await book.intents.known_batches(job.account, {each.batch_id for each in seen if each.batch_id})
        return [
            each
            for each in seen
            if each.listing_id not in owners and each.batch_id not in known and each.created_at >= since
        ]

    async def _batch(self, entries: Sequence[Entry], listings: Sequence[Seen]) -> str | None:
        """The batch that made listings of this chunk: its items name the very ends of asks that were sent."""
        intents = [each.intent for each in entries]
        likely = sorted(listings, key=lambda seen: not any(carries_tag_of(each, seen) for each in intents))
        batches = list(dict.fromkeys(each.batch_id for each in likely if each.batch_id))
        for batch_id in batches[:_MOST_BATCHES]:
            try:
                items = await self._sightings.worked(BatchKind.CREATE, batch_id)
            except NotFoundError:
                continue
            if carry_tags_of(intents, items):
                return batch_id
        return None

    async def _found(self, job: Job, chunk: Chunk, entries: Sequence[Entry], batch_id: str) -> Progress:
        database = self._desk.database
        async with database.transaction() as session:
            now = await database.now(session)
            book = ChunkBook(session, job, now)
            why = "Its batch was found by the tags of its listings."
            accepted = chunks.accepted(chunk, batch_id, now)
            await book.write(chunk, accepted, [taken(each, batch_id, now) for each in entries], why=why)
        return Progress(now, f"chunk {chunk.number} had arrived: batch {batch_id}")

    async def _matched(self, job: Job, chunk: Chunk, entries: Sequence[Entry], found: Matches) -> Progress:
        """Take over the listings that were found once all are, or once no more can come; send the others again."""
        database, policy = self._desk.database, self._desk.policy.reconcile
        async with database.transaction() as session:
            now = await database.now(session)
            book = ChunkBook(session, job, now)
            end = max((end_of_sending(each.intent) for each in entries), default=now)
            missing = set(found.missing)
            if missing and not chunks.may_resend(chunk, end=end, now=now, policy=policy):
                later = chunks.searched_in_vain(chunk, end=end, policy=policy)
                await book.write(chunk, later)
                return Progress(now, f"chunk {chunk.number}: {len(found.adopt)} of {len(entries)} rows found")
            adopted = [
                with_listing(taken(each, None, now), found.adopt[each.intent.id], now)
                for each in entries
                if each.intent.id in found.adopt
            ]
            await self._settle(book, chunk, adopted, [each for each in entries if each.intent.id in missing])
        return Progress(now, f"chunk {chunk.number}: {len(adopted)} rows found, {len(missing)} are sent again")

    async def _settle(self, book: ChunkBook, chunk: Chunk, adopted: Sequence[Entry], missing: Sequence[Entry]) -> None:
        why = "It was looked for and not found; it is sent again." if missing else "Its listings were found."
        again = [back_to_plan(each, book.now) for each in missing]
        after = replace(chunks.worked(chunk, book.now), batch_id=None) if adopted else chunks.ended(chunk, why)
        await book.write(chunk, after, [*adopted, *again], why=why, evidence={"sent_again": len(again)})
        if again:
            await book.send_anew(again, f"Rows of chunk {chunk.number} that did not arrive.")

    async def _changed(self, job: Job, chunk: Chunk) -> Progress:
        """See which changes show; those that do not after a minute are sent again."""
        entries, evidence = await self._settler.evidence(job, chunk)
        database = self._desk.database
        async with database.transaction() as session:
            now = await database.now(session)
            book = ChunkBook(session, job, now)
            verdicts = [(each, evidence.verdict(each, patience_over=False)) for each in entries]
            changed = [decided(each, verdict, now) for each, verdict in verdicts if verdict is not UNDECIDED]
            left = [each for each, verdict in verdicts if verdict is UNDECIDED]
            end = max((end_of_sending(each.intent) for each in entries), default=now)
            resend_at = end + chunks.SAFE_RESEND_AFTER
            seen = [each for each in left if each.intent.listing_id not in evidence.unread]
            again = [back_to_plan(each, now) for each in seen] if now >= resend_at else []
            if len(again) == len(left):
                after = chunks.ended(chunk, "What does not show is sent again." if again else "Every change shows.")
            else:
                first_round = bool(evidence.unread) and chunk.looks < FIRST_ROUND
                after = chunks.looked_at(chunk, now if first_round else max(now, resend_at))
            await book.write(chunk, after, [*changed, *again], freed=freed(verdicts))
            if again:
                await book.send_anew(again, f"Rows of chunk {chunk.number} that did not show.")
        return Progress(now, f"chunk {chunk.number}: {len(changed)} rows settled, {len(again)} are sent again")
