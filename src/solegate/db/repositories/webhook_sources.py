"""Sources of webhooks, their secrets encrypted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from solegate.db.engine import insert_into
from solegate.db.secrets import SecretBox
from solegate.db.tables import WebhookSourceRow
from solegate.domain.rotation import Secret
from solegate.domain.webhooks.values import Source, SourceKind


class WebhookSourceRepository:
    """The sources of every account, inside the transaction of the given session. A name is unique among all."""

    def __init__(self, session: AsyncSession, box: SecretBox) -> None:
        self._session = session
        self._box = box

    async def add(self, source: Source) -> bool:
        """Keep a new one; returns whether its name was free."""
        new = insert_into(self._session, WebhookSourceRow).values(
            name=source.name,
            account=source.account,
            kind=source.kind.value,
            options=dict(source.options),
            secrets=self._box.seal_secrets(source.secrets),
            created_at=source.created_at,
            updated_at=source.updated_at,
        )
        added = await self._session.scalar(new.on_conflict_do_nothing().returning(WebhookSourceRow.name))
        return added is not None

    async def find(self, name: str, *, held: bool = False) -> Source | None:
        """One of them; `None` if there is none of that name. `held`: it stays so until the transaction ends."""
        query = select(WebhookSourceRow).where(WebhookSourceRow.name == name)
        row = await self._session.scalar(query.with_for_update() if held else query)
        return None if row is None else self._source(row)

    async def all(self, account: str) -> tuple[Source, ...]:
        """Those of an account, by name."""
        query = select(WebhookSourceRow).where(WebhookSourceRow.account == account).order_by(WebhookSourceRow.name)
        return tuple(self._source(row) for row in await self._session.scalars(query))

    async def set_secrets(self, name: str, secrets: Iterable[Secret], now: datetime) -> None:
        """Believe these from now on."""
        changes = {"secrets": self._box.seal_secrets(secrets), "updated_at": now}
        await self._session.execute(update(WebhookSourceRow).where(WebhookSourceRow.name == name).values(changes))

    async def remove(self, name: str) -> None:
        """Forget it."""
        await self._session.execute(delete(WebhookSourceRow).where(WebhookSourceRow.name == name))

    def _source(self, row: WebhookSourceRow) -> Source:
        return Source(
            name=row.name,
            account=row.account,
            kind=SourceKind(row.kind),
            options=row.options,
            secrets=self._box.open_secrets(row.secrets),
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
