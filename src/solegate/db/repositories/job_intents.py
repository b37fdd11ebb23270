"""The ledger's intents of a bulk job, a chunk at a time (design 4.6). One line of the audit trail tells of all of them.

They move only together with their chunk: whoever moves the chunk, conditionally, in the same transaction, may write
its intents. The unique indexes of the ledger hold for them as for single writes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from solegate.db.engine import insert_into
from solegate.db.repositories.intent_reads import intent_of, values_of
from solegate.db.tables import IntentRow, ListingRow
from solegate.domain.intents import Action, Intent, IntentState


class JobIntents:
    """Intents of chunks, inside the transaction of the given session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, intents: Sequence[Intent]) -> set[str]:
        """Write new intents down, each unless another one is in its way; the ids of those that were written."""
        if not intents:
            return set()
        unless = insert_into(self._session, IntentRow).on_conflict_do_nothing()
        await self._session.execute(unless, [values_of(each) for each in intents])
        written = select(IntentRow.id).where(IntentRow.id.in_([each.id for each in intents]))
        return set(await self._session.scalars(written))

    async def get(self, ids: Collection[str]) -> dict[str, Intent]:
        """Intents by id."""
        rows = await self._session.scalars(select(IntentRow).where(IntentRow.id.in_(ids)))
        return {row.id: intent_of(row) for row in rows}

    async def save(self, intents: Sequence[Intent]) -> None:
        """Write intents as they are given, in the order in which everybody locks them.

        A pair that a sync gave free meanwhile stays free.
        """
        rows = [values_of(each) for each in sorted(intents, key=lambda each: each.id)]
        kept = [{name: value for name, value in row.items() if name != "released_at"} for row in rows]
        freed = [{"id": row["id"], "released_at": row["released_at"]} for row in rows if row["released_at"]]
        for changes in (kept, freed):
            if changes:
                await self._session.execute(update(IntentRow), changes)  # by primary key

    async def holders(self, account: str, units: Collection[str]) -> dict[str, Intent]:
        """The creates that hold these pairs, by unit."""
        held = (IntentRow.action == Action.CREATE, IntentRow.released_at.is_(None))
        return await self._by_unit(account, units, *held)

    async def others(
        self, account: str, units: Collection[str], states: Collection[IntentState], *, job_id: str
    ) -> dict[str, Intent]:
        """Intents on these units, in these states, that are not the job's own."""
        foreign = (IntentRow.state.in_(states), IntentRow.job_id.is_distinct_from(job_id))
        return await self._by_unit(account, units, *foreign)

    async def release(self, account: str, listing_ids: Collection[str], at: datetime) -> None:
        """Give the pairs of these listings free: they are sold, or the listings are gone."""
        held = (IntentRow.account == account, IntentRow.action == Action.CREATE, IntentRow.released_at.is_(None))
        theirs = select(IntentRow.id).where(*held, IntentRow.listing_id.in_(listing_ids)).order_by(IntentRow.id)
        ids = (await self._session.scalars(theirs.with_for_update())).all()
        await self._session.execute(
            update(IntentRow).where(IntentRow.id.in_(ids)).values(released_at=at, updated_at=at)
        )

    async def abandon(self, job_id: str, at: datetime) -> None:
        """Give up what a cancelled job has planned and not sent; the pairs are free."""
        query = update(IntentRow).where(IntentRow.job_id == job_id, IntentRow.state == IntentState.PLANNED)
        given_up = {"state": IntentState.ABANDONED, "reason": "the job was cancelled", "updated_at": at}
        await self._session.execute(query.values(**given_up, released_at=at))

    async def owners(self, account: str, listing_ids: Collection[str]) -> dict[str, str]:
        """The creates, by id, that made these listings."""
        made = (IntentRow.account == account, IntentRow.action == Action.CREATE)
        query = select(IntentRow.listing_id, IntentRow.id).where(*made, IntentRow.listing_id.in_(listing_ids))
        return {listing_id: intent_id for listing_id, intent_id in await self._session.execute(query) if listing_id}

    async def known_batches(self, account: str, batch_ids: Collection[str]) -> set[str]:
        """Which of these batches the ledger knows."""
        query = select(IntentRow.batch_id).where(IntentRow.account == account, IntentRow.batch_id.in_(batch_ids))
        return {batch_id for batch_id in await self._session.scalars(query.distinct()) if batch_id}

    async def variants_of(self, account: str, listing_ids: Collection[str]) -> dict[str, str]:
        """The sizes of listings, as far as a sync has seen them."""
        query = select(ListingRow.listing_id, ListingRow.variant_id).where(
            ListingRow.account == account, ListingRow.listing_id.in_(listing_ids)
        )
        return {listing: variant for listing, variant in await self._session.execute(query) if variant}

    async def _by_unit(
        self, account: str, units: Collection[str], *conditions: ColumnElement[bool]
    ) -> dict[str, Intent]:
        query = select(IntentRow).where(IntentRow.account == account, IntentRow.unit.in_(units), *conditions)
        return {row.unit: intent_of(row) for row in await self._session.scalars(query)}
