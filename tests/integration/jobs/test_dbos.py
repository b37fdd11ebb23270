"""The durable engine on PostgreSQL: the living take over from the dead, and DBOS keeps nothing for ever."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

import pytest

from solegate.db.repositories.task_overview import TaskOverview
from solegate.domain.tasks import WORKER_SILENCE, TaskState
from support.postgres import POSTGRES_ONLY
from support.steps import job, put
from support.workers import Workers, prepare, rows, until, workers_on

pytestmark = POSTGRES_ONLY

WORKFLOWS = "SELECT status, executor_id FROM solegate_dbos.workflow_status"
LEASE = 3.0


@pytest.fixture
async def workers(database, database_url, tmp_path):
    await prepare(database)
    with workers_on(database_url, "dbos", tmp_path) as workers:
        yield workers


@pytest.fixture
def effects(database):
    async def effects() -> list[tuple[Any, ...]]:
        return await rows(database, "SELECT subject, worker FROM effects ORDER BY at")

    return effects


async def begun(database, worker: str, number: int = 1) -> bool:
    return len(await rows(database, f"SELECT 1 FROM began WHERE worker = '{worker}'")) >= number


async def done(database) -> bool:
    found = await TaskOverview(database).statuses("default")
    return not [each for each in found if each.task.kind == "job"]


async def ready(workers: Workers, name: str) -> bool:
    return "ready" in workers.log(name)


async def test_what_a_killed_worker_began_is_resumed_and_finished_by_the_living(database, workers: Workers, effects):
    workers.start("living", lease=LEASE)
    await until(lambda: ready(workers, "living"))
    workers.start("dead", lease=LEASE, seconds=60)
    await until(lambda: ready(workers, "dead"))
    await asyncio.sleep(1)
    await put(database, [job(f"{number}/2", lane=number % 4) for number in range(60)])
    await until(lambda: begun(database, "dead"))

    workers.signal("dead", signal.SIGKILL)
    noticed = await until(lambda: _noticed(workers))
    finished = noticed + await until(lambda: done(database), seconds=60)

    print(f"noticed after {noticed:.1f} s, all 120 steps done after {finished:.1f} s")
    assert noticed < WORKER_SILENCE + 8
    assert finished < WORKER_SILENCE + 20
    assert sorted(subject for subject, _ in await effects()) == sorted([f"{number}/2" for number in range(60)] * 2)
    assert {worker for _, worker in await effects()} == {"living"}
    await until(lambda: _nothing_pending(database))


async def test_a_worker_that_wakes_after_it_was_given_up_does_nothing_twice_and_works_on(
    database, workers: Workers, effects
):
    workers.start("frozen", lease=LEASE, seconds=0.5)
    await until(lambda: ready(workers, "frozen"))
    await put(database, [job(f"{number}/3", lane=number % 4) for number in range(8)])
    await until(lambda: begun(database, "frozen"))
    workers.signal("frozen", signal.SIGSTOP)
    workers.start("living", lease=LEASE, seconds=0.1)
    await until(lambda: done(database), seconds=60)

    workers.signal("frozen", signal.SIGCONT)
    await asyncio.sleep(2)

    assert sorted(subject for subject, _ in await effects()) == sorted([f"{number}/3" for number in range(8)] * 3)
    workers.signal("living", signal.SIGTERM)
    assert workers.end("living") == 0
    before = len(await effects())
    await put(database, [job("last/1")])
    await until(lambda: done(database))
    assert (await effects())[before:] == [("last/1", "frozen")]
    await until(lambda: _nothing_pending(database))


async def test_a_worker_that_ends_gives_back_what_does_not_end_in_time_and_leaves_nothing_pending(
    database, workers: Workers
):
    await put(database, [job("only/1")])
    workers.start("polite", seconds=60, grace=0.2)
    await until(lambda: begun(database, "polite"))

    workers.signal("polite", signal.SIGTERM)
    assert workers.end("polite") == 0

    (status,) = [each for each in await TaskOverview(database).statuses("default") if each.task.kind == "job"]
    assert (status.state, status.owner) == (TaskState.DUE, None)
    assert {status for status, _ in await rows(database, WORKFLOWS)} == {"SUCCESS"}


async def test_three_processes_do_each_step_once_and_never_two_of_one_task_at_once(database, workers: Workers, effects):
    for name in ("one", "two", "three"):
        workers.start(name, seconds=0.05)
    for name in ("one", "two", "three"):
        await until(lambda name=name: ready(workers, name))  # type: ignore[misc]
    await put(database, [job(f"{number}/5", lane=number % 4) for number in range(40)])
    await until(lambda: done(database), seconds=60)

    overlaps = """
        SELECT 1 FROM effects AS one JOIN effects AS two
        ON one.subject = two.subject AND one.began < two.began AND two.began < one.at
    """
    assert len(await effects()) == 200
    assert await rows(database, overlaps) == []
    assert {worker for _, worker in await effects()} == {"one", "two", "three"}


async def test_finished_workflows_are_deleted_after_a_while(database, workers: Workers):
    workers.start("tidy", kept=1.0)
    await put(database, [job("only/3")])
    await until(lambda: done(database))

    async def nothing_kept() -> bool:
        return not await rows(database, WORKFLOWS)

    await until(nothing_kept)
    await put(database, [job("another/1")])
    await until(lambda: done(database))


async def test_a_restarted_worker_does_its_first_step_within_three_seconds_of_being_ready(
    database, workers: Workers, effects
):
    workers.start("first")
    await until(lambda: ready(workers, "first"))
    workers.signal("first", signal.SIGTERM)
    assert workers.end("first") == 0
    await put(database, [job("only/1")])

    workers.start("second")
    took = await until(lambda: begun(database, "second"))

    assert took < 10  # with the start of the process: 1.2 s of CPU, the rest is waiting for a busy machine
    assert await effects() or await until(lambda: done(database))


async def _noticed(workers: Workers) -> bool:
    return "workflows_taken_over" in workers.log("living")


async def _nothing_pending(database) -> bool:
    return {status for status, _ in await rows(database, WORKFLOWS)} == {"SUCCESS"}
