"""Listings: every one, each run, compared with the mirror and with what the ledger wants of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from solegate.client.models import Listing, ListingSummary
from solegate.client.operations.rows import Position
from solegate.client.policy.call import Lane
from solegate.client.policy.paging import pages_for
from solegate.client.requests import ListingFilter
from solegate.client.service import StockXService
from solegate.clock import Clock
from solegate.db import Database, Session
from solegate.db.repositories.audit import AuditRepository
from solegate.db.repositories.intents import IntentRepository
from solegate.db.repositories.listings import ListingRepository
from solegate.db.repositories.syncs import SyncRepository
from solegate.domain.audit import AuditEntry
from solegate.domain.events.listings import listing_events
from solegate.domain.events.values import Event
from solegate.domain.intents import Action, Intent
from solegate.domain.listing_findings import (
    PROPAGATION,
    Finding,
    MirroredListing,
    copies,
    finding_of,
    has_changed,
    intention_of,
)
from solegate.domain.sync import Cost, Phase, Place, SyncName, SyncRun
from solegate.errors import NotFoundError, StockXError
from solegate.metrics import Metrics
from solegate.services.events.log import EventLog
from solegate.services.syncs import mirroring
from solegate.services.syncs.stepped import DETAILS_PER_STEP, Keep, Requests, SteppedSync

LOOK_BUDGET = 100
"""Listings that one run looks for singly at most, because the list did not hold them."""
ACTOR = "sync of listings"
EVERYTHING = ListingFilter(include_expired=True)
_GONE = "UNKNOWN"
"""Status of a listing that was never seen and cannot be found."""


class ListingSync(SteppedSync):
    """Every listing in every state but deleted, expired asks too; then a look at each that should be there and is not.

    What it finds is kept on the row and, once, in the audit trail. A pair whose listing was sold, deleted or canceled
    is given free, so that it can be listed again. Nothing is changed at StockX.
    """

    def __init__(
        self,
        stockx: StockXService,
        database: Database,
        *,
        clock: Clock,
        metrics: Metrics,
        events: EventLog,
        budget: int = LOOK_BUDGET,
    ) -> None:
        super().__init__(SyncName.LISTINGS, stockx, database, clock=clock, metrics=metrics, lane=Lane.BACKGROUND)
        self._events = events
        self._budget = budget
        self._intents = IntentRepository(database)

    async def cost(self) -> Cost:
        """See `SteppedSync.cost`. Listings that go missing come on top, within the budget."""
        async with self._database.reading() as session:
            listings = ListingRepository(session, self._account)
            known = (await SyncRepository(session, self._account).load(self.name)).succeeded_at is not None
            missing = len(await listings.missing(limit=self._budget))
            pages = pages_for(await listings.count())
        return Cost(pages, missing, self._budget, estimate=known)

    async def _read(self, run: SyncRun, requests: Requests) -> Keep:
        if run.place.phase is Phase.PAGES:
            return await self._read_page(run, requests)
        return await self._look_for_missing(run, requests)

    async def _read_page(self, run: SyncRun, requests: Requests) -> Keep:
        async with self._database.reading() as session:
            seen = await ListingRepository(session, self._account).seen_in_run(run.run_at)
        rows = self._stockx.iter_listings(EVERYTHING, resume=Position(run.place.end, seen), options=requests.options)
        page = await rows.next_page()

        async def keep(session: Session, now: datetime) -> SyncRun:
            changed, told = await self._keep_rows(session, page, now, run, listed=True)
            if rows.done:
                await ListingRepository(session, self._account).mark_missing(run.run_at, now)
            await self._events.record(session, told)
            place = Place(phase=Phase.DETAILS) if rows.done else Place(end=rows.position.end)
            return run.went_on(place, requests=requests.sent, rows=len(page), changed=changed)

        return keep

    async def _look_for_missing(self, run: SyncRun, requests: Requests) -> Keep:
        place = run.place
        at_most = min(DETAILS_PER_STEP, self._budget - place.details)
        wanted = await self._missing(run, at_most)
        found, lost = await self._looks(wanted, requests)
        read = len(found) + len(lost)

        async def keep(session: Session, now: datetime) -> SyncRun:
            changed, told = await self._keep_rows(session, found, now, run, listed=False)
            await self._keep_lost(session, lost, now)
            await self._events.record(session, told)
            there = Place(phase=Phase.DETAILS, details=place.details + read)
            after = run.went_on(there, requests=requests.sent, changed=changed + len(lost))
            over = read == len(wanted) < DETAILS_PER_STEP or there.details >= self._budget
            return after.ended(now) if over else after

        return keep

    async def _missing(self, run: SyncRun, at_most: int) -> tuple[str, ...]:
        """Ids to look for: listings the list no longer holds, and those of the ledger that none has held yet."""
        async with self._database.reading() as session:
            listings = ListingRepository(session, self._account)
            missing = [each.listing_id for each in await listings.missing(limit=at_most)]
            never = await listings.never_listed(run.run_at - PROPAGATION, limit=at_most - len(missing))
        return (*missing, *never)

    async def _looks(self, wanted: Sequence[str], requests: Requests) -> tuple[list[Listing], list[str]]:
        """The listings that are there, in whatever state, and the ids of those that StockX does not know."""
        found: list[Listing] = []
        lost: list[str] = []
        for listing_id in wanted:
            if not requests.may_go_on():
                break
            try:
                found.append(await self._stockx.get_listing(listing_id, options=requests.options))
            except NotFoundError as error:
                requests.sent += error.attempts
                lost.append(listing_id)
            except StockXError:
                if not found and not lost:
                    raise
                break  # what was seen is kept; the next step meets the error again
        return found, lost

    async def _keep_rows(
        self, session: Session, rows: Sequence[ListingSummary], now: datetime, run: SyncRun, *, listed: bool
    ) -> tuple[int, tuple[Event, ...]]:
        """Keep what StockX shows and what it means; returns how many are new or have changed, and what is to be told.

        What the very first run finds was there before: it is no news.
        """
        listings = ListingRepository(session, self._account)
        ids = [row.listing_id for row in rows]
        known, intents = await listings.locked(ids), await listings.intents_of(ids)
        run_at, first = run.run_at if listed else None, run.succeeded_at is None
        seen = [mirroring.listing(row, known.get(row.listing_id), now) for row in rows]
        doubles = await self._copies(listings, seen, intents, now)
        judged = [
            _judged(each, intents.get(each.listing_id, ()), now, run_at=run_at, copy_of=doubles.get(each.listing_id))
            for each in seen
        ]
        await listings.save(judged)
        # Intents are locked in the order of their ids, as the ledger does it: so the two cannot deadlock.
        for each in sorted(judged, key=lambda each: _create_id(intents.get(each.listing_id, ()))):
            before, its = known.get(each.listing_id), intents.get(each.listing_id, [])
            freed = await self._release(session, each, its)
            await self._tell(session, each, before, its, now, freed=freed)
        pairs = [(known.get(each.listing_id), each) for each in judged]
        told = [listing_events(self._account, was, now_is, now) for was, now_is in pairs if was or not first]
        return sum(has_changed(*pair) for pair in pairs), tuple(event for events in told for event in events)

    async def _copies(
        self,
        listings: ListingRepository,
        seen: Sequence[MirroredListing],
        intents: dict[str, list[Intent]],
        now: datetime,
    ) -> dict[str, str]:
        owned = {each for each, its in intents.items() if any(one.action is Action.CREATE for one in its)}
        loose = [each for each in seen if each.listing_id not in owned and each.is_live(now) and each.variant_id]
        if not loose:
            return {}
        creates = await listings.creates_of(sorted({each.variant_id or "" for each in loose}))
        return copies(loose, creates, frozenset(owned), now)

    async def _release(self, session: Session, listing: MirroredListing, intents: Sequence[Intent]) -> bool:
        """Give the pair of a listing that has ended free; returns whether one was held."""
        held = any(one.action is Action.CREATE and one.released_at is None for one in intents)
        if not (held and listing.has_ended):
            return False
        why = f"its listing is {listing.status}"
        return await self._intents.release(session, self._account, listing.listing_id, why) is not None

    async def _tell(
        self,
        session: Session,
        listing: MirroredListing,
        before: MirroredListing | None,
        intents: Sequence[Intent],
        now: datetime,
        *,
        freed: bool = False,
    ) -> None:
        """Enter a finding into the audit trail once; nothing about what was over before Solegate knew of it."""
        was = before.finding if before else Finding.NONE
        if listing.finding is was or (before is None and not intents):
            return
        entry = AuditEntry(
            at=now,
            account=self._account,
            listing_id=listing.listing_id,
            actor=ACTOR,
            what=f"found {listing.finding or 'as intended'}",
            why=listing.note,
            evidence=_evidence(listing),
            result="the pair is free" if freed else "",
        )
        await AuditRepository(session).add([entry])

    async def _keep_lost(self, session: Session, lost: Sequence[str], now: datetime) -> None:
        """Note listings that are neither in the list nor to be found by their id."""
        listings = ListingRepository(session, self._account)
        known, intents = await listings.by_ids(lost), await listings.intents_of(lost)
        for listing_id in lost:
            its = intents.get(listing_id, [])
            before = known.get(listing_id) or _from_ledger(listing_id, its, now)
            missing = replace(
                before,
                finding=Finding.MISSING,
                note="StockX shows it neither in the list nor by its id.",
                missing_since=before.missing_since or now,
            )
            await listings.save([missing])
            await self._tell(session, missing, before, its, now)


def _create_id(intents: Sequence[Intent]) -> str:
    return next((one.id for one in intents if one.action is Action.CREATE), "")


def _judged(
    listing: MirroredListing,
    intents: Sequence[Intent],
    now: datetime,
    *,
    run_at: datetime | None,
    copy_of: str | None,
) -> MirroredListing:
    finding, note = finding_of(listing, intention_of(intents), now, copy_of=copy_of)
    return replace(listing, finding=finding, note=note, run_at=run_at or listing.run_at)


def _from_ledger(listing_id: str, intents: Sequence[Intent], now: datetime) -> MirroredListing:
    """A listing that only the ledger knows."""
    create = next(one for one in intents if one.action is Action.CREATE)
    price = create.price
    return MirroredListing(
        listing_id=listing_id,
        status=_GONE,
        variant_id=create.variant_id,
        amount=price.amount if price else None,
        currency=price.currency if price else None,
        inventory_type=create.inventory_type,
        created_at=create.sent_at,
        seen_at=now,
    )


def _evidence(listing: MirroredListing) -> dict[str, object]:
    """What was seen, as JSON."""
    seen = {
        "status": listing.status,
        "price": str(listing.price) if listing.price else None,
        "expires": listing.ask_expires_at.isoformat() if listing.ask_expires_at else None,
        "order": listing.order_number,
    }
    return {name: value for name, value in seen.items() if value is not None}
