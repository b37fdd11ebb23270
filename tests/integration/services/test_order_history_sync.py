"""Orders that have ended are mirrored incrementally: whole once, then those that may have changed since."""

from __future__ import annotations

from datetime import timedelta

import pytest

from solegate.errors import RequestRejectedError
from support.sync import DAY, World, play, whole_run


def test_the_history_is_read_whole_once_and_then_only_its_end(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        old = await world.sold(130)
        await world.settle(7 * DAY)  # nobody ships: all of them fail
        first = await whole_run(world.history())
        await world.settle(60 * DAY)
        await whole_run(world.history())  # goes back to before the first run: what ended then may have changed
        new = await world.sold(4)
        await world.settle(7 * DAY)

        second = await whole_run(world.history())

        kept = await world.orders(*old, *new)
        assert set(kept) == {*old, *new}
        assert {each.status for each in kept.values()} == {"DIDNOTSHIP"} | (
            {each.status for each in kept.values()} & {"CANCELED"}
        )
        assert (first.rows, first.requests) == (130, 2)
        assert (second.rows, second.requests, second.changed) == (4, 1, 4)

    play(upgraded_url, story)


def test_an_order_that_ends_long_after_its_sale_is_still_found(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        (slow,) = await world.sold(1)
        order = world.simulator.orders.get(slow)
        assert order is not None
        world.simulator.orders._move(order, "SHIPPED", world.now)  # and for a long time nothing happens
        for _ in range(4):
            await whole_run(world.active(budget=0))
            await whole_run(world.history(overlap=timedelta(days=3)))
            await world.settle(10 * DAY)
        world.simulator.orders._move(order, "COMPLETED", world.now)

        await whole_run(world.active(budget=0))
        run = await whole_run(world.history(overlap=timedelta(days=3)))

        assert (await world.orders(slow))[slow].status == "COMPLETED"
        assert run.requests == 1

    play(upgraded_url, story)


def test_a_return_within_the_overlap_is_seen(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        (number,) = await world.sold(1)
        world.simulator.ship(number)
        await world.settle(12 * DAY)
        await whole_run(world.history())
        order = world.simulator.orders.get(number)
        assert order is not None
        world.simulator.orders._move(order, "RETURNED", world.now)

        run = await whole_run(world.history())

        assert (await world.orders(number))[number].status == "RETURNED"
        assert run.changed == 1

    play(upgraded_url, story)


def test_a_history_that_fails_at_a_page_goes_on_there(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        numbers = await world.sold(230)
        await world.settle(7 * DAY)
        world.fail("GetHistoricalOrders", after=1, times=1)

        await world.history().step()
        with pytest.raises(RequestRejectedError):
            await world.history().step()
        run = await whole_run(world.history())

        assert (run.rows, run.requests) == (230, 4)
        assert set(await world.orders(*numbers)) == set(numbers)

    play(upgraded_url, story)
