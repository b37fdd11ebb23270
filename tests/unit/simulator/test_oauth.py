"""The login as a browser and a client see it (FACTS 2)."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from solegate.simulator import Simulator
from unit.simulator.helpers import HandClock, unlimited

CALLBACK = "http://localhost:8123/callback"
REQUEST = {
    "response_type": "code",
    "client_id": "practice-client",
    "redirect_uri": CALLBACK,
    "scope": "offline_access openid",
    "audience": "gateway.stockx.com",
    "state": "s-1",
}
CLIENT = {"client_id": "practice-client", "client_secret": "practice-secret"}


def browser(simulator: Simulator) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=simulator.app), base_url="http://practice")


async def click(client: httpx2.AsyncClient, decision: str, **changes: str) -> dict[str, str]:
    """Open the page, press a button as a browser would, return the query of the callback."""
    page = await client.get("/authorize", params={**REQUEST, **changes})
    assert page.status_code == 200
    (action,) = re.findall(r'<form method="post" action="([^"]+)"', page.text)
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text))
    assert f'<button name="decision" value="{decision}">' in page.text
    form = {name: unescape(value) for name, value in fields.items()} | {"decision": decision}
    answer = await client.post(action, data=form)
    assert answer.status_code == 302
    location = answer.headers["location"]
    assert location.startswith(changes.get("redirect_uri", CALLBACK))
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


async def exchange(client: httpx2.AsyncClient, code: str, **changes: str) -> httpx2.Response:
    form = {**CLIENT, "grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, **changes}
    return await client.post("/oauth/token", data=form)


async def refresh(client: httpx2.AsyncClient, token: str, **changes: str) -> httpx2.Response:
    form = {**CLIENT, "grant_type": "refresh_token", "refresh_token": token, "audience": "gateway.stockx.com"}
    return await client.post("/oauth/token", data={**form, **changes})


async def login(client: httpx2.AsyncClient, **changes: str) -> dict[str, str]:
    tokens: dict[str, str] = (await exchange(client, (await click(client, "allow", **changes))["code"])).json()
    return tokens


async def api_status(client: httpx2.AsyncClient, token: str) -> int:
    headers = {"authorization": f"Bearer {token}", "x-api-key": "practice-key"}
    return (await client.get("/v2/catalog/search?query=nike", headers=headers)).status_code


async def test_the_whole_way_page_code_tokens_api_refresh():
    simulator = unlimited()
    async with browser(simulator) as client:
        back = await click(client, "allow")
        assert back["state"] == "s-1"
        answer = await exchange(client, back["code"])
        tokens = answer.json()
        assert set(tokens) == {"access_token", "refresh_token", "id_token", "scope", "expires_in", "token_type"}
        assert (tokens["expires_in"], tokens["token_type"], tokens["scope"]) == (
            43_200,
            "Bearer",
            "offline_access openid",
        )
        assert answer.headers["cache-control"] == "no-store"
        assert await api_status(client, tokens["access_token"]) == 200
        refreshed = (await refresh(client, tokens["refresh_token"])).json()
        assert "refresh_token" not in refreshed
        assert refreshed["access_token"] != tokens["access_token"]
        assert await api_status(client, refreshed["access_token"]) == 200
        assert (await refresh(client, tokens["refresh_token"])).status_code == 200
    report = simulator.report()
    assert (report.code_exchanges, report.refreshes, report.refresh_token_reuse) == (1, 2, 0)
    assert report.count("token", 200) == 3
    assert report.count("authorize") == 2


async def test_the_token_reads_like_a_jwt():
    async with browser(unlimited()) as client:
        middle = (await login(client))["access_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    assert claims["exp"] - claims["iat"] == 43_200
    assert claims["aud"] == "gateway.stockx.com"


async def test_deny():
    async with browser(unlimited()) as client:
        back = await click(client, "deny")
    assert (back["error"], back["state"]) == ("access_denied", "s-1")
    assert "code" not in back


async def test_the_callback_keeps_its_own_query():
    async with browser(unlimited()) as client:
        back = await click(client, "allow", redirect_uri=f"{CALLBACK}?tab=1")
    assert back["tab"] == "1"
    assert "code" in back


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"client_id": "someone"}, "Unknown client"),
        ({"redirect_uri": "https://evil.example/callback"}, "Callback URL mismatch"),
        ({"redirect_uri": "http://localhost.evil.example/"}, "Callback URL mismatch"),
        ({"redirect_uri": ""}, "Callback URL mismatch"),
    ],
)
async def test_a_wrong_client_or_callback_never_redirects(changes, text):
    async with browser(unlimited()) as client:
        page = await client.get("/authorize", params={**REQUEST, **changes})
        decision = await client.post("/authorize/decision", data={**REQUEST, **changes, "decision": "allow"})
    for answer in (page, decision):
        assert answer.status_code == 403
        assert text in answer.text
        assert "location" not in answer.headers


async def test_configured_callbacks_are_compared_exactly():
    async with browser(unlimited(redirect_uris=(CALLBACK,))) as client:
        assert (await client.get("/authorize", params=REQUEST)).status_code == 200
        other = {**REQUEST, "redirect_uri": f"{CALLBACK}/"}
        assert (await client.get("/authorize", params=other)).status_code == 403


@pytest.mark.parametrize("scope", ["catalog.read", "offline_access selling", ""])
async def test_unknown_scopes_land_on_the_home_page_without_a_word(scope):
    async with browser(unlimited()) as client:
        page = await client.get("/authorize", params={**REQUEST, "scope": scope})
    assert page.status_code == 200
    assert "Welcome" in page.text
    assert "<form" not in page.text


async def test_without_offline_access_there_is_no_refresh_token():
    async with browser(unlimited()) as client:
        assert "refresh_token" not in await login(client, scope="openid")


async def test_without_the_audience_the_api_refuses_the_token():
    async with browser(unlimited()) as client:
        page = {name: value for name, value in REQUEST.items() if name != "audience"}
        answer = await client.post("/authorize/decision", data={**page, "decision": "allow"})
        code = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
        tokens = (await exchange(client, code)).json()
        assert await api_status(client, tokens["access_token"]) == 401


async def test_without_the_audience_a_refresh_works():
    async with browser(unlimited()) as client:
        tokens = await login(client)
        refreshed = await refresh(client, tokens["refresh_token"], audience="")
        assert await api_status(client, refreshed.json()["access_token"]) == 200


async def test_what_came_in_the_request_is_escaped():
    async with browser(unlimited()) as client:
        page = await client.get("/authorize", params={**REQUEST, "state": '"><script>alert(1)</script>'})
    assert "<script>" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


async def test_a_code_works_once_and_its_second_use_ends_the_session():
    async with browser(unlimited()) as client:
        code = (await click(client, "allow"))["code"]
        tokens = (await exchange(client, code)).json()
        again = await exchange(client, code)
        assert (again.status_code, again.json()["error"]) == (403, "invalid_grant")
        assert await api_status(client, tokens["access_token"]) == 401


@pytest.mark.parametrize(("seconds", "status"), [(599, 200), (600, 403)])
async def test_a_code_lives_ten_minutes(seconds, status):
    simulator = unlimited()
    async with browser(simulator) as client:
        code = (await click(client, "allow"))["code"]
        simulator.advance(seconds)
        assert (await exchange(client, code)).status_code == status


async def test_a_code_is_bound_to_its_callback():
    async with browser(unlimited()) as client:
        code = (await click(client, "allow"))["code"]
        wrong = await exchange(client, code, redirect_uri="http://localhost:9/callback")
        assert (wrong.status_code, wrong.json()["error"]) == (403, "invalid_grant")


@pytest.mark.parametrize(("verifier", "status"), [("v" * 43, 200), ("w" * 43, 403), (None, 403)])
async def test_pkce_is_checked_where_it_was_asked_for(verifier, status):
    digest = hashlib.sha256(b"v" * 43).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    async with browser(unlimited()) as client:
        back = await click(client, "allow", code_challenge=challenge, code_challenge_method="S256")
        extra = {"code_verifier": verifier} if verifier else {}
        assert (await exchange(client, back["code"], **extra)).status_code == status


async def test_plain_pkce_and_other_response_types_are_sent_back():
    async with browser(unlimited()) as client:
        plain = await client.get("/authorize", params={**REQUEST, "code_challenge_method": "plain"})
        token = await client.get("/authorize", params={**REQUEST, "response_type": "token"})
    assert "error=invalid_request" in plain.headers["location"]
    assert "error=unsupported_response_type" in token.headers["location"]


async def test_with_rotation_an_old_refresh_token_ends_the_whole_session():
    simulator = unlimited(rotate_refresh_tokens=True)
    async with browser(simulator) as client:
        first = await login(client)
        second = (await refresh(client, first["refresh_token"])).json()
        assert second["refresh_token"] != first["refresh_token"]
        third = (await refresh(client, second["refresh_token"])).json()
        reuse = await refresh(client, first["refresh_token"])
        assert (reuse.status_code, reuse.json()["error"]) == (403, "invalid_grant")
        assert (await refresh(client, third["refresh_token"])).status_code == 403
        assert await api_status(client, third["access_token"]) == 401
    report = simulator.report()
    assert (report.refreshes, report.refused_refreshes, report.refresh_token_reuse) == (2, 2, 1)


async def test_an_access_token_expires_to_the_second_and_a_refresh_helps():
    clock = HandClock()
    simulator = unlimited(clock, access_token_seconds=60)
    async with browser(simulator) as client:
        tokens = await login(client)
        clock.elapsed += 59
        assert await api_status(client, tokens["access_token"]) == 200
        clock.elapsed += 1
        assert await api_status(client, tokens["access_token"]) == 401
        refreshed = (await refresh(client, tokens["refresh_token"])).json()
        assert await api_status(client, refreshed["access_token"]) == 200


async def test_expire_and_revoke_from_python():
    simulator = unlimited()
    tokens = simulator.issue_tokens()
    async with browser(simulator) as client:
        simulator.expire_access_tokens()
        assert await api_status(client, tokens.access_token) == 401
        fresh = (await refresh(client, tokens.refresh_token)).json()["access_token"]
        assert await api_status(client, fresh) == 200
        simulator.revoke_refresh_tokens()
        assert await api_status(client, fresh) == 401
        refused = await refresh(client, tokens.refresh_token)
    assert (refused.status_code, refused.json()["error"]) == (403, "invalid_grant")
    assert simulator.report().refused_refreshes == 1


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({}, 401, "access_denied"),
        ({**CLIENT, "client_secret": "wrong"}, 401, "access_denied"),
        (CLIENT, 400, "invalid_request"),
        ({**CLIENT, "grant_type": "authorization_code"}, 400, "invalid_request"),
        ({**CLIENT, "grant_type": "client_credentials"}, 403, "unauthorized_client"),
        ({**CLIENT, "grant_type": "password"}, 403, "unsupported_grant_type"),
        ({**CLIENT, "grant_type": "refresh_token", "refresh_token": "x"}, 403, "invalid_grant"),
    ],
)
async def test_refusals_have_the_shape_of_oauth(form, status, error):
    async with browser(unlimited()) as client:
        answer = await client.post("/oauth/token", data=form)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["error_description"]


async def test_client_credentials_are_refused_in_stockx_words():
    async with browser(unlimited()) as client:
        answer = await client.post("/oauth/token", data={**CLIENT, "grant_type": "client_credentials"})
    assert "Grant type 'client_credentials' not allowed for the client" in answer.json()["error_description"]


async def test_json_instead_of_a_form_is_not_understood():
    async with browser(unlimited()) as client:
        assert (await client.post("/oauth/token", json=CLIENT)).status_code == 401


async def test_tokens_depend_on_the_seed():
    first, again, other = (unlimited(seed=seed).issue_tokens() for seed in (1, 1, 2))
    assert first == again
    assert first.refresh_token != other.refresh_token
