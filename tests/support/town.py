"""Several sellers on one installation: each with an account, a StockX, an API key and things of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from solegate.app import create_app
from solegate.bootstrap import House, Services
from solegate.client.transport import HttpTransport
from solegate.clock import Clock
from solegate.db.repositories import SqlTokenStore
from solegate.domain.accounts import Application, TokenRecord
from solegate.domain.keys import Scope
from solegate.simulator import Limits, Pace, Simulator, SimulatorConfig
from solegate.testing import SeveralMarkets, fresh_tokens
from support.api import JumpClock, api_settings

CALM = Pace(buyers_per_day=0.0, settle_failure=0.0, settle_seconds=(0.0, 0.0))


@dataclass
class Seller:
    """One of them."""

    account: str
    simulator: Simulator
    services: Services
    tokens: TokenRecord
    client: httpx2.AsyncClient
    """Our API, with a key of this account alone."""
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def secrets(self) -> Mapping[str, str]:
        """What no answer to anybody may hold."""
        config = self.simulator.config
        return {
            "client secret": config.client_secret,
            "api key": config.api_key,
            "access token": self.tokens.access_token,
            "refresh token": self.tokens.refresh_token,
        }

    async def ask(self, method: str, path: str, body: object = None, **headers: str) -> httpx2.Response:
        """Ask our API."""
        return await self.client.request(method, f"/api/v1{path}", json=body, headers=headers)

    async def done(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """Ask our API for something that succeeds."""
        answer = await self.ask(method, path, body, **headers)
        assert answer.is_success, (method, path, answer.text)
        return answer.json()

    def requests_seen(self) -> int:
        """Requests that its StockX has seen, logins aside."""
        return sum(event.operation not in {"token", "authorize"} for event in self.simulator.events())


@dataclass
class Town:
    """All of them."""

    house: House
    sellers: list[Seller]
    clock: Any


@asynccontextmanager
async def town(folder: Path, count: int, *, clock: Clock | None = None, **changes: Any) -> AsyncIterator[Town]:
    """Open an installation with so many connected accounts, `seller-0` and so on; every StockX has ids of its own."""
    clock = clock or JumpClock(ticking=True)
    simulators = [
        Simulator(
            SimulatorConfig(
                seed=number + 1,
                products=40,
                limits=Limits.off(),
                client_id=f"client-{number}",
                client_secret=f"secret-of-client-{number}",
                api_key=f"key-of-client-{number}",
                pace=CALM,
            ),
            clock=clock,
        )
        for number in range(count)
    ]
    settings = api_settings(folder, simulators[0], open_on_loopback=False, account="seller-0", **changes)
    transport = HttpTransport(mount=SeveralMarkets(simulators))
    app = create_app(settings, transport=transport, clock=clock)
    async with app.router.lifespan_context(app), AsyncExitStack() as stack:
        house: House = app.state.house
        sellers = []
        for number, simulator in enumerate(simulators):
            client = await stack.enter_async_context(
                httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://127.0.0.1", trust_env=False)
            )
            sellers.append(await _settled(house, f"seller-{number}", simulator, client))
        yield Town(house, sellers, clock)


async def _settled(house: House, account: str, simulator: Simulator, client: httpx2.AsyncClient) -> Seller:
    config, now = simulator.config, house.clock.now()
    application = Application(
        account=account,
        client_id=config.client_id,
        client_secret=config.client_secret,
        api_key=config.api_key,
        created_at=now,
        updated_at=now,
    )
    assert await house.applications.add(application)
    tokens = fresh_tokens(simulator, house.clock, account)
    assert await SqlTokenStore(house.database, house.box).save(tokens, expected_version=None)
    key = await house.keys.create(f"till of {account}", scope=Scope.ADMIN, account=account, actor="test")
    client.headers["Authorization"] = f"Bearer {key.text}"
    return Seller(account, simulator, await house.of(account), tokens, client)
