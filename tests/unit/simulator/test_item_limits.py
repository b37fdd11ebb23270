"""Batch writes are limited by their items: 500 in five minutes, 50,000 a day, the whole call or nothing (FACTS 1.1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from solegate.simulator import Limits
from solegate.simulator.state.limits import ItemLimiter, Moment
from unit.simulator.helpers import START
from unit.simulator.selling import seller


def moment(seconds: float, start: datetime = START) -> Moment:
    return Moment(seconds, start + timedelta(seconds=seconds))


def admitted(limiter: ItemLimiter, *calls: tuple[float, int]) -> list[bool]:
    return [limiter.admit(moment(at), items) for at, items in calls]


def test_five_hundred_items_fit_into_any_five_minutes():
    limiter = ItemLimiter(Limits.official())
    calls = ((0, 100), (10, 100), (20, 100), (30, 100), (40, 100), (50, 1), (299.9, 1), (300, 100), (309, 1), (310, 1))
    assert admitted(limiter, *calls) == [True] * 5 + [False, False, True, False, True]
    assert (limiter.refused, limiter.busiest) == (3, 500)


def test_a_call_that_does_not_fit_uses_up_nothing():
    limiter = ItemLimiter(Limits(per_second=None, items_per_window=150))
    assert admitted(limiter, (0, 100), (1, 100), (2, 50), (3, 1)) == [True, False, True, False]
    assert (limiter.refused, limiter.busiest) == (101, 150)


def test_the_day_of_items_ends_at_midnight_utc():
    limiter = ItemLimiter(Limits(per_second=None, items_per_window=None, items_per_day=120))
    evening = datetime(2026, 3, 1, 23, 59, 58, tzinfo=UTC)
    calls = ((0, 100), (1, 21), (1.5, 20), (1.9, 1), (2, 100))
    assert [limiter.admit(moment(at, evening), items) for at, items in calls] == [True, False, True, False, True]


def test_other_limits_count_what_is_in_the_window():
    limiter = ItemLimiter(Limits.official())
    assert admitted(limiter, (0, 100)) == [True]
    limiter.change(Limits(per_second=1, items_per_window=150))
    assert admitted(limiter, (1, 51), (2, 50)) == [False, True]
    limiter.change(Limits(per_second=1, items_per_window=150, items_window=60))
    assert admitted(limiter, (3, 150)) == [True]


def test_no_limits_refuse_nothing():
    assert all(admitted(ItemLimiter(Limits.off()), *((0, 100) for _ in range(20))))


@pytest.mark.parametrize("wrong", [{"items_per_window": -1}, {"items_per_day": -1}, {"items_window": 0}])
def test_item_limits_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match="items_"):
        Limits(per_second=1, **wrong)


async def test_over_the_wire_quantities_count_and_reads_and_other_writes_go_on():
    us = seller(limits=Limits(per_second=None, items_per_window=100))
    async with us.client:
        item = {"variantId": us.variant.id, "amount": "150", "quantity": 60}
        batch = await us.send("POST", "batch/create-listing", {"items": [item]})
        refused = await us.send("POST", "batch/create-listing", {"items": [item]}, 429)
        assert refused == {"httpStatusCode": 429, "message": "Batch usage limit exceeded"}
        await us.get(f"batch/create-listing/{batch['batchId']}")
        us.wait()
        assert len(await us.ids()) == 60
        listing_id = await us.create()
        us.wait(290)
        await us.send("POST", "batch/create-listing", {"items": [item]})
        await us.send("POST", "batch/delete-listing", {"items": [{"listingId": listing_id}] * 41}, 429)


async def test_a_batch_that_is_wrong_uses_up_no_items():
    us = seller(limits=Limits(per_second=None, items_per_window=1))
    async with us.client:
        item = {"variantId": us.variant.id, "amount": "150", "quantity": 1}
        await us.send("POST", "batch/create-listing", {"items": [{**item, "amount": "1.5"}]}, 400)
        await us.send("POST", "batch/create-listing", {"items": [item]})
