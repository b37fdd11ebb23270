"""A unit's window that every process of the account shares: it is kept in a row, changed by one process at a time.

The row is asked for tickets and told what became of them in one transaction. What is needed in between (when to ask
again, how long a pause lasts) is kept from the last time. Times in the row are the database's; here they are this
process's monotonic ones. Where the two meet, the error always makes an answer later and a turn no earlier.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol

from pydantic import TypeAdapter, ValidationError

from solegate.client.policy.pacing import Memory, Pacer, pacer_of
from solegate.client.policy.rate import LimitProfile
from solegate.client.policy.sharing import News, SharedState, Ticket, Turn, Want, lateness
from solegate.client.policy.window import SLOWING, AnswerHeldWindow, Fate, Sent, Slot
from solegate.clock import Clock
from solegate.domain.limits import Unit

ADMISSION = 5.0
"""Seconds within which a granted turn has to be used; a token may have to be fetched before the request leaves."""
_AGAIN = 1.0
"""Seconds after which a store that failed is told again."""
_TICK = 2e-6
"""The database's times are whole microseconds: an answer counts so much later, never too early."""
_DOCUMENT = TypeAdapter(SharedState)

Step = Callable[[str, datetime, float], str]
"""Changes a row: its document (empty at first), the database's time, and the monotonic time just before that was asked
for; returns the new document."""


class WindowStore(Protocol):
    """Keeps one document per account and unit. Implementation: `db.SqlWindowStore`."""

    async def change(self, account: str, unit: Unit, step: Step) -> None:
        """Let `step` change the document while nobody else does."""
        ...

    async def read(self, account: str, unit: Unit) -> tuple[str, datetime]:
        """The document, empty when there is none, and the database's time."""
        ...


@dataclass(frozen=True, slots=True)
class _Look:
    """A look at the row: what it holds now, our number in it, what we got.

    The row's clock is ahead of ours by `ahead` seconds at most and by `at_least` at least.
    """

    state: SharedState
    pacer: Pacer
    owner: int
    turn: Turn
    ahead: float
    at_least: float


