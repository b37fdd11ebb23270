"""Connecting a StockX account: one login by a person, tokens renewed by themselves from then on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from solegate.client.policy.oauth import Credentials, authorize_url, pkce_challenge, read_redirect
from solegate.client.service import StockXService
from solegate.domain.accounts import AccountStatus, TokenRecord
from solegate.errors import CredentialsMissingError, InvalidInputError

__all__ = ["AccountService", "AccountStatus", "LoginAttempt"]


@dataclass(frozen=True, slots=True)
class LoginAttempt:
    """A login under way: the page a person opens, and what ties the redirect to it."""

    url: str = field(repr=False)
    state: str = field(repr=False)
    code_verifier: str = field(repr=False)


class AccountService:
    """Login and status of the configured account."""

    def __init__(self, stockx: StockXService, *, new_secret: Callable[[], str]) -> None:
        self._stockx = stockx
        self._new_secret = new_secret

    @property
    def redirect_uri(self) -> str:
        """Where StockX sends the browser after the login."""
        return self._credentials().redirect_uri

    def start_login(self) -> LoginAttempt:
        """Begin a login: send the person to the attempt's `url`.

        Raises:
            CredentialsMissingError: client id, client secret or API key are missing.
        """
        state, verifier = self._new_secret(), self._new_secret()
        url = authorize_url(
            self._stockx.config.auth_url, self._credentials(), state=state, code_challenge=pkce_challenge(verifier)
        )
        return LoginAttempt(url, state, verifier)

    async def finish_login(self, attempt: LoginAttempt, redirect: str) -> AccountStatus:
        """Complete a login with the address StockX redirected the browser to.

        Raises:
            InvalidInputError: the address belongs to another attempt, carries no code, or says the login was denied.
            AuthenticationError: StockX refuses the code.
        """
        try:
            code = read_redirect(redirect, state=attempt.state)
        except ValueError as error:
            raise InvalidInputError(f"Login failed: {error}.", hint="Run `solegate auth login` again.") from None
        return self._status(await self._stockx.tokens.connect(code, code_verifier=attempt.code_verifier))

    async def status(self) -> AccountStatus:
        """How the account stands; asks only the local store."""
        return self._status(await self._stockx.tokens.status())

    def _status(self, record: TokenRecord | None) -> AccountStatus:
        if record is None:
            return AccountStatus(self._stockx.config.account, None)
        return AccountStatus(record.account, record.state, record.expires_at, record.version)

    def _credentials(self) -> Credentials:
        credentials = self._stockx.config.credentials
        if not (credentials.client_id and credentials.client_secret and credentials.api_key):
            raise CredentialsMissingError("The StockX application is not configured.")
        return credentials
