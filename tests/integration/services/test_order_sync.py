"""Orders are mirrored: all pages, resumable, with the details that tell when one has to leave, most urgent first."""

from __future__ import annotations

import asyncio

import pytest

from solegate.domain.leases import Lease
from solegate.domain.sync import SyncState
from solegate.errors import RequestRejectedError, StockXError
from solegate.simulator import FaultKind
from support.sync import DAY, World, play, whole_run


def test_every_order_under_way_is_mirrored_with_its_deadline(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        numbers = await world.sold(7)

        run = await whole_run(world.active())

        kept = await world.orders(*numbers)
        assert set(kept) == set(numbers)
        for number in numbers:
            order = world.simulator.orders.get(number)
            assert order is not None
            assert (kept[number].ship_by, kept[number].status) == (order.ship_by.replace(microsecond=0), "CREATED")
            assert kept[number].tracking_number == order.tracking
            assert kept[number].payout is not None
        assert (run.state, run.rows, run.requests, run.error) == (SyncState.IDLE, 7, 1 + 7, "")
        assert run.requests == world.requests("GetOrders") + world.requests("GetOrder")

    play(upgraded_url, story)


def test_nothing_new_costs_no_detail(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        await world.sold(7)
        await world.settle(120)  # until the labels are there
        await whole_run(world.active())

        again = await whole_run(world.active())

        assert (again.requests, again.changed) == (1, 0)

    play(upgraded_url, story)


def test_an_order_that_changed_is_read_again_and_only_that_one(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        numbers = await world.sold(7)
        await world.settle(120)
        await whole_run(world.active())
        world.simulator.ship(numbers[3])

        again = await whole_run(world.active())

        assert again.requests == 1 + 1
        assert (await world.orders(numbers[3]))[numbers[3]].status == "SHIPPED"

    play(upgraded_url, story)


def test_an_order_without_a_label_is_looked_at_again_later(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        (number,) = await world.sold(1)
        await whole_run(world.active())
        early = await whole_run(world.active())
        assert (await world.orders(number))[number].waits_for_label

        await world.settle(3_600)
        later = await whole_run(world.active())

        assert (early.requests, later.requests) == (1, 2)
        assert (await world.orders(number))[number].shipping_id

    play(upgraded_url, story)


def test_the_budget_is_never_passed_and_the_oldest_sale_comes_first(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        numbers = await world.sold(23)
        runs = []
        for _ in range(3):
            runs.append(await whole_run(world.active(budget=8)))
            kept = await world.orders(*numbers)
            known = [number for number in numbers if kept[number].ship_by]
            assert known == numbers[: 8 * len(runs)]

        assert [run.requests for run in runs] == [1 + 8, 1 + 8, 1 + 7]

    play(upgraded_url, story)


def test_an_unknown_deadline_comes_before_a_change_that_asks_for_nothing(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        old = await world.sold(3)
        await world.settle(120)
        await whole_run(world.active())
        for number in old:
            world.simulator.ship(number)
        (new,) = await world.sold(1)

        await whole_run(world.active(budget=1))

        assert (await world.orders(new))[new].ship_by is not None
        assert world.requests("GetOrder") == 3 + 1

    play(upgraded_url, story)


def test_an_order_that_left_the_list_is_followed_to_its_end(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        numbers = await world.sold(3)
        await world.settle(120)
        await whole_run(world.active())
        world.simulator.ship(numbers[0])
        await world.settle(14 * DAY)  # the first is paid out, the others were never sent

        run = await whole_run(world.active())

        kept = await world.orders(*numbers)
        assert {number: kept[number].status for number in numbers} == {
            number: world.simulator.orders.get(number).status  # type: ignore[union-attr]
            for number in numbers
        }
        assert not any(kept[number].is_active for number in numbers)
        assert run.requests == 1 + 3
        assert (await world.deadlines.due()).orders == ()

    play(upgraded_url, story)


@pytest.mark.parametrize("failing", range(4))
def test_a_run_that_fails_at_any_page_goes_on_there(upgraded_url: str, failing: int) -> None:
    async def story(world: World) -> None:
        numbers = await world.sold(250)
        sync = world.active(budget=0)
        world.fail("GetOrders", after=failing, times=1)

        failures = 0
        while True:
            try:
                if (await sync.step()).next_due is None:
                    break
            except RequestRejectedError:
                failures += 1
                failed = await sync.status()
                assert failed.state is SyncState.FAILING
                assert "400" in failed.error or "GetOrders" in failed.error
                sync = world.active(budget=0)  # another process goes on

        run = await sync.status()
        assert failures == (1 if failing < 3 else 0)
        assert (run.rows, run.error, run.requests) == (250, "", 3 + failures)
        assert set(await world.orders(*numbers)) == set(numbers)

    play(upgraded_url, story)


@pytest.mark.parametrize("failing", range(1, 8, 3))
def test_a_run_that_fails_at_any_detail_keeps_those_it_has(upgraded_url: str, failing: int) -> None:
    async def story(world: World) -> None:
        numbers = await world.sold(8)
        world.fail("GetOrder", after=failing, times=1, status=503)
        sync = world.active()

        failures = 0
        for _ in range(10):
            try:
                if (await sync.step()).next_due is None:
                    break
            except StockXError:
                failures += 1

        kept = await world.orders(*numbers)
        assert all(kept[number].ship_by for number in numbers)
        assert world.requests("GetOrder") == 8 + 1

    play(upgraded_url, story)


def test_an_order_that_stockx_does_not_show_holds_nobody_up(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        numbers = await world.sold(3)
        world.fail("GetOrder", kind=FaultKind.VANISHED, times=1)

        run = await whole_run(world.active())
        assert run.requests == 1 + 3
        kept = await world.orders(*numbers)
        assert [bool(kept[number].ship_by) for number in numbers] == [False, True, True]

        await whole_run(world.active())
        assert (await world.orders(numbers[0]))[numbers[0]].ship_by

    play(upgraded_url, story)


def test_orders_that_come_while_pages_are_read_make_none_go_unseen(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        numbers = await world.sold(320)
        shelf = await world.list_pairs(60)
        sync = world.active(budget=0)

        while (await sync.step()).next_due is not None:
            for listing in (shelf.pop() for _ in range(min(15, len(shelf)))):
                world.simulator.sell(listing.id)

        assert set(await world.orders(*numbers)) == set(numbers)

    play(upgraded_url, story)


def test_orders_that_leave_while_pages_are_read_make_none_go_unseen(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        numbers = await world.sold(320)
        sync = world.active(budget=0)
        gone: list[str] = []

        while (await sync.step()).next_due is not None:
            for number in reversed(numbers[-150:]):  # the newest, on the pages that were read
                order = world.simulator.orders.get(number)
                if order and not order.is_history and len(gone) < 90:
                    world.simulator.orders._fail(order, "CANCELED", world.now)
                    gone.append(number)
                    if len(gone) % 45 == 0:
                        break

        there = set(numbers) - set(gone)
        assert len(gone) == 90
        assert there <= set(await world.orders(*numbers))

    play(upgraded_url, story)


def test_two_processes_that_step_at_once_make_one_run(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        numbers = await world.sold(220)
        one, other = world.active(budget=10), world.active(budget=10)

        for _ in range(20):
            await asyncio.gather(one.step(), other.step())
            if not (await one.status()).under_way:
                break

        run = await one.status()
        assert (run.rows, run.state) == (220, SyncState.IDLE)
        assert set(await world.orders(*numbers)) == set(numbers)

    play(upgraded_url, story)


def test_a_step_that_comes_too_late_changes_nothing(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        numbers = await world.sold(3)
        world.fail("GetOrders", kind=FaultKind.DELAY, delay=25.0, times=1)
        late = asyncio.create_task(world.active().step())
        await asyncio.sleep(5)
        done = await whole_run(world.active())
        for number in numbers:
            world.simulator.ship(number)

        progress = await late

        assert await world.active().status() == done
        assert progress.next_due is not None
        assert "another process" in progress.did

    play(upgraded_url, story)


def test_a_list_that_lags_behind_does_not_undo_what_a_detail_said(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        (number,) = await world.sold(1)
        await whole_run(world.active())  # it has no label yet, so it is looked at again
        world.simulator.ship(number)
        world.fail("GetOrders", kind=FaultKind.STALE_READ)
        await world.settle(3_600)

        for requests in (2, 1):
            assert (await whole_run(world.active())).requests == requests
            assert (await world.orders(number))[number].status == "SHIPPED"

    play(upgraded_url, story)


def test_a_step_whose_lease_is_over_sends_nothing_more(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        await world.sold(7)
        sync = world.active()
        await sync.step()
        over = Lease("a worker", 1, world.now, world.clock.monotonic())

        await sync.step(over)

        assert world.requests("GetOrder") == 0
        assert (await sync.status()).under_way

    play(upgraded_url, story)
