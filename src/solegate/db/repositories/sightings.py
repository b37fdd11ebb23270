"""What sources have told: the newest about each subject, and the prices that they saw.

Both end up the same in whatever order things arrive, and however often.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from solegate.db.engine import insert_into
from solegate.db.tables import PriceSightingRow, WebhookMarkRow
from solegate.domain.webhooks.prices import PriceSighting

_FIELDS = ("product_id", "variant_id", "sku", "currency", "occurred_at", "lowest_ask", "asks", "identity")
"""A sighting and its row name everything alike."""
_SUBJECTS_PER_QUERY = 500
_LATER_CHANGES = ("product_id", "sku", "lowest_ask", "asks", "identity")


class MarkRepository:
    """How far one source of an account is told, inside the transaction of the given session."""

    def __init__(self, session: AsyncSession, account: str, source: str) -> None:
        self._session = session
        self._account = account
        self._source = source

    async def move(self, told: Mapping[str, datetime]) -> frozenset[str]:
        """Note what was told about some subjects, and when that happened.

        Returns:
            The subjects about which nothing newer was told before.
        """
        known = await self._known(sorted(told))
        fresh = [name for name in sorted(told) if name not in known or known[name] <= told[name]]
        rows = [
            {"account": self._account, "source": self._source, "subject": name, "occurred_at": told[name]}
            for name in fresh
        ]
        if rows:
            new = insert_into(self._session, WebhookMarkRow)
            moved = new.on_conflict_do_update(
                index_elements=["account", "source", "subject"],
                set_={"occurred_at": new.excluded["occurred_at"]},
                where=WebhookMarkRow.occurred_at < new.excluded["occurred_at"],
            )
            await self._session.execute(moved, rows)
        return frozenset(fresh)

    async def _known(self, subjects: list[str]) -> dict[str, datetime]:
        found: dict[str, datetime] = {}
        mine = (WebhookMarkRow.account == self._account, WebhookMarkRow.source == self._source)
        for start in range(0, len(subjects), _SUBJECTS_PER_QUERY):
            part = WebhookMarkRow.subject.in_(subjects[start : start + _SUBJECTS_PER_QUERY])
            rows = select(WebhookMarkRow.subject, WebhookMarkRow.occurred_at).where(*mine, part)
            found.update((row[0], row[1]) for row in await self._session.execute(rows))
        return found


class PriceSightingRepository:
    """The prices that the sources of an account saw, inside the transaction of the given session."""

    def __init__(self, session: AsyncSession, account: str) -> None:
        self._session = session
        self._account = account

    async def keep(self, source: str, sightings: Iterable[PriceSighting]) -> None:
        """Keep each at its moment; of two at the same moment the one with the greater identity stands."""
        mine = {"account": self._account, "source": source}
        rows = [mine | {name: getattr(each, name) for name in _FIELDS} for each in sightings]
        if not rows:
            return
        new = insert_into(self._session, PriceSightingRow)
        changes = {name: new.excluded[name] for name in _LATER_CHANGES}
        key = ["account", "source", "variant_id", "currency", "occurred_at"]
        greater = PriceSightingRow.identity < new.excluded["identity"]
        await self._session.execute(new.on_conflict_do_update(index_elements=key, set_=changes, where=greater), rows)

    async def history(
        self, variant_id: str, currency: str, *, since: datetime | None = None, limit: int = 1000
    ) -> tuple[tuple[str, PriceSighting], ...]:
        """What each source saw a variant cost, the newest first."""
        rows = select(PriceSightingRow).where(
            PriceSightingRow.account == self._account,
            PriceSightingRow.variant_id == variant_id,
            PriceSightingRow.currency == currency,
        )
        if since is not None:
            rows = rows.where(PriceSightingRow.occurred_at >= since)
        ordered = rows.order_by(PriceSightingRow.occurred_at.desc(), PriceSightingRow.source).limit(limit)
        return tuple((row.source, _sighting(row)) for row in await self._session.scalars(ordered))


def _sighting(row: PriceSightingRow) -> PriceSighting:
    return PriceSighting(**{name: getattr(row, name) for name in _FIELDS})
