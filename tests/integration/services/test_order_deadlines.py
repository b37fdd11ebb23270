"""Deadlines are data: which orders have to leave, and in how many hours, without a request."""

from __future__ import annotations

import pytest

from solegate.domain.order_deadlines import Urgency
from support.sync import World, hours, play, whole_run


def test_deadlines_are_told_without_a_request(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        first, second, third = await world.sold(3)
        await whole_run(world.active(budget=2))
        order = world.simulator.orders.get(first)
        assert order is not None
        sent = len(world.simulator.events())
        left = (order.ship_by.replace(microsecond=0) - world.now) / hours(1)

        near, far = await world.deadlines.due(hours(1)), await world.deadlines.due(hours(1_000))
        whole = await world.deadlines.due()

        assert len(world.simulator.events()) == sent
        assert [(each.order.order_number, each.urgency) for each in near.orders] == [(third, Urgency.UNKNOWN)]
        assert {each.order.order_number: each.urgency for each in far.orders} == {
            first: Urgency.DUE,
            second: Urgency.DUE,
            third: Urgency.UNKNOWN,
        }
        assert len(whole.orders) == 3
        # What is not known yet comes first: it may be the most urgent.
        assert [each.order.order_number for each in far.orders] == [third, first, second]
        assert far.orders[1].hours_left == pytest.approx(left)
        assert far.age == pytest.approx(0, abs=1)

    play(upgraded_url, story)


def test_what_is_late_says_so(upgraded_url: str) -> None:
    async def story(world: World) -> None:
        (number,) = await world.sold(1)
        await whole_run(world.active())
        order = world.simulator.orders.get(number)
        assert order is not None
        await world.settle((order.ship_by - world.now).total_seconds() + 1_800)

        (due,) = (await world.deadlines.due(hours(1))).orders

        assert due.urgency is Urgency.OVERDUE
        assert due.hours_left == pytest.approx(-0.5, abs=0.01)

    play(upgraded_url, story)
