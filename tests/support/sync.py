"""An account on the practice market, and the syncs that mirror it into a real database, in virtual time."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from solegate.client.policy.retry import RetryPolicy
from solegate.client.service import StockXService
from solegate.clock import LoopClock
from solegate.db import Database
from solegate.db.repositories.intents import IntentRepository
from solegate.db.repositories.listings import ListingRepository
from solegate.db.repositories.orders import OrderRepository
from solegate.db.repositories.tasks import TaskRepository
from solegate.domain.intents import Action, Intent, IntentState, unit_of_listing
from solegate.domain.listing_findings import MirroredListing
from solegate.domain.money import Money
from solegate.domain.order_deadlines import MirroredOrder
from solegate.domain.sync import SyncRun
from solegate.metrics import Metrics
from solegate.services.events.log import EventLog
from solegate.services.market_data import MarketDataService
from solegate.services.syncs import OrderDeadlines, SyncService
from solegate.services.syncs.listings import ListingSync
from solegate.services.syncs.market import MarketRefresh
from solegate.services.syncs.orders import ActiveOrderSync, OrderHistorySync
from solegate.services.syncs.stepped import SteppedSync
from solegate.simulator import Fault, FaultKind, Limits, Pace, Simulator, SimulatorConfig
from solegate.simulator.state.records import Listing, NewListing, Wish
from solegate.testing import practice_client, run_virtual

ACCOUNT = "default"
QUIET = Pace(settle_seconds=(0.0, 0.0), settle_failure=0.0, buyers_per_day=0.0, parcels="never", label_seconds=(60, 60))
"""Nothing happens by itself, and at once what somebody does."""
DAY = 86_400.0
MOST_STEPS = 500


@dataclass
class World:
    """The market, the mirror, and the syncs between them."""

    simulator: Simulator
    stockx: StockXService
    database: Database
    clock: LoopClock
    metrics: Metrics = field(default_factory=Metrics)
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def active(self, **changes: Any) -> ActiveOrderSync:
        return ActiveOrderSync(self.stockx, self.database, **self._tools, **changes)

    def history(self, **changes: Any) -> OrderHistorySync:
        return OrderHistorySync(self.stockx, self.database, **self._tools, **changes)

    def listing_sync(self, **changes: Any) -> ListingSync:
        return ListingSync(self.stockx, self.database, **self._tools, **changes)

    def market(self, **changes: Any) -> MarketRefresh:
        data = MarketDataService(self.stockx, self.database)
        return MarketRefresh(self.stockx, self.database, data, clock=self.clock, metrics=self.metrics, **changes)

    def service(self) -> SyncService:
        syncs = (self.active(), self.history(), self.listing_sync(), self.market())
        return SyncService(syncs, self.database, account=ACCOUNT, clock=self.clock, metrics=self.metrics)

    @property
    def _tools(self) -> dict[str, Any]:
        return {"clock": self.clock, "metrics": self.metrics, "events": self.events}

    @property
    def events(self) -> EventLog:
        return EventLog(self.database, TaskRepository(self.database, clock=self.clock), account=ACCOUNT)

    @property
    def deadlines(self) -> OrderDeadlines:
        return OrderDeadlines(self.database, account=ACCOUNT)

    @property
    def now(self) -> datetime:
        return self.clock.now()

    async def settle(self, seconds: float = 1.0) -> None:
        """Let time pass, and the market with it."""
        await asyncio.sleep(seconds)
        self.simulator.advance(0)

    async def list_pairs(self, count: int, *, price: int = 150, **more: Any) -> list[Listing]:
        """So many live listings, made outside of Solegate."""
        product = self.simulator.catalog.by_style("DD1391-100")
        assert product is not None
        variants = itertools.cycle(product.variants)
        made = []
        for _ in range(count):
            wanted = NewListing(
                **{"variant_id": next(variants).id, "amount": Decimal(price), "currency": "EUR", **more}
            )
            made.append(self.simulator.listings.create(wanted, self.now))
            await self.settle(0.001)
        await self.settle()
        return made

    async def sold(self, count: int, **more: Any) -> list[str]:
        """So many orders, oldest first; a second apart."""
        numbers = []
        for listing in await self.list_pairs(count, **more):
            numbers.append(self.simulator.sell(listing.id))
            await self.settle(1.0)
        return numbers

    async def write(self, listing: Listing, kind: Any, **wish: Any) -> None:
        """A change made behind Solegate's back."""
        self.simulator.listings.write(listing, kind, self.now, Wish(**wish))
        await self.settle()

    async def intend(self, listing: Listing, action: Action = Action.CREATE, **changes: Any) -> Intent:
        """An intent of the ledger about a listing that came into effect."""
        number = next(self.numbers)
        create = action is Action.CREATE
        intent = Intent(
            id=f"intent-{number}",
            account=ACCOUNT,
            action=action,
            unit=f"pair-{number}" if create else unit_of_listing(listing.id),
            variant_id=listing.variant_id if create else "",
            listing_id=listing.id,
            version=number,
            created_at=self.now,
            updated_at=self.now,
            sent_at=listing.created_at,
        )
        default: dict[str, Any] = {"price": Money(listing.amount, listing.currency), "active": True} if create else {}
        state = changes.pop("state", IntentState.CONFIRMED)
        intent = replace(intent, **default | changes)
        intents = IntentRepository(self.database)
        async with self.database.transaction() as session:
            await intents.add(session, intent)
            for old, new in itertools.pairwise(_way_to(state)):
                await intents.move(session, intent.id, new, old)
        return intent

    async def kept_intent(self, intent: Intent) -> Intent:
        async with self.database.reading() as session:
            kept = await IntentRepository(self.database).get(session, intent.id)
        assert kept is not None
        return kept

    async def orders(self, *numbers: str) -> dict[str, MirroredOrder]:
        async with self.database.reading() as session:
            return await OrderRepository(session, ACCOUNT).by_numbers(numbers)

    async def listing(self, listing: Listing) -> MirroredListing:
        async with self.database.reading() as session:
            return (await ListingRepository(session, ACCOUNT).by_ids([listing.id]))[listing.id]

    def requests(self, operation: str) -> int:
        assert operation in {each.name for each in self.simulator.operations}
        return self.simulator.report().count(operation)

    def fail(self, operation: str, **more: Any) -> None:
        self.simulator.inject(Fault(**{"kind": FaultKind.STATUS, "operation": operation, "status": 400, **more}))


