"""Workers are seen while they live; what the dead of this machine held is free at once."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from datetime import timedelta

import pytest

from solegate.clock import SystemClock
from solegate.db.repositories.tasks import TaskRepository
from solegate.db.repositories.workers import WorkerRepository
from solegate.domain.tasks import Selection, Worker
from solegate.jobs.presence import Presence
from solegate.jobs.processes import is_gone, new_worker_id, this_place
from support.steps import job, put
from support.workers import until

ANY = Selection("default", (0, 1, 2, 3), ("job",))


@pytest.fixture
def tasks(database):
    return TaskRepository(database, clock=SystemClock())


@pytest.fixture
def workers(database):
    return WorkerRepository(database)


def presence_of(workers, tasks, name="me", every=0.05) -> Presence:
    return Presence(workers, tasks, worker=name, engine="local", clock=SystemClock(), every=every)


def another_process() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)


def worker(name: str, pid: int, place: str) -> Worker:
    now = SystemClock().now()
    return Worker(id=name, host="h", place=place, pid=pid, engine="local", started_at=now, heartbeat_at=now)


async def test_a_worker_is_known_while_it_lives_and_signs_out(workers, tasks):
    async with presence_of(workers, tasks).kept():
        (me,), now = await workers.known()
        assert me.alive(now)
        assert (me.id, me.draining) == ("me", False)

    assert (await workers.known())[0] == []


async def test_it_is_heard_of_again_and_again(workers, tasks):
    async with presence_of(workers, tasks).kept():
        (first,), _ = await workers.known()
        later = first
        async with asyncio.timeout(10):
            while later.heartbeat_at == first.heartbeat_at:
                await asyncio.sleep(0.05)
                (later,), _ = await workers.known()

    assert later.heartbeat_at > first.heartbeat_at
    assert later.started_at == first.started_at


async def test_it_tells_that_it_drains(workers, tasks):
    presence = presence_of(workers, tasks)
    async with presence.kept():
        await presence.drains()
        (me,), _ = await workers.known()

    assert me.draining


async def test_what_a_killed_process_of_this_machine_held_is_free_within_a_heartbeat(database, workers, tasks):
    async def freed() -> bool:
        return await tasks.claim("me", ANY) is not None

    async def alone() -> bool:
        return [each.id for each in (await workers.known())[0]] == ["me"]

    process = another_process()
    await workers.beat(worker("other", process.pid, this_place()))
    await put(database, [job()])
    await tasks.claim("other", ANY)
    async with presence_of(workers, tasks).kept():
        await asyncio.sleep(0.15)
        assert await tasks.claim("me", ANY) is None

        process.kill()
        await until(freed)
        await until(alone)
    process.communicate()


async def test_a_process_of_another_machine_or_container_is_never_believed_dead(database, workers, tasks):
    process = another_process()
    process.communicate(b"\n")
    await workers.beat(worker("other", process.pid, "elsewhere"))
    await put(database, [job()])
    await tasks.claim("other", ANY)

    async with presence_of(workers, tasks).kept():
        await asyncio.sleep(0.15)

        assert await tasks.claim("me", ANY) is None
        assert {each.id for each in (await workers.known())[0]} == {"me", "other"}


async def test_workers_that_were_not_heard_of_for_long_are_forgotten(workers):
    await workers.beat(worker("old", 1, "p"))
    await asyncio.sleep(0.5)
    await workers.beat(worker("new", 2, "p"))

    await workers.forget(timedelta(seconds=0.4))

    assert [each.id for each in (await workers.known())[0]] == ["new"]


def test_a_dead_process_is_gone_even_before_its_parent_buries_it():
    process = another_process()
    assert not is_gone(process.pid)

    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # dead, and not buried
    assert is_gone(process.pid)

    process.communicate()
    assert is_gone(process.pid)


def test_two_workers_never_have_one_name():
    assert new_worker_id() != new_worker_id()


def test_the_place_of_a_process_stays_the_same():
    assert this_place() == this_place()
