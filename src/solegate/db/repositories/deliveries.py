"""Deliveries: which event goes to which subscriber, and what became of it.

One row for each pair of event and subscriber, made in the transaction that records the event: what happened and who
is to be told stand together or not at all, and nobody is told twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from solegate.db.engine import insert_into
from solegate.db.tables import DeliveryRow, SubscriberRow
from solegate.domain.deliveries.values import Delivery, DeliveryFilter, DeliveryState, Happened, SubscriberState, wants

_ROWS_AT_ONCE = 50
"""Rows of one INSERT: neither database takes any number of parameters."""


class DeliveryRepository:
    """The deliveries of one account, inside the transaction of the given session."""

    def __init__(self, session: AsyncSession, account: str) -> None:
        self._session = session
        self._account = account

    async def enqueue(self, events: Sequence[Happened], now: datetime) -> tuple[str, ...]:
        """Have each event sent to every subscriber that wants it; paused ones get it when they go on.

        Args:
            events: recorded in this transaction.
            now: by the database's clock.

        Returns:
            The active subscribers that have something to be sent, for a task `deliver` each.
        """
        if not events:
            return ()
        open_ones = (SubscriberRow.account == self._account, SubscriberRow.state != SubscriberState.DISABLED.value)
        found = select(SubscriberRow.id, SubscriberRow.types, SubscriberRow.state).where(*open_ones)
        rows, touched = [], []
        for subscriber, types, state in await self._session.execute(found.order_by(SubscriberRow.id)):
            wanted = [event for event in events if wants(types, event.type)]
            rows += [_new_row(self._account, subscriber, event, now) for event in wanted]
            if wanted and state == SubscriberState.ACTIVE:
                touched.append(subscriber)
        for start in range(0, len(rows), _ROWS_AT_ONCE):
            new = insert_into(self._session, DeliveryRow).values(rows[start : start + _ROWS_AT_ONCE])
            await self._session.execute(new.on_conflict_do_nothing())
        return tuple(touched)

    async def due(self, subscriber: str, now: datetime, *, limit: int) -> tuple[Delivery, ...]:
        """What a subscriber is to be sent now, in the order in which it happened."""
        rows = select(DeliveryRow).where(*self._waiting(subscriber), DeliveryRow.due_at <= now)
        found = await self._session.scalars(rows.order_by(DeliveryRow.number, DeliveryRow.event_id).limit(limit))
        return tuple(delivery_of(row) for row in found)

    async def next_due(self, subscriber: str) -> datetime | None:
        """When the next delivery of a subscriber is due; `None` when nothing waits."""
        return await self._session.scalar(select(func.min(DeliveryRow.due_at)).where(*self._waiting(subscriber)))

    async def oldest_pending(self) -> datetime | None:
        """Since when the oldest delivery to an active subscriber waits; `None` when none does."""
        active = select(SubscriberRow.id).where(
            SubscriberRow.account == self._account, SubscriberRow.state == SubscriberState.ACTIVE.value
        )
        pending = (DeliveryRow.account == self._account, DeliveryRow.state == DeliveryState.PENDING.value)
        first = select(func.min(DeliveryRow.created_at)).where(*pending, DeliveryRow.subscriber_id.in_(active))
        return await self._session.scalar(first)

    async def record(self, delivery: Delivery, *, seen: int, now: datetime) -> bool:
        """Write down what came of an attempt.

        Args:
            delivery: as it is now.
            seen: the attempts it had before.
            now: by the database's clock.

        Returns:
            Whether it counted; `False` when somebody else has moved it on meanwhile.
        """
        changes = {
            "state": delivery.state.value,
            "attempts": delivery.attempts,
            "due_at": delivery.due_at,
            "tried_since": delivery.tried_since,
            "last_status": delivery.last_status,
            "last_error": delivery.last_error,
            "delivered_at": delivery.delivered_at,
            "updated_at": now,
        }
        mine = (*self._waiting(delivery.subscriber_id), DeliveryRow.event_id == delivery.event_id)
        change = update(DeliveryRow).where(*mine, DeliveryRow.attempts == seen).values(changes)
        return await self._session.scalar(change.returning(DeliveryRow.event_id)) is not None

    async def bring_forward(self, subscriber: str, now: datetime) -> None:
        """Its receiver is back: all that waits is due now."""
        later = (*self._waiting(subscriber), DeliveryRow.due_at > now)
        await self._session.execute(update(DeliveryRow).where(*later).values(due_at=now))

    async def skip(self, subscriber: str, reason: str, now: datetime) -> int:
        """Send nothing of what waits for a subscriber; returns how much that is."""
        changes = {"state": DeliveryState.SKIPPED.value, "due_at": None, "last_error": reason, "updated_at": now}
        skipped = update(DeliveryRow).where(*self._waiting(subscriber)).values(changes)
        return len((await self._session.scalars(skipped.returning(DeliveryRow.event_id))).all())

    async def again(self, subscriber: str, events: Sequence[Happened], now: datetime) -> None:
        """Send a subscriber these events from the beginning, whatever became of them before."""
        fresh = {
            "state": DeliveryState.PENDING.value,
            "attempts": 0,
            "due_at": now,
            "tried_since": None,
            "last_error": "",
            "delivered_at": None,
            "updated_at": now,
        }
        key = [DeliveryRow.account, DeliveryRow.subscriber_id, DeliveryRow.event_id]
        for start in range(0, len(events), _ROWS_AT_ONCE):
            part = [_new_row(self._account, subscriber, event, now) for event in events[start : start + _ROWS_AT_ONCE]]
            new = insert_into(self._session, DeliveryRow).values(part)
            await self._session.execute(new.on_conflict_do_update(index_elements=key, set_=fresh))

    async def get(self, subscriber: str, event_id: str) -> Delivery | None:
        """One of them; `None` if there is none."""
        mine = (DeliveryRow.account == self._account, DeliveryRow.subscriber_id == subscriber)
        row = await self._session.scalar(select(DeliveryRow).where(*mine, DeliveryRow.event_id == event_id))
        return None if row is None else delivery_of(row)

    async def page(self, wanted: DeliveryFilter, *, after: tuple[int, str] | None, limit: int) -> tuple[Delivery, ...]:
        """Deliveries, the newest event first, after that of this number and subscriber."""
        rows = select(DeliveryRow).where(DeliveryRow.account == self._account)
        for column, value in (
            (DeliveryRow.subscriber_id, wanted.subscriber_id),
            (DeliveryRow.event_id, wanted.event_id),
            (DeliveryRow.type, wanted.type),
        ):
            if value is not None:
                rows = rows.where(column == value)
        if wanted.states:
            rows = rows.where(DeliveryRow.state.in_([each.value for each in wanted.states]))
        if after is not None:
            number, subscriber = after
            same = and_(DeliveryRow.number == number, DeliveryRow.subscriber_id > subscriber)
            rows = rows.where(or_(DeliveryRow.number < number, same))
        ordered = rows.order_by(DeliveryRow.number.desc(), DeliveryRow.subscriber_id)
        return tuple(delivery_of(row) for row in await self._session.scalars(ordered.limit(limit)))

    def _waiting(self, subscriber: str) -> tuple[ColumnElement[bool], ...]:
        mine = (DeliveryRow.account == self._account, DeliveryRow.subscriber_id == subscriber)
        return (*mine, DeliveryRow.state == DeliveryState.PENDING.value)


def _new_row(account: str, subscriber: str, event: Happened, now: datetime) -> dict[str, object]:
    return {
        "account": account,
        "subscriber_id": subscriber,
        "event_id": event.id,
        "number": event.seq,
        "type": str(event.type),
        "state": DeliveryState.PENDING.value,
        "attempts": 0,
        "due_at": now,
        "last_error": "",
        "created_at": now,
        "updated_at": now,
    }


def delivery_of(row: DeliveryRow) -> Delivery:
    """A row as a value."""
    return Delivery(
        account=row.account,
        subscriber_id=row.subscriber_id,
        event_id=row.event_id,
        number=row.number,
        type=row.type,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        due_at=row.due_at,
        tried_since=row.tried_since,
        last_status=row.last_status,
        last_error=row.last_error,
        created_at=row.created_at,
        delivered_at=row.delivered_at,
    )
