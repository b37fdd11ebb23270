"""StockX's OAuth2 as values: what to send, how to read the answer, when to refresh (portal page "Authentication").

It sends nothing and stores nothing: `client/auth.py` does.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import parse_qs, urlencode, urlsplit

from solegate.client.policy.outcome import error_message

AUDIENCE = "gateway.stockx.com"
"""Without it the API answers 401 to the tokens (FACTS 2)."""
SCOPE = "offline_access openid"
"""`offline_access` brings the refresh token; other scopes lead to StockX's home page instead (FACTS 2)."""

REFRESH_EARLY = timedelta(minutes=15)
REFRESH_NOW = timedelta(minutes=2)
JUST_RENEWED = timedelta(minutes=1)
"""A token renewed this recently is not renewed again: a short life, or a 401 for another reason, starts no storm."""
LEASE = 30.0
"""Seconds for which one process alone may renew a token (design 4.5); longer than the login server is waited for."""
LONGEST_LOGIN = 20.0
"""Seconds the login server has for its answer."""
LEASE_POLL = 0.1
"""Seconds after which a process that waits for another's renewal looks again."""
_LONGEST_LIFE = 10 * 365 * 86_400.0


@dataclass(frozen=True, slots=True)
class Credentials:
    """One StockX application. The API key is not the client id (FACTS 1.10)."""

    client_id: str
    client_secret: str = field(repr=False)
    api_key: str = field(repr=False)
    redirect_uri: str = "http://localhost:8123/callback"


class Due(StrEnum):
    """How urgent a refresh is: not yet, one caller should while others go on, or everybody waits for it."""

    NO = "no"
    SOON = "soon"
    NOW = "now"


def refresh_due(expires_at: datetime, now: datetime, *, renewed_at: datetime | None = None) -> Due:
    """Judge a token by the time it has left: advisory at 15 minutes, mandatory at 2, or when a fresh one is over."""
    left = expires_at - now
    if renewed_at is not None and now - renewed_at < JUST_RENEWED and left > timedelta():
        return Due.NO
    if left <= REFRESH_NOW:
        return Due.NOW
    return Due.SOON if left <= REFRESH_EARLY else Due.NO


def authorize_url(auth_url: str, credentials: Credentials, *, state: str, code_challenge: str | None = None) -> str:
    """The page where a person allows this application to act for the account."""
    query = {
        "response_type": "code",
        "client_id": credentials.client_id,
        "redirect_uri": credentials.redirect_uri,
        "scope": SCOPE,
        "audience": AUDIENCE,
        "state": state,
    }
    if code_challenge:
        query |= {"code_challenge": code_challenge, "code_challenge_method": "S256"}
    return f"{auth_url}/authorize?{urlencode(query)}"


def pkce_challenge(verifier: str) -> str:
    """The S256 challenge of a PKCE verifier (RFC 7636)."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def code_form(credentials: Credentials, code: str, *, code_verifier: str | None = None) -> dict[str, str]:
    """The form that exchanges a code for tokens."""
    form = {
        "grant_type": "authorization_code",
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
        "code": code,
        "redirect_uri": credentials.redirect_uri,
    }
    return form | {"code_verifier": code_verifier} if code_verifier else form


def refresh_form(credentials: Credentials, refresh_token: str) -> dict[str, str]:
    """The form that renews the access token; StockX wants the audience in it."""
    return {
        "grant_type": "refresh_token",
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
        "audience": AUDIENCE,
        "refresh_token": refresh_token,
    }


@dataclass(frozen=True, slots=True)
class Granted:
    """New tokens. `refresh_token` is empty when StockX keeps the old one, which it does as a rule (FACTS 2)."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: float


@dataclass(frozen=True, slots=True)
class Refused:
    """StockX rejects the grant: a person has to log in again, or mend the application's credentials."""

    reason: str
    misconfigured: bool = False


@dataclass(frozen=True, slots=True)
class Unavailable:
    """No decision: the login server failed, so try later."""

    reason: str


def read_token_answer(status: int, body: bytes) -> Granted | Refused | Unavailable:
    """Read the token endpoint's answer; 400, 401 and 403 mean log in again, the rest try later (FACTS 2).

    A 403 page of the gateway before it is no decision about the account (FACTS 1.6): only JSON is.
    """
    try:
        answer = json.loads(body)
        if status in {400, 401, 403}:
            wrong_client = answer.get("error") in {"invalid_client", "unauthorized_client"}
            return Refused(error_message(body) or f"HTTP {status}", misconfigured=wrong_client)
        if status == 200:
            return _granted(answer["access_token"], answer.get("refresh_token"), float(answer["expires_in"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        return Unavailable(f"HTTP {status} with an answer that cannot be read")
    return Unavailable(error_message(body) or f"HTTP {status}")


def _granted(access_token: object, refresh_token: object, expires_in: float) -> Granted | Unavailable:
    if not isinstance(access_token, str) or not access_token or not 0 < expires_in < _LONGEST_LIFE:
        return Unavailable("an answer without a usable token")
    return Granted(access_token, refresh_token if isinstance(refresh_token, str) else "", expires_in)


def read_redirect(url: str, *, state: str) -> str:
    """Take the code out of the redirect StockX sent the browser to.

    Raises:
        ValueError: it belongs to another attempt (`state`), which is looked at first, the login was denied, or it
            carries no code.
    """
    query = parse_qs(urlsplit(url).query)
    if query.get("state") != [state]:
        raise ValueError("the redirect belongs to another login attempt (state differs)")
    if query.get("error"):
        raise ValueError(f"StockX refused the login: {query.get('error_description', query['error'])[0]}")
    if not query.get("code"):
        raise ValueError("the redirect carries no code")
    return query["code"][0]
