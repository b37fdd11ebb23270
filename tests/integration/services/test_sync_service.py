"""All syncs by name: their state is visible, and a worker is told to run one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from solegate.db.repositories.syncs import SyncRepository
from solegate.db.repositories.tasks import TaskRepository
from solegate.domain.sync import Phase, SyncName, SyncState
from solegate.domain.tasks import Task
from solegate.errors import InvalidInputError, RequestRejectedError
from support.sync import ACCOUNT, World, play, whole_run

GAUGE = "solegate_sync_last_success_timestamp_seconds"


def test_what_a_sync_is_at_is_visible(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        await world.sold(150)
        service = world.service()
        before = {each.run.name: each for each in await service.status()}
        world.fail("GetOrders", after=1, times=1)
        await service.step("orders-active")
        with pytest.raises(RequestRejectedError):
            await service.step("orders-active")
        failing = next(each for each in await service.status() if each.run.name == "orders-active")
        await whole_run(world.active())
        await world.settle(90)
        after = {each.run.name: each for each in await service.status()}

        assert {each.age for each in before.values()} == {None}
        assert (failing.run.state, failing.run.place.phase, failing.run.rows) == (SyncState.FAILING, Phase.PAGES, 100)
        assert "GetOrders" in failing.run.error
        assert failing.run.requests == 2
        done = after["orders-active"]
        assert (done.run.state, done.run.error, done.run.rows) == (SyncState.IDLE, "", 150)
        assert done.age == pytest.approx(90, abs=1)
        assert after["listings"].age is None
        labels = {"sync": "orders-active"}
        assert done.run.succeeded_at is not None
        assert world.metrics.registry.get_sample_value(GAUGE, labels) == done.run.succeeded_at.timestamp()
        sent = world.metrics.registry.get_sample_value("solegate_sync_requests_total", labels)
        assert sent == world.requests("GetOrders") + world.requests("GetOrder")

    play(upgraded_url, story)


def test_another_process_tells_the_metrics_too(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        await whole_run(world.listing_sync())
        elsewhere = replace(world, metrics=type(world.metrics)())

        await elsewhere.service().status()

        found = elsewhere.metrics.registry.get_sample_value(GAUGE, {"sync": "listings"})
        assert found == pytest.approx(world.now.timestamp(), abs=1)

    play(upgraded_url, story)


@pytest.mark.parametrize("name", list(SyncName))
def test_a_worker_is_told_to_run_it_now_at_the_same_interval(upgraded_url: str, name: SyncName) -> None:
    async def story(world: World) -> None:
        tasks = TaskRepository(world.database, clock=world.clock)
        kind, subject = ("market", "") if name is SyncName.MARKET else ("sync", str(name))
        later = world.now + timedelta(hours=5)
        task = Task(account=ACCOUNT, kind=kind, subject=subject, lane=3, due_at=later, every=1_800.0)
        async with world.database.transaction() as session:
            await tasks.put(session, task)
        service = world.service()
        planned = [each.next_at for each in await service.status() if each.run.name == name]

        run = await service.run_now(name)

        async with world.database.reading() as session:
            stored = (await SyncRepository(session, ACCOUNT).tasks())[task.id]
        assert planned == [later]
        assert run.name == name
        assert (stored.due_at, stored.every, stored.lane) == (world.now, 1_800.0, 3)

    play(upgraded_url, story)


def test_a_sync_that_no_worker_knows_is_put_on_the_list_once(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        await world.service().run_now("orders-active")

        async with world.database.reading() as session:
            (task,) = (await SyncRepository(session, ACCOUNT).tasks()).values()
        assert (task.id, task.lane, task.every) == ("sync:orders-active", 0, None)

    play(upgraded_url, story)


def test_there_are_no_other_syncs(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        service = world.service()
        assert service.names == tuple(SyncName)
        for call in (service.step, service.cost, service.run, service.run_now):
            with pytest.raises(InvalidInputError, match="no sync"):
                await call("orders")

    play(upgraded_url, story)


def test_every_cost_is_known_without_a_request(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        await world.sold(120)
        for sync in (world.active(budget=30), world.history(), world.listing_sync()):
            await whole_run(sync)
        sent = len(world.simulator.events())
        active = await world.active(budget=30).cost()
        service = world.service()
        costs = {name: await service.cost(name) for name in service.names}

        assert len(world.simulator.events()) == sent
        assert (active.pages, active.details, active.budget) == (2, 30, 30)
        assert (costs["orders-active"].pages, costs["orders-active"].details) == (2, 90)
        assert costs["orders-history"].requests == 1
        assert costs["listings"].requests == 2
        for sync in (world.history(), world.listing_sync()):
            assert (await sync.cost()).requests == (await whole_run(sync)).requests
        assert (await whole_run(world.active())).requests == 92

    play(upgraded_url, story)
