"""The keys of our own API, as they are kept."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from solegate.db.repositories.keyset import Keyset
from solegate.db.tables import ApiKeyRow
from solegate.domain.keys import ApiKey, Scope
from solegate.domain.sorting import Mark, Marked

_FIELDS = (
    "id", "name", "digest", "start", "scope", "account", "per_minute", "created_at", "created_by", "expires_at",
    "revoked_at", "last_used_at",
)  # fmt: skip
"""A key and its row name everything alike."""


class ApiKeyRepository:
    """Every key, inside the transaction of the given session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, key: ApiKey) -> None:
        """Keep a new key."""
        await self._session.execute(insert(ApiKeyRow).values({name: getattr(key, name) for name in _FIELDS}))

    async def find(self, key_id: str) -> ApiKey | None:
        """One key; `None` if there is none."""
        row = await self._session.get(ApiKeyRow, key_id)
        return None if row is None else _key(row)

    async def all(self, *, account: str | None = None) -> tuple[ApiKey, ...]:
        """Every key, or those that reach one account only; the newest first."""
        rows = select(ApiKeyRow).order_by(ApiKeyRow.created_at.desc(), ApiKeyRow.id)
        if account is not None:
            rows = rows.where(ApiKeyRow.account == account)
        return tuple(_key(row) for row in await self._session.scalars(rows))

    async def page(self, *, account: str | None, after: Mark | None, limit: int) -> tuple[Marked[ApiKey], ...]:
        """Keys behind a mark, each with its own; the newest first."""
        keys = Keyset(ApiKeyRow.created_at, ApiKeyRow.id, descending=True)
        rows = select(ApiKeyRow)
        if account is not None:
            rows = rows.where(ApiKeyRow.account == account)
        if after is not None:
            rows = rows.where(keys.after(after))
        found = await self._session.scalars(rows.order_by(*keys.order()).limit(limit))
        return tuple(Marked(_key(row), Mark(row.created_at, row.id)) for row in found)

    async def count(self) -> int:
        """How many there are, those that open nothing any more included."""
        return (await self._session.scalars(select(func.count()).select_from(ApiKeyRow))).one()

    async def revoke(self, key_id: str, now: datetime) -> None:
        """It opens nothing from now on; one that was revoked before stays as it is."""
        row = (ApiKeyRow.id == key_id, ApiKeyRow.revoked_at.is_(None))
        await self._session.execute(update(ApiKeyRow).where(*row).values(revoked_at=now))

    async def used(self, moments: dict[str, datetime]) -> None:
        """Note when keys were used last; a later moment, of another process, stays."""
        for key_id, at in sorted(moments.items()):
            earlier = or_(ApiKeyRow.last_used_at.is_(None), ApiKeyRow.last_used_at < at)
            row = (ApiKeyRow.id == key_id, earlier)
            await self._session.execute(update(ApiKeyRow).where(*row).values(last_used_at=at))


def _key(row: ApiKeyRow) -> ApiKey:
    fields = {name: getattr(row, name) for name in _FIELDS}
    return ApiKey(**(fields | {"scope": Scope(row.scope)}))
