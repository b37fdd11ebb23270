"""What happened to an account: written once, numbered without gaps, read in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Select, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from solegate.db.engine import insert_into
from solegate.db.tables import EventCounterRow, EventRow
from solegate.domain.events.values import Event, EventType

_IDS_PER_QUERY = 500
_ROWS_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Which events are wanted; what is empty does not matter.

    Attributes:
        types: one of these.
        subject: about this.
        since: recorded at this moment or later.
    """

    types: tuple[EventType, ...] = ()
    subject: str | None = None
    since: datetime | None = None


class EventRepository:
    """The events of one account, inside the transaction of the given session."""

    def __init__(self, session: AsyncSession, account: str) -> None:
        self._session = session
        self._account = account

    async def add(self, events: Sequence[Event], now: datetime) -> tuple[Event, ...]:
        """Write down those that nobody has written down yet; returns them with their numbers.

        Others who record events of the account wait until this transaction ends. So numbers are given in the order of
        the commits: a reader who has seen number 7 misses no 6 that is committed later.
        """
        wanted = {each.id: each for each in events}
        if not wanted:
            return ()
        last = await self._lock()
        known = await self._known(list(wanted))
        new = [each for each in wanted.values() if each.id not in known]
        numbered = tuple(replace(each, seq=last + place, recorded_at=now) for place, each in enumerate(new, start=1))
        for start in range(0, len(numbered), _ROWS_AT_ONCE):
            rows = [_values(each) for each in numbered[start : start + _ROWS_AT_ONCE]]
            await self._session.execute(insert_into(self._session, EventRow).values(rows))
        if numbered:
            counter = update(EventCounterRow).where(EventCounterRow.account == self._account)
            await self._session.execute(counter.values(last_seq=numbered[-1].seq))
        return numbered

    async def get(self, event_id: str) -> Event | None:
        """One event; `None` if there is none."""
        row = await self._session.scalar(self._rows().where(EventRow.id == event_id))
        return None if row is None else event_of(row)

    async def of_ids(self, ids: Sequence[str]) -> Mapping[str, Event]:
        """Those of these events that are kept."""
        found = await self._session.scalars(self._rows().where(EventRow.id.in_(ids)))
        return {row.id: event_of(row) for row in found}

    async def after(self, seq: int, wanted: EventFilter, *, limit: int) -> tuple[Event, ...]:
        """Events after that number, the oldest first."""
        rows = _matching(self._rows(), wanted).where(EventRow.seq > seq).order_by(EventRow.seq).limit(limit)
        return tuple(event_of(row) for row in await self._session.scalars(rows))

    async def before(self, seq: int | None, wanted: EventFilter, *, limit: int) -> tuple[Event, ...]:
        """Events before that number, the newest first; all of them without one."""
        rows = _matching(self._rows(), wanted)
        if seq is not None:
            rows = rows.where(EventRow.seq < seq)
        return tuple(
            event_of(row) for row in await self._session.scalars(rows.order_by(EventRow.seq.desc()).limit(limit))
        )

    async def newest(self, types: Sequence[EventType]) -> Event | None:
        """The newest event of these types; `None` if there is none."""
        found = await self.before(None, EventFilter(types=tuple(types)), limit=1)
        return found[0] if found else None

    async def last_seq(self) -> int:
        """The number of the newest event; 0 before the first."""
        found = select(EventCounterRow.last_seq).where(EventCounterRow.account == self._account)
        return await self._session.scalar(found) or 0

    async def forget(self, before: datetime, *, limit: int) -> int:
        """Remove events that were recorded before a moment; returns how many."""
        old = select(EventRow.seq).where(EventRow.account == self._account, EventRow.recorded_at < before)
        gone = delete(EventRow).where(
            EventRow.account == self._account, EventRow.seq.in_(old.order_by(EventRow.seq).limit(limit))
        )
        return len((await self._session.scalars(gone.returning(EventRow.seq))).all())

    async def _lock(self) -> int:
        """The last number given, locked until the transaction ends."""
        first = insert_into(self._session, EventCounterRow).values(account=self._account, last_seq=0)
        await self._session.execute(first.on_conflict_do_nothing())
        counter = select(EventCounterRow.last_seq).where(EventCounterRow.account == self._account)
        return (await self._session.scalars(counter.with_for_update())).one()

    async def _known(self, ids: list[str]) -> set[str]:
        found: set[str] = set()
        for start in range(0, len(ids), _IDS_PER_QUERY):
            part = EventRow.id.in_(ids[start : start + _IDS_PER_QUERY])
            rows = select(EventRow.id).where(EventRow.account == self._account, part)
            found.update(await self._session.scalars(rows))
        return found

    def _rows(self) -> Select[EventRow]:
        return select(EventRow).where(EventRow.account == self._account)


def _matching(rows: Select[EventRow], wanted: EventFilter) -> Select[EventRow]:
    if wanted.types:
        rows = rows.where(EventRow.type.in_([each.value for each in wanted.types]))
    if wanted.subject is not None:
        rows = rows.where(EventRow.subject == wanted.subject)
    if wanted.since is not None:
        rows = rows.where(EventRow.recorded_at >= wanted.since)
    return rows


def _values(event: Event) -> dict[str, object]:
    return {
        "account": event.account,
        "seq": event.seq,
        "id": event.id,
        "type": event.type.value,
        "subject": event.subject,
        "occurred_at": event.occurred_at,
        "recorded_at": event.recorded_at,
        "data": dict(event.data),
    }


def event_of(row: EventRow) -> Event:
    """A row as a value."""
    return Event(
        account=row.account,
        id=row.id,
        type=EventType(row.type),
        subject=row.subject,
        occurred_at=row.occurred_at,
        data=row.data,
        seq=row.seq,
        recorded_at=row.recorded_at,
    )