class SharedWindow:
    """The window in the row, as this process knows it. See `windows.Window` for what it does."""

    def __init__(self, unit: Unit, profile: LimitProfile, clock: Clock, *, account: str, store: WindowStore) -> None:
        self._unit = unit
        self._profile = profile
        self._clock = clock
        self._account = account
        self._store = store
        self._owner = 0
        """Our number in the row; 0 before the first look."""
        self._state, self._pacer = self._opened("", 0.0)
        self._ahead = self._at_least = 0.0
        """How far the database's clock is ahead of our monotonic one, at most and at least."""
        self._tickets: list[Ticket] = []
        """In the order in which they may be used."""
        self._news: list[News] = []
        """What the row has not been told yet, in our own time."""
        self._tell_at = math.inf
        self._wished: int | None = None
        """The most urgent lane for which the row holds a wish of ours."""
        self._look_at = 0.0

    @property
    def paused_until(self) -> float:
        """See `Window.paused_until`."""
        return self._state.memory.paused_until - self._at_least

    @property
    def in_flight(self) -> int:
        """Slots in flight of all processes, as of the last look."""
        return self._state.memory.window.in_flight

    @property
    def draw_at(self) -> float:
        """See `Window.draw_at`: when the row has to be told what is new."""
        return self._tell_at

    @property
    def tickets(self) -> int:
        """See `Window.tickets`."""
        return len(self._tickets)

    def share(self, now: float) -> float:
        """See `Window.share`."""
        return self._pacer.share(now + self._ahead)

    def ready_at(self, now: float, lane: int, weight: int) -> float:
        """See `Window.ready_at`: as a ticket says; without one at once, unless the row knows a caller as urgent."""
        ticket = self._ticket(weight)
        if ticket is not None:
            return max(now, ticket.sent.at - self._at_least, self.paused_until)
        known = self._wished is not None and self._wished <= lane
        return max(self._look_at if known else now, self.paused_until)

    def must_draw(self, weight: int) -> bool:
        """See `Window.must_draw`."""
        return self._ticket(weight) is None

    async def draw(self, wants: Sequence[Want]) -> None:
        """See `Window.draw`: tell the row what is new, and look whether it is our turn. Needless tickets go back.

        Raises:
            DatabaseError: the row cannot be changed; it is told later.
        """
        wants = self._without_ticket(wants)
        told = len(self._news)
        looks: list[_Look] = []

        def look(document: str, at: datetime, asked: float) -> str:
            looks[:] = [self._look(document, at.timestamp(), asked, self._news[:told], wants)]
            return _DOCUMENT.dump_json(looks[0].state).decode()

        try:
            await self._store.change(self._account, self._unit, look)
        except BaseException:
            self._tell_at = self._clock.monotonic() + _AGAIN
            raise
        del self._news[:told]
        self._took(looks[0])

    def take(self, now: float, weight: int, day: date) -> Slot:
        """See `Window.take`."""
        ticket = self._ticket(weight)
        if ticket is None:
            raise LookupError("no ticket was drawn")
        self._tickets.remove(ticket)
        send_by = ticket.sent.at - self._ahead + ADMISSION
        return Slot(Sent(now, weight, ticket.sent.epoch), day, ticket.number, send_by)

    def settle(self, slot: Slot, fate: Fate, at: float, retry_after: float | None = None) -> None:
        """See `Window.settle`. Refusals count here and now, and are told to the others at once."""
        news = News(slot.ticket, fate, at, retry_after)
        self._news.append(news)
        self._note(news)

    async def expected_at(self, lane: int, weight: int) -> float:
        """See `Window.expected_at`: what the row says, whoever changed it last, and what we have not told it yet."""
        document, at = await self._store.read(self._account, self._unit)
        now, known = self._clock.monotonic(), at.timestamp()
        state, pacer = self._opened(document, known)
        state.begin(known)
        for each in self._news:
            state.tell(replace(each, at=each.at + known - now), pacer)
        return state.ready_at(weight, lane, known, pacer) + now - known

    async def aclose(self) -> None:
        """See `Window.aclose`."""
        self._without_ticket(())
        if self._news or self._wished is not None:
            await self.draw(())

    def _note(self, news: News) -> None:
        """Count what is new here and now, and choose when to tell it."""
        self._state.tell(replace(news, at=news.at + self._ahead), self._pacer)
        wait = 0.0 if news.fate in SLOWING else lateness(self._state.memory.window.period)
        self._tell_at = min(self._tell_at, self._clock.monotonic() + wait)

    def _ticket(self, weight: int) -> Ticket | None:
        return next((each for each in self._tickets if each.sent.weight == weight), None)

    def _without_ticket(self, wants: Sequence[Want]) -> list[Want]:
        """The callers for whom there is no ticket yet. Tickets for callers that have gone away go back."""
        spare, left = list(self._tickets), []
        for want in wants:
            weights = []
            for weight in want.weights:
                ticket = next((each for each in spare if each.sent.weight == weight), None)
                if ticket is None:
                    weights.append(weight)
                else:
                    spare.remove(ticket)
            if weights:
                left.append(replace(want, weights=weights))
        self._tickets = [each for each in self._tickets if each not in spare]
        self._news += [News(each.number, Fate.UNSENT, 0.0) for each in spare]
        return left

    def _look(self, document: str, now: float, asked: float, news: Sequence[News], wants: Sequence[Want]) -> _Look:
        """What the row becomes, and what that means for us."""
        at_least = now - self._clock.monotonic()
        state, pacer = self._opened(document, now)
        state.begin(now)
        for each in news:
            state.tell(replace(each, at=now + (each.at - asked) + _TICK), pacer)
        owner = self._owner or state.new_owner()
        return _Look(state, pacer, owner, state.look(owner, wants, now, pacer), now - asked, at_least)

    def _took(self, look: _Look) -> None:
        """The row was changed: remember how it stands."""
        self._state, self._pacer, self._owner = look.state, look.pacer, look.owner
        self._ahead, self._at_least = look.ahead, look.at_least
        self._tell_at = math.inf
        for each in self._news:  # it came while the row was being changed
            self._note(each)
        self._tickets += look.turn.tickets
        self._wished = min((wish.lane for wish in self._state.wishes if wish.owner == self._owner), default=None)
        self._look_at = look.turn.look_at - self._at_least

    def _opened(self, document: str, now: float) -> tuple[SharedState, Pacer]:
        """The row's value. One that cannot be read was written by another version: assume that it was all used up."""
        capacity, period = self._profile.window(self._unit) or (0, 1.0)
        unused = int(1000 * now)  # greater than any number in a row that is gone: its tickets may still be told of
        state = SharedState(Memory(AnswerHeldWindow(capacity, period)), owners=unused, tickets=unused)
        if document:
            try:
                state = _DOCUMENT.validate_json(document)
            except ValidationError:
                state.memory.window.answered(now, capacity)
                state.memory.window.in_flight = 0
        return state, pacer_of(self._unit, self._profile, state.memory)
