"""Subscribers, their addresses and secrets encrypted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from solegate.db.secrets import SecretBox
from solegate.db.tables import DeliveryRow, SubscriberRow
from solegate.domain.deliveries.values import (
    DeliveryState,
    Subscriber,
    SubscriberKind,
    SubscriberState,
    shown_url,
)
from solegate.domain.rotation import Secret


class SubscriberRepository:
    """The subscribers of one account, inside the transaction of the given session."""

    def __init__(self, session: AsyncSession, account: str, box: SecretBox) -> None:
        self._session = session
        self._account = account
        self._box = box

    async def add(self, subscriber: Subscriber) -> None:
        """Keep a new one."""
        self._session.add(
            SubscriberRow(
                account=self._account,
                id=subscriber.id,
                name=subscriber.name,
                kind=subscriber.kind.value,
                url=self._box.seal(subscriber.url),
                shown_url=shown_url(subscriber.kind, subscriber.url),
                types=list(subscriber.types),
                secrets=self._box.seal_secrets(subscriber.secrets),
                state=subscriber.state.value,
                reason=subscriber.reason,
                failures=0,
                created_at=subscriber.created_at,
                updated_at=subscriber.updated_at,
            )
        )
        await self._session.flush()

    async def get(self, subscriber_id: str, *, held: bool = False) -> Subscriber | None:
        """One of them; `None` if there is none of that id. `held`: it stays so until the transaction ends."""
        mine = select(SubscriberRow).where(*self._key(subscriber_id))
        row = await self._session.scalar(mine.with_for_update() if held else mine)
        return None if row is None else self._subscriber(row)

    async def all(self) -> tuple[Subscriber, ...]:
        """Every one, in the order in which they came."""
        mine = select(SubscriberRow).where(SubscriberRow.account == self._account)
        rows = await self._session.scalars(mine.order_by(SubscriberRow.created_at, SubscriberRow.id))
        return tuple(self._subscriber(row) for row in rows)

    async def set_state(self, subscriber_id: str, state: SubscriberState, reason: str, now: datetime) -> None:
        """Send it something, or nothing; what went wrong before counts no longer."""
        fresh = {"failures": 0, "failing_since": None, "rests_until": None}
        await self._change(subscriber_id, {"state": state.value, "reason": reason, "updated_at": now, **fresh})

    async def set_secrets(self, subscriber_id: str, secrets: Iterable[Secret], now: datetime) -> None:
        """Sign with these from now on."""
        await self._change(subscriber_id, {"secrets": self._box.seal_secrets(secrets), "updated_at": now})

    async def note_taken(self, subscriber_id: str) -> None:
        """Its receiver took something."""
        await self._change(subscriber_id, {"failures": 0, "failing_since": None, "rests_until": None})

    async def note_failure(self, subscriber_id: str, now: datetime, *, rest: timedelta | None) -> None:
        """An attempt failed; where its receiver seems to be away it is left alone for a while, and it counts."""
        changes: dict[str, Any] = {"failing_since": func.coalesce(SubscriberRow.failing_since, now)}
        if rest is not None:
            changes |= {"failures": SubscriberRow.failures + 1, "rests_until": now + rest}
        await self._change(subscriber_id, changes)

    async def remove(self, subscriber_id: str) -> bool:
        """Forget it and its deliveries; returns whether there was one."""
        gone = delete(SubscriberRow).where(*self._key(subscriber_id)).returning(SubscriberRow.id)
        found = await self._session.scalar(gone) is not None
        theirs = (DeliveryRow.account == self._account, DeliveryRow.subscriber_id == subscriber_id)
        await self._session.execute(delete(DeliveryRow).where(*theirs))
        return found

    async def counts(self, subscriber_id: str | None = None) -> Mapping[str, Mapping[DeliveryState, int]]:
        """How many deliveries each, or one, has in each state."""
        columns = (DeliveryRow.subscriber_id, DeliveryRow.state)
        counted = select(*columns, func.count()).where(DeliveryRow.account == self._account)
        if subscriber_id is not None:
            counted = counted.where(DeliveryRow.subscriber_id == subscriber_id)
        found: dict[str, dict[DeliveryState, int]] = {}
        for of, state, number in await self._session.execute(counted.group_by(*columns)):
            found.setdefault(of, {})[DeliveryState(state)] = number
        return found

    async def _change(self, subscriber_id: str, changes: Mapping[str, Any]) -> None:
        await self._session.execute(update(SubscriberRow).where(*self._key(subscriber_id)).values(changes))

    def _key(self, subscriber_id: str) -> tuple[Any, ...]:
        return SubscriberRow.account == self._account, SubscriberRow.id == subscriber_id

    def _subscriber(self, row: SubscriberRow) -> Subscriber:
        return Subscriber(
            account=row.account,
            id=row.id,
            name=row.name,
            kind=SubscriberKind(row.kind),
            url=self._box.open(row.url),
            types=tuple(row.types),
            secrets=self._box.open_secrets(row.secrets),
            state=SubscriberState(row.state),
            reason=row.reason,
            failures=row.failures,
            failing_since=row.failing_since,
            rests_until=row.rests_until,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
