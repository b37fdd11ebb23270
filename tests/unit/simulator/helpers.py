"""What the simulator's tests share."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import httpx2

from solegate.simulator import Limits, Simulator, SimulatorConfig

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class HandClock:
    """A clock that only moves by hand, or by sleeping: `sleep` passes at once."""

    def __init__(self, start: datetime = START) -> None:
        self.start = start
        self.elapsed = 0.0
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.elapsed)

    def monotonic(self) -> float:
        return self.elapsed

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.elapsed += seconds
        await asyncio.sleep(0)


def unlimited(clock: HandClock | None = None, **config) -> Simulator:
    """A simulator without limits and with a small catalog."""
    settings = {"limits": Limits.off(), "products": 40, **config}
    return Simulator(SimulatorConfig(**settings), clock=clock or HandClock())


def headers(simulator: Simulator) -> dict[str, str]:
    token = simulator.issue_tokens().access_token
    return {"authorization": f"Bearer {token}", "x-api-key": simulator.config.api_key}


def caller(simulator: Simulator, *, authorised: bool = True) -> httpx2.AsyncClient:
    """A client that calls the simulator in-process; its base is the API."""
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=simulator.app),
        base_url="http://practice/v2",
        headers=headers(simulator) if authorised else {},
    )
