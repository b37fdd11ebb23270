"""Guard rails and the kill switch, held against every write (design 4.6).

`before_plan` is asked in the transaction that writes an intent down, `before_send` in the one that marks it as sent.
Both refuse by an error, which rolls that transaction back: what is refused leaves nothing behind and sends nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time

from solegate.db import Database, Session
from solegate.db.repositories.audit import AuditRepository
from solegate.db.repositories.guard import GuardRepository
from solegate.domain.audit import AuditEntry
from solegate.domain.guard_rails import DayUse, GuardRails, Reason, Wanted
from solegate.domain.stops import Stop
from solegate.errors import GuardRailError, InvalidInputError, WritesStoppedError

LONGEST_REASON = 500
"""Characters of the reason for a stop."""


@dataclass(frozen=True, slots=True)
class GuardStatus:
    """How the guard of an account stands.

    Attributes:
        rails: what writes are held against.
        used: what the day has used (UTC).
        stop: the stop in force; `None` while writes go on.
        in_flight: writes that were sent and are not settled; a stop does not call them back.
    """

    rails: GuardRails
    used: DayUse
    stop: Stop | None
    in_flight: int


class WriteGuard:
    """Guards the writes of one account, in every process that uses the same database."""

    def __init__(self, database: Database, *, account: str, rails: GuardRails) -> None:
        self.database = database
        self.account = account
        self.rails = rails

    async def before_plan(self, session: Session, *wanted: Wanted) -> None:
        """Let writes be planned, or refuse all of them. Ask it first in the transaction, before rows are locked.

        Raises:
            WritesStoppedError: every write of the account is stopped.
            GuardRailError: one of them breaks a rail; it names every rail broken.
        """
        await self._refuse_when_stopped(session)
        refuse(reason for reasons in await self.reasons(session, wanted) for reason in reasons)

    async def before_send(self, session: Session, *wanted: Wanted) -> None:
        """Let writes be sent, or refuse all of them: the switch or the bounds may have changed since the plan.

        The day is not looked at again, it was counted when they were planned.

        Raises:
            WritesStoppedError: every write of the account is stopped.
            GuardRailError: one of them breaks a rail.
        """
        await self._refuse_when_stopped(session)
        refuse(reason for reasons in self.rails.check_all(wanted) for reason in reasons)

    async def reasons(
        self, session: Session, wanted: Sequence[Wanted], *, already: DayUse | None = None
    ) -> tuple[tuple[Reason, ...], ...]:
        """The rails that each of these writes breaks, those before it counted; none: it may be planned.

        Args:
            session: whose transaction the day's count belongs to: with a daily rail nobody else plans until it ends.
            wanted: the writes, in their order.
            already: the day's use before them; counted from the ledger unless given.
        """
        if already is None and self.rails.has_daily:
            already = await self._used(session, locked=True)
        return self.rails.check_all(wanted, already)

    async def status(self) -> GuardStatus:
        """How it stands now."""
        async with self.database.reading() as session:
            guard = GuardRepository(session)
            return GuardStatus(
                rails=self.rails,
                used=await self._used(session),
                stop=await guard.stop(self.account),
                in_flight=await guard.in_flight(self.account),
            )

    async def stop(self, *, actor: str, reason: str = "") -> Stop:
        """Stop every write of the account, at once and in every process. A stop in force stays as it is.

        Returns:
            The stop in force. From now on nothing is marked as sent; `status` tells how much already was.

        Raises:
            InvalidInputError: the reason is too long, or no line of text.
        """
        if len(reason) > LONGEST_REASON:
            raise InvalidInputError(f"A reason has at most {LONGEST_REASON} characters; this one has {len(reason)}.")
        if not reason.isprintable():
            raise InvalidInputError("A reason is one line of text; this one has characters that are none.")
        async with self.database.transaction() as session:
            guard = GuardRepository(session)
            now = await self.database.now(session)
            stop, is_new = await guard.put(Stop(self.account, now, actor, reason))
            if is_new:
                await self._note(session, now, "stopped", actor, reason)
            return stop

    async def go(self, *, actor: str, reason: str = "") -> bool:
        """Let writes go on.

        Returns:
            Whether they were stopped.
        """
        async with self.database.transaction() as session:
            was_stopped = await GuardRepository(session).remove(self.account)
            if was_stopped:
                await self._note(session, await self.database.now(session), "went on", actor, reason)
        return was_stopped

    async def _refuse_when_stopped(self, session: Session) -> None:
        stop = await GuardRepository(session).stop_in_force(self.account)
        if stop is not None:
            why = f": {stop.reason}" if stop.reason else "."
            raise WritesStoppedError(
                f"Every write of account '{self.account}' is stopped since {stop.at:%Y-%m-%d %H:%M} UTC "
                f"by {stop.actor}{why}"
            )

    async def _used(self, session: Session, *, locked: bool = False) -> DayUse:
        today = (await self.database.now(session)).astimezone(UTC).date()
        midnight = datetime.combine(today, time(), UTC)
        return await GuardRepository(session).use_since(self.account, midnight, locked=locked)

    async def _note(self, session: Session, at: datetime, result: str, actor: str, reason: str) -> None:
        entry = AuditEntry(at=at, account=self.account, actor=actor, what="writes", why=reason, result=result)
        await AuditRepository(session).add([entry])


def refuse(reasons: Iterable[Reason]) -> None:
    """Raise what reasons there are.

    Raises:
        GuardRailError: there are some.
    """
    found = tuple(dict.fromkeys(reasons))
    if found:
        raise GuardRailError(" ".join(each.message for each in found), hint=_hint(found))


def _hint(reasons: tuple[Reason, ...]) -> str:
    return " ".join(("Nothing was sent.", *dict.fromkeys(each.hint for each in reasons)))
