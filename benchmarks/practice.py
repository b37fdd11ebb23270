"""How fast the practice market answers in-process, and what a batch costs to wait for."""

from __future__ import annotations

import asyncio
import json
import time
from decimal import Decimal
from typing import Any

from benchmarks.table import Row, median, spread
from solegate import Money, NewListing
from solegate.simulator import Limits, Simulator, SimulatorConfig
from solegate.testing import practice_client, run_virtual

ROUNDS, REQUESTS, GOAL = 5, 4_000, 5_000


class _Caller:
    """Calls the ASGI application itself: neither socket nor HTTP library."""

    def __init__(self, simulator: Simulator) -> None:
        self._app = simulator.app
        token = simulator.issue_tokens().access_token
        self._headers = [
            (b"x-api-key", simulator.config.api_key.encode()),
            (b"authorization", f"Bearer {token}".encode()),
        ]
        self.statuses: set[int] = set()

    async def call(self, method: str, path: str, query: str = "", body: bytes = b"") -> None:
        """One request; its status is kept."""
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
            "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
            "headers": self._headers, "client": ("127.0.0.1", 1), "server": ("practice.test", 80),
        }  # fmt: skip

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:  # noqa: ANN401 - an ASGI message
            if message["type"] == "http.response.start":
                self.statuses.add(message["status"])

        await self._app(scope, receive, send)


async def _rates() -> dict[str, list[float]]:
    """Requests per second of three operations, round by round."""
    rates: dict[str, list[float]] = {"GetProduct": [], "GetAllListings (100 rows)": [], "Create": []}
    for _ in range(ROUNDS):
        simulator = Simulator(SimulatorConfig(limits=Limits.off()))
        caller = _Caller(simulator)
        product = simulator.catalog.products[0]
        body = json.dumps({"variantId": product.variants[0].id, "amount": "150"}).encode()
        stories = {
            "Create": ("POST", "/v2/selling/listings", "", body),
            "GetProduct": ("GET", f"/v2/catalog/products/{product.id}", "", b""),
            "GetAllListings (100 rows)": ("GET", "/v2/selling/listings", "pageSize=100", b""),
        }
        for name, request in stories.items():
            count = REQUESTS // 10 if "100 rows" in name else REQUESTS
            started = time.perf_counter()
            for _ in range(count):
                await caller.call(*request)
            rates[name].append(count / (time.perf_counter() - started))
        if not caller.statuses <= {200, 201}:
            raise RuntimeError(f"the market answered {caller.statuses}")
    return rates


async def _batch() -> int:
    """Requests for a batch of 100 from submitting it to knowing every item's result."""
    async with practice_client() as market:
        variants = [one.id for product in market.simulator.catalog.products for one in product.variants][:100]
        batch = await market.service.create_listings(
            [NewListing(each, Money(Decimal(200), "EUR")) for each in variants]
        )
        done = await market.service.wait_for_batch(batch)
        items = await market.service.get_batch_items(done)
        if len(items.items) != len(variants):
            raise RuntimeError(f"{len(items.items)} items came back of {len(variants)}")
        return market.simulator.report().total


def measure() -> list[Row]:
    """Rates and the cost of a batch."""
    rows = [
        Row(f"simulator, in-process: {name}", f"{median(each):,.0f} requests/s", spread(each), *_goal(name, each))
        for name, each in asyncio.run(_rates()).items()
    ]
    requests = run_virtual(_batch())
    return [*rows, Row("waiting for a batch of 100, calm day", f"{requests} requests", "", "<= 8", requests <= 8)]


def _goal(name: str, rates: list[float]) -> tuple[str, bool | None]:
    """The goal is for single things: a page of a hundred listings is a hundred of them, written as JSON."""
    return ("", None) if "rows" in name else (f">= {GOAL:,}", median(rates) >= GOAL)
