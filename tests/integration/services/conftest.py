"""Services over the real client, the practice StockX in the same process, and a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from solegate.client.policy.retry import RetryPolicy
from solegate.client.service import StockXService
from solegate.clock import LoopClock
from solegate.db import Database
from solegate.domain.payout import SellerTerms
from solegate.metrics import Metrics
from solegate.services.catalog import StockXCatalogService
from solegate.services.enrichment import EnrichmentService
from solegate.services.market_data import MarketDataService
from solegate.simulator import Fault, FaultKind, Limits, Simulator, SimulatorConfig
from solegate.testing import practice_client


class MovableClock(LoopClock):
    """The loop's time, and however much a test lets pass on top."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = 0.0

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return super().monotonic() + self.passed if self._origin is not None else super().monotonic()


@dataclass(frozen=True)
class Shop:
    """Everything a service test needs."""

    stockx: StockXService
    simulator: Simulator
    clock: MovableClock
    database: Database
    catalog: StockXCatalogService
    enrichment: EnrichmentService
    market: MarketDataService
    metrics: Metrics

    def requests(self, operation: str | None = None) -> int:
        """API requests that reached StockX so far."""
        report = self.simulator.report()
        return report.count(operation) if operation else sum(map(report.count, set(report.requests) - {"token"}))

    def break_down(self, operation: str, *, status: int = 400, times: int | None = None) -> None:
        """Let StockX refuse an operation."""
        self.simulator.inject(Fault(kind=FaultKind.STATUS, operation=operation, status=status, times=times))

    def pass_time(self, **how_much: float) -> None:
        self.clock.passed += timedelta(**how_much).total_seconds()


@pytest.fixture
async def shop(database: Database) -> AsyncIterator[Shop]:
    clock = MovableClock()
    simulator = Simulator(SimulatorConfig(limits=Limits.off(), products=200), clock=clock)
    async with practice_client(simulator=simulator, clock=clock, retry=RetryPolicy(max_attempts=1)) as market:
        metrics = Metrics()
        catalog = StockXCatalogService(market.service, database, clock=clock, metrics=metrics)
        yield Shop(
            stockx=market.service,
            simulator=market.simulator,
            clock=clock,
            database=database,
            catalog=catalog,
            enrichment=EnrichmentService(catalog),
            market=MarketDataService(market.service, database, terms=SellerTerms(level=2)),
            metrics=metrics,
        )
