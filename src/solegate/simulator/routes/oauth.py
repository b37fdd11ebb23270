"""The login: authorize page, the decision on it, and the token endpoint (FACTS 2)."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode, urlsplit

from solegate.simulator.config import SimulatorConfig
from solegate.simulator.state.tokens import GrantRefusedError, IssuedTokens, Login, TokenStore
from solegate.simulator.wire import pages
from solegate.simulator.wire.answer import Answer, Json, json_answer
from solegate.simulator.wire.errors import oauth_error

KNOWN_SCOPES = frozenset({"offline_access", "openid", "email", "profile"})
CARRIED = ("client_id", "redirect_uri", "scope", "audience", "state", "code_challenge", "code_challenge_method")
"""Parameters of the authorize request that the decision needs again."""

Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OAuthRoutes:
    """Answers the authorization server's calls for the one application it knows."""

    config: SimulatorConfig
    tokens: TokenStore

    def authorize(self, query: Form) -> Answer:
        """The consent page, or why there is none."""
        return self._refusal(query) or pages.consent_page({name: query[name] for name in CARRIED if name in query})

    def decide(self, form: Form, now: datetime) -> Answer:
        """Send the browser back with a code, or with access_denied."""
        refusal = self._refusal({**form, "response_type": "code"})
        if refusal is not None:
            return refusal
        if form.get("decision") != "allow":
            return _redirect(form, {"error": "access_denied", "error_description": "The user denied the request"})
        login = Login(form["redirect_uri"], form["scope"], form.get("audience"), form.get("code_challenge"))
        return _redirect(form, {"code": self.tokens.issue_code(login, now)})

    def token(self, form: Form, now: datetime) -> Answer:
        """Tokens for a code or a refresh token; every refusal has the shape Auth0 gives it."""
        if not self._is_our_client(form):
            return oauth_error(401, "access_denied", "Unauthorized")
        try:
            return self._granted(form, now)
        except GrantRefusedError as refusal:
            return oauth_error(403, "invalid_grant", str(refusal))
        except KeyError as missing:
            return oauth_error(400, "invalid_request", f"Missing required parameter: {missing.args[0]}")

    def _granted(self, form: Form, now: datetime) -> Answer:
        grant_type = form["grant_type"]
        match grant_type:
            case "authorization_code":
                return _tokens(self.tokens.exchange(form["code"], form["redirect_uri"], form.get("code_verifier"), now))
            case "refresh_token":
                return _tokens(self.tokens.refresh(form["refresh_token"], now))
            case "client_credentials":
                return oauth_error(
                    403, "unauthorized_client", "Grant type 'client_credentials' not allowed for the client."
                )
            case _:
                return oauth_error(403, "unsupported_grant_type", f"Unsupported grant type: {grant_type}")

    def _is_our_client(self, form: Form) -> bool:
        secret = form.get("client_secret", "").encode()
        return form.get("client_id") == self.config.client_id and hmac.compare_digest(
            secret, self.config.client_secret.encode()
        )

    def _refusal(self, request: Form) -> Answer | None:
        """Why the request cannot be shown for consent. Before client and callback are proven, never redirect."""
        if request.get("client_id") != self.config.client_id:
            return pages.refusal_page("Unknown client")
        if not self._may_return_to(request.get("redirect_uri", "")):
            return pages.refusal_page("Callback URL mismatch")
        if request.get("response_type") != "code":
            return _redirect(request, {"error": "unsupported_response_type"})
        if request.get("code_challenge_method", "S256") != "S256":
            return _redirect(request, {"error": "invalid_request", "error_description": "Only S256 is supported"})
        scopes = frozenset(request.get("scope", "").split())
        return None if scopes and scopes <= KNOWN_SCOPES else pages.home_page()

    def _may_return_to(self, uri: str) -> bool:
        if not uri.isprintable():
            return False
        if self.config.redirect_uris:
            return uri in self.config.redirect_uris
        parts = urlsplit(uri)
        return parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1")


def _redirect(request: Form, parameters: Mapping[str, str]) -> Answer:
    state = {"state": request["state"]} if "state" in request else {}
    uri = request["redirect_uri"]
    glue = "&" if urlsplit(uri).query else "?"
    location = f"{uri}{glue}{urlencode({**parameters, **state})}"
    return Answer(302, headers={"location": location, "cache-control": "no-store"})


def _tokens(issued: IssuedTokens) -> Answer:
    """The documented answer; a refresh token is in it only when a new one was given."""
    refresh = {"refresh_token": issued.refresh_token} if issued.refresh_token else {}
    body: dict[str, Json] = {
        "access_token": issued.access_token,
        **refresh,
        "id_token": issued.id_token,
        "scope": issued.scope,
        "expires_in": issued.expires_in,
        "token_type": "Bearer",
    }
    return json_answer(body, headers={"cache-control": "no-store"})
