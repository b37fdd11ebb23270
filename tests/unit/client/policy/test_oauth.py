"""StockX's login as values: what is sent, and how every answer is read (FACTS 2)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solegate.client.policy.oauth import (
    Credentials,
    Due,
    Granted,
    Refused,
    Unavailable,
    authorize_url,
    code_form,
    pkce_challenge,
    read_redirect,
    read_token_answer,
    refresh_due,
    refresh_form,
)

WHO = Credentials("my id", "s&cret", "key", "http://localhost:8123/callback?x=1")
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_the_authorize_page_is_asked_as_documented() -> None:
    url = urlsplit(authorize_url("https://accounts.stockx.com", WHO, state="st/ate"))
    assert (url.scheme, url.netloc, url.path) == ("https", "accounts.stockx.com", "/authorize")
    assert parse_qs(url.query) == {
        "response_type": ["code"], "client_id": ["my id"], "redirect_uri": [WHO.redirect_uri],
        "scope": ["offline_access openid"], "audience": ["gateway.stockx.com"], "state": ["st/ate"],
    }  # fmt: skip


def test_a_challenge_is_sent_where_there_is_one() -> None:
    query = parse_qs(urlsplit(authorize_url("https://a", WHO, state="s", code_challenge="abc")).query)
    assert query["code_challenge"] == ["abc"]
    assert query["code_challenge_method"] == ["S256"]


def test_the_challenge_of_rfc_7636_appendix_b() -> None:
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert pkce_challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_the_form_for_a_code() -> None:
    form = code_form(WHO, "the code")
    assert form == {
        "grant_type": "authorization_code", "client_id": "my id", "client_secret": "s&cret", "code": "the code",
        "redirect_uri": WHO.redirect_uri,
    }  # fmt: skip
    assert code_form(WHO, "the code", code_verifier="v") == form | {"code_verifier": "v"}


def test_the_form_for_a_refresh_names_the_audience() -> None:
    assert refresh_form(WHO, "old") == {
        "grant_type": "refresh_token", "client_id": "my id", "client_secret": "s&cret",
        "audience": "gateway.stockx.com", "refresh_token": "old",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("left", "due"),
    [
        (timedelta(hours=12), Due.NO), (timedelta(minutes=15, microseconds=1), Due.NO),
        (timedelta(minutes=15), Due.SOON),
        (timedelta(minutes=2, microseconds=1), Due.SOON), (timedelta(minutes=2), Due.NOW), (timedelta(0), Due.NOW),
        (timedelta(days=-9), Due.NOW),
    ],
)  # fmt: skip
def test_a_refresh_is_advised_at_15_minutes_and_due_at_2(left: timedelta, due: Due) -> None:
    assert refresh_due(NOW + left, NOW) is due


def read(status: int, body: object) -> Granted | Refused | Unavailable:
    return read_token_answer(status, body if isinstance(body, bytes) else json.dumps(body).encode())


@pytest.mark.parametrize(
    ("body", "granted"),
    [
        ({"access_token": "a", "expires_in": 43200}, Granted("a", "", 43200.0)),
        ({"access_token": "a", "refresh_token": "r", "expires_in": 43200, "id_token": "i", "scope": "openid"},
         Granted("a", "r", 43200.0)),
        ({"access_token": "a", "refresh_token": None, "expires_in": "3600"}, Granted("a", "", 3600.0)),
    ],
)  # fmt: skip
def test_a_grant_is_read(body: object, granted: Granted) -> None:
    assert read(200, body) == granted


@pytest.mark.parametrize("status", [400, 401, 403])
@pytest.mark.parametrize(
    ("body", "reason", "misconfigured"),
    [
        ({"error": "invalid_grant", "error_description": "Unknown or invalid refresh token."},
         "Unknown or invalid refresh token.", False),
        ({"error": "invalid_grant"}, "invalid_grant", False),
        ({"error": "invalid_client"}, "invalid_client", True),
        ({"error": "unauthorized_client", "error_description": "Not allowed"}, "Not allowed", True),
        ({}, None, False),
    ],
)  # fmt: skip
def test_a_refusal_says_whether_the_login_or_the_application_is_to_blame(
    status: int, body: object, reason: str | None, misconfigured: bool
) -> None:
    assert read(status, body) == Refused(reason or f"HTTP {status}", misconfigured)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, {"error": "server_error"}), (502, b"<html><title>Bad Gateway</title></html>"), (503, b""), (504, b""),
        (429, b"Too Many Requests"), (408, b""), (404, b"nope"), (302, b""), (200, b""), (200, b"<html>"), (200, []),
        (200, None), (200, {}), (200, {"access_token": "a"}), (200, {"expires_in": 5}),
        (200, {"access_token": "a", "expires_in": "soon"}), (200, {"access_token": "a", "expires_in": None}),
    ],
)  # fmt: skip
def test_everything_else_means_try_later(status: int, body: object) -> None:
    assert isinstance(read(status, body), Unavailable)


@pytest.mark.parametrize(
    "body",
    [
        {"access_token": None, "expires_in": 5}, {"access_token": "", "expires_in": 5},
        {"access_token": "a", "expires_in": float("nan")}, {"access_token": "a", "expires_in": float("inf")},
        {"access_token": "a", "expires_in": 1e300},
    ],
)  # fmt: skip
def test_a_grant_that_cannot_be_used_is_none(body: object) -> None:
    assert isinstance(read(200, body), Unavailable)


@given(st.integers(100, 599), st.binary(max_size=200))
def test_any_answer_is_read(status: int, body: bytes) -> None:
    assert isinstance(read(status, body), Granted | Refused | Unavailable)


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8123/callback?code=c%2B1&state=s",
        "/callback?state=s&code=c%2B1",
        "http://h/?x=1&code=c%2B1&state=s#f",
    ],
)
def test_the_code_is_taken_out_of_the_redirect(url: str) -> None:
    assert read_redirect(url, state="s") == "c+1"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://h/?code=c&state=other", "another login attempt"),
        ("http://h/?code=c", "another login attempt"),
        ("http://h/?code=c&state=s&state=other", "another login attempt"),
        ("http://h/?code=c&state=S", "another login attempt"),
        ("http://h/?state=s", "no code"),
        ("http://h/?state=s&code=", "no code"),
        ("http://h/?state=s&error=access_denied", "access_denied"),
        ("http://h/?state=s&error=access_denied&error_description=User%20said%20no", "User said no"),
        ("http://h/?error=x&error_description=Call+me", "another login attempt"),
        ("http://h/#code=c&state=s", "another login attempt"),
        ("", "another login attempt"),
    ],
)
def test_a_redirect_that_does_not_fit_is_refused(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_redirect(url, state="s")


def test_secrets_are_not_shown() -> None:
    shown = repr([Credentials("id", "canary", "canary"), Granted("canary", "canary", 1.0)])
    assert "canary" not in shown
