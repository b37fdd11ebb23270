"""Liveness, readiness and metrics."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from solegate.simulator import Fault, FaultKind
from support.api import SKU, UNKNOWN_ID, JumpClock, RunningApi, running_api
from support.postgres import SQLITE_ONLY


async def _readiness(api: RunningApi) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Status, the failing checks with their reasons, and all checks' names."""
    answer = await api.client.get("/readyz")
    body = answer.json()
    failing = {check["name"]: check["reason"] for check in body["checks"] if not check["ok"]}
    assert body["status"] == ("not_ready" if failing else "ready")
    assert answer.status_code == (503 if failing else 200)
    return answer.status_code, failing, {check["name"]: check["reason"] for check in body["checks"]}


async def test_a_process_that_is_up_says_so_and_asks_nobody(idle_api: RunningApi):
    answer = await idle_api.client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_everything_right_is_ready(idle_api: RunningApi):
    status, failing, checks = await _readiness(idle_api)
    assert (status, failing) == (200, {})
    assert checks == {"database": "", "account": "", "stockx": "", "accounts": ""}


async def test_an_account_becomes_ready_by_its_login(tmp_path: Path):
    async with running_api(tmp_path, connected=False) as api:
        status, failing, _ = await _readiness(api)
        assert (status, set(failing)) == (503, {"account"})
        assert failing["account"] == "Account 'default' was never connected. Run `solegate auth login`."
        await api.connect()
        assert (await _readiness(api))[0] == 200


async def test_a_revoked_login_is_not_ready(api: RunningApi):
    api.simulator.revoke_refresh_tokens()
    assert (await _readiness(api))[0] == 200, "nobody knows yet"
    await api.get("/search-stockx", query="nike")
    status, failing, _ = await _readiness(api)
    assert (status, set(failing)) == (503, {"account"})
    assert "log in again" in failing["account"]


async def test_an_open_breaker_is_not_ready_until_its_time_is_up(ticking_api: RunningApi):
    ticking_api.simulator.inject(Fault(kind=FaultKind.STATUS, status=500))
    for number in range(2):
        await ticking_api.get(f"/{UNKNOWN_ID[:-1]}{number}")
    status, failing, _ = await _readiness(ticking_api)
    assert (status, set(failing)) == (503, {"stockx"})
    ticking_api.clock.advance(60)
    assert (await _readiness(ticking_api))[0] == 200, "half open: the next request is the probe"


async def test_an_old_schema_is_not_ready(api: RunningApi):
    await api.sql("UPDATE alembic_version SET version_num = '0000'")
    status, failing, _ = await _readiness(api)
    assert (status, set(failing)) == (503, {"database"})
    assert "solegate db upgrade" in failing["database"]


async def test_a_broken_database_is_not_ready_but_alive(api: RunningApi):
    await api.sql("DROP TABLE accounts")
    status, failing, _ = await _readiness(api)
    assert (status, set(failing)) == (503, {"account"})
    assert "solegate db upgrade" in failing["account"]
    assert (await api.client.get("/healthz")).status_code == 200


@SQLITE_ONLY
async def test_a_database_that_cannot_be_read_fails_every_check_that_needs_it(api: RunningApi):
    await api.services.database.close()
    for leftover in api.database_file.parent.glob("solegate.db*"):
        leftover.unlink()
    api.database_file.write_bytes(b"this is no database, however long it is read" * 100)
    status, failing, _ = await _readiness(api)
    assert (status, set(failing)) == (503, {"database", "account"})


async def test_the_metrics_of_the_guide_with_route_templates(tmp_path: Path):
    async with running_api(tmp_path, clock=JumpClock(ticking=True)) as api:
        await api.enrich(SKU)
        await api.get(f"/{UNKNOWN_ID}")
        api.simulator.inject(Fault(kind=FaultKind.THROTTLE, retry_after="1", times=1, operation="Search"))
        await api.get("/search-stockx", query="nike")
        api.simulator.inject(Fault(kind=FaultKind.UNAUTHORIZED, times=1, operation="Search"))
        await api.get("/search-stockx", query="adidas")

        answer = await api.client.get("/metrics")
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        assert all('account="default"' in line for line in answer.text.splitlines() if not line.startswith("#"))
        text = answer.text.replace('account="default",', "").replace('{account="default"}', "")
        for line in (
            'stockx_requests_total{endpoint="/catalog/products/{productId}",method="GET",status="success"} 1.0',
            'stockx_requests_total{endpoint="/catalog/products/{productId}",method="GET",status="error"} 1.0',
            'stockx_requests_total{endpoint="/catalog/search",method="GET",status="rate_limited"} 1.0',
            'stockx_requests_total{endpoint="/catalog/search",method="GET",status="auth_failed"} 1.0',
            'stockx_request_duration_seconds_count{endpoint="/catalog/products/{productId}/variants",method="GET"} 1.0',
            "stockx_rate_limit_hits_total 1.0",
            "stockx_auth_failures_total 1.0",
        ):
            assert line in text.splitlines()
        assert api.product_id() not in text
        assert UNKNOWN_ID not in text


async def test_the_number_of_series_does_not_grow_with_the_products(api: RunningApi):
    async def series() -> int:
        return len(re.findall(r"^stockx_requests_total\{", (await api.client.get("/metrics")).text, re.MULTILINE))

    products = api.simulator.catalog.products
    await api.get(f"/{products[0].id}")
    before = await series()
    for product in products[1:20]:
        assert (await api.get(f"/{product.id}")).status_code == 200
    assert await series() == before
