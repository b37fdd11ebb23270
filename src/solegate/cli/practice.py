"""The practice market from the inside: settings that reach it, and a person who logs in there."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode, urljoin

from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from solegate.bootstrap import client_config
from solegate.client.policy.outcome import Failed, Received
from solegate.client.transport import HttpTransport, WireRequest
from solegate.errors import ConnectionFailedError, UpstreamError
from solegate.settings import Settings, data_directory
from solegate.simulator import ServerHandle, SimulatorConfig

_FORM = {"content-type": "application/x-www-form-urlencoded"}


class PracticeSettings(Settings):
    """Settings made here and nowhere else: neither environment nor `.env` is read."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the library decides what is passed
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what the constructor is given."""
        return (init_settings,)


def practice_settings(config: SimulatorConfig, server: ServerHandle, database: Path) -> Settings:
    """Settings for a practice market, with a database of their own."""
    return PracticeSettings(
        stockx_api_url=server.api_url,
        stockx_auth_url=server.auth_url,
        stockx_client_id=config.client_id,
        stockx_client_secret=config.client_secret,
        stockx_api_key=config.api_key,
        stockx_ca_file=server.ca_file,
        limit_profile="guide",
        database_url=f"sqlite+aiosqlite:///{database}",
    )


def environment(config: SimulatorConfig, server: ServerHandle, *, profile: str) -> dict[str, str]:
    """The environment variables that make every command use a practice market instead of StockX."""
    variables = {
        "SOLEGATE_STOCKX_API_URL": server.api_url,
        "SOLEGATE_STOCKX_AUTH_URL": server.auth_url,
        "SOLEGATE_STOCKX_CLIENT_ID": config.client_id,
        "SOLEGATE_STOCKX_CLIENT_SECRET": config.client_secret,
        "SOLEGATE_STOCKX_API_KEY": config.api_key,
        "SOLEGATE_LIMIT_PROFILE": profile,
        # Practice products and logins must never mix with the real ones.
        "SOLEGATE_DATABASE_URL": f"sqlite+aiosqlite:///{data_directory() / 'practice.db'}",
    }
    return variables | ({"SOLEGATE_STOCKX_CA_FILE": str(server.ca_file)} if server.ca_file else {})


async def press_allow(settings: Settings, authorize_url: str) -> str:
    """Do what a person does in the browser: open the login page, press Allow, and go where it leads.

    Returns:
        The address the browser is sent to, with the code in it.
    """
    transport = HttpTransport(client_config(settings).pool)
    try:
        page = _received(await transport.send(WireRequest("GET", authorize_url, {})), expected=200)
        form = _Form()
        form.feed(page.body.decode())
        body = urlencode({**form.fields, "decision": "allow"}).encode()
        request = WireRequest("POST", urljoin(authorize_url, form.action), _FORM, body=body)
        return _received(await transport.send(request), expected=302).headers["location"]
    finally:
        await transport.aclose()


def _received(answer: Received | Failed, *, expected: int) -> Received:
    if isinstance(answer, Failed):
        raise ConnectionFailedError(f"The practice login cannot be reached: {answer.detail}.", operation="Login")
    if answer.status != expected:
        raise UpstreamError(f"The practice login answered HTTP {answer.status}.", operation="Login")
    return answer


class _Form(HTMLParser):
    """The form of a page: where it is sent, and its hidden fields."""

    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "form":
            self.action = attributes.get("action") or ""
        elif tag == "input" and attributes.get("name"):
            self.fields[attributes["name"] or ""] = attributes.get("value") or ""
