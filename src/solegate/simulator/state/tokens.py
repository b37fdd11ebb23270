"""Logins: authorization codes, sessions, access and refresh tokens.

A *session* is one login. Its access tokens expire; its refresh token lasts, or, with rotation, is replaced at each
refresh. Then a replaced token that comes back means it was copied: the whole session ends. An ended session never
comes back, and its access tokens are refused at once.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

CODE_SECONDS = 600
"""Life of an authorization code."""

AUDIENCE = "gateway.stockx.com"
"""The audience an access token needs for the API (FACTS 2)."""


class GrantRefusedError(Exception):
    """Raised when a code or refresh token is not accepted; the message is the error_description."""


@dataclass(frozen=True, slots=True)
class Login:
    """What the account holder allowed: to whom, where to return, for what, and the PKCE challenge if any."""

    redirect_uri: str
    scope: str
    audience: str | None
    code_challenge: str | None = None


@dataclass(frozen=True, slots=True)
class IssuedTokens:
    """Tokens as the token endpoint hands them out; `refresh_token` is empty where none was given."""

    access_token: str
    refresh_token: str
    id_token: str
    scope: str
    expires_in: int


@dataclass(slots=True)
class _Session:
    login: Login
    ended: bool = False


@dataclass(slots=True)
class _Code:
    login: Login
    expires_at: datetime
    session: _Session | None = None


@dataclass(slots=True)
class _Refresh:
    session: _Session
    replaced: bool = False


@dataclass(slots=True)
class _Access:
    session: _Session
    expires_at: datetime


class TokenStore:
    """Issues, refreshes and checks tokens; counts what the report tells of them."""

    def __init__(self, *, seed: int, access_seconds: float, rotate: bool) -> None:
        self.code_exchanges = 0
        self.refreshes = 0
        self.refused_refreshes = 0
        self.reuses = 0
        self._seed = seed
        self._access_seconds = access_seconds
        self._rotate = rotate
        self._issued = 0
        self._codes: dict[str, _Code] = {}
        self._refresh: dict[str, _Refresh] = {}
        self._access: dict[str, _Access] = {}

    def issue_code(self, login: Login, now: datetime) -> str:
        """A single-use authorization code for a login that was allowed."""
        code = self._secret("code")
        self._codes[code] = _Code(login, now + timedelta(seconds=CODE_SECONDS))
        return code

    def exchange(self, code: str, redirect_uri: str, verifier: str | None, now: datetime) -> IssuedTokens:
        """Trade a code for tokens. A code that comes twice ends the session it opened (RFC 6749, 4.1.2).

        Raises:
            GrantRefusedError: unknown, used or expired code, another redirect_uri, or a wrong verifier.
        """
        held = self._codes.get(code)
        if held is not None and held.session is not None:
            held.session.ended = True
            held = None
        if held is None or now >= held.expires_at:
            raise GrantRefusedError("Invalid authorization code")
        if redirect_uri != held.login.redirect_uri:
            raise GrantRefusedError("The redirect_uri does not match the one of the authorization request")
        if held.login.code_challenge not in (None, _challenge(verifier or "")):
            raise GrantRefusedError("Failed to verify code verifier")
        held.session = _Session(held.login)
        self.code_exchanges += 1
        return self._issue(held.session, now, with_refresh="offline_access" in held.login.scope.split())

    def open_session(self, login: Login, now: datetime) -> IssuedTokens:
        """Tokens without the detour over a page and a code."""
        return self._issue(_Session(login), now, with_refresh=True)

    def refresh(self, token: str, now: datetime) -> IssuedTokens:
        """A new access token; with rotation also a new refresh token.

        Raises:
            GrantRefusedError: unknown token, ended session, or a token that was replaced (which ends the session).
        """
        held = self._refresh.get(token)
        if held is not None and held.replaced:
            held.session.ended = True
            self.reuses += 1
        if held is None or held.session.ended:
            self.refused_refreshes += 1
            raise GrantRefusedError("Unknown or invalid refresh token.")
        self.refreshes += 1
        held.replaced = self._rotate
        return self._issue(held.session, now, with_refresh=self._rotate)

    def accepts(self, access_token: str, now: datetime) -> bool:
        """Whether the API accepts this access token: known, not expired, session alive, issued for the API."""
        held = self._access.get(access_token)
        if held is None or held.session.ended or held.session.login.audience != AUDIENCE:
            return False
        return now < held.expires_at

    def expire_access(self, now: datetime) -> None:
        """Let every access token expire now; refresh tokens stay good."""
        for held in self._access.values():
            held.expires_at = min(held.expires_at, now)

    def end_session(self, access_token: str) -> None:
        """End the login behind an access token; without one (a request to the login itself) every login."""
        held = self._access.get(access_token)
        if held is None:
            self.end_sessions()
        else:
            held.session.ended = True

    def end_sessions(self) -> None:
        """End every login: no token of it is accepted any more."""
        for held in self._access.values():
            held.session.ended = True
        for refresh in self._refresh.values():
            refresh.session.ended = True

    def _issue(self, session: _Session, now: datetime, *, with_refresh: bool) -> IssuedTokens:
        expires_at = now + timedelta(seconds=self._access_seconds)
        self._access = {token: held for token, held in self._access.items() if held.expires_at > now}
        access = self._jwt("access", session.login, now, expires_at)
        self._access[access] = _Access(session, expires_at)
        refresh = self._secret("refresh") if with_refresh else ""
        if refresh:
            self._refresh[refresh] = _Refresh(session)
        return IssuedTokens(
            access_token=access,
            refresh_token=refresh,
            id_token=self._jwt("id", session.login, now, expires_at),
            scope=session.login.scope,
            expires_in=int(self._access_seconds),
        )

    def _secret(self, purpose: str) -> str:
        """A token nobody can mistake for another; it depends on the seed and on how many were issued before."""
        self._issued += 1
        return _base64(hashlib.sha256(f"{self._seed}/{purpose}/{self._issued}".encode()).digest())

    def _jwt(self, purpose: str, login: Login, now: datetime, expires_at: datetime) -> str:
        """A token in the shape of a JWT, with a readable `exp`; its signature means nothing."""
        header = {"alg": "RS256", "typ": "JWT", "kid": "practice"}
        claims = {
            "iss": "https://accounts.stockx.com/",
            "aud": login.audience,
            "iat": int(now.timestamp()),
            "exp": int(expires_at.timestamp()),
            "scope": login.scope,
        }
        parts = (_base64(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
        return ".".join((*parts, self._secret(purpose)))


def _challenge(verifier: str) -> str:
    """The S256 challenge of a PKCE verifier (RFC 7636, 4.2)."""
    return _base64(hashlib.sha256(verifier.encode()).digest())


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
