"""Reads the listings of a chunk back: a row has its result when its listing was seen as intended, or surely is not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from solegate.domain import job_chunks as chunks
from solegate.domain.batches import LARGEST_BATCH
from solegate.domain.events.listings import Sighting, gone
from solegate.domain.intents import Action
from solegate.domain.job_intents import with_listing
from solegate.domain.job_results import (
    UNDECIDED,
    Entry,
    Seen,
    Verdict,
    carries_tag_of,
    decided,
    judge,
    judge_absent,
    keeper,
    never_seen,
)
from solegate.domain.jobs import Chunk, Job, JobKind, RowState
from solegate.domain.leases import Lease
from solegate.domain.listings import ListingStatus
from solegate.domain.reconciliation import CLOCK_SLACK, match
from solegate.domain.tasks import Progress
from solegate.errors import NotFoundError, RequestRejectedError
from solegate.services.bulk.book import ChunkBook
from solegate.services.bulk.desk import Desk
from solegate.services.bulk.sightings import Found, Sightings
from solegate.services.events.news import ListingNews

MOST_SINGLE_READS = 20
"""Listings read one by one in a step, so that it stays short at one request a second."""
FIRST_ROUND = LARGEST_BATCH // MOST_SINGLE_READS
"""Steps in which every listing of a chunk was read once; only after that it makes sense to wait."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a step has seen of a chunk's listings.

    Attributes:
        lists: by size.
        single: by id, with their last operation; `None` for one that StockX does not know.
        surplus: listings of a pair that is listed twice, and is not to be.
        unread: listings that a later step has to read, one by one.
    """

    lists: Found
    single: Mapping[str, Seen | None]
    surplus: Sequence[str] = ()
    unread: frozenset[str] = frozenset()

    def seen(self, listing_id: str) -> Seen | None:
        """A listing as it was seen; `None` where it was not."""
        return self.single.get(listing_id) or self.lists.listings.get(listing_id)

    def verdict(self, entry: Entry, *, patience_over: bool) -> Verdict:
        """What this says about a row; nothing about one whose turn to be read has not come."""
        listing_id = entry.intent.listing_id
        if listing_id is None:
            return never_seen() if patience_over else UNDECIDED
        patience_over = patience_over and listing_id not in self.unread
        seen = self.seen(listing_id)
        if seen is not None:
            return judge(entry.intent, seen, patience_over=patience_over)
        surely_absent = listing_id in self.single or (self.lists.is_whole and listing_id not in self.unread)
        return judge_absent(entry.intent) if surely_absent and (_is_delete(entry) or patience_over) else UNDECIDED


class Settler:
    """Reads back what one account's jobs did."""

    def __init__(self, desk: Desk, sightings: Sightings) -> None:
        self._desk = desk
        self._sightings = sightings
        self._news = ListingNews(desk.events)

    async def read_back(self, job: Job, chunk: Chunk, lease: Lease) -> Progress:
        """See whether the listings of a chunk are as intended; what is not yet is looked at again later.

        Where a pair turns out to be listed twice (a request that was delivered twice), one listing stays.

        Raises:
            ChunkMovedError: another worker has moved the chunk on.
            StockXError: StockX could not be asked.
        """
        entries, evidence = await self.evidence(job, chunk)
        for listing_id in evidence.surplus:
            await self._delete(listing_id, lease)
        return await self._decide(job, chunk, entries, evidence)

    async def evidence(self, job: Job, chunk: Chunk) -> tuple[Sequence[Entry], Evidence]:
        """The undecided rows of a chunk, with their listings as far as they could be found, and what was seen."""
        database = self._desk.database
        async with database.reading() as session:
            book = ChunkBook(session, job, await database.now(session))
            entries: Sequence[Entry] = await book.entries(chunk, RowState.SUBMITTED)
            listing_ids = [each.intent.listing_id for each in entries if each.intent.listing_id]
            sizes = await book.intents.variants_of(job.account, listing_ids)
        creates = job.kind is JobKind.CREATE
        variants = [each.item.variant_id or sizes.get(each.intent.listing_id or "") for each in entries]
        since = (chunk.sent_at or book.now) - CLOCK_SLACK if creates else None
        known = [each for each in variants if each] if all(variants) else []
        lists = await self._sightings.find(listing_ids, known, since)
        surplus: list[str] = []
        if creates:
            entries, surplus = await self._own(job, chunk, entries, lists)
        wanted = [each.intent.listing_id or "" for each in entries if _needs_a_look(each, lists)]
        turn = chunk.looks * MOST_SINGLE_READS % max(1, len(wanted))
        now, later = _split([*wanted[turn:], *wanted[:turn]], MOST_SINGLE_READS)
        read = {listing_id: await self._sightings.one(listing_id) for listing_id in now}
        return entries, Evidence(lists, read, surplus, frozenset(later))

    async def _own(
        self, job: Job, chunk: Chunk, entries: Sequence[Entry], lists: Found
    ) -> tuple[list[Entry], list[str]]:
        """Find the listings of rows that StockX's batch did not tell, and listings that a pair has too many."""
        database = self._desk.database
        async with database.reading() as session:
            book = ChunkBook(session, job, await database.now(session))
            owners = await book.intents.owners(job.account, lists.listings)
            batches = {each.batch_id for each in lists.listings.values() if each.batch_id}
            foreign = await book.intents.known_batches(job.account, batches - {chunk.batch_id})
        free = [
            each for each in lists.listings.values() if each.listing_id not in owners and each.batch_id not in foreign
        ]
        loose = [each for each in entries if each.intent.listing_id is None]
        adopted = match([each.intent for each in loose], free, ()).adopt
        named = [
            with_listing(each, adopted[each.intent.id], book.now) if each.intent.id in adopted else each
            for each in entries
        ]
        kept, surplus = [], list[str]()
        for entry in named:
            one, others = _keep_one(entry, lists, free, book.now)
            kept.append(one)
            surplus += others
        return kept, surplus

    async def _delete(self, listing_id: str, lease: Lease) -> None:
        """Delete a listing that a pair has too many; one that is being deleted already refuses."""
        try:
            await self._desk.stockx.delete_listing(listing_id, options=self._desk.sending(lease))
        except (RequestRejectedError, NotFoundError):
            return

    async def _decide(self, job: Job, chunk: Chunk, entries: Sequence[Entry], evidence: Evidence) -> Progress:
        database = self._desk.database
        async with database.transaction() as session:
            now = await database.now(session)
            book = ChunkBook(session, job, now)
            over = chunks.patience_is_over(chunk, now)
            verdicts = [(each, evidence.verdict(each, patience_over=over)) for each in entries]
            told = await self._news.keep(session, _news(verdicts, evidence, now))
            changed = [decided(each, verdict, now) for each, verdict in verdicts if verdict is not UNDECIDED]
            waiting = [each for each, verdict in verdicts if verdict is UNDECIDED]
            first_round = bool(evidence.unread) and chunk.looks < FIRST_ROUND
            after = chunks.read_back(chunk, now, at_once=first_round) if waiting else chunks.ended(chunk)
            await book.write(chunk, after, [*changed, *waiting], freed=freed(verdicts), evidence=_told(evidence))
            await self._news.tell(session, told)
        return Progress(now, f"chunk {chunk.number}: {len(changed)} rows read back, {len(waiting)} not settled")


