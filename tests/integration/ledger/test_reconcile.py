"""Rounds of reconciliation, and processes that take over from one another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from solegate.client.requests import NewListing
from solegate.client.transport import HttpTransport
from solegate.clock import LoopClock
from solegate.domain.intents import OPEN, Intent, IntentState
from solegate.domain.leases import Lease
from solegate.services.ledger import LedgerPolicy
from solegate.simulator import Fault, FaultKind, Limits, Simulator, SimulatorConfig
from solegate.testing import SimulatorMount, run_virtual
from support.ledger_shop import ME, QUIET, Shop, eur
from support.mortal import Crash, Fate, process

CONFIRMED, SENT, UNKNOWN = IntentState.CONFIRMED, IntentState.SENT, IntentState.UNKNOWN
Open = Callable[..., AsyncIterator[Shop]]


class Street:
    """Shops of one account: processes on one database and one market."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.clock = LoopClock()
        config = SimulatorConfig(products=5, limits=Limits.off(), pace=QUIET)
        self.simulator = Simulator(config, clock=self.clock)
        self.network = HttpTransport(mount=SimulatorMount(self.simulator.app))

    @asynccontextmanager
    async def shop(
        self, name: str, fate: Fate | None = None, policy: LedgerPolicy | None = None
    ) -> AsyncIterator[Shop]:
        async with process(
            self.url, self.simulator, self.network, self.clock, fate or Fate(), name, policy=policy
        ) as each:
            yield Shop(each, self.simulator)

    def lease(self, seconds: float = 3_600.0) -> Lease:
        return Lease("round", 1, self.clock.now() + timedelta(seconds=seconds), self.clock.monotonic() + seconds)


def play(url: str, story: Callable[[Street], Awaitable[None]]) -> None:
    async def told() -> None:
        await story(Street(url))

    run_virtual(told())


async def plan(shop: Shop, number: int) -> list[Intent]:
    """Pairs of different sizes, not sent yet."""
    return [await shop.ledger.create(NewListing(shop.variant(each), eur(150)), ME) for each in range(number)]


async def states(shop: Shop) -> set[IntentState]:
    return {each.state for each in await shop.ledger.find()}


@pytest.mark.parametrize("sent", [False, True], ids=["before it was sent", "after it"])
def test_what_a_dead_process_left_is_found_out_within_three_rounds_and_sent_once(upgraded_url: str, sent: bool) -> None:
    async def story(street: Street) -> None:
        fate = Fate(after_write=1) if sent else Fate(before_write=1)
        async with street.shop("first", fate) as first:
            intent = (await plan(first, 1))[0]
            with pytest.raises(Crash):
                await first.ledger.settle(intent.id, wait=60.0)
        async with street.shop("second") as second:
            assert (await second.ledger.get(intent.id)).state is SENT
            rounds = 0
            while (await second.ledger.get(intent.id)).state in (SENT, UNKNOWN):
                await street.clock.sleep(300.0)
                await second.ledger.reconcile(street.lease())
                rounds += (await second.ledger.get(intent.id)).state is UNKNOWN
            assert rounds <= 3
            assert (await second.ledger.settle(intent.id, wait=60.0)).state is CONFIRMED
        assert street.simulator.report().listings == {"ACTIVE": 1}

    play(upgraded_url, story)


def test_a_round_is_bounded_and_the_next_goes_on(upgraded_url: str) -> None:
    async def story(street: Street) -> None:
        async with street.shop("here", policy=LedgerPolicy(round_requests=4)) as shop:
            street.simulator.inject(Fault(kind=FaultKind.TRUNCATED, operation="Create"))
            for intent in await plan(shop, 10):
                await shop.ledger.settle(intent.id, wait=1.0)
            assert await states(shop) == {UNKNOWN}
            await street.clock.sleep(60.0)
            for looked_at in (4, 8, 10):
                await shop.ledger.reconcile(street.lease())
                assert shop.requests("GetAllListings") == looked_at
            assert not [each for each in await shop.ledger.find() if each.state is UNKNOWN]

    play(upgraded_url, story)


def test_a_round_that_lost_its_lease_does_nothing_more(upgraded_url: str) -> None:
    async def story(street: Street) -> None:
        async with street.shop("here") as shop:
            street.simulator.inject(Fault(kind=FaultKind.DROP_AFTER, operation="Create", times=1))
            intent = (await plan(shop, 1))[0]
            await shop.ledger.settle(intent.id, wait=1.0)
            await street.clock.sleep(60.0)
            await shop.ledger.reconcile(street.lease(seconds=-1.0))
            assert shop.requests("GetAllListings") == 0

    play(upgraded_url, story)


def test_open_writes_that_nobody_touched_for_long_are_taken_up(upgraded_url: str) -> None:
    async def story(street: Street) -> None:
        async with street.shop("here") as shop:
            intent = (await plan(shop, 1))[0]
            async with shop.process.database.transaction() as session:
                await shop.process.tasks.drop(session, intent.account, f"intent:{intent.id}")
            await shop.ledger.reconcile(street.lease())
            assert (await shop.ledger.get(intent.id)).state is IntentState.PLANNED
            await street.clock.sleep(1_000.0)
            await shop.ledger.reconcile(street.lease())
            assert (await shop.ledger.settle(intent.id, wait=60.0)).state is CONFIRMED

    play(upgraded_url, story)


def test_many_processes_settle_the_same_writes_and_each_is_sent_once(upgraded_url: str) -> None:
    async def story(street: Street) -> None:
        async with street.shop("a") as one, street.shop("b") as two, street.shop("c") as three:
            intents = await plan(one, 6)
            settled = await asyncio.gather(
                *(shop.ledger.settle(each.id, wait=120.0) for each in intents for shop in (one, two, three))
            )
            assert {each.state for each in settled} == {CONFIRMED}
            assert one.requests("Create") == one.requests("ActivateListing") == 6
            assert not await one.ledger.find(states=tuple(OPEN))

    play(upgraded_url, story)


def test_a_frozen_sender_that_wakes_after_another_took_over_sends_nothing(upgraded_url: str) -> None:
    async def story(street: Street) -> None:
        async with street.shop("frozen", Fate(before_write=1, freezes=True)) as frozen:
            intent = (await plan(frozen, 1))[0]
            sleeper = asyncio.ensure_future(frozen.ledger.settle(intent.id, wait=2_000.0))
            await frozen.process.fate.frozen.wait()
            async with street.shop("awake") as awake:
                assert (await awake.ledger.settle(intent.id, wait=2_000.0)).state is CONFIRMED
                assert awake.requests("Create") == 1
                frozen.process.fate.thawed.set()
                assert (await sleeper).state is CONFIRMED
                assert awake.requests("Create") == 1  # the gate held it back
        assert street.simulator.report().listings == {"ACTIVE": 1}

    play(upgraded_url, story)
