"""All configuration, read once from the environment (`SOLEGATE_...`) and from `.env`."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

import platformdirs
from pydantic import BeforeValidator, Field, FilePath, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_VISIBLE = re.compile(r"[!-~]*")
_A_DAY = 86_400.0
_A_YEAR = 31_536_000.0

LISTING_CURRENCIES = ("AUD", "CAD", "CHF", "EUR", "GBP", "HKD", "JPY", "KRW", "MXN", "NZD", "SGD", "USD")
"""Currencies in which StockX lists (FACTS 1.9)."""


def _by_currency(value: object) -> object:
    """`EUR=20,USD=25` as amounts by currency; anything but text is left to pydantic."""
    if not isinstance(value, str):
        return value
    pairs = [pair.partition("=") for pair in value.split(",") if pair.strip()]
    amounts = {code.strip().upper(): amount.strip() for code, _, amount in pairs}
    unknown = [code for code in amounts if code not in LISTING_CURRENCIES]
    if unknown or len(amounts) < len(pairs):
        raise ValueError(f"must be like EUR=20,USD=25, each of {', '.join(LISTING_CURRENCIES)} once at most")
    return amounts


LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})
"""Names of this machine that no other machine reaches."""

AmountByCurrency = Annotated[
    dict[str, Annotated[Decimal, Field(gt=0, allow_inf_nan=False)]], NoDecode, BeforeValidator(_by_currency)
]
"""Amounts by currency, written `EUR=20,USD=25`."""


def data_directory() -> Path:
    """The per-user folder for the embedded database and the secret key."""
    return Path(platformdirs.user_data_dir("solegate", appauthor=False))


class Settings(BaseSettings):
    """Every setting, with its unit in its description. `docs/reference/settings.md` is generated from here."""

    model_config = SettingsConfigDict(
        env_prefix="SOLEGATE_",
        env_file=".env",
        env_file_encoding="utf-8",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    stockx_api_url: str = Field("https://api.stockx.com/v2", description="Base URL of the StockX API.")
    stockx_auth_url: str = Field(
        "https://accounts.stockx.com", description="Base URL of StockX's login (authorize page and tokens)."
    )
    stockx_client_id: str = Field("", description="OAuth client id of your StockX application.")
    stockx_client_secret: SecretStr = Field(
        SecretStr(""), description="OAuth client secret of your StockX application."
    )
    stockx_api_key: SecretStr = Field(SecretStr(""), description="API key, sent as `x-api-key`. Not the client id.")
    stockx_redirect_uri: str = Field(
        "http://localhost:8123/callback",
        description="Callback registered with StockX; it must match exactly.",
    )
    stockx_ca_file: FilePath | None = Field(
        None, description="Extra certificate authority to trust, for the practice market over TLS."
    )
    account: str = Field("default", description="Name under which this account's tokens and quota are kept.")
    currency: str = Field("EUR", description="Currency for market data when none is given.")

    limit_profile: Literal["official", "guide"] = Field(
        "official",
        description="Request limits: `official` (1/s, 25,000 per UTC day) or `guide` (10/s, same day).",
    )
    requests_per_second: float | None = Field(None, gt=0, le=1000, description="Overrides the profile's request rate.")
    requests_per_day: int | None = Field(None, gt=0, description="Overrides the profile's quota per UTC day.")
    items_per_window: int | None = Field(
        None, gt=0, description="Overrides the most batch items in one window (StockX: 500)."
    )
    items_window: float | None = Field(
        None, gt=0, le=86_400, description="Overrides the length of that window in seconds (StockX: 300)."
    )
    items_per_day: int | None = Field(
        None, gt=0, description="Overrides the quota of batch items per UTC day (StockX: 50,000)."
    )
    background_reserve: float = Field(
        0.1, ge=0, lt=1, description="Share of the day's quota that background work never touches."
    )
    http2: bool = Field(True, description="Use HTTP/2 where the server offers it.")
    cache_entries: int = Field(10_000, ge=1, description="Most answers kept in memory.")
    market_data_ttl: float = Field(
        300.0, ge=0, le=_A_YEAR, description="Seconds for which market data counts as fresh."
    )
    catalog_ttl: float = Field(
        86_400.0, ge=0, le=_A_YEAR, description="Seconds for which catalog data counts as fresh."
    )

    database_url: str = Field(
        "",
        repr=False,
        description="SQLAlchemy URL. Empty: SQLite in the user's data folder. PostgreSQL: `postgresql+asyncpg://`.",
    )
    database_pool: int = Field(
        5,
        ge=1,
        le=100,
        description="Connections to PostgreSQL that a process keeps open; under load up to three times as many.",
    )
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Key(s) that encrypt stored tokens, comma-separated, newest first. Empty: a key file is made.",
    )
    orders_sync_interval: float = Field(
        120.0, ge=0, le=_A_DAY, description="Seconds between two syncs of active orders; 0 switches it off."
    )
    history_sync_interval: float = Field(
        21_600.0, ge=0, le=_A_YEAR, description="Seconds between two syncs of past orders; 0 switches it off."
    )
    listings_sync_interval: float = Field(
        1800.0, ge=0, le=_A_YEAR, description="Seconds between two syncs of listings; 0 switches it off."
    )
    market_refresh_interval: float = Field(
        1800.0, ge=0, le=_A_YEAR, description="Seconds between two refreshes of stale markets; 0 switches it off."
    )
    reconcile_interval: float = Field(
        60.0, ge=0, le=_A_DAY, description="Seconds between two looks for writes of unknown outcome; 0 switches it off."
    )

    host: str = Field("127.0.0.1", description="Address the HTTP API binds to.")
    port: int = Field(8000, ge=0, le=65535, description="Port the HTTP API binds to; 0 takes a free one.")
    open_on_loopback: bool = Field(
        False,
        description="For development: ask for no API key. Only where `SOLEGATE_HOST` is a loopback address.",
    )
    cors_origins: str = Field(
        "",
        description="Origins whose pages may use the HTTP API, comma-separated, as `https://shop.example`.",
    )
    private_targets: bool = Field(
        False,
        description="Whether subscribers may be receivers on your own network, and use plain `http://`.",
    )
    idempotency_key_required: bool = Field(
        False, description="Whether the HTTP API refuses changes that come without an `Idempotency-Key`."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("WARNING", description="Least severe level logged.")
    log_format: Literal["console", "json"] = Field("console", description="Log lines for people or for machines.")
    seller_level: int = Field(1, ge=1, le=5, description="StockX seller level, for payout estimates.")
    shipping_fee: Decimal = Field(
        Decimal(0),
        ge=0,
        le=1_000_000,
        description="Shipping charged per sale, in the listing currency, for payout estimates.",
    )

    price_floor: AmountByCurrency = Field({}, description="Guard rail: lowest price of a write, as `EUR=20,USD=25`.")
    price_ceiling: AmountByCurrency = Field({}, description="Guard rail: highest price, as `EUR=2000`.")
    largest_price_move: Decimal | None = Field(
        None, gt=0, description="Guard rail: most a price changes in one write; 0.2 is a fifth of the old price."
    )
    daily_writes: int | None = Field(
        None, ge=0, description="Guard rail: most writes per UTC day that set or show a price."
    )
    daily_value: AmountByCurrency = Field(
        {}, description="Guard rail: most that pairs put up for sale in a UTC day ask together, as `EUR=50000`."
    )

    @field_validator("stockx_api_url", "stockx_auth_url", "stockx_redirect_uri")
    @classmethod
    def _web_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("must start with http:// or https:// and name a host")
        if parts.port == 0 or not _VISIBLE.fullmatch(value):
            raise ValueError("must be a plain web address")
        return value

    @field_validator("stockx_api_url", "stockx_auth_url")
    @classmethod
    def _base_url(cls, value: str) -> str:
        return value.rstrip("/")

    @field_validator("stockx_client_id", "stockx_client_secret", "stockx_api_key", mode="before")
    @classmethod
    def _sendable(cls, value: object) -> object:
        """White space around it comes from copying; anything else that no header can carry is a mistake."""
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        if not isinstance(text, str):
            return value
        if not _VISIBLE.fullmatch(text.strip()):
            raise ValueError("must be plain ASCII text without spaces")
        return text.strip()

    @field_validator("currency")
    @classmethod
    def _known_currency(cls, value: str) -> str:
        code = value.upper()
        if code not in LISTING_CURRENCIES:
            raise ValueError(f"must be one of {', '.join(LISTING_CURRENCIES)}")
        return code

    @field_validator("cors_origins")
    @classmethod
    def _whole_origins(cls, value: str) -> str:
        for origin in filter(None, (each.strip() for each in value.split(","))):
            parts = urlsplit(origin)
            if (
                parts.scheme not in {"http", "https"}
                or not parts.hostname
                or origin != f"{parts.scheme}://{parts.netloc}"
            ):
                raise ValueError("must be whole origins such as https://shop.example, never *")
        return value

    @model_validator(mode="after")
    def _keys_unless_loopback(self) -> Self:
        if self.open_on_loopback and self.host not in LOOPBACK:
            raise ValueError("SOLEGATE_OPEN_ON_LOOPBACK needs SOLEGATE_HOST to be a loopback address")
        return self

    @model_validator(mode="after")
    def _no_secret_in_url(self) -> Self:
        if "@" in self.stockx_api_url or "@" in self.stockx_auth_url:
            raise ValueError("StockX URLs must not carry credentials")
        return self

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """Origins whose pages may use the HTTP API."""
        return tuple(each.strip() for each in self.cors_origins.split(",") if each.strip())

    @property
    def has_credentials(self) -> bool:
        """Whether client id, client secret and API key are all set."""
        return bool(
            self.stockx_client_id
            and self.stockx_client_secret.get_secret_value()
            and self.stockx_api_key.get_secret_value()
        )

    @property
    def database_file(self) -> Path | None:
        """The embedded database's file; `None` when the database is a server."""
        scheme, _, path = self.resolved_database_url().partition(":///")
        return Path(path) if scheme.startswith("sqlite") and path else None

    @property
    def secret_key_file(self) -> Path:
        """Where the key is kept when `secret_key` is empty: beside the embedded database, else in the data folder."""
        file = self.database_file
        return (file.parent if file else data_directory()) / "secret.key"

    def resolved_database_url(self) -> str:
        """The database URL in force; its folder may not exist yet."""
        return self.database_url or f"sqlite+aiosqlite:///{data_directory() / 'solegate.db'}"
