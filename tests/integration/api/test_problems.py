"""Every failure, provoked at the simulator or the database, and what the caller is told of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from solegate.client.policy.outcome import Failed, FailureKind
from solegate.simulator import Fault, FaultKind
from solegate.testing import ScriptedTransport
from support.api import SKU, UNKNOWN_ID, JumpClock, RunningApi, running_api


def _problem(answer: httpx2.Response) -> dict[str, Any]:
    """The document, after what holds for every problem."""
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["type"] == f"/problems/{problem['code'].replace('_', '-')}"
    assert problem["instance"] == answer.request.url.path
    assert problem["requestId"] == answer.headers["x-request-id"]
    assert problem["title"]
    assert problem["detail"]
    assert ("retryAt" in problem) == ("retry-after" in answer.headers)
    assert None not in problem.values()
    return problem


@pytest.mark.parametrize(
    ("fault", "status", "code", "attempts", "upstream_status"),
    [
        (Fault(kind=FaultKind.STATUS, status=400), 422, "request_rejected", 1, 400),
        (Fault(kind=FaultKind.STATUS, status=404), 404, "not_found", 1, 404),
        (Fault(kind=FaultKind.STATUS, status=410), 404, "not_found", 1, 410),
        (Fault(kind=FaultKind.HTML_403), 502, "permission_denied", 1, 403),
        (Fault(kind=FaultKind.STATUS, status=500), 502, "upstream", 3, 500),
        (Fault(kind=FaultKind.STATUS, status=503), 502, "upstream", 3, 503),
        (Fault(kind=FaultKind.EMPTY_504), 504, "upstream_timeout", 3, 504),
        (Fault(kind=FaultKind.DROP), 502, "connection_failed", 3, None),
        (Fault(kind=FaultKind.RESET), 502, "connection_failed", 3, None),
        (Fault(kind=FaultKind.NOT_JSON), 502, "unexpected_response", 1, 200),
        (Fault(kind=FaultKind.TRUNCATED), 502, "unexpected_response", 1, 200),
        (Fault(kind=FaultKind.UNAUTHORIZED), 503, "authentication", 2, 401),
    ],
    ids=lambda value: value.kind.value if isinstance(value, Fault) else str(value),
)
async def test_what_stockx_does_wrong_is_told(ticking_api: RunningApi, fault, status, code, attempts, upstream_status):
    ticking_api.simulator.inject(fault)
    problem = _problem(await ticking_api.get(f"/{ticking_api.product_id()}"))
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["operation"] == "GetProduct"
    assert problem["outcome"] == "not_applied"
    assert problem["attempts"] == attempts == ticking_api.requests_sent()
    assert problem.get("upstreamStatus") == upstream_status
    assert problem["callId"]


async def test_a_stockx_that_does_not_answer_is_a_timeout(tmp_path: Path):
    silent = ScriptedTransport([Failed(FailureKind.TIMEOUT, sent=True, detail="no whole answer within 30 s")])
    async with running_api(tmp_path, transport=silent) as api:
        problem = _problem(await api.get(f"/{UNKNOWN_ID}"))
    assert (problem["status"], problem["code"], problem["attempts"]) == (504, "upstream_timeout", 3)


async def test_a_pause_stockx_asks_for_is_passed_on(api: RunningApi):
    api.simulator.inject(Fault(kind=FaultKind.THROTTLE, retry_after="3600", times=1))
    answer = await api.get(f"/{api.product_id()}")
    problem = _problem(answer)
    assert (problem["status"], problem["code"]) == (503, "rate_limited")
    assert answer.headers["retry-after"] == "3600"
    early = datetime(2026, 1, 1, 13, tzinfo=UTC) - datetime.fromisoformat(problem["retryAt"])
    assert abs(early) < timedelta(milliseconds=1)
    other = await api.get("/search-stockx", query="nike")
    assert (_problem(other)["code"], api.requests_sent()) == ("rate_limited", 1), "everybody waits, nothing is sent"


async def test_a_short_pause_is_waited_for(tmp_path: Path):
    async with running_api(tmp_path, clock=JumpClock(ticking=True)) as api:
        api.simulator.inject(Fault(kind=FaultKind.THROTTLE, retry_after="2", times=1))
        assert (await api.get(f"/{api.product_id()}")).status_code == 200


async def test_a_used_up_quota_says_when_the_day_ends(tmp_path: Path):
    async with running_api(tmp_path, requests_per_day=1) as api:
        assert (await api.get("/search-stockx", query="nike")).status_code == 200
        answer = await api.get("/search-stockx", query="adidas")
        problem = _problem(answer)
        assert (problem["status"], problem["code"], problem["attempts"]) == (503, "quota_exhausted", 0)
        assert problem["retryAt"] == "2026-01-02T00:00:00Z"
        assert answer.headers["retry-after"] == str(12 * 3600)
        assert "00:00 UTC" in problem["hint"]


async def test_a_failing_stockx_is_left_alone_and_the_caller_told_for_how_long(api: RunningApi):
    api.simulator.inject(Fault(kind=FaultKind.STATUS, status=500))
    codes = [_problem(await api.get(f"/{UNKNOWN_ID[:-1]}{n}"))["code"] for n in range(4)]
    assert codes == ["upstream", "circuit_open", "circuit_open", "circuit_open"]
    assert api.requests_sent() == 5
    answer = await api.get(f"/{api.product_id()}")
    problem = _problem(answer)
    assert problem["status"] == 503
    assert 0 < int(answer.headers["retry-after"]) <= 60
    retry_at = datetime.fromisoformat(problem["retryAt"])
    assert retry_at.tzinfo == UTC
    api.simulator.clear_faults()
    api.clock.advance(int(answer.headers["retry-after"]))
    assert (await api.get(f"/{api.product_id()}")).status_code == 200, "after Retry-After it works again"


async def test_an_account_that_was_never_connected(tmp_path: Path):
    async with running_api(tmp_path, connected=False) as api:
        problem = _problem(await api.get("/search-stockx", query="nike"))
        assert (problem["status"], problem["code"]) == (503, "needs_reauth")
        assert problem["hint"].startswith("Run `solegate auth login`. Over HTTP, POST /api/v1/accounts/default/login")
        assert api.requests_sent() == 0


async def test_an_account_whose_login_was_revoked(api: RunningApi):
    api.simulator.revoke_refresh_tokens()
    for _ in range(3):
        problem = _problem(await api.get("/search-stockx", query="nike"))
        assert (problem["status"], problem["code"]) == (503, "needs_reauth")
    assert len(api.simulator.events()) <= 2, "one request, one refresh, then nobody asks again"


async def test_a_database_that_fails(api: RunningApi):
    await api.sql("DROP TABLE market_snapshots")
    problem = _problem(await api.enrich(SKU))
    assert (problem["status"], problem["code"]) == (503, "database")
    assert problem["hint"] == "Run `solegate db upgrade`."
    assert "operation" not in problem


@pytest.mark.parametrize("path", ["/", "/api/v1/nothing", "/api/v2/products/enrich", "/redoc"])
async def test_an_unknown_route(idle_api: RunningApi, path: str):
    problem = _problem(await idle_api.client.get(path))
    assert (problem["status"], problem["code"]) == (404, "no_such_route")
    assert "/docs" in problem["hint"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("DELETE", "/api/v1/products/enrich", "POST"), ("POST", "/api/v1/products/search-stockx", "GET")],
)
async def test_a_method_a_route_does_not_take(idle_api: RunningApi, method: str, path: str, allowed: str):
    answer = await idle_api.client.request(method, path)
    problem = _problem(answer)
    assert (problem["status"], problem["code"]) == (405, "method_not_allowed")
    assert allowed in answer.headers["allow"]
