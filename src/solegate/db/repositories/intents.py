"""The intent ledger: intents are added once, then moved step by step, each step with its line in the audit trail.

A move is made only if the intent is still where the mover saw it. What may not be at the same time is held by unique
indexes, so that no two processes can both be right: two plans for one unit, two writes of one unit in flight, two
creates for one pair, two single creates of one size of which no listing id is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from solegate.db.engine import insert_into
from solegate.db.repositories.audit import AuditRepository
from solegate.db.repositories.intent_reads import IntentReads, intent_of, values_of
from solegate.db.tables import IntentRow
from solegate.domain.audit import AuditEntry
from solegate.domain.intents import Action, Intent, IntentState, Move, frees_its_unit
from solegate.errors import AlreadyListedError, SolegateError, UnitBusyError


class IntentRepository(IntentReads):
    """The intents of every account. Every method works in the caller's transaction."""

    async def add(self, session: AsyncSession, intent: Intent) -> Intent:
        """Write an intent down; `created_at` and `updated_at` are set to the database's time.

        Returns:
            The intent as stored; an older one if the caller's key was used before.

        Raises:
            AlreadyListedError: another create holds the pair.
            UnitBusyError: another write on the unit is planned.
        """
        now = await self._database.now(session)
        intent = replace(intent, created_at=now, updated_at=now)
        insert = insert_into(session, IntentRow).values(values_of(intent)).on_conflict_do_nothing()
        if await session.scalar(insert.returning(IntentRow.id)) is None:
            return await self._standing_in_the_way(session, intent)
        await AuditRepository(session).add([_entry(intent, now, "planned", intent.cause, evidence=_wanted(intent))])
        return intent

    async def move(
        self,
        session: AsyncSession,
        intent_id: str,
        new: IntentState,
        expected: IntentState,
        changes: Mapping[str, object] | None = None,
        *,
        why: str = "",
        evidence: Mapping[str, object] | None = None,
        looks: int | None = None,
        actor: str = "",
    ) -> Intent:
        """Move one intent; see `move_all` and `Move`."""
        move = Move(
            intent_id=intent_id,
            expected=expected,
            new=new,
            changes=changes or {},
            looks=looks,
            why=why,
            evidence=evidence or {},
            actor=actor,
        )
        return (await self.move_all(session, [move]))[0]

    async def move_all(self, session: AsyncSession, moves: Sequence[Move]) -> tuple[Intent, ...]:
        """Move intents together, each with its line in the audit trail: all of them or none.

        A create that came to nothing and left no listing gives its pair free.

        Raises:
            UnitBusyError: one of them is no longer where the mover saw it; or another write on its unit, or another
                single create of its size, is in the way.
        """
        now = await self._database.now(session)
        stored = {intent.id: intent for intent in await self.locked(session, [move.intent_id for move in moves])}
        moved = [_moved(stored.get(move.intent_id), move, now) for move in moves]
        if not moved:
            return ()
        try:
            async with session.begin_nested():
                await session.execute(update(IntentRow), [values_of(intent) for intent in moved])
        except IntegrityError:
            raise UnitBusyError("Another write on the same unit is under way.") from None
        await AuditRepository(session).add(
            [
                _entry(
                    intent,
                    now,
                    intent.state if move.new is not move.expected else "noted",
                    move.why,
                    evidence=move.evidence,
                    actor=move.actor,
                )
                for intent, move in zip(moved, moves, strict=True)
            ]
        )
        return tuple(moved)

    async def release(self, session: AsyncSession, account: str, listing_id: str, why: str) -> Intent | None:
        """Give the pair of a listing free, because the listing is gone or sold; nothing happens where none is held."""
        row = await session.scalar(
            select(IntentRow)
            .where(
                IntentRow.account == account,
                IntentRow.listing_id == listing_id,
                IntentRow.action == Action.CREATE,
                IntentRow.released_at.is_(None),
            )
            .with_for_update()
        )
        if row is None:
            return None
        now = await self._database.now(session)
        intent = replace(intent_of(row), released_at=now, updated_at=now)
        await session.execute(update(IntentRow), [values_of(intent)])
        await AuditRepository(session).add([_entry(intent, now, "released", why)])
        return intent

    async def _standing_in_the_way(self, session: AsyncSession, intent: Intent) -> Intent:
        """What kept an intent from being added: an equal one is as good, any other is an error."""
        if intent.caller_key is not None:
            same = await self.by_caller_key(session, intent.account, intent.caller_key)
            if same is not None:
                return same
        holder = await self.holder_of_unit(session, intent.account, intent.unit)
        if intent.action is Action.CREATE and holder is not None:
            raise _already_listed(holder)
        raise UnitBusyError(f"Another write on {intent.unit} is planned.")


def _already_listed(holder: Intent) -> SolegateError:
    listing = f"listing {holder.listing_id}" if holder.listing_id else f"intent {holder.id}, {holder.state}"
    return AlreadyListedError(f"The pair '{holder.unit}' is already listed ({listing}).")


def _moved(intent: Intent | None, move: Move, now: datetime) -> Intent:
    if intent is None:
        raise UnitBusyError(f"There is no intent {move.intent_id}.")
    if intent.state is not move.expected or (move.looks is not None and intent.looks != move.looks):
        raise UnitBusyError(f"Intent {intent.id} is {intent.state}, no longer {move.expected}.")
    changed = replace(intent, **move.changes, state=move.new, updated_at=now)  # type: ignore[arg-type]
    return replace(changed, released_at=now) if frees_its_unit(changed) else changed


def _wanted(intent: Intent) -> dict[str, object]:
    """What an intent asks for, as evidence."""
    shown = {
        "action": intent.action.value,
        "variant": intent.variant_id or None,
        "price": str(intent.price) if intent.price else None,
        "expires": intent.expires_at.isoformat() if intent.expires_at else None,
        "version": intent.version,
    }
    return {name: value for name, value in shown.items() if value is not None}


def _entry(
    intent: Intent, at: datetime, what: str, why: str, *, evidence: Mapping[str, object] | None = None, actor: str = ""
) -> AuditEntry:
    return AuditEntry(
        at=at,
        account=intent.account,
        intent_id=intent.id,
        listing_id=intent.listing_id,
        job_id=intent.job_id,
        actor=actor or intent.actor,
        what=str(what),
        why=why,
        evidence=dict(evidence or {}),
        result=intent.state.value,
    )
