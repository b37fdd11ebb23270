"""Recurring tasks are put on the list once, and a restart brings none of them forward."""

from __future__ import annotations

from dataclasses import replace

import pytest

from solegate.clock import SystemClock
from solegate.db.repositories.task_overview import TaskOverview
from solegate.db.repositories.tasks import TaskRepository
from solegate.domain.schedules import per_day
from solegate.domain.tasks import Progress, Selection, TaskState
from solegate.jobs.schedules import plan
from solegate.services.schedules import schedules_of
from solegate.settings import Settings

USUAL = schedules_of(Settings(_env_file=None))
ANY = Selection("default", (0, 1, 2, 3), tuple({each.kind for each in USUAL}))


@pytest.fixture
def tasks(database):
    return TaskRepository(database, clock=SystemClock())


@pytest.fixture
def states(database):
    async def states() -> dict[str, TaskState]:
        return {each.task.id: each.state for each in await TaskOverview(database).statuses("default")}

    return states


async def test_everything_is_due_at_the_first_start(database, tasks, states):
    await plan(database, tasks, "default", USUAL)

    assert await states() == {
        "sync:orders-active": TaskState.DUE,
        "sync:orders-history": TaskState.DUE,
        "sync:listings": TaskState.DUE,
        "market": TaskState.DUE,
        "reconcile": TaskState.DUE,
        "events": TaskState.DUE,
        "tokens": TaskState.DUE,
        "retention": TaskState.DUE,
    }


async def test_a_restart_brings_nothing_forward(database, tasks, states):
    await plan(database, tasks, "default", USUAL)
    while (claimed := await tasks.claim("w", ANY)) is not None:
        await tasks.finish(claimed, Progress(None))

    await plan(database, tasks, "default", USUAL)

    assert set((await states()).values()) == {TaskState.WAITING}
    assert await tasks.until_due(ANY) == pytest.approx(60, abs=5)


async def test_a_shorter_interval_counts_at_once_and_a_running_task_is_not_disturbed(database, tasks):
    orders = replace(USUAL[0], every=3600.0)
    await plan(database, tasks, "default", (orders,))
    claimed = await tasks.claim("w", ANY)
    assert claimed is not None
    await plan(database, tasks, "default", (orders,))
    assert await tasks.claim("other", ANY) is None
    await tasks.finish(claimed, Progress(None))
    assert await tasks.until_due(ANY) == pytest.approx(3600, abs=5)

    await plan(database, tasks, "default", (replace(orders, every=10.0),))

    assert await tasks.until_due(ANY) == pytest.approx(10, abs=5)


async def test_what_is_switched_off_is_done_no_more(database, tasks, states):
    await plan(database, tasks, "default", USUAL)
    claimed = await tasks.claim("w", replace(ANY, kinds=("market",)))
    assert claimed is not None

    await plan(database, tasks, "default", tuple(replace(each, every=0.0) for each in USUAL))
    assert list(await states()) == ["market"]
    await tasks.finish(claimed, Progress(None))

    assert [each for each, state in (await states()).items() if state is not TaskState.WAITING] == []


def test_a_day_of_the_usual_intervals_is_a_small_part_of_the_quota():
    assert {each.task("default", SystemClock().now()).id: each.per_day for each in USUAL if each.requests} == {
        "sync:orders-active": 720,
        "sync:orders-history": 8,
        "sync:listings": 48,
    }
    assert per_day(USUAL) == 776
    assert per_day([replace(USUAL[0], every=0.0)]) == 0
