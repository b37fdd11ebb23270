"""Workers run the syncs by themselves, and go on with what a dead one began."""

from __future__ import annotations

import asyncio
from functools import partial

from solegate.db.repositories.tasks import TaskRepository
from solegate.domain.sync import SyncName
from solegate.domain.tasks import Task
from solegate.jobs.handlers import ForAccount, ForSubject, Handlers
from solegate.jobs.local import LocalLoop
from solegate.jobs.roster import Only
from solegate.jobs.steps import StepRunner
from solegate.simulator import FaultKind
from support.sync import ACCOUNT, World, play, whole_run

EVERY = 60.0


def worker(world: World, name: str) -> LocalLoop:
    """A worker that knows the syncs."""
    service = world.service()
    handlers: Handlers = {
        "sync": ForSubject(service.step),
        "market": ForAccount(partial(service.step, SyncName.MARKET)),
    }
    tasks = TaskRepository(world.database, clock=world.clock)
    runner = StepRunner(tasks, handlers, worker=name, clock=world.clock, metrics=world.metrics)
    return LocalLoop(runner, roster=Only(ACCOUNT), clock=world.clock)


async def plan(world: World, *names: SyncName) -> None:
    tasks = TaskRepository(world.database, clock=world.clock)
    async with world.database.transaction() as session:
        for name in names:
            kind, subject = ("market", "") if name is SyncName.MARKET else ("sync", str(name))
            task = Task(account=ACCOUNT, kind=kind, subject=subject, lane=3, due_at=world.now, every=EVERY)
            await tasks.put(session, task)


async def work(loop: LocalLoop, seconds: float) -> None:
    running = asyncio.create_task(loop.run())
    await asyncio.sleep(seconds)
    loop.drain()
    await running


def test_everything_is_brought_up_to_date_again_and_again(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        numbers = await world.sold(30)
        (still,) = await world.list_pairs(1)
        await plan(world, *SyncName)

        await work(worker(world, "w1"), 3 * EVERY + 30)

        kept = await world.orders(*numbers)
        assert all(kept[number].ship_by for number in numbers)
        assert (await world.listing(still)).status == "ACTIVE"
        assert 3 <= world.requests("GetHistoricalOrders") <= 4
        assert {each.run.error for each in await world.service().status()} == {""}

    play(upgraded_url, story)


def test_a_run_that_a_dead_worker_began_is_ended_by_another(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        numbers = await world.sold(250)
        await plan(world, SyncName.ORDERS_ACTIVE)
        world.fail("GetOrders", kind=FaultKind.DELAY, delay=20.0, after=1)
        first = asyncio.create_task(worker(world, "w1").run())
        await asyncio.sleep(10)  # in the middle of the second page
        begun = await world.active().status()
        first.cancel()
        await asyncio.wait([first])
        world.simulator.clear_faults()

        await work(worker(world, "w2"), 50)

        run = await world.active().status()
        assert (begun.under_way, begun.rows) == (True, 100)
        assert (run.run_at, run.rows) == (begun.run_at, 250)
        assert set(await world.orders(*numbers)) == set(numbers)

    play(upgraded_url, story)


def test_a_sync_that_fails_is_tried_again_and_the_others_go_on(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        await world.sold(3)
        await plan(world, SyncName.ORDERS_ACTIVE, SyncName.LISTINGS)
        world.fail("GetOrders", times=3)

        await work(worker(world, "w1"), 40)

        runs = {each.run.name: each for each in await world.service().status()}
        assert runs["orders-active"].run.rows == runs["listings"].run.rows == 3
        assert runs["orders-active"].run.requests == 3 + 1 + 3
        assert (await whole_run(world.listing_sync())).changed == 0

    play(upgraded_url, story)
