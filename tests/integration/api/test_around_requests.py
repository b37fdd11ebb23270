"""What stands around every request: its id, its line in the log, bounds, compression, headers."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi.routing import APIRoute
from starlette.types import Message, Receive, Scope, Send

from solegate.api.middleware import LARGEST_BODY, RequestContext
from solegate.api.problems import ProblemAnswers
from solegate.log import Redactor
from solegate.simulator import Fault, FaultKind
from support.api import SKU, UNKNOWN_ID, JumpClock, RunningApi


def _events(caplog: pytest.LogCaptureFixture, name: str) -> list[dict[str, Any]]:
    events = (record.msg for record in caplog.records if isinstance(record.msg, dict))
    return [event for event in events if event["event"] == name]


@pytest.mark.parametrize("given", ["abc", "A1:b-2_c.3", "0" * 64, "6f1c2b3e-1111-7222-8333-944445555666"])
async def test_a_sane_request_id_is_kept(idle_api: RunningApi, given: str):
    answer = await idle_api.client.get("/healthz", headers={"X-Request-Id": given})
    assert answer.headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", " ", "a b", "-a", "x" * 65, "<script>", "a\tb", "ü"])
async def test_any_other_request_id_is_replaced(idle_api: RunningApi, given: str):
    answer = await idle_api.client.get("/healthz", headers=[(b"x-request-id", given.encode())])
    made = answer.headers["x-request-id"]
    assert len(made) == 32
    assert made != given


async def test_every_request_without_an_id_gets_its_own(idle_api: RunningApi):
    ids = {(await idle_api.client.get("/healthz")).headers["x-request-id"] for _ in range(20)}
    assert len(ids) == 20


async def test_the_log_follows_a_request_from_the_api_to_stockx(api: RunningApi, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO, logger="solegate")
    api.simulator.inject(Fault(kind=FaultKind.STATUS, status=500))
    answer = await api.client.get(f"/api/v1/products/{UNKNOWN_ID}", headers={"X-Request-Id": "follow-me"})
    [request] = _events(caplog, "api.request")
    assert (request["method"], request["route"], request["status"]) == ("GET", "/api/v1/products/{productId}", 502)
    assert request["duration"] > 0, "the backoff"
    [failed] = _events(caplog, "stockx.call.failed")
    assert request["http_request_id"] == failed["http_request_id"] == "follow-me"
    assert failed["request_id"] == answer.json()["callId"]
    await api.client.get("/healthz")
    assert _events(caplog, "api.request")[-1]["http_request_id"] != "follow-me"


@pytest.mark.parametrize(
    ("method", "path", "route"),
    [
        ("GET", "/healthz", "/healthz"),
        ("GET", "/api/v1/products/search-stockx", "/api/v1/products/search-stockx"),
        ("GET", "/wp-login.php", "unmatched"),
    ],
)
async def test_the_log_has_route_templates_only(idle_api: RunningApi, caplog, method: str, path: str, route: str):
    caplog.set_level(logging.INFO, logger="solegate")
    await idle_api.client.request(method, path)
    [request] = _events(caplog, "api.request")
    assert (request["method"], request["route"]) == (method, route)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/docs", "/openapi.json", "/nowhere"])
async def test_no_answer_may_be_sniffed(idle_api: RunningApi, path: str):
    headers = (await idle_api.client.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in headers


async def test_large_answers_are_compressed_for_those_who_want_it(api: RunningApi):
    path = f"/api/v1/products/{api.product_id()}/variants"
    packed = await api.client.get(path, headers={"Accept-Encoding": "gzip"})
    plain = await api.client.get(path, headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.json()["variants"] == plain.json()["variants"]
    assert int(packed.headers["content-length"]) < len(plain.content) / 2


async def test_an_announced_body_that_is_too_large_is_refused_unread(idle_api: RunningApi):
    answer = await idle_api.client.post("/api/v1/products/enrich", content=b"x" * (LARGEST_BODY + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert answer.json()["requestId"] == answer.headers["x-request-id"]


async def test_a_body_that_grows_too_large_is_refused_when_it_does(idle_api: RunningApi):
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += 1
            yield b"x" * (LARGEST_BODY // 4)

    headers = {"content-type": "application/json"}
    answer = await idle_api.client.post("/api/v1/products/enrich", content=endless(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert sent == 5


async def test_the_largest_body_is_still_read(idle_api: RunningApi):
    body = b'{"sku": "' + b"x" * (LARGEST_BODY - 11) + b'"}'
    assert len(body) == LARGEST_BODY
    headers = {"content-type": "application/json"}
    answer = await idle_api.client.post("/api/v1/products/enrich", content=body, headers=headers)
    assert answer.status_code == 422


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded"])
async def test_a_foreign_page_cannot_post(idle_api: RunningApi, content_type: str):
    """Browsers send these two across origins without asking first, so they must not be taken for JSON."""
    headers = {"content-type": content_type}
    body = f'{{"sku": "{SKU}"}}'.encode()
    answer = await idle_api.client.post("/api/v1/products/enrich", content=body, headers=headers)
    assert answer.status_code == 422


async def test_an_unforeseen_error_says_nothing_about_the_inside(api: RunningApi, caplog: pytest.LogCaptureFixture):
    async def boom(name: str) -> None:
        raise RuntimeError(f"inside {name}")

    api.app.router.routes.append(APIRoute("/boom/{name}", boom))  # past the table of scopes, which does not know it
    answer = await api.client.get("/boom/secret-name", headers={"X-Request-Id": "find-me"})
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.json() == {
        "type": "/problems/internal",
        "title": "Solegate failed unexpectedly",
        "status": 500,
        "detail": "The log has the details under this request id.",
        "instance": "/boom/secret-name",
        "code": "internal",
        "requestId": "find-me",
    }
    [failed] = _events(caplog, "api.failed")
    assert (failed["route"], failed["http_request_id"]) == ("/boom/{name}", "find-me")
    assert failed["exc_info"]


async def test_an_error_in_the_middle_of_an_answer_is_left_to_the_server():
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def broken_off(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("too late")

    answers = ProblemAnswers(clock=JumpClock(), redactor=Redactor())
    scope = {"type": "http", "scheme": "http", "method": "GET", "path": "/", "headers": []}
    with pytest.raises(RuntimeError, match="too late"):
        await RequestContext(broken_off, answers=answers, clock=JumpClock())(scope, receive, send)
    assert [message["type"] for message in sent] == ["http.response.start"]


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Host": "evil.example"}, 421, "wrong_host"),
        ({"Host": "127.0.0.1.evil.example:8000"}, 421, "wrong_host"),
        ({"Sec-Fetch-Site": "cross-site"}, 403, "cross_site"),
    ],
)
async def test_other_sites_pages_are_kept_out(
    idle_api: RunningApi, headers: dict[str, str], status: int, code: str
) -> None:
    answer = await idle_api.client.get("/api/v1/products/search-stockx?query=nike", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert idle_api.simulator.report().total == 0


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000"])
async def test_the_loopbacks_own_names_are_welcome(idle_api: RunningApi, host: str) -> None:
    answer = await idle_api.client.get("/healthz", headers={"Host": host})
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/docs", "/api/v1/orders", "/api/v1/orders/99-NOWHERE", "/nowhere"])
async def test_head_is_get_without_the_body(idle_api: RunningApi, path: str) -> None:
    whole = await idle_api.client.get(path, headers={"Accept-Encoding": "identity"})
    head = await idle_api.client.head(path, headers={"Accept-Encoding": "identity"})
    assert head.content == b""
    assert head.status_code == whole.status_code
    assert set(whole.headers) - {"vary"} == set(head.headers) - {"vary"}
    assert head.headers["content-type"] == whole.headers["content-type"]


async def test_head_of_a_stream_ends_at_once(idle_api: RunningApi, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="solegate")
    body = {"kind": "enrich", "rows": [{"sku": SKU}]}
    job = (await idle_api.client.post("/api/v1/jobs", json=body)).json()
    for path in (job["links"]["events"], job["links"]["report"]):
        answer = await idle_api.client.head(path)
        assert (answer.status_code, answer.content) == (200, b"")
    [*_, stream, report] = _events(caplog, "api.request")
    assert (stream["method"], stream["route"], stream["status"]) == ("HEAD", "/api/v1/jobs/{jobId}/events", 200)
    assert report["route"] == "/api/v1/jobs/{jobId}/report.{form}"
    assert _events(caplog, "api.failed") == []


async def test_a_stream_is_never_packed_for_it_would_come_late(idle_api: RunningApi) -> None:
    body = {"kind": "enrich", "rows": [{"sku": SKU}], "again": True}
    job = (await idle_api.client.post("/api/v1/jobs", json=body)).json()
    await idle_api.client.post(f"/api/v1/jobs/{job['id']}/cancel")

    answer = await idle_api.client.get(job["links"]["events"], headers={"Accept-Encoding": "gzip"})

    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert "content-encoding" not in answer.headers
    assert "event: end" in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nowhere", 404, "no_such_route"),
        ("GET", "/nowhere", 404, "no_such_route"),
        ("OPTIONS", "/api/v1/orders", 405, "method_not_allowed"),
        ("TRACE", "/api/v1/orders", 405, "method_not_allowed"),
        ("POST", "/api/v1/orders", 405, "method_not_allowed"),
        ("DELETE", "/healthz", 405, "method_not_allowed"),
        ("HEAD", "/api/v1/jobs/upload", 404, "no_such_record"),
    ],
)
async def test_what_is_no_route_is_a_problem_too(
    idle_api: RunningApi, method: str, path: str, status: int, code: str
) -> None:
    answer = await idle_api.client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert method == "HEAD" or answer.json()["code"] == code
    assert status != 405 or answer.headers["allow"]


@pytest.mark.parametrize("accept", ["text/html", "application/xml;q=1", "*/*", "nonsense"])
async def test_whoever_takes_something_else_gets_the_same_json(idle_api: RunningApi, accept: str) -> None:
    """RFC 9110, 12.5.1: an answer in another form is better than 406, which tells nothing."""
    answer = await idle_api.client.get("/api/v1/orders", headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
