"""Workers that are killed, frozen or ended: their work is done by the living, once, and nothing is lost."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

import pytest

from solegate.db.repositories.task_overview import TaskOverview
from solegate.domain.tasks import TaskState
from support.steps import job, put
from support.workers import Workers, prepare, rows, until, workers_on

OVERLAPS = """
    SELECT one.subject, one.worker, two.worker FROM effects AS one JOIN effects AS two
    ON one.subject = two.subject AND one.began < two.began AND two.began < one.at
"""


@pytest.fixture
async def workers(database, database_url, tmp_path, engine):
    await prepare(database)
    with workers_on(database_url, engine, tmp_path) as workers:
        yield workers


@pytest.fixture
def engine():
    return "local"


@pytest.fixture
def effects(database):
    async def effects() -> list[tuple[Any, ...]]:
        return await rows(database, "SELECT subject, worker FROM effects ORDER BY at")

    return effects


async def ready(workers: Workers, name: str) -> bool:
    return "ready" in workers.log(name)


async def begun(database, worker: str) -> bool:
    return bool(await rows(database, f"SELECT 1 FROM began WHERE worker = '{worker}'"))


async def test_the_work_of_a_killed_worker_is_taken_over_when_its_lease_ends(database, workers: Workers, effects):
    await put(database, [job("only/1")])
    workers.start("dead", lease=1.5, seconds=60)
    await until(lambda: begun(database, "dead"))
    workers.start("living", lease=1.5)
    await until(lambda: ready(workers, "living"))

    workers.signal("dead", signal.SIGKILL)
    took = await until(lambda: begun(database, "living"))

    assert 0.5 < took < 8  # what was left of the lease of 1.5 s, and a look
    await until(lambda: _done(database))
    assert await effects() == [("only/1", "living")]


async def test_a_frozen_worker_that_wakes_too_late_does_nothing_more(database, workers: Workers, effects):
    await put(database, [job("only/1")])
    workers.start("frozen", lease=1.0, seconds=0.7)
    await until(lambda: begun(database, "frozen"))
    workers.signal("frozen", signal.SIGSTOP)
    workers.start("living", lease=1.0)
    await until(lambda: _done(database))

    workers.signal("frozen", signal.SIGCONT)
    await asyncio.sleep(1.5)
    workers.signal("frozen", signal.SIGTERM)
    assert workers.end("frozen") == 0

    assert await effects() == [("only/1", "living")]
    assert await rows(database, "SELECT steps, fence FROM tasks WHERE subject = 'only/1'") == [(1, 2)]
    assert "'done'" not in workers.log("frozen")


async def test_a_worker_that_is_told_to_end_finishes_its_step_and_takes_no_other(database, workers: Workers, effects):
    await put(database, [job(f"{number}/1", lane=0) for number in range(12)])
    workers.start("polite", seconds=0.5)
    await until(lambda: begun(database, "polite"))

    workers.signal("polite", signal.SIGTERM)

    assert workers.end("polite") == 0
    done = len(await effects())
    assert 1 <= done <= 8
    states = [each.state for each in await TaskOverview(database).statuses("default") if each.task.kind == "job"]
    assert states == [TaskState.DUE] * (12 - done)


async def test_a_worker_that_ends_gives_back_what_does_not_end_in_time(database, workers: Workers):
    await put(database, [job("only/1")])
    workers.start("polite", seconds=60, grace=0.2)
    await until(lambda: begun(database, "polite"))

    workers.signal("polite", signal.SIGTERM)
    assert workers.end("polite") == 0

    (status,) = [each for each in await TaskOverview(database).statuses("default") if each.task.kind == "job"]
    assert (status.state, status.owner) == (TaskState.DUE, None)


async def test_three_processes_do_each_step_once_and_never_two_of_one_task_at_once(database, workers: Workers, effects):
    await put(database, [job(f"{number}/5") for number in range(20)])
    for name in ("one", "two", "three"):
        workers.start(name, seconds=0.01)
    await until(lambda: _done(database), seconds=60)

    assert len(await effects()) == 100
    assert await rows(database, OVERLAPS) == []
    assert len({worker for _, worker in await effects()}) > 1


async def _done(database) -> bool:
    found = await TaskOverview(database).statuses("default")
    return not [each for each in found if each.task.kind == "job"]
