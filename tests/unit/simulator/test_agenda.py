"""The market's agenda: order, due times, entries that make entries."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

from solegate.simulator.state.agenda import Agenda
from unit.simulator.helpers import START


def seconds(count: float) -> datetime:
    return START + timedelta(seconds=count)


def test_entries_run_in_the_order_of_their_time_and_then_of_their_making():
    agenda = Agenda()
    ran: list[tuple[str, datetime]] = []
    for name, due in (("late", 9), ("first", 1), ("second", 1), ("early", 0)):
        agenda.at(seconds(due), partial(lambda named, at: ran.append((named, at)), name))
    agenda.catch_up(seconds(5))
    assert ran == [("early", seconds(0)), ("first", seconds(1)), ("second", seconds(1))]
    assert len(agenda) == 1


def test_how_often_somebody_looks_changes_nothing():
    def run(looks: Iterable[int]) -> list[datetime]:
        agenda = Agenda()
        ran: list[datetime] = []

        def again(at: datetime) -> None:
            ran.append(at)
            agenda.at(at + timedelta(seconds=3), again)

        agenda.at(seconds(3), again)
        for look in looks:
            agenda.catch_up(seconds(look))
        return ran

    assert run([10]) == run(range(11)) == [seconds(3), seconds(6), seconds(9)]


def test_an_entry_in_the_past_runs_with_the_next_look_and_keeps_its_time():
    agenda = Agenda()
    ran: list[datetime] = []
    agenda.catch_up(seconds(10))
    agenda.at(seconds(4), ran.append)
    agenda.catch_up(seconds(10))
    assert ran == [seconds(4)]


def test_an_entry_due_this_very_moment_runs():
    agenda = Agenda()
    ran: list[datetime] = []
    agenda.at(seconds(1), ran.append)
    agenda.catch_up(seconds(1) - timedelta(microseconds=1))
    assert ran == []
    agenda.catch_up(seconds(1))
    assert ran == [seconds(1)]