async def whole_run(sync: SteppedSync) -> SyncRun:
    """Step until the run has ended; at least one step."""
    for _ in range(MOST_STEPS):
        progress = await sync.step()
        if progress.next_due is None:
            return await sync.status()
    raise AssertionError("the run has no end")


def play(url: str, story: Callable[[World], Awaitable[None]], *, pace: Pace = QUIET) -> None:
    """Tell a story in virtual time."""

    async def run() -> None:
        async with world(url, pace=pace) as opened:
            await story(opened)

    run_virtual(run())


@asynccontextmanager
async def world(url: str, *, pace: Pace = QUIET) -> AsyncIterator[World]:
    clock = LoopClock()
    clock.now()
    simulator = Simulator(SimulatorConfig(limits=Limits.off(), pace=pace, latency=(0.05, 0.15)), clock=clock)
    async with (
        Database(url, clock=clock) as database,
        practice_client(simulator=simulator, clock=clock, retry=RetryPolicy(max_attempts=1)) as market,
    ):
        yield World(simulator, market.service, database, clock)


def _way_to(state: IntentState) -> tuple[IntentState, ...]:
    way = (IntentState.PLANNED, IntentState.SENT, IntentState.ACCEPTED, IntentState.CONFIRMED)
    if state in way:
        return way[: way.index(state) + 1]
    return (IntentState.PLANNED, IntentState.SENT, state)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)
