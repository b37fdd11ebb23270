"""The listings of the mirror page by page, filtered and sorted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, and_, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from solegate.db.expressions import InUnits, units_of
from solegate.db.repositories.keyset import Keyset
from solegate.db.repositories.listings import listing_of
from solegate.db.repositories.styles import carries_code
from solegate.db.tables import ListingRow
from solegate.domain.listing_book import ListingQuery, ListingSort
from solegate.domain.listing_findings import MirroredListing
from solegate.domain.listings import ListingStatus
from solegate.domain.sorting import Mark, Marked


class ListingPages:
    """Pages of one account's listings, inside the transaction of the given session."""

    def __init__(self, session: AsyncSession, account: str) -> None:
        self._session = session
        self._account = account

    async def page(
        self, wanted: ListingQuery, order: ListingSort, now: datetime, *, after: Mark | None, limit: int
    ) -> tuple[Marked[MirroredListing], ...]:
        """Listings behind a mark, each with its own; `now` tells which asks have ended."""
        keys = _keyset(order)
        query = select(ListingRow, keys.key).where(ListingRow.account == self._account, *_conditions(wanted, now))
        if after is not None:
            query = query.where(keys.after(after))
        rows = await self._session.execute(query.order_by(*keys.order()).limit(limit))
        return tuple(Marked(listing_of(row), Mark(key, row.listing_id)) for row, key in rows)


def _keyset(order: ListingSort) -> Keyset:
    columns = {
        "createdAt": ListingRow.created_at,
        "updatedAt": ListingRow.updated_at,
        "expiresAt": ListingRow.ask_expires_at,
        "amount": InUnits(ListingRow.amount),
    }
    return Keyset(columns[order.key], ListingRow.listing_id, order.descending)


def _conditions(wanted: ListingQuery, now: datetime) -> Iterator[ColumnElement[bool]]:
    if wanted.statuses:
        yield ListingRow.status.in_(wanted.statuses)
    if wanted.style_id is not None:
        yield carries_code(ListingRow.style_id, wanted.style_id)
    for column, value in (
        (ListingRow.product_id, wanted.product_id),
        (ListingRow.variant_id, wanted.variant_id),
        (ListingRow.currency, wanted.currency),
    ):
        if value is not None:
            yield column == value
    if wanted.amount_min is not None:
        yield InUnits(ListingRow.amount) >= units_of(wanted.amount_min)
    if wanted.amount_max is not None:
        yield InUnits(ListingRow.amount) <= units_of(wanted.amount_max)
    if wanted.findings:
        yield ListingRow.finding.in_([each.value for each in wanted.findings])
    if wanted.expiring_before is not None:
        yield ListingRow.ask_expires_at < wanted.expiring_before
    if wanted.live is not None:
        yield _live(now) if wanted.live else not_(_live(now))


def _live(now: datetime) -> ColumnElement[bool]:
    """See `MirroredListing.is_live`; never NULL."""
    open_ask = or_(ListingRow.ask_expires_at.is_(None), ListingRow.ask_expires_at > now)
    return and_(ListingRow.status == ListingStatus.ACTIVE.value, open_ask)
