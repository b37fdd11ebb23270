"""Processes die at every point between an event's effect and its delivery: told if it happened, under one id."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from solegate.db import Session
from solegate.db.tables import StopRow
from solegate.domain.deliveries.values import DeliveryState
from solegate.domain.events.values import Event, EventType, event
from support.api import JumpClock
from support.mailroom import ACCOUNT, Mailroom, mailroom
from support.mortal import Crash, Fate, MortalDatabase
from support.postgres import SQLITE_ONLY
from support.receiver import receiving

COMMITS = 4
"""Of a life without death: the effect with its event, the claim, the record of the attempt, the end of the step."""


async def sell(room: Mailroom) -> Event:
    """An effect and its event, in one transaction."""
    sold = event(ACCOUNT, EventType.ORDER_CREATED, "323314425", at=datetime(2026, 1, 1, tzinfo=UTC), data={})
    async with room.database.transaction() as session:
        session.add(StopRow(account=ACCOUNT, at=sold.occurred_at, actor="test", reason="the effect"))
        await session.flush()
        await room.log.record(session, [sold])
    return sold


async def effects(session: Session) -> int:
    return await session.scalar(select(func.count()).select_from(StopRow)) or 0


async def live(url: str, clock: JumpClock, fate: Fate) -> None:
    """A process that sells and tells, until it dies."""
    database = MortalDatabase(url, fate, clock)
    async with mailroom(url, clock=clock, database=database) as room:
        with suppress(Crash):
            await sell(room)
            await room.work()


async def test_a_life_without_death_commits_as_often_as_these_tests_think(upgraded_url):
    clock, fate = JumpClock(), Fate()
    async with receiving() as receiver, mailroom(upgraded_url, clock=clock) as room:
        await room.subscribe(receiver.url)
        await live(upgraded_url, clock, fate)

    assert (fate.commits, len(receiver.calls)) == (COMMITS, 1)


@pytest.mark.parametrize("place", range(1, COMMITS + 1))
@pytest.mark.parametrize("when", ["before_commit", "after_commit"])
async def test_whatever_dies_what_happened_is_told_under_one_id(upgraded_url, when, place):
    clock = JumpClock()
    async with receiving() as receiver, mailroom(upgraded_url, clock=clock) as room:
        await room.subscribe(receiver.url)
        await live(upgraded_url, clock, Fate(**{when: place}))
        told_before_death = len(receiver.calls)
        await room.work()
        async with room.database.reading() as session:
            happened = await effects(session)
        states = [each.state for each in await room.deliveries()]

    lost_its_record = when == "before_commit" and place == 3
    assert happened == (0 if (when, place) == ("before_commit", 1) else 1)
    assert states == [DeliveryState.DELIVERED] * happened
    assert len(set(receiver.ids)) == happened
    assert len(receiver.calls) == happened + lost_its_record
    assert told_before_death == (place >= 3)


RECORDER = """
import asyncio, sys
from support.mailroom import mailroom
from integration.deliveries.test_crashes import sell

async def main():
    async with mailroom(sys.argv[1]) as room:
        await sell(room)
        print("committed", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


@SQLITE_ONLY
async def test_a_process_killed_between_effect_and_delivery_leaves_it_to_the_next(upgraded_url):
    async with receiving() as receiver, mailroom(upgraded_url) as room:
        await room.subscribe(receiver.url)
        doomed = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-c", RECORDER, upgraded_url),
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        assert doomed.stdout is not None
        said = await asyncio.wait_for(doomed.stdout.readline(), 30)
        doomed.send_signal(signal.SIGKILL)
        await doomed.wait()
        before = len(receiver.calls)
        await room.work()
        await room.work()

        assert (said, doomed.returncode) == (b"committed\n", -signal.SIGKILL)
        assert (before, len(receiver.calls)) == (0, 1)
        assert [each.state for each in await room.deliveries()] == [DeliveryState.DELIVERED]
