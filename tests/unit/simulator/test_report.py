"""The report: listings and orders by status, doubles, writes whose caller was not told, overfull windows."""

from __future__ import annotations

import contextlib
from decimal import Decimal

import httpx2
import pytest

from solegate.simulator import ConnectionDropped, Fault, FaultKind, Limits, Pace, Simulator, parse_scenario
from solegate.simulator.state.records import NewListing
from unit.simulator.helpers import START, HandClock, caller, unlimited

QUIET = Pace(settle_failure=0, buyers_per_day=0)


def listed(simulator: Simulator, *amounts: int) -> str:
    """Listings of one variant; returns its id."""
    variant = simulator.catalog.products[0].variants[0].id
    for amount in amounts:
        simulator.listings.create(NewListing(variant_id=variant, amount=Decimal(amount)), START)
    return variant


def test_listings_and_orders_are_counted_by_status():
    simulator = unlimited(pace=QUIET)
    listed(simulator, 200, 210, 220)
    assert simulator.report().listings == {"INACTIVE": 3}
    simulator.play(parse_scenario("name: x\nevents: [{at: 1m, sell: any}]"))
    simulator.advance(60)
    report = simulator.report()
    assert report.listings == {"ACTIVE": 2, "MATCHED": 1}
    assert report.orders == {"CREATED": 1}


def test_live_asks_beyond_the_declared_units_are_doubles():
    simulator = unlimited(pace=QUIET)
    variant = listed(simulator, 200, 210, 220)
    simulator.advance(60)
    assert simulator.report().double_asks == {}
    simulator.declare_units({variant: 1})
    assert simulator.report().double_asks == {variant: 2}
    simulator.declare_units({variant: 3})
    assert simulator.report().double_asks == {}


async def create(client: httpx2.AsyncClient, simulator: Simulator) -> httpx2.Response:
    variant = simulator.catalog.products[0].variants[0].id
    return await client.post("/selling/listings", json={"amount": "200", "variantId": variant, "currencyCode": "USD"})


@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.DROP_AFTER,
        FaultKind.DROP_DURING,
        FaultKind.RESET_AFTER,
        FaultKind.RESET_DURING,
        FaultKind.HANG_AFTER,
        FaultKind.COMMIT_THEN_STATUS,
        FaultKind.DUPLICATE_DELIVERY,
    ],
)
async def test_a_write_whose_caller_was_not_told_is_counted(kind):
    simulator = unlimited(pace=QUIET)
    simulator.inject(Fault(kind=kind, times=1, delay=9 if kind is FaultKind.HANG_AFTER else 0))
    async with caller(simulator) as client:
        with contextlib.suppress(ConnectionDropped):
            await create(client, simulator)
        assert (await create(client, simulator)).status_code == 201
    report = simulator.report()
    assert report.unacknowledged == {"Create": 1}
    assert sum(report.listings.values()) == (3 if kind is FaultKind.DUPLICATE_DELIVERY else 2)
    assert simulator.events()[0].detail == "carried out, not acknowledged: 1"


@pytest.mark.parametrize("kind", [FaultKind.DROP, FaultKind.RESET, FaultKind.STATUS, FaultKind.EMPTY_504])
async def test_a_write_that_was_not_carried_out_is_not_counted(kind):
    simulator = unlimited(pace=QUIET)
    simulator.inject(Fault(kind=kind, times=1))
    async with caller(simulator) as client:
        with contextlib.suppress(ConnectionDropped):
            await create(client, simulator)
    report = simulator.report()
    assert (report.unacknowledged, report.listings) == ({}, {})


async def test_overfull_windows_are_counted_once_each():
    clock = HandClock()
    simulator = unlimited(clock, limits=Limits(per_second=1))
    async with caller(simulator) as client:
        for _ in range(3):
            for _ in range(4):
                await client.get("/catalog/search?query=nike")
            clock.elapsed += 10
    report = simulator.report()
    assert (report.refused, report.overfull_windows) == (9, 3)
    assert report.overfull_item_windows == 0
