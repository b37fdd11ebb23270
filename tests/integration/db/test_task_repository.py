"""A task is done by one worker at a time, and nothing that was asked for is forgotten."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from solegate.clock import SystemClock
from solegate.db import Database
from solegate.db.repositories.task_overview import TaskOverview
from solegate.db.repositories.tasks import TaskRepository
from solegate.domain.tasks import Claimed, Progress, Selection, Task, TaskState

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
ALL = Selection("default", (0, 1, 2, 3), ("job", "sync"))
ONE = Task(account="default", kind="job", subject="a", lane=1, due_at=LONG_AGO)


@pytest.fixture
def tasks(database: Database) -> TaskRepository:
    return TaskRepository(database, clock=SystemClock())


@pytest.fixture
def put(database, tasks):
    async def put(*wanted: Task) -> None:
        async with database.transaction() as session:
            for task in wanted:
                await tasks.put(session, task)

    return put


async def take(tasks: TaskRepository, worker: str = "w", wanted: Selection = ALL, seconds: float = 30) -> Claimed:
    claimed = await tasks.claim(worker, wanted, seconds=seconds)
    assert claimed is not None
    return claimed


async def test_a_claimed_task_is_nobody_elses(tasks, put):
    await put(ONE)

    claimed = await take(tasks)

    assert claimed.task == ONE
    assert claimed.lease.holds(datetime.now(UTC), SystemClock().monotonic())
    assert await tasks.claim("other", ALL) is None


async def test_the_same_thing_is_queued_once(tasks, put):
    await put(ONE, ONE, ONE)

    await tasks.finish(await take(tasks), Progress(None))

    assert await tasks.claim("w", ALL) is None


async def test_many_workers_share_the_tasks_without_overlap(database_url, tasks, put):
    await put(*(replace(ONE, subject=str(number)) for number in range(40)))
    async with Database(database_url) as second:
        both = [tasks, TaskRepository(second, clock=SystemClock())] * 30

        claims = await asyncio.gather(*(each.claim(f"w{n}", ALL) for n, each in enumerate(both)))

    subjects = [claim.task.subject for claim in claims if claim is not None]
    assert len(subjects) == len(set(subjects)) == 40


async def test_orders_go_before_writes_and_writes_before_older_background_work(tasks, put):
    lanes = (3, 1, 0, 1)
    await put(*(replace(ONE, subject=str(n), lane=lane) for n, lane in enumerate(lanes)))

    assert [(await take(tasks)).task.subject for _ in lanes] == ["2", "1", "3", "0"]


async def test_only_what_is_due_in_the_lanes_kinds_subject_and_account_asked_for_is_taken(tasks, put):
    later = datetime.now(UTC) + timedelta(hours=1)
    await put(ONE, replace(ONE, subject="later", due_at=later))

    for wanted in (
        replace(ALL, lanes=(0, 2, 3)),
        replace(ALL, kinds=("sync",)),
        replace(ALL, subject="b"),
        replace(ALL, account="other"),
    ):
        assert await tasks.claim("w", wanted) is None
    assert (await take(tasks, wanted=replace(ALL, subject="a"))).task == ONE
    assert await tasks.claim("w", ALL) is None


async def test_a_lapsed_lease_is_taken_over_and_the_frozen_holder_changes_nothing(tasks, put):
    await put(ONE)
    frozen = await take(tasks, "frozen", seconds=1.0)
    assert await tasks.claim("living", ALL) is None
    await asyncio.sleep(1.0)

    living = await take(tasks, "living")

    assert living.lease.fence == frozen.lease.fence + 1
    assert not await tasks.renew(frozen)
    assert not await tasks.finish(frozen, Progress(None))
    assert not await tasks.fail(frozen, "too late")
    assert not await tasks.release(frozen)
    assert not frozen.lease.holds(LONG_AGO, 0.0)
    assert await tasks.finish(living, Progress(None))


async def test_a_holder_sees_in_its_own_transaction_whether_it_was_replaced(database, tasks, put):
    await put(ONE)
    frozen = await take(tasks, "frozen", seconds=0)
    living = await take(tasks, "living")

    async with database.transaction() as session:
        assert not await tasks.holds(session, frozen)
        assert await tasks.holds(session, living)


async def test_a_late_finish_counts_if_nobody_took_over(tasks, put):
    await put(ONE)

    assert await tasks.finish(await take(tasks, seconds=0), Progress(None))


async def test_a_renewed_lease_holds_longer_for_whoever_asks_at_the_last_moment(tasks, put):
    await put(ONE)
    claimed = await take(tasks, seconds=0.05)
    lease = claimed.lease

    assert await tasks.renew(claimed, seconds=30)
    await asyncio.sleep(0.06)

    assert lease.holds(datetime.now(UTC), SystemClock().monotonic())
    assert await tasks.claim("other", ALL) is None


async def test_a_wish_during_the_last_step_is_not_lost(tasks, put):
    await put(ONE)
    claimed = await take(tasks)

    await put(ONE)
    assert await tasks.claim("other", ALL) is None
    await tasks.finish(claimed, Progress(None))

    assert (await take(tasks)).task.subject == "a"


async def test_a_wish_makes_a_task_due_earlier_and_never_later(database, tasks, put):
    now = datetime.now(UTC)
    soon, late = now + timedelta(minutes=1), now + timedelta(hours=1)
    await put(replace(ONE, due_at=late))
    await put(replace(ONE, due_at=soon))
    await put(replace(ONE, due_at=late))

    (status,) = await TaskOverview(database).statuses("default")
    assert status.task.due_at == soon
    assert await tasks.until_due(ALL) == pytest.approx(60, abs=5)


async def test_what_is_done_again_and_again_is_due_after_its_interval(tasks, put):
    await put(replace(ONE, every=60.0))

    await tasks.finish(await take(tasks), Progress(None))

    assert await tasks.until_due(ALL) == pytest.approx(60, abs=5)
    assert await tasks.claim("w", ALL) is None


async def test_a_failed_step_is_kept_with_its_reason_and_tried_again_later(database, tasks, put):
    await put(ONE)
    await tasks.fail(await take(tasks), "StockX is down")

    (status,) = await TaskOverview(database).statuses("default")

    assert (status.state, status.last_error, status.steps) == (TaskState.FAILING, "StockX is down", 1)
    assert await tasks.claim("w", ALL) is None
    await put(ONE)
    again = await take(tasks)
    assert again.task.failures == 1
    await tasks.finish(again, Progress(datetime.now(UTC)))
    assert (await take(tasks)).task.failures == 0


async def test_a_task_that_is_given_back_is_due_at_once(tasks, put):
    await put(ONE)

    assert await tasks.release(await take(tasks))

    assert (await take(tasks, "other")).task.subject == "a"


async def test_what_tasks_are_at_is_counted(database, tasks, put):
    await put(*(replace(ONE, subject=str(number)) for number in range(3)), replace(ONE, kind="sync", lane=0))
    await tasks.finish(await take(tasks), Progress(None))
    await take(tasks)
    await take(tasks, seconds=0)

    assert await TaskOverview(database).counts("default") == {
        ("sync", TaskState.DONE): 1,
        ("job", TaskState.RUNNING): 1,
        ("job", TaskState.LAPSED): 1,
        ("job", TaskState.DUE): 1,
    }
    assert await tasks.turns.burdens(["default"], ALL.kinds) == {1: {"default": (2, 1)}}


async def test_only_tasks_done_long_ago_are_forgotten(database, tasks, put):
    await put(ONE, replace(ONE, subject="b"))
    await tasks.finish(await take(tasks), Progress(None))
    now = datetime.now(UTC)

    async with database.transaction() as session:
        assert await tasks.forget(session, now - timedelta(hours=1)) == 0
        assert await tasks.forget(session, now + timedelta(hours=1)) == 1

    assert [status.task.subject for status in await TaskOverview(database).statuses("default")] == ["b"]


async def test_listeners_hear_of_what_was_committed_and_of_nothing_else(database, tasks):
    heard: list[int] = []
    tasks.call_when_queued(lambda: heard.append(1))

    with suppress(LookupError):
        async with database.transaction() as session:
            await tasks.put(session, ONE)
            raise LookupError
    assert heard == []
    async with database.transaction() as session:
        await tasks.put(session, ONE)
        await tasks.put(session, replace(ONE, subject="b"))
        assert heard == []
    assert heard == [1]


async def test_the_tasks_of_the_dead_are_free_at_once(tasks, put):
    await put(ONE, replace(ONE, subject="b"))
    dead, living = await take(tasks, "dead"), await take(tasks, "living")

    assert await tasks.free_held_by(["dead", "stranger"]) == 1

    assert (await take(tasks, "heir")).task.subject == dead.task.subject
    assert await tasks.finish(living, Progress(None))
