"""The inbox: every webhook that was believed, once, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from solegate.db.engine import insert_into
from solegate.db.tables import InboxRow
from solegate.domain.webhooks.values import Entry, EntryFilter, EntryState, Message, SourceKind, Verdict

_ROWS_AT_ONCE = 50
"""Rows that one query looks up: neither database takes any number of parameters."""

Known = tuple[str, str, str]
"""By what a webhook is known: account, source and identity."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A webhook that is believed and not yet kept."""

    account: str
    source: str
    kind: SourceKind
    message: Message
    body: bytes = field(repr=False)

    @property
    def known_by(self) -> Known:
        """By what it is known."""
        return self.account, self.source, self.message.identity


async def keep(session: AsyncSession, arrivals: Sequence[Arrival], now: datetime) -> frozenset[Known]:
    """Keep those that are not there yet, of whatever account; returns which ones were not.

    Of several that are known by the same the first one is kept. They are written in one order by everybody, lest two
    processes wait for each other.
    """
    first: dict[Known, Arrival] = {}
    for each in arrivals:
        first.setdefault(each.known_by, each)
    ordered = [first[known] for known in sorted(first)]
    new = insert_into(session, InboxRow).on_conflict_do_nothing()
    columns = (InboxRow.account, InboxRow.source, InboxRow.identity)
    rows = await session.execute(new.returning(*columns), [_values(each, now) for each in ordered])
    kept = {(row[0], row[1], row[2]) for row in rows}
    return frozenset(kept)


async def digests(session: AsyncSession, wanted: Iterable[Known]) -> Mapping[Known, str]:
    """The digests of what is kept already."""
    columns = (InboxRow.account, InboxRow.source, InboxRow.identity)
    rows = list(wanted)
    found: dict[Known, str] = {}
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        part = tuple_(*columns).in_(rows[start : start + _ROWS_AT_ONCE])
        for account, source, identity, digest in await session.execute(select(*columns, InboxRow.digest).where(part)):
            found[account, source, identity] = digest
    return found


class InboxRepository:
    """The inbox of one account, inside the transaction of the given session."""

    def __init__(self, session: AsyncSession, account: str) -> None:
        self._session = session
        self._account = account

    async def due(self, now: datetime, *, limit: int) -> tuple[int, ...]:
        """What is to be looked at now, in the order of arrival."""
        query = select(InboxRow.id).where(*self._waiting(), InboxRow.due_at <= now)
        return tuple(await self._session.scalars(query.order_by(InboxRow.id).limit(limit)))

    async def next_due(self) -> datetime | None:
        """When the next entry is due; `None` when nothing waits."""
        return await self._session.scalar(select(func.min(InboxRow.due_at)).where(*self._waiting()))

    async def hold(self, entry_id: int) -> Entry | None:
        """An entry that waits, which stays as it is until the transaction ends; `None` if it waits no more."""
        query = select(InboxRow).where(*self._waiting(), InboxRow.id == entry_id)
        row = await self._session.scalar(query.with_for_update())
        return None if row is None else entry_of(row)

    async def settle(self, entry_id: int, verdict: Verdict, now: datetime) -> None:
        """Write down what became of an entry."""
        changes = {"state": verdict.state.value, "reason": verdict.reason, "due_at": None, "processed_at": now}
        await self._change(entry_id, changes | {"attempts": InboxRow.attempts + 1})

    async def note_failure(self, entry_id: int, reason: str, now: datetime, *, again: datetime | None) -> None:
        """An attempt failed; it is tried again then, or never."""
        if again is None:
            await self.settle(entry_id, Verdict(EntryState.DEAD, reason), now)
        else:
            await self._change(entry_id, {"reason": reason, "due_at": again, "attempts": InboxRow.attempts + 1})

    async def again(self, entry_id: int, now: datetime) -> None:
        """Have an entry looked at as if it had just come, whatever became of it."""
        fresh = {"state": EntryState.RECEIVED.value, "attempts": 0, "due_at": now, "reason": "", "processed_at": None}
        await self._change(entry_id, fresh)

    async def get(self, entry_id: int) -> Entry | None:
        """One of them; `None` if there is none."""
        row = await self._session.scalar(self._rows().where(InboxRow.id == entry_id))
        return None if row is None else entry_of(row)

    async def page(self, wanted: EntryFilter, *, before: int | None, limit: int) -> tuple[Entry, ...]:
        """Entries, the newest first, before that number; all of them without one."""
        rows = _matching(self._rows(), wanted)
        if before is not None:
            rows = rows.where(InboxRow.id < before)
        return tuple(map(entry_of, await self._session.scalars(rows.order_by(InboxRow.id.desc()).limit(limit))))

    async def after(self, entry_id: int, wanted: EntryFilter, *, limit: int) -> tuple[Entry, ...]:
        """Entries after that number, the oldest first."""
        rows = _matching(self._rows(), wanted).where(InboxRow.id > entry_id).order_by(InboxRow.id).limit(limit)
        return tuple(map(entry_of, await self._session.scalars(rows)))

    async def counts(self) -> Mapping[EntryState, int]:
        """How many are at what."""
        query = select(InboxRow.state, func.count()).where(InboxRow.account == self._account)
        return {
            EntryState(state): count for state, count in await self._session.execute(query.group_by(InboxRow.state))
        }

    async def _change(self, entry_id: int, changes: Mapping[str, Any]) -> None:
        mine = (InboxRow.account == self._account, InboxRow.id == entry_id)
        await self._session.execute(update(InboxRow).where(*mine).values(changes))

    def _waiting(self) -> tuple[ColumnElement[bool], ...]:
        return InboxRow.account == self._account, InboxRow.state == EntryState.RECEIVED.value

    def _rows(self) -> Select[InboxRow]:
        return select(InboxRow).where(InboxRow.account == self._account)


def _matching(rows: Select[InboxRow], wanted: EntryFilter) -> Select[InboxRow]:
    if wanted.source is not None:
        rows = rows.where(InboxRow.source == wanted.source)
    if wanted.event_type is not None:
        rows = rows.where(InboxRow.event_type == wanted.event_type)
    if wanted.states:
        rows = rows.where(InboxRow.state.in_([each.value for each in wanted.states]))
    return rows


def _values(arrival: Arrival, now: datetime) -> dict[str, object]:
    message = arrival.message
    return {
        "account": arrival.account,
        "source": arrival.source,
        "kind": arrival.kind.value,
        "identity": message.identity,
        "digest": message.digest,
        "event_type": message.event_type,
        "subject": message.subject,
        "occurred_at": message.occurred_at,
        "received_at": now,
        "body": arrival.body,
        "state": EntryState.RECEIVED.value,
        "attempts": 0,
        "due_at": now,
        "reason": "",
    }


def entry_of(row: InboxRow) -> Entry:
    """A row as a value."""
    return Entry(
        id=row.id,
        account=row.account,
        source=row.source,
        kind=SourceKind(row.kind),
        message=Message(
            identity=row.identity,
            digest=row.digest,
            event_type=row.event_type,
            subject=row.subject,
            occurred_at=row.occurred_at,
        ),
        received_at=row.received_at,
        body=row.body,
        state=EntryState(row.state),
        attempts=row.attempts,
        due_at=row.due_at,
        reason=row.reason,
        processed_at=row.processed_at,
    )
