"""A seller on the practice market, for the tests of listings and batches."""

from __future__ import annotations

from typing import Any

import httpx2

from solegate.simulator import Pace, Simulator
from solegate.simulator.world.models import Variant
from solegate.simulator.world.sellable import is_sellable
from unit.simulator.helpers import HandClock, caller, unlimited

SURE = Pace(settle_failure=0.0, buyers_per_day=0.0)
"""Nothing fails by chance, and nobody buys."""
PAST_ALL = 10.0
"""Seconds after which everything under way has settled at the default pace."""


class Seller:
    """Calls the simulator and moves its time by hand."""

    def __init__(self, client: httpx2.AsyncClient, simulator: Simulator, clock: HandClock) -> None:
        self.client = client
        self.simulator = simulator
        self.clock = clock

    @property
    def variant(self) -> Variant:
        """A size of the first landmark: asks for it open."""
        return self.simulator.catalog.products[0].variants[8]

    def wait(self, seconds: float = PAST_ALL) -> None:
        """Let time pass for the market, nobody calling."""
        self.clock.elapsed += seconds
        self.simulator.agenda.catch_up(self.clock.now())

    async def get(self, path: str, status: int = 200, /, **query: str) -> Any:
        answer = await self.client.get(f"/selling/{path}", params=query)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def send(self, method: str, path: str, body: object = None, status: int = 200) -> Any:
        answer = await self.client.request(method, f"/selling/{path}", json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def create(self, **changes: object) -> str:
        """A new listing's id; it has not settled yet."""
        body = {"amount": "150", "variantId": self.variant.id, **changes}
        return str((await self.send("POST", "listings", body, 201))["listingId"])

    async def sell(self, **changes: object) -> str:
        """A new listing's id, settled."""
        listing_id = await self.create(**changes)
        self.wait()
        return listing_id

    async def ids(self, **query: str) -> list[str]:
        """The listings of one page of a hundred."""
        return [row["listingId"] for row in (await self.get("listings", 200, pageSize="100", **query))["listings"]]


def seller(pace: Pace = SURE, **config: Any) -> Seller:
    """A seller on a market of its own."""
    clock = HandClock()
    simulator = unlimited(clock, pace=pace, access_token_seconds=1e9, **config)
    return Seller(caller(simulator), simulator, clock)


def unsellable_variant(simulator: Simulator) -> Variant:
    """Some variant that nobody may sell."""
    return next(
        variant
        for product in simulator.catalog.products
        for variant in product.variants
        if not is_sellable(simulator.config.seed, product, variant)
    )
