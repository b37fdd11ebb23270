"""A receiver that is slow or dead keeps nobody else waiting."""

from __future__ import annotations

import asyncio
import time

from solegate.clock import SystemClock
from solegate.domain.events.values import EventType
from solegate.jobs.handlers import ForSubject
from solegate.jobs.local import LocalLoop
from solegate.jobs.roster import Only
from solegate.jobs.steps import StepRunner
from solegate.services.deliveries.tasks import DELIVER
from support.api import JumpClock
from support.mailroom import ACCOUNT, mailroom
from support.postgres import SQLITE_ONLY
from support.receiver import Answer, receiving


@SQLITE_ONLY
async def test_silent_receivers_delay_no_other(upgraded_url):
    async with (
        receiving() as silent,
        receiving() as slow,
        receiving() as quick,
        mailroom(upgraded_url, clock=JumpClock(ticking=True), patience=1.5) as room,
    ):
        silent.answer = lambda _: Answer(silent=True)
        slow.answer = lambda _: Answer(delay=1.0)
        for name, receiver in (("silent", silent), ("slow", slow), ("quick", quick)):
            await room.subscribe(receiver.url, name=name)
        runner = StepRunner(
            room.tasks,
            {DELIVER: ForSubject(room.deliverer.step)},
            worker="w",
            clock=SystemClock(),
            metrics=room.metrics,
        )
        loop = LocalLoop(runner, roster=Only(ACCOUNT), clock=SystemClock(), poll=0.1)
        room.tasks.call_when_queued(loop.wake)
        working = asyncio.create_task(loop.run())
        started = time.monotonic()
        told = await room.happen(EventType.ORDER_CREATED, EventType.ORDER_PAID)
        while len(quick.calls) < 2:
            quick.came.clear()
            await asyncio.wait_for(quick.came.wait(), 5)
        took = time.monotonic() - started
        meanwhile = (len(silent.calls), len(slow.calls))
        loop.drain()
        await working

    assert quick.ids == told
    assert meanwhile == (1, 1)  # both were called, and neither had answered
    assert took < 1.0