def _news(verdicts: Iterable[tuple[Entry, Verdict]], evidence: Evidence, now: datetime) -> Iterator[Sighting]:
    """The listings of decided rows as they were seen; one that our delete removed is seen no more."""
    for entry, verdict in verdicts:
        listing_id = entry.intent.listing_id
        if verdict is UNDECIDED or listing_id is None:
            continue
        seen = evidence.seen(listing_id)
        if seen is not None:
            yield Sighting(
                listing_id=listing_id,
                status=seen.status,
                price=seen.price,
                ask_expires_at=seen.ask_expires_at,
                updated_at=seen.updated_at,
                variant_id=seen.variant_id or None,
                order_number=seen.order_number,
                created_at=seen.created_at,
            )
        elif _is_delete(entry) and verdict.row is RowState.DONE:
            yield gone(listing_id, now)


def _split(ids: Sequence[str], count: int) -> tuple[Sequence[str], Sequence[str]]:
    return ids[:count], ids[count:]


def freed(verdicts: Iterable[tuple[Entry, Verdict]]) -> list[str]:
    """Listings whose pairs are not for sale any more."""
    return [each.intent.listing_id for each, verdict in verdicts if verdict.frees and each.intent.listing_id]


def _told(evidence: Evidence) -> dict[str, object]:
    return {"surplus_deleted": list(evidence.surplus)} if evidence.surplus else {}


def _needs_a_look(entry: Entry, lists: Found) -> bool:
    """Whether a list does not say enough: it does not show the listing, or not why it is not for sale."""
    listing_id = entry.intent.listing_id
    if listing_id is None:
        return False
    seen = lists.listings.get(listing_id)
    if seen is None:
        return not (_is_delete(entry) and lists.is_whole)
    return bool(entry.intent.active) and seen.status == ListingStatus.INACTIVE


def _keep_one(entry: Entry, lists: Found, free: Sequence[Seen], now: datetime) -> tuple[Entry, list[str]]:
    """A row whose pair was listed several times, by tag: with the listing that stays, and those that go."""
    own = lists.listings.get(entry.intent.listing_id or "")
    twins = [each for each in free if each is not own and carries_tag_of(entry.intent, each)]
    if own is None or not twins:
        return entry, []
    kept = keeper([own, *twins])
    return with_listing(entry, kept.listing_id, now), [each.listing_id for each in (own, *twins) if each is not kept]


def _is_delete(entry: Entry) -> bool:
    return entry.intent.action is Action.DELETE
