"""Stories of writes over HTTP in virtual time: the real application, either database, a practice market."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from solegate.clock import LoopClock
from solegate.simulator import Pace
from solegate.testing import run_virtual
from support.api import RunningApi, running_api

QUIET = Pace(buyers_per_day=0.0, settle_failure=0.0)
"""Nothing happens by itself or by chance."""
PANDA = "DD1391-100"
"""A style code whose sizes can all be sold."""
LISTINGS = "/api/v1/listings"
_CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True)
class Shop:
    """A started application, and short ways to write with it."""

    api: RunningApi

    def variant(self, number: int = 10) -> str:
        """A size by its place in the chart."""
        product = self.api.simulator.catalog.by_style(PANDA)
        assert product is not None
        return product.variants[number].id

    async def create(self, *, key: str | None = None, wait: float | None = None, **wanted: Any) -> httpx2.Response:
        """List a pair of one size for EUR 150, unless told otherwise."""
        body = {"variantId": self.variant(), "price": "150", "currency": "EUR"} | wanted
        return await self.write("POST", "", body, key=key, wait=wait)

    async def write(
        self, method: str, path: str, body: Any = None, *, key: str | None = None, wait: float | None = None
    ) -> httpx2.Response:
        """A change under `/api/v1/listings`."""
        return await self.api.client.request(
            method,
            f"{LISTINGS}{path}",
            json=body,
            headers={} if key is None else {"Idempotency-Key": key},
            params={} if wait is None else {"wait": str(wait)},
        )

    async def get(self, path: str, **params: Any) -> Any:
        """A document that has to be there."""
        answer = await self.api.client.get(path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def market(self) -> dict[str, int]:
        """The account's listings at StockX by status."""
        return dict(self.api.simulator.report().listings)

    def writes_sent(self) -> int:
        """Requests that change something, as StockX saw them."""
        events = self.api.simulator.events()
        return sum(event.method in _CHANGES and event.operation not in {"token", "authorize"} for event in events)


Story = Callable[[Shop], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Stage:
    """Plays stories on a database of either kind."""

    folder: Path
    url: str
    settings: dict[str, Any] = field(default_factory=dict)

    def play(self, story: Story, **settings: Any) -> None:
        """Play a story in virtual time, with these settings."""

        async def run() -> None:
            async with running_api(
                self.folder, database_url=self.url, clock=LoopClock(), pace=QUIET, **self.settings | settings
            ) as api:
                await story(Shop(api))

        run_virtual(run())
