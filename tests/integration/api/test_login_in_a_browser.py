"""A person connects an account in a real browser: StockX's page, a click, and back to our callback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from playwright.async_api import Page, async_playwright

from solegate.app import create_app
from solegate.simulator import Limits, Simulator, SimulatorConfig
from solegate.simulator.server import running_server
from support.api import CANARY, api_settings

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip
NEEDS_BROWSER = pytest.mark.skipif(not CHROMIUM.exists(), reason="there is no /usr/bin/chromium")


@dataclass(frozen=True)
class Shop:
    """The application on a socket, and a practice market on another site: `localhost` is not `127.0.0.1`."""

    client: httpx2.AsyncClient
    url: str

    async def begin(self, **more: Any) -> str:
        answer = await self.client.post("/api/v1/accounts/shop-b/login", json=more)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["authorizeUrl"])

    async def standing(self) -> str:
        return str((await self.client.get("/api/v1/accounts/shop-b")).json()["standing"])


@asynccontextmanager
async def open_shop(folder: Path) -> AsyncIterator[Shop]:
    simulator = Simulator(
        SimulatorConfig(limits=Limits.off(), client_secret=f"{CANARY}-secret", api_key=f"{CANARY}-key")
    )
    async with running_server(simulator) as market:
        settings = api_settings(
            folder,
            simulator,
            stockx_api_url=market.api_url,
            stockx_auth_url=market.auth_url.replace("127.0.0.1", "localhost"),
        )
        server = uvicorn.Server(uvicorn.Config(create_app(settings), port=0, log_config=None))
        serving = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        async with httpx2.AsyncClient(base_url=url, trust_env=False) as client:
            keys = {
                "account": "shop-b",
                "clientId": simulator.config.client_id,
                "clientSecret": simulator.config.client_secret,
                "apiKey": simulator.config.api_key,
                "redirectUri": f"{url}/api/v1/accounts/callback",
            }
            assert (await client.post("/api/v1/accounts", json=keys)).status_code == 201
            yield Shop(client, url)
        server.should_exit = True
        await serving


async def press(page: Page, decision: str) -> None:
    async with page.expect_navigation():
        await page.click(f'button[value="{decision}"]')


@NEEDS_BROWSER
async def test_a_person_allows_denies_and_is_sent_on(tmp_path: Path) -> None:
    async with (
        open_shop(tmp_path) as shop,
        async_playwright() as playwright,
        await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS) as browser,
    ):
        page = await browser.new_page()
        await page.goto(await shop.begin())
        await press(page, "deny")
        assert page.url.startswith(f"{shop.url}/api/v1/accounts/callback?")
        assert "denied" in await page.inner_text("p")
        assert await shop.standing() == "never_connected"

        await page.goto(await shop.begin())
        await press(page, "allow")
        assert "Account 'shop-b' is connected to StockX." in await page.inner_text("p")
        assert CANARY not in await page.content()
        assert await shop.standing() == "connected"
        await page.reload()
        assert "No such login is under way" in await page.inner_text("p")

        await page.goto(await shop.begin(returnTo="/docs"))
        await press(page, "allow")
        assert page.url == f"{shop.url}/docs"
        found = await shop.client.get(
            "/api/v1/products/search-stockx", params={"query": "dunk"}, headers={"Solegate-Account": "shop-b"}
        )
        assert found.status_code == 200
