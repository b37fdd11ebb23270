"""The loop does every task's steps, the urgent ones first, and loses nothing when it fails or stops."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from solegate.clock import SystemClock
from solegate.db import Database
from solegate.db.repositories.task_overview import TaskOverview
from solegate.domain.tasks import TaskState, TaskStatus
from solegate.errors import SolegateError
from support.steps import Diary, job, loop_on, put, running, until


async def states(database: Database) -> dict[str, TaskState]:
    return {each.task.subject: each.state for each in await TaskOverview(database).statuses("default")}


async def failing(database: Database, reason: str) -> TaskStatus:
    """The one task, once its last step has failed for a reason."""
    async with asyncio.timeout(10):
        while True:
            (status,) = await TaskOverview(database).statuses("default")
            if status.state is TaskState.FAILING and reason in status.last_error:
                return status
            await asyncio.sleep(0.02)


async def test_every_task_is_done_step_by_step(database):
    diary = Diary(steps=3)
    await put(database, [job(str(number)) for number in range(5)])

    await loop_on(database, {"job": diary}).run(until_done=True)

    assert sorted(diary.ended) == sorted([str(number) for number in range(5)] * 3)
    assert await states(database) == {}


async def test_work_queued_in_this_process_starts_at_once(database):
    diary = Diary()
    async with running(loop_on(database, {"job": diary}, poll=60)) as loop:
        await asyncio.sleep(0.1)
        started = time.monotonic()
        await put(database, [job()])
        loop.wake()
        await until(lambda: bool(diary.ended))

    assert time.monotonic() - started < 5


async def test_work_queued_by_another_process_starts_at_the_next_look(database):
    diary = Diary()
    async with running(loop_on(database, {"job": diary}, poll=0.1)):
        await asyncio.sleep(0.05)
        await put(database, [job()])
        await until(lambda: bool(diary.ended), seconds=5)


async def test_a_task_due_later_starts_on_time_without_a_look_in_between(database):
    diary = Diary()
    due = datetime.now(UTC) + timedelta(seconds=0.4)
    await put(database, [job(due_at=due)])
    async with running(loop_on(database, {"job": diary}, poll=60)):
        await until(lambda: bool(diary.ended), seconds=3)

    assert datetime.now(UTC) >= due


async def test_background_work_never_keeps_an_order_waiting(database):
    slow, fast = Diary(seconds=60), Diary()
    await put(database, [job(f"slow-{number}", lane=3) for number in range(20)])
    async with running(loop_on(database, {"job": slow, "sync": fast}, grace=0.1)) as loop:
        await until(lambda: len(slow.began) == 2)
        started = time.monotonic()
        await put(database, [job("orders-active", kind="sync", lane=0)])
        loop.wake()
        await until(lambda: bool(fast.ended))
        waited = time.monotonic() - started

    assert waited < 5
    assert len(slow.began) == 2


async def test_a_step_that_raises_is_recorded_and_tried_again(database):
    failures = [SolegateError("StockX is down."), ValueError("broken")]
    diary = Diary(fails=lambda _task: failures.pop() if failures else None)
    await put(database, [job("a")])
    async with running(loop_on(database, {"job": diary})) as loop:
        for expected in ("ValueError: broken", "StockX is down."):
            status = await failing(database, expected)
            assert status.task.due_at is not None
            await put(database, [job("a")])
            loop.wake()
        await until(lambda: diary.ended == ["a"])


async def test_an_error_that_names_the_next_moment_is_waited_for(database):
    error = SolegateError("The day's quota is used up.")
    error.retry_at = datetime.now(UTC) + timedelta(hours=5)  # type: ignore[attr-defined]
    await put(database, [job("a")])
    diary = Diary(fails=lambda _task: error)
    async with running(loop_on(database, {"job": diary})):
        await until(lambda: bool(diary.began))

    (status,) = await TaskOverview(database).statuses("default")
    assert status.task.due_at == error.retry_at  # type: ignore[attr-defined]


async def test_a_secret_in_an_error_is_not_kept(database):
    diary = Diary(fails=lambda _task: ValueError("Authorization: Bearer abc.def-123"))
    await put(database, [job("a")])
    async with running(loop_on(database, {"job": diary})):
        await until(lambda: bool(diary.began))

    (status,) = await TaskOverview(database).statuses("default")
    assert "abc.def-123" not in status.last_error


async def test_a_step_longer_than_the_lease_keeps_it(database):
    diary = Diary(seconds=1.0)
    await put(database, [job("a")])
    one = loop_on(database, {"job": diary}, worker="one", lease_seconds=0.3, poll=0.05)
    two = loop_on(database, {"job": diary}, worker="two", lease_seconds=0.3, poll=0.05)

    await asyncio.gather(one.run(until_done=True), two.run(until_done=True))

    assert diary.began == diary.ended == ["a"]


async def test_a_step_without_end_is_cancelled_and_tried_again(database):
    diary = Diary(seconds=60)
    await put(database, [job("a")])
    async with running(loop_on(database, {"job": diary}, longest_step=0.2)):
        status = await failing(database, "no end")

    assert status.steps == 1


async def test_a_drain_lets_running_steps_finish_and_starts_none(database):
    diary = Diary(seconds=0.3)
    await put(database, [job(str(number), lane=0) for number in range(20)])
    loop = loop_on(database, {"job": diary})
    run = asyncio.create_task(loop.run())
    await until(lambda: len(diary.began) == 8)

    loop.drain()
    await run

    assert len(diary.began) == len(diary.ended) == 8
    assert list((await states(database)).values()) == [TaskState.DUE] * 12


async def test_a_drain_gives_back_the_lease_of_a_step_that_does_not_end(database):
    diary = Diary(seconds=60)
    await put(database, [job("a")])
    loop = loop_on(database, {"job": diary}, grace=0.1)
    run = asyncio.create_task(loop.run())
    await until(lambda: bool(diary.began))

    loop.drain()
    await run

    assert await states(database) == {"a": TaskState.DUE}
    assert not diary.leases[0].holds(datetime.now(UTC), SystemClock().monotonic())


async def test_a_cancelled_loop_gives_its_leases_back(database):
    diary = Diary(seconds=60)
    await put(database, [job("a")])
    run = asyncio.create_task(loop_on(database, {"job": diary}).run())
    await until(lambda: bool(diary.began))

    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run

    assert await states(database) == {"a": TaskState.DUE}


async def test_a_loop_for_one_thing_leaves_the_others_alone_and_ends_with_it(database):
    diary = Diary(steps=2)
    await put(database, [job("a"), job("b")])

    await loop_on(database, {"job": diary}, subject="b").run(until_done=True)

    assert diary.ended == ["b", "b"]
    assert await states(database) == {"a": TaskState.DUE}


async def test_a_kind_without_a_handler_waits_for_a_worker_that_has_one(database):
    await put(database, [job("a"), job("", kind="from-the-future")])

    await loop_on(database, {"job": Diary()}).run(until_done=True)

    assert await states(database) == {"": TaskState.DUE}


async def test_two_loops_never_do_a_step_of_one_task_at_the_same_time(database_url, database):
    busy: dict[str, int] = {}
    worst = 0

    class Exclusive(Diary):
        async def step(self, task, lease):
            nonlocal worst
            busy[task.subject] = busy.get(task.subject, 0) + 1
            worst = max(worst, busy[task.subject])
            try:
                return await super().step(task, lease)
            finally:
                busy[task.subject] -= 1

    diary = Exclusive(seconds=0.001, steps=10)
    await put(database, [job(str(number)) for number in range(10)])
    async with Database(database_url) as other:
        loops = [loop_on(each, {"job": diary}, worker=f"w{n}") for n, each in enumerate([database, other, other])]

        await asyncio.gather(*(each.run(until_done=True) for each in loops))

    assert worst == 1
    assert sorted(diary.ended) == sorted([str(number) for number in range(10)] * 10)
