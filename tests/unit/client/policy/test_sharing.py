"""One window shared by processes that look, tell late, and die: the row's value, without a database (design 4.2)."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solegate.client.policy.pacing import Memory, Pacer, pacer_of
from solegate.client.policy.rate import ItemLimit, LimitProfile
from solegate.client.policy.sharing import News, SharedState, Turn, Want, lateness
from solegate.client.policy.window import AnswerHeldWindow, Fate
from solegate.domain.limits import Unit

ORDERS, WRITES, BACKGROUND = 0, 1, 3
HOLD = 40.0
PROFILE = LimitProfile("any", capacity=2, items=ItemLimit(500, 300.0))


@dataclass
class Row:
    """The row, its pacer, and the moves of a process at it."""

    profile: LimitProfile = PROFILE
    unit: Unit = Unit.REQUESTS
    state: SharedState = field(init=False)
    pacer: Pacer = field(init=False)

    def __post_init__(self) -> None:
        capacity, period = self.profile.window(self.unit) or (0, 1.0)
        self.state = SharedState(Memory(AnswerHeldWindow(capacity, period)))
        self.pacer = pacer_of(self.unit, self.profile, self.state.memory)

    def look(self, owner: int, now: float, *wants: int | tuple[int, list[int]]) -> Turn:
        """Want so many requests in the writes lane, or these weights in that lane."""
        self.state.begin(now)
        lanes = [(WRITES, [1] * want) if isinstance(want, int) else want for want in wants]
        return self.state.look(owner, [Want(lane, weights, HOLD) for lane, weights in lanes], now, self.pacer)

    def tell(self, number: int, now: float, fate: Fate = Fate.ANSWERED, *, at: float | None = None) -> None:
        self.state.begin(now)
        self.state.tell(News(number, fate, now if at is None else at), self.pacer)

    def got(self, owner: int, now: float, *wants: int | tuple[int, list[int]]) -> int:
        return len(self.look(owner, now, *wants).tickets)

    def times(self, owner: int, now: float, *wants: int | tuple[int, list[int]]) -> list[float]:
        """From when on the tickets may be used."""
        return [ticket.sent.at for ticket in self.look(owner, now, *wants).tickets]


def full(capacity: int = 2) -> Row:
    """A row whose slots were all answered at 0, so that they come free at 1."""
    row = Row(LimitProfile("any", capacity))
    for ticket in row.look(99, 0.0, capacity).tickets:
        row.tell(ticket.number, 0.0)
    return row


class TestTickets:
    def test_are_given_while_there_are_slots(self) -> None:
        row = Row()
        assert (row.got(1, 0.0, 1), row.got(2, 0.0, 2), row.got(3, 0.0, 1)) == (1, 1, 0)

    def test_come_free_one_window_after_the_answer_however_late_it_is_told(self) -> None:
        row = Row(LimitProfile("one", 1))
        (ticket,) = row.look(1, 0.0, 1).tickets
        row.tell(ticket.number, 0.9, at=0.2)
        assert (row.times(2, 1.09, 1), row.times(2, 1.15, 1)) == ([], [1.2])

    @pytest.mark.parametrize("fate", [Fate.ANSWERED, Fate.LOST, Fate.REFUSED, Fate.UNSENT])
    def test_count_once_however_often_they_are_told_of(self, fate: Fate) -> None:
        row = Row()
        first, _ = row.look(1, 0.0, 2).tickets
        for _ in range(3):
            row.tell(first.number, 0.1, fate)
        assert row.state.memory.window.in_flight == len(row.state.held) == 1

    def test_of_a_process_that_died_are_free_one_window_after_stockx_can_have_seen_them(self) -> None:
        row = Row(LimitProfile("one", 1))
        row.look(1, 0.0, 1)
        assert (row.times(2, HOLD + 0.8, 1), row.times(2, HOLD + 0.95, 1)) == ([], [HOLD + 1.0])

    def test_of_items_weigh_what_they_carry(self) -> None:
        row = Row(unit=Unit.ITEMS)
        first, second = row.look(1, 0.0, (WRITES, [400, 100, 1])).tickets
        row.tell(first.number, 1.0)
        row.tell(second.number, 2.0)
        assert row.got(1, 299.9, (WRITES, [1])) == 0
        assert row.times(1, 300.5, (WRITES, [400, 1])) == [301.0]


class TestTurns:
    def test_of_processes_in_one_lane_alternate_though_one_wants_more(self) -> None:
        row = full(capacity=1)
        got: list[int] = []
        wants = {1: 50, 2: 3, 3: 10}
        look_at = {owner: row.look(owner, 0.1 * owner, count).look_at for owner, count in wants.items()}
        while len(got) < 9:
            owner = min(look_at, key=look_at.__getitem__)
            turn = row.look(owner, look_at[owner], wants[owner])
            for ticket in turn.tickets:
                got.append(owner)
                row.tell(ticket.number, look_at[owner], at=ticket.sent.at)
            look_at[owner] = turn.look_at
        assert got == [1, 2, 3, 1, 2, 3, 1, 2, 3]
        assert max(look_at.values()) < 11.0

    def test_leave_room_for_what_the_others_are_to_get_first(self) -> None:
        row = full(capacity=6)
        for owner in (1, 2, 3):
            row.look(owner, 0.1 * owner, 10)
        assert [row.got(owner, 1.0, 10) for owner in (3, 2, 1)] == [2, 2, 2]

    def test_use_what_nobody_else_wants(self) -> None:
        row = full(capacity=6)
        row.look(1, 0.1, 10)
        row.look(2, 0.2, 1)
        assert (row.got(1, 1.0, 10), row.got(2, 1.0, 1)) == (5, 1)

    def test_of_a_more_urgent_lane_come_first_wherever_it_waits(self) -> None:
        row = full(capacity=1)
        row.look(1, 0.1, (BACKGROUND, [1]))
        row.look(2, 0.2, (ORDERS, [1]))
        assert (row.got(1, 1.0, (BACKGROUND, [1])), row.got(2, 1.0, (ORDERS, [1]))) == (0, 1)

    def test_in_a_process_go_by_lane(self) -> None:
        row = full(capacity=2)
        turn = row.look(1, 1.0, (ORDERS, [1]), (BACKGROUND, [1, 1, 1]))
        assert len(turn.tickets) == 2
        assert [(wish.lane, wish.count) for wish in row.state.wishes] == [(BACKGROUND, 2)]

    def test_are_lost_by_who_does_not_come(self) -> None:
        row = full(capacity=1)
        promised = row.look(1, 0.1, 1).look_at
        assert promised == pytest.approx(0.9)
        assert row.look(2, 0.2, 1).look_at == pytest.approx(1.0)
        again = row.look(2, 1.0, 1)
        assert not again.tickets
        assert again.look_at == pytest.approx(1.02)
        assert row.got(2, promised + 5 * lateness(1.0) + 0.01, 1) == 1

    def test_are_looked_for_when_they_can_come_and_no_earlier(self) -> None:
        row = full(capacity=2)
        assert row.look(1, 0.5, 1).look_at == pytest.approx(0.9)
        assert row.look(1, 0.95, 3).look_at == pytest.approx(1.75)  # an answer told late could free one at 1.85

    def test_are_looked_for_after_a_pause(self) -> None:
        row = Row(LimitProfile("one", 1))
        (ticket,) = row.look(1, 0.0, 1).tickets
        row.state.tell(News(ticket.number, Fate.REFUSED, 0.0, 900.0), row.pacer)
        assert row.look(2, 1.0, 1) == Turn((), 900.0)


def test_a_clock_that_is_set_back_moves_everything_with_it() -> None:
    row = Row(LimitProfile("two", 2))
    first, _ = row.look(1, 1_000.0, 2).tickets
    row.tell(first.number, 1_000.0)
    assert row.got(2, 400.0, 1) == 0
    assert row.got(2, 401.0, 1) == 1
    assert row.got(2, 400.0 + HOLD + 1.0, 2) == 1


@dataclass
class Flight:
    """A request under way: its ticket, when it is answered, and when that is told."""

    number: int
    answered: float
    told: float


moves = st.tuples(
    st.integers(1, 4),  # which process
    st.floats(0.0, 0.7),  # how long nothing happened before
    st.integers(1, 5),  # how many callers wait in it
    st.floats(0.0, 1.0),  # latency
    st.floats(0.0, 1.0),  # the share of it after which the server sees the request
    st.one_of(st.floats(0.0, 3.0), st.just(float("inf"))),  # how late the answer is told; never by a process that died
)


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 6), st.lists(moves, min_size=1, max_size=80))
def test_no_server_ever_sees_too_many_requests(capacity: int, story: list[tuple[int, float, int, float, float, float]]):
    row, now, seen = Row(LimitProfile("any", capacity)), 0.0, []
    flying: list[Flight] = []
    for owner, idle, wants, latency, share, late in story:
        now += idle
        for flight in [each for each in flying if each.told <= now]:
            flying.remove(flight)
            row.tell(flight.number, now, at=flight.answered)
        for ticket in row.look(owner, now, wants).tickets:
            seen.append(ticket.sent.at + latency * share)
            answered = ticket.sent.at + latency
            flying.append(Flight(ticket.number, answered, answered + late))
        window = row.state.memory.window
        assert window.in_flight == sum(held.sent.weight for held in row.state.held.values()) <= capacity
        assert window.resting == sum(weight for _, weight in window.answers)
    seen.sort()
    for first, last in zip(seen, seen[capacity:], strict=False):
        assert last - first >= 1.0 - 1e-9
