"""The services as the product opens them, before a practice market in the same process, for bulk jobs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from solegate.background import bulk_steps
from solegate.bootstrap import Services, open_services
from solegate.client.transport import HttpTransport
from solegate.clock import Clock, LoopClock
from solegate.db.repositories import SqlTokenStore
from solegate.db.secrets import SecretBox
from solegate.domain.leases import Lease
from solegate.simulator import Limits, Pace, Simulator, SimulatorConfig
from solegate.simulator.world.sellable import is_sellable
from solegate.testing import SimulatorMount, fresh_tokens
from support.api import api_settings

CALM = Pace(settle_failure=0.0, buyers_per_day=0.0)
"""Nothing happens by chance."""
SKU = "DD1391-100"
VARIANT = "0197f2a4-6c1e-7c55-9f0e-3b6f0c8f2a11"
LISTING = "98e2e748-8000-45bf-a624-5531d6a68318"


@dataclass(frozen=True)
class Office:
    """Opened services and the market they talk to."""

    services: Services
    simulator: Simulator
    clock: Clock

    @property
    def jobs(self) -> Any:
        return self.services.jobs

    def requests(self) -> int:
        """API requests that reached StockX so far."""
        report = self.simulator.report()
        return sum(map(report.count, set(report.requests) - {"token"}))

    def size(self, place: int = 10) -> tuple[str, str]:
        """A size of the panda dunk as StockX writes it, and its variant id."""
        panda = self.simulator.catalog.by_style(SKU)
        assert panda is not None
        variant = panda.variants[place]
        return variant.value or "", variant.id

    def sellable(self, count: int, *, sellable: bool = True) -> list[str]:
        """Ids of sizes that can be sold, or that cannot."""
        seed = self.simulator.config.seed
        return [
            variant.id
            for product in self.simulator.catalog.products
            for variant in product.variants
            if is_sellable(seed, product, variant) is sellable
        ][:count]

    def live_variants(self) -> list[str]:
        """The sizes a buyer can buy from the account now, one entry for each pair."""
        now = self.clock.now()
        return [each.variant_id for each in self.simulator.listings.all() if each.is_live(now)]

    async def work(self, job_id: str, *, most_steps: int = 2_000) -> None:
        """Do the steps of a job until it has nothing more to do."""
        steps = bulk_steps(self.services)
        for _ in range(most_steps):
            now = self.clock.now()
            lease = Lease("test", 1, now.replace(year=now.year + 1), self.clock.monotonic() + 86_400)
            progress = await steps.advance(job_id, lease)
            if progress.next_due is None:
                return
            await self.clock.sleep((progress.next_due - self.clock.now()).total_seconds())
        raise AssertionError(f"job {job_id} does not end")


@asynccontextmanager
async def office(folder: Path, *, clock: Clock | None = None, **changes: Any) -> AsyncIterator[Office]:
    """Open the services of a connected account; `changes` are settings."""
    clock = clock or LoopClock()
    simulator = Simulator(SimulatorConfig(limits=Limits.off(), pace=CALM), clock=clock)
    settings = api_settings(folder, simulator, **changes)
    transport = HttpTransport(mount=SimulatorMount(simulator.app))
    async with open_services(settings, clock=clock, transport=transport) as services:
        box = SecretBox((settings.secret_key.get_secret_value(),))
        await SqlTokenStore(services.database, box).save(fresh_tokens(simulator, clock), expected_version=None)
        yield Office(services, simulator, clock)
