"""One unit's window shared by several processes, as a value: it is kept in a row that one process at a time changes.

A process looks at the row, tells what became of its requests, and takes tickets for its waiting callers. What it does
not get it leaves as a wish, and looks again when its turn can come.

**Whose turn.** Callers of a more urgent lane go first, whichever process they wait in. Within a lane there are rounds:
in each of them every process may send one request, and who begins to wait joins the next. A process leaves room for
what the others are to get before it if they said that they would look by now; no slot is kept for one that looks away.
Who does not come when it said it would is passed over, so a process that was killed holds up nobody.

**Tickets are given ahead of time**, for slots that are about to come free, so that no request waits for the database.

**Answers may be told late.** An answer's time counts, not the time at which it was told, so a slot is never free too
early. A slot in flight is not looked for before it can be free: an answer that came after the last look frees it a
whole window later, and is told within `lateness`.

**A process that dies** leaves tickets in flight. Each has a time by which StockX has seen its request at the latest;
one window after that the slot is free again. Times are seconds of the database's clock.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from solegate.client.policy.pacing import Memory, Pacer
from solegate.client.policy.window import Fate, Sent


@dataclass(frozen=True, slots=True)
class News:
    """What became of a ticket; `at` as in `Pacer.settle`."""

    ticket: int
    fate: Fate
    at: float
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Want:
    """The callers of one lane that wait in a process: how many slots each of them needs, in their order.

    `hold` is how long after its grant StockX can see a request at the latest.
    """

    lane: int
    weights: Sequence[int]
    hold: float


@dataclass(frozen=True, slots=True)
class Ticket:
    """Leave to send one request, from `sent.at` on."""

    number: int
    sent: Sent


@dataclass(frozen=True, slots=True)
class Turn:
    """What a look at the row gave: tickets, and when to look again for the callers that got none."""

    tickets: tuple[Ticket, ...]
    look_at: float


@dataclass(slots=True)
class Held:
    """A ticket in flight, and by when StockX has seen its request at the latest."""

    sent: Sent
    until: float


@dataclass(frozen=True, slots=True)
class Wish:
    """Callers of one lane of one process that still wait: how many, and how many slots each of them needs.

    The first of them belongs to the round `turn`, the others to those after it. `look_at` is when the process said that
    it would look again.
    """

    owner: int
    lane: int
    count: int
    weight: int
    turn: int
    look_at: float = 0.0


@dataclass(slots=True)
class SharedState:
    """What the row holds.

    Attributes:
        memory: the unit's pace.
        seen_at: when it was last changed.
        owners: processes so far; the next one's number.
        tickets: tickets so far; the next one's number.
        held: tickets in flight, by number.
        wishes: who waits for what.
        turns: the round that each lane is in.
    """

    memory: Memory
    seen_at: float = 0.0
    owners: int = 0
    tickets: int = 0
    held: dict[int, Held] = field(default_factory=dict)
    wishes: list[Wish] = field(default_factory=list)
    turns: dict[int, int] = field(default_factory=dict)

    def begin(self, now: float) -> None:
        """Bring it up to date: tickets of processes that died, wishes of processes that did not come back."""
        if now < self.seen_at:
            self._turn_back(self.seen_at - now)
        self.seen_at = now
        for number, each in list(self.held.items()):
            if each.until <= now:
                del self.held[number]
                self.memory.window.answered(each.until, each.sent.weight)
        lapsed = now - 5 * lateness(self.memory.window.period)
        self.wishes = [wish for wish in self.wishes if wish.look_at > lapsed]

    def new_owner(self) -> int:
        """A number for a process that looks for the first time."""
        self.owners += 1
        return self.owners

    def tell(self, news: News, pacer: Pacer) -> None:
        """Take note of what became of a ticket; one that is not in flight any more was counted already."""
        held = self.held.pop(news.ticket, None)
        if held is not None:
            pacer.settle(held.sent, news.fate, news.at, news.retry_after)

    def look(self, owner: int, wants: Sequence[Want], now: float, pacer: Pacer) -> Turn:
        """Give the owner as many tickets as it is its turn for, and keep the rest of its callers as wishes."""
        before = {wish.lane: wish.turn for wish in self.wishes if wish.owner == owner}
        self.wishes = [wish for wish in self.wishes if wish.owner != owner]
        tickets: list[Ticket] = []
        left: list[Wish] = []
        look_at = now
        for want in wants:
            turn = before.get(want.lane, self._next_turn(want.lane))
            for place, weight in enumerate(want.weights):
                mine = Wish(owner, want.lane, len(want.weights) - place, weight, turn + place)
                send_at = math.inf if left else self._turn_at(mine, now, pacer)
                if send_at == math.inf:
                    look_at = look_at if left else self._look_at(mine, now, pacer)
                    left.append(mine)
                    break
                tickets.append(self._grant(pacer, send_at, weight, want.hold))
                self.turns[want.lane] = max(mine.turn, self.turns.get(want.lane, 0))
        self.wishes += [replace(wish, look_at=look_at) for wish in left]
        return Turn(tuple(tickets), look_at)

    def ready_at(self, weight: int, lane: int, now: float, pacer: Pacer) -> float:
        """When a caller that asks now could send at the earliest, behind all who wait for their turn before it."""
        mine = Wish(self.owners + 1, lane, 1, weight, self._next_turn(lane))
        ready_at = pacer.ready_at(now, weight + self._ahead(mine, math.inf))
        return min(ready_at, max(self.memory.paused_until, now + self.memory.window.period))

    def _next_turn(self, lane: int) -> int:
        """The round that who begins to wait in a lane belongs to."""
        return self.turns.get(lane, 0) + 1

    def _turn_at(self, mine: Wish, now: float, pacer: Pacer) -> float:
        """When the first of these callers may send; infinity when that is not so soon that it is its turn now."""
        free_at = pacer.ready_at(now, mine.weight)
        by = max(free_at, now + self._moment)
        turn_at = pacer.ready_at(now, mine.weight + self._ahead(mine, by))
        return turn_at if turn_at <= self._horizon(now) else math.inf

    def _look_at(self, mine: Wish, now: float, pacer: Pacer) -> float:
        """When it can be the turn of the first of these callers, if the others do as they said.

        Unless everybody is paused, that is not long from now, for others may give up.
        """
        period = self.memory.window.period
        turn_at = pacer.ready_at(now, mine.weight + self._ahead(mine, math.inf))
        if turn_at == math.inf:  # only an answer can bring it: one that came since the last look will be told by then
            turn_at = now + period - lateness(period)
        free_at = pacer.ready_at(now, mine.weight)
        if free_at <= self._horizon(now):  # it is kept for others, who may not come for it
            return max(free_at, now) + self._moment
        return max(min(turn_at - lateness(period), now + _LONGEST_LOOK_AWAY), self.memory.paused_until)

    @property
    def _moment(self) -> float:
        """Seconds by which a process may be late without losing its turn to one that looks at the same time."""
        return 0.2 * lateness(self.memory.window.period)

    def _horizon(self, now: float) -> float:
        """Until when slots are given ahead; not across a pause, after which the rate may be another."""
        return now if self.memory.paused_until > now else now + lateness(self.memory.window.period)

    def _ahead(self, mine: Wish, by: float) -> int:
        """Slots for others before the first of these callers, if they look again by then."""
        ahead = 0
        for wish in self.wishes:
            if wish.look_at > by or wish.lane > mine.lane:
                continue
            rounds = mine.turn - wish.turn + (wish.owner < mine.owner) if wish.lane == mine.lane else wish.count
            ahead += max(0, min(wish.count, rounds)) * wish.weight
        return ahead

    def _grant(self, pacer: Pacer, send_at: float, weight: int, hold: float) -> Ticket:
        self.tickets += 1
        sent = pacer.take(send_at, weight)
        self.held[self.tickets] = Held(sent, send_at + hold)
        return Ticket(self.tickets, sent)

    def _turn_back(self, seconds: float) -> None:
        """The clock was set back: move everything with it, so that nothing is held longer than it should be."""
        memory = self.memory
        memory.window.answers = [(at - seconds, weight) for at, weight in memory.window.answers]
        memory.paused_until -= seconds
        memory.accepted = [at - seconds for at in memory.accepted]
        memory.refused = [at - seconds for at in memory.refused]
        memory.rate.since -= seconds
        for each in self.held.values():
            each.sent, each.until = each.sent._replace(at=each.sent.at - seconds), each.until - seconds
        self.wishes = [replace(each, look_at=each.look_at - seconds) for each in self.wishes]


_LONGEST_LOOK_AWAY = 5.0
"""Seconds after which a process that waits looks again in any case: others may have given up."""


def lateness(period: float) -> float:
    """Seconds within which an answer has to be told: a tenth of the window, during which nobody can use its slot."""
    return min(0.1 * period, 1.0)
