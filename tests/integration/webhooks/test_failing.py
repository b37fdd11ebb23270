"""Webhooks that cannot be processed, processes that die or meet, and what is deleted in the end."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from solegate.db import Session
from solegate.domain.webhooks.attempts import MOST_ATTEMPTS
from solegate.domain.webhooks.values import Entry, EntryState, Verdict
from solegate.services.upkeep import Retention
from solegate.services.webhooks.effects import Effects
from solegate.services.webhooks.processing import InboxSteps
from support.webhooks import BODY, Inbox, price, prices


class Fragile(Effects):
    """The effects, which fail after everything was written, for some subjects."""

    def __init__(self, box: Inbox, error: BaseException, *subjects: str) -> None:
        services = box.api.services
        super().__init__(services.stockx, services.syncs, services.events, account="default")
        self._error = error
        self._subjects = subjects

    async def apply(self, session: Session, entry: Entry, now: datetime) -> Verdict:
        verdict = await super().apply(session, entry, now)
        if entry.message.subject in self._subjects:
            raise self._error
        return verdict


def steps_of(box: Inbox, error: BaseException, *subjects: str) -> InboxSteps:
    return InboxSteps(box.api.services.database, Fragile(box, error, *subjects), account="default")


async def test_what_fails_is_tried_again_and_given_up_with_a_reason_while_the_others_go_on(box: Inbox) -> None:
    fragile = steps_of(box, ValueError("this cannot be done"), "o-1")
    await box.shop(message_id="bad")
    await box.shop(BODY.replace(b"o-1", b"o-2"), message_id="good")
    await box.work(steps=fragile)
    assert await box.states() == ["received", "done"]
    began = box.clock.now()
    await box.work(steps=fragile, within=timedelta(days=1))

    bad, good = await box.entries()
    assert (bad.state, bad.attempts, bad.due_at) == (EntryState.DEAD, MOST_ATTEMPTS, None)
    assert bad.reason == "ValueError: this cannot be done"
    assert timedelta(hours=7) < box.clock.now() - began < timedelta(hours=8)
    assert (good.state, good.attempts) == (EntryState.DONE, 1)
    assert await box.rows("SELECT subject FROM events") == [("o-2",)]  # nothing of what failed was kept

    await box.webhooks.inbox.replay(bad.id)
    await box.work()
    assert await box.states() == ["done", "done"]


async def test_a_process_that_dies_between_keeping_and_processing_loses_and_repeats_nothing(box: Inbox) -> None:
    await box.shop()
    with pytest.raises(asyncio.CancelledError):
        await steps_of(box, asyncio.CancelledError(), "o-1").step()
    assert await box.states() == ["received"]
    assert await box.rows("SELECT count(*) FROM events") == [(0,)]
    await box.work()
    await box.work()

    (entry,) = await box.entries()
    assert (entry.state, entry.attempts) == (EntryState.DONE, 1)
    assert await box.rows("SELECT count(*) FROM events") == [(1,)]


async def test_two_processes_at_once_process_each_once(box: Inbox) -> None:
    for number in range(12):
        await box.shop(BODY.replace(b"o-1", f"o-{number}".encode()), message_id=str(number))
    await asyncio.gather(box.webhooks.steps.step(), box.webhooks.steps.step())

    assert {(each.state, each.attempts) for each in await box.entries()} == {(EntryState.DONE, 1)}
    assert await box.rows("SELECT count(*) FROM events") == [(12,)]


async def test_what_is_over_is_deleted_after_a_month_and_what_is_dead_after_three(box: Inbox) -> None:
    await box.kicksdb(prices(price("v-1", 180), at=box.clock.now()))
    await box.kicksdb(prices({"sku": "x"}, at=box.clock.now()))
    await box.work()
    await box.shop()  # it waits, and is never deleted
    retention = Retention(box.api.services.database, account="default", clock=box.clock)
    left = []
    for days in (4, 25, 2, 60):
        box.clock.advance(days * 86_400)
        await retention.step()
        left.append(await box.states())

    assert left == [["done", "dead", "received"], ["done", "dead", "received"], ["dead", "received"], ["received"]]
    assert await box.rows("SELECT count(*) FROM webhook_marks") == [(0,)]
    assert await box.history() == [("12:00:00", Decimal(180))]
