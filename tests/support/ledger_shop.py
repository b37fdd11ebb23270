"""A ledger over the real client, a practice market, and a real database of either kind, in virtual time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest

from solegate.client.requests import NewListing
from solegate.client.transport import HttpTransport
from solegate.clock import LoopClock
from solegate.domain.guard_rails import GuardRails
from solegate.domain.intents import Intent, IntentState
from solegate.domain.money import Money
from solegate.services.ledger import Ledger, Origin
from solegate.simulator import Limits, Pace, Simulator, SimulatorConfig
from solegate.simulator.state.records import Listing
from solegate.testing import SimulatorMount, run_virtual
from support.mortal import Fate, Process, process

QUIET = Pace(buyers_per_day=0, settle_failure=0.0)
ME = Origin(actor="tests", cause="because")
PANDA = "DD1391-100"


@dataclass(frozen=True)
class Shop:
    """A process, and the practice market it writes to."""

    process: Process
    simulator: Simulator

    @property
    def ledger(self) -> Ledger:
        return self.process.ledger

    def requests(self, *operations: str) -> int:
        """Requests that reached StockX: of these operations, or all."""
        report = self.simulator.report()
        return sum(report.count(each) for each in operations or (set(report.requests) - {"token"}))

    def counted(self, action: str) -> dict[str, int]:
        """Writes by the states they came to, by the metrics."""
        counter = self.process.stockx.metrics.writes
        found = {state.value: int(counter.labels(action, state.value)._value.get()) for state in IntentState}
        return {state: count for state, count in found.items() if count}

    def variant(self, number: int = 10) -> str:
        product = self.simulator.catalog.by_style(PANDA)
        assert product is not None
        return product.variants[number].id

    def listing(self, intent: Intent) -> Listing:
        """What the market has of a write."""
        found = self.simulator.listings.get(intent.listing_id or "")
        assert found is not None
        return found

    async def create(
        self, *, price: int = 150, unit: str | None = None, wait: float = 60.0, **wanted: object
    ) -> Intent:
        """List a pair and wait."""
        listing = NewListing(self.variant(), eur(price), **wanted)  # type: ignore[arg-type]
        intent = await self.ledger.create(listing, ME, unit=unit)
        return await self.ledger.settle(intent.id, wait=wait)

    async def settled(self, intent: Intent, wait: float = 60.0) -> Intent:
        return await self.ledger.settle(intent.id, wait=wait)


def eur(amount: int) -> Money:
    return Money(Decimal(amount), "EUR")


Story = Callable[[Shop], Awaitable[None]]
Play = Callable[..., None]


@pytest.fixture
def play(upgraded_url: str) -> Play:
    """Play a story with a shop; `rails` are its guard rails, `pace` is the market's."""

    def play(story: Story, *, rails: GuardRails | None = None, pace: Pace = QUIET) -> None:
        async def told() -> None:
            clock = LoopClock()
            simulator = Simulator(SimulatorConfig(products=5, limits=Limits.off(), pace=pace), clock=clock)
            network = HttpTransport(mount=SimulatorMount(simulator.app))
            async with process(upgraded_url, simulator, network, clock, Fate(), "here", rails=rails) as here:
                await story(Shop(here, simulator))

        run_virtual(told())

    return play
