"""The account's listings as last seen, and what the ledger wants of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select, union, update
from sqlalchemy.ext.asyncio import AsyncSession

from solegate.db.engine import insert_into
from solegate.db.repositories.intent_reads import intent_of
from solegate.db.tables import IntentRow, ListingRow, MarketReadRow, PriceWatchRow
from solegate.domain.intents import IN_EFFECT, Action, Intent, IntentState
from solegate.domain.listing_findings import Finding, MirroredListing
from solegate.domain.listings import ListingStatus

_FIELDS = (
    "listing_id", "status", "variant_id", "product_id", "style_id", "variant_value", "amount", "currency",
    "inventory_type", "ask_expires_at", "order_number", "created_at", "updated_at", "seen_at", "run_at",
    "missing_since", "finding", "note",
)  # fmt: skip
"""A listing and its row name everything alike."""
_IDS_PER_QUERY = 500
_MADE = sorted(IN_EFFECT | {IntentState.ACCEPTED, IntentState.FAILED})
"""States of a create that may have left a listing: of one that failed a draft may be there."""


class ListingRepository:
    """The listings of one account, inside the transaction of the given session."""

    def __init__(self, session: AsyncSession, account: str) -> None:
        self._session = session
        self._account = account

    async def by_ids(self, ids: Sequence[str]) -> dict[str, MirroredListing]:
        """Those of these listings that are known."""
        found: dict[str, MirroredListing] = {}
        for part in _parts(ids):
            found |= {each.listing_id: each for each in await self._select(ListingRow.listing_id.in_(part))}
        return found

    async def locked(self, ids: Sequence[str]) -> dict[str, MirroredListing]:
        """As `by_ids`; and nobody else changes them until the transaction ends."""
        found: dict[str, MirroredListing] = {}
        for part in _parts(sorted(ids)):
            rows = select(ListingRow).where(ListingRow.account == self._account, ListingRow.listing_id.in_(part))
            for row in await self._session.scalars(rows.order_by(ListingRow.listing_id).with_for_update()):
                found[row.listing_id] = listing_of(row)
        return found

    async def save(self, listings: Iterable[MirroredListing]) -> None:
        """Keep listings as they are given, known or not; always in the same order, lest two writers deadlock."""
        ordered = sorted(listings, key=lambda each: each.listing_id)
        rows = [{"account": self._account} | {name: getattr(each, name) for name in _FIELDS} for each in ordered]
        if not rows:
            return
        insert = insert_into(self._session, ListingRow)
        key = [ListingRow.account, ListingRow.listing_id]
        changes = {name: insert.excluded[name] for name in _FIELDS if name != "listing_id"}
        await self._session.execute(insert.on_conflict_do_update(index_elements=key, set_=changes), rows)

    async def seen_in_run(self, run_at: datetime) -> frozenset[str]:
        """Ids of the listings that the list of a run held."""
        query = select(ListingRow.listing_id).where(ListingRow.account == self._account, ListingRow.run_at == run_at)
        return frozenset(await self._session.scalars(query))

    async def mark_missing(self, run_at: datetime, now: datetime) -> None:
        """Note which listings the whole list of a run did not hold, though they should not be gone."""
        gone = (*self._unlisted(run_at), ListingRow.missing_since.is_(None))
        await self._session.execute(update(ListingRow).where(*gone).values(missing_since=now))

    async def missing(self, *, limit: int, passed: Collection[str] = ()) -> tuple[MirroredListing, ...]:
        """Listings that a whole list did not hold and nobody has looked for since, the longest missing first."""
        query = select(ListingRow).where(
            ListingRow.account == self._account,
            ListingRow.missing_since.is_not(None),
            ListingRow.finding != Finding.MISSING.value,
            ListingRow.listing_id.not_in(sorted(passed)),
        )
        rows = await self._session.scalars(
            query.order_by(ListingRow.missing_since, ListingRow.listing_id).limit(max(0, limit))
        )
        return tuple(map(listing_of, rows))

    async def never_listed(self, before: datetime, *, limit: int, passed: Collection[str] = ()) -> tuple[str, ...]:
        """Ids of listings that the ledger made and that no list has held yet: they may have been deleted at once.

        Args:
            before: only of creates that have not changed since.
            limit: at most so many.
            passed: ids not to look for.
        """
        known = select(ListingRow.listing_id).where(
            ListingRow.account == self._account, ListingRow.listing_id == IntentRow.listing_id
        )
        query = select(IntentRow.listing_id).where(
            IntentRow.account == self._account,
            IntentRow.action == Action.CREATE,
            IntentRow.released_at.is_(None),
            IntentRow.listing_id.is_not(None),
            IntentRow.listing_id.not_in(sorted(passed)),
            IntentRow.state.in_(_MADE),
            IntentRow.updated_at < before,
            ~known.exists(),
        )
        found = await self._session.scalars(query.order_by(IntentRow.listing_id).limit(max(0, limit)))
        return tuple(each for each in found if each is not None)

    async def with_findings(self, findings: Collection[Finding] = ()) -> tuple[MirroredListing, ...]:
        """Listings about which something was found: one of these, or anything; the newest first."""
        wanted = sorted(each.value for each in findings)
        found = ListingRow.finding.in_(wanted) if wanted else ListingRow.finding != Finding.NONE.value
        return await self._select(found)

    async def stalest_products(
        self, now: datetime, *, older_than: datetime, limit: int, passed: Collection[str] = ()
    ) -> tuple[tuple[str, str], ...]:
        """Products and currencies of live listings and watched prices whose market is stale, the stalest first.

        Stale is what was read before a moment, or never.

        Args:
            now: an ask that ended before is not live.
            older_than: the latest reading that counts as stale.
            limit: at most so many.
            passed: products not to name.
        """
        live = _live(self._account, now)
        for_sale = select(ListingRow.product_id, ListingRow.currency).where(*live)
        watched = select(PriceWatchRow.product_id, PriceWatchRow.currency).where(PriceWatchRow.account == self._account)
        markets = union(for_sale, watched).subquery()
        read_at = func.max(MarketReadRow.fetched_at)
        same = (MarketReadRow.product_id == markets.c.product_id) & (MarketReadRow.currency == markets.c.currency)
        query = (
            select(markets.c.product_id, markets.c.currency)
            .outerjoin(MarketReadRow, same)
            .where(markets.c.product_id.not_in(sorted(passed)))
            .group_by(markets.c.product_id, markets.c.currency)
            .having(or_(read_at.is_(None), read_at < older_than))
            .order_by(read_at.asc().nulls_first(), markets.c.product_id, markets.c.currency)
            .limit(max(0, limit))
        )
        return tuple((row[0], row[1]) for row in await self._session.execute(query))

    async def count(self) -> int:
        """How many listings a list would hold: all but the deleted ones."""
        query = select(func.count()).where(ListingRow.account == self._account, *_listed())
        return await self._session.scalar(query) or 0

    async def intents_of(self, ids: Sequence[str]) -> dict[str, list[Intent]]:
        """What the ledger has done or will do to each of these listings."""
        found: dict[str, list[Intent]] = {}
        for part in _parts(ids):
            for intent in await self._intents(IntentRow.listing_id.in_(part)):
                found.setdefault(intent.listing_id or "", []).append(intent)
        return found

    async def creates_of(self, variant_ids: Sequence[str]) -> tuple[Intent, ...]:
        """The creates of these sizes that hold a pair."""
        found: list[Intent] = []
        for part in _parts(variant_ids):
            holds = (IntentRow.action == Action.CREATE) & IntentRow.released_at.is_(None)
            found += await self._intents(IntentRow.variant_id.in_(part) & holds)
        return tuple(found)

    def _unlisted(self, run_at: datetime) -> tuple[ColumnElement[bool], ...]:
        unseen = or_(ListingRow.run_at.is_(None), ListingRow.run_at != run_at)
        return ListingRow.account == self._account, *_listed(), unseen

    async def _intents(self, condition: ColumnElement[bool]) -> list[Intent]:
        rows = await self._session.scalars(select(IntentRow).where(IntentRow.account == self._account, condition))
        return [intent_of(row) for row in rows]

    async def _select(self, condition: ColumnElement[bool]) -> tuple[MirroredListing, ...]:
        query = select(ListingRow).where(ListingRow.account == self._account, condition)
        rows = await self._session.scalars(query.order_by(ListingRow.created_at.desc(), ListingRow.listing_id))
        return tuple(map(listing_of, rows))


def listing_of(row: ListingRow) -> MirroredListing:
    """A row as a value."""
    known = {name: getattr(row, name) for name in _FIELDS}
    return MirroredListing(**known | {"finding": Finding(row.finding)})


def _listed() -> tuple[ColumnElement[bool], ...]:
    """What a list holds."""
    return (ListingRow.status != ListingStatus.DELETED.value,)


def _live(account: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    open_ask = or_(ListingRow.ask_expires_at.is_(None), ListingRow.ask_expires_at > now)
    named = (ListingRow.product_id.is_not(None), ListingRow.currency.is_not(None))
    return ListingRow.account == account, ListingRow.status == ListingStatus.ACTIVE.value, open_ask, *named


def _parts(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + _IDS_PER_QUERY] for start in range(0, len(ids), _IDS_PER_QUERY))
