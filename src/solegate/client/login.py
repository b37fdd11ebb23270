"""StockX's login server: what is asked of it, and the errors that its answers become. Nothing is stored here."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote, urlencode

from solegate.client.policy.oauth import (
    LONGEST_LOGIN,
    Credentials,
    Granted,
    Refused,
    Unavailable,
    code_form,
    read_token_answer,
    refresh_form,
)
from solegate.client.policy.outcome import Failed
from solegate.client.transport import Transport, WireRequest
from solegate.errors import AuthenticationError, ReauthenticationRequiredError, UpstreamError

TOKEN = "RefreshToken"  # noqa: S105 - the name of an operation
_FORM = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}


class LoginServer:
    """Asks for tokens, once each time: whether to ask again is for the token manager to say."""

    def __init__(self, credentials: Credentials, *, auth_url: str, transport: Transport) -> None:
        self._credentials = credentials
        self._url = f"{auth_url}/oauth/token"
        self._transport = transport

    async def exchange(self, code: str, *, code_verifier: str | None) -> Granted | Refused | Unavailable:
        """Exchange the code of a login for tokens."""
        return await self._ask(code_form(self._credentials, code, code_verifier=code_verifier))

    async def renew(self, refresh_token: str, *, gate: Callable[[], bool]) -> Granted | Refused | Unavailable:
        """Renew the access token; `gate` tells, just before the request leaves, whether it still may."""
        return await self._ask(refresh_form(self._credentials, refresh_token), gate=gate)

    async def _ask(
        self, form: dict[str, str], *, gate: Callable[[], bool] | None = None
    ) -> Granted | Refused | Unavailable:
        body = urlencode(form).encode("ascii")
        request = WireRequest("POST", self._url, _FORM, body=body, timeout=LONGEST_LOGIN, gate=gate)
        result = await self._transport.send(request)
        if isinstance(result, Failed):
            return Unavailable(f"{result.kind.value}: {result.detail}")
        return read_token_answer(result.status, result.body)


def unavailable(reason: str) -> UpstreamError:
    """The error when the login server gave no decision."""
    return UpstreamError(
        f"StockX's login server gave no token ({reason}).",
        operation=TOKEN,
        attempts=1,
        hint="Try again later; the account stays connected.",
    )


def wrong_application(reason: str) -> AuthenticationError:
    """The error when it refused the application itself."""
    return AuthenticationError(
        f"StockX's login server refused this application: {reason}.",
        operation=TOKEN,
        attempts=1,
        hint="Check client id, client secret and redirect URI, then run `solegate auth login` again.",
    )


def reauthenticate(account: str, why: str) -> ReauthenticationRequiredError:
    """The error when a person has to log in: one command, or one link, mends it."""
    hint = (
        f"Run `solegate auth login{'' if account == 'default' else f' --account {account}'}`. "
        f"Over HTTP, POST /api/v1/accounts/{quote(account, safe='')}/login and open the `authorizeUrl` it answers."
    )
    return ReauthenticationRequiredError(f"Account '{account}' {why}.", operation=TOKEN, hint=hint)
