"""The real HTTP application with a real database, before a practice StockX in the same process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
from cryptography.fernet import Fernet
from fastapi import FastAPI
from sqlalchemy import text

from solegate.app import create_app
from solegate.bootstrap import House, Services
from solegate.client.transport import HttpTransport, Transport
from solegate.clock import Clock
from solegate.db.engine import Database
from solegate.db.repositories import SqlTokenStore
from solegate.db.secrets import SecretBox
from solegate.domain.accounts import TokenRecord
from solegate.settings import Settings
from solegate.simulator import Limits, Pace, Simulator, SimulatorConfig
from solegate.testing import SimulatorMount, fresh_tokens
from support.postgres import sqlite_file_url

CANARY = "canary-5b1c8e"
"""Stands in every configured secret; it must turn up nowhere."""
SKU = "HQ4276"
_ORIGIN = time.monotonic()
UNKNOWN_ID = "00000000-0000-7000-8000-000000000000"


_CRUMB, _STEP = 1e-6, 1e-2
"""Seconds that pass with each look at a clock that stands still, and the steps in which it shows them as a moment."""


class JumpClock:
    """A clock that jumps over every wait: backoff and pauses take no time.

    Between jumps it all but stands still, so that ages are exact and a timer that looks again and again gets there;
    `ticking`, it goes on as well, as the limiter's timers need.
    """

    def __init__(self, start: datetime = datetime(2026, 1, 1, 12, tzinfo=UTC), *, ticking: bool = False) -> None:
        self._start = start
        self._passed = 0.0
        self._ticking = ticking

    def now(self) -> datetime:
        """See `Clock.now`."""
        passed = self.monotonic()
        return self._start + timedelta(seconds=passed if self._ticking else passed // _STEP * _STEP)

    def monotonic(self) -> float:
        """See `Clock.monotonic`."""
        if not self._ticking:
            self._passed += _CRUMB
        return self._passed + (time.monotonic() - _ORIGIN if self._ticking else 0.0)

    async def sleep(self, seconds: float) -> None:
        """See `Clock.sleep`."""
        self.advance(seconds)
        await asyncio.sleep(0)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._passed += max(0.0, seconds)


@dataclass(frozen=True, slots=True)
class RunningApi:
    """An application that has started, and all that surrounds it."""

    app: FastAPI
    client: httpx2.AsyncClient
    simulator: Simulator
    clock: Any
    settings: Settings
    services: Services
    database_file: Path

    async def connect(self) -> TokenRecord:
        """Store tokens that the simulator has just issued, as a login would."""
        record = fresh_tokens(self.simulator, self.clock)
        store = SqlTokenStore(self.services.database, SecretBox((self.settings.secret_key.get_secret_value(),)))
        assert await store.save(record, expected_version=None)
        return record

    async def sql(self, statement: str) -> None:
        """Change its database behind its back."""
        async with Database(self.settings.resolved_database_url()) as other, other.transaction() as session:
            await session.execute(text(statement))

    async def get(self, path: str, **params: object) -> httpx2.Response:
        """Ask for something under `/api/v1/products`."""
        return await self.client.get(f"/api/v1/products{path}", params={k: str(v) for k, v in params.items()})

    async def enrich(self, sku: str, **more: object) -> httpx2.Response:
        """Enrich one SKU."""
        return await self.client.post("/api/v1/products/enrich", json={"sku": sku, **more})

    def product_id(self, sku: str = SKU) -> str:
        """The simulator's product that carries a code."""
        product = self.simulator.catalog.by_style(sku)
        assert product is not None
        return product.id

    def requests_sent(self) -> int:
        """Requests the simulator has seen, logins aside."""
        return sum(event.operation not in {"token", "authorize"} for event in self.simulator.events())


@asynccontextmanager
async def running_api(
    folder: Path,
    *,
    connected: bool = True,
    clock: Clock | None = None,
    transport: Transport | None = None,
    limits: Limits | None = None,
    pace: Pace | None = None,
    **changes: Any,
) -> AsyncIterator[RunningApi]:
    """Start the application.

    Args:
        folder: holds the database.
        connected: whether the account has tokens.
        clock: of application and simulator; a `JumpClock` unless given.
        transport: instead of the one to the simulator.
        limits: what the simulator enforces; nothing unless given.
        pace: how the simulator's market moves; as usual unless given.
        changes: settings.
    """
    clock = clock or JumpClock()
    config = SimulatorConfig(
        limits=limits or Limits.off(),
        pace=pace or Pace(),
        client_secret=f"{CANARY}-client-secret",
        api_key=f"{CANARY}-api-key",
    )
    simulator = Simulator(config, clock=clock)
    settings = api_settings(folder, simulator, **changes)
    transport = transport or HttpTransport(mount=SimulatorMount(simulator.app))
    app = create_app(settings, transport=transport, clock=clock)
    inside = httpx2.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=inside, base_url="http://127.0.0.1", trust_env=False) as client,
    ):
        house: House = app.state.house
        services = await house.of(house.default)
        api = RunningApi(app, client, simulator, clock, settings, services, folder / "solegate.db")
        if connected:
            await api.connect()
        yield api


def api_settings(folder: Path, simulator: Simulator, **changes: Any) -> Settings:
    """Settings for this simulator, with no limit worth waiting for; nothing comes from the environment."""
    known: dict[str, Any] = {
        "stockx_api_url": "http://practice.test/v2",
        "stockx_auth_url": "http://practice.test",
        "stockx_client_id": simulator.config.client_id,
        "stockx_client_secret": simulator.config.client_secret,
        "stockx_api_key": simulator.config.api_key,
        "database_url": sqlite_file_url(folder / "solegate.db"),
        "secret_key": Fernet.generate_key().decode(),
        "requests_per_second": 1000,
        "open_on_loopback": True,
    }
    return Settings(_env_file=None, **known | changes)
