"""The guide's login test (section 3): the whole OAuth2 flow, from the page to a renewed token."""

from __future__ import annotations

from pathlib import Path

import httpx2

from solegate.services.accounts import AccountStatus
from solegate.testing import SimulatorMount
from support.api import RunningApi, running_api


async def _log_in(api: RunningApi) -> AccountStatus:
    """What a person does: open the page, allow it, and come back with the address of the redirect."""
    attempt = api.services.accounts.start_login()
    async with httpx2.AsyncClient(transport=SimulatorMount(api.simulator.app)) as browser:
        page = await browser.get(attempt.url)
        assert page.status_code == 200
        url = httpx2.URL(attempt.url)
        allowed = await browser.post(url.join("/authorize/decision"), data={**url.params, "decision": "allow"})
    return await api.services.accounts.finish_login(attempt, allowed.headers["location"])


async def test_stockx_service_auth_flow(tmp_path: Path):
    """Test StockX OAuth2 authentication flow"""
    async with running_api(tmp_path, connected=False) as api:
        assert (await _log_in(api)).connected
        tokens = api.services.stockx.tokens
        first = await tokens.token()

        # Test token refresh
        api.clock.advance(12 * 3600)
        token = await tokens.token()
        status = await api.services.accounts.status()

        assert len(token.value) > 0
        assert token.value != first.value
        assert token.version == first.version + 1
        assert status.expires_at is not None
        assert status.expires_at > api.clock.now()
        assert (await api.get("/search-stockx", query="nike")).status_code == 200
