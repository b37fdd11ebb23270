"""Settings: every one of them, their defaults, and clear words when one is wrong."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from solegate.settings import LISTING_CURRENCIES, Settings, data_directory

CANARY = "canary-7f3e9d"

GOOD: dict[str, list[tuple[str, Any]]] = {
    "stockx_api_url": [("https://api.test/v2/", "https://api.test/v2"), ("http://127.0.0.1:9000", "http://127.0.0.1:9000")],
    "stockx_auth_url": [("https://login.test//", "https://login.test")],
    "stockx_client_id": [("id", "id")],
    "stockx_client_secret": [(CANARY, SecretStr(CANARY))],
    "stockx_api_key": [(CANARY, SecretStr(CANARY))],
    "stockx_redirect_uri": [("http://localhost:1/cb", "http://localhost:1/cb")],
    "stockx_ca_file": [(__file__, Path(__file__))],
    "account": [("second", "second")],
    "currency": [("usd", "USD"), ("JPY", "JPY")],
    "limit_profile": [("guide", "guide"), ("official", "official")],
    "requests_per_second": [("0.5", 0.5), ("1000", 1000.0)],
    "requests_per_day": [("1", 1)],
    "items_per_window": [("1", 1), ("500", 500)],
    "items_window": [("0.5", 0.5), ("86400", 86_400.0)],
    "items_per_day": [("1", 1)],
    "background_reserve": [("0", 0.0), ("0.99", 0.99)],
    "http2": [("false", False), ("1", True)],
    "cache_entries": [("1", 1)],
    "market_data_ttl": [("0", 0.0), ("60.5", 60.5)],
    "catalog_ttl": [("0", 0.0)],
    "database_url": [("postgresql+asyncpg://u:p@h/d", "postgresql+asyncpg://u:p@h/d")],
    "database_pool": [("1", 1), ("100", 100)],
    "orders_sync_interval": [("0", 0.0), ("86400", 86_400.0)],
    "history_sync_interval": [("0", 0.0), ("3600", 3600.0)],
    "listings_sync_interval": [("0", 0.0), ("600.5", 600.5)],
    "market_refresh_interval": [("0", 0.0), ("600", 600.0)],
    "reconcile_interval": [("0", 0.0), ("1", 1.0)],
    "secret_key": [(CANARY, SecretStr(CANARY))],
    "host": [("0.0.0.0", "0.0.0.0")],
    "port": [("0", 0), ("65535", 65535)],
    "private_targets": [("true", True)],
    "idempotency_key_required": [("true", True)],
    "open_on_loopback": [("true", True)],
    "cors_origins": [("https://a.example, http://b.example:81", "https://a.example, http://b.example:81"), ("", "")],
    "log_level": [("DEBUG", "DEBUG")],
    "log_format": [("json", "json")],
    "seller_level": [("1", 1), ("5", 5)],
    "shipping_fee": [("4.50", Decimal("4.50"))],
    "price_floor": [("EUR=20,usd = 25.50", {"EUR": Decimal(20), "USD": Decimal("25.50")}), ("", {})],
    "price_ceiling": [("JPY=300000", {"JPY": Decimal(300_000)})],
    "largest_price_move": [("0.2", Decimal("0.2"))],
    "daily_writes": [("500", 500), ("0", 0)],
    "daily_value": [("EUR=50000,", {"EUR": Decimal(50_000)})],
}  # fmt: skip

BAD = {
    "stockx_api_url": ["api.stockx.com", "ftp://x", "https://user:pw@api.test"],
    "stockx_auth_url": ["", "javascript:x"],
    "currency": ["", "EURO", "XXX", "BRL"], "limit_profile": ["", "fast"],
    "requests_per_second": ["0", "-1", "1001", "nan", "inf", "many"], "requests_per_day": ["0", "1.5", "x"],
    "items_per_window": ["0", "-1", "1.5"], "items_window": ["0", "-1", "86401", "nan"], "items_per_day": ["0", "x"],
    "background_reserve": ["-0.1", "1", "nan"], "http2": ["perhaps"], "cache_entries": ["0", "-1"],
    "market_data_ttl": ["-1", "nan"], "catalog_ttl": ["-0.1"], "port": ["-1", "65536", "http"],
    "log_level": ["LOUD", "debug "], "log_format": ["xml"], "seller_level": ["0", "6"],
    "shipping_fee": ["-1", "NaN", "x"], "database_pool": ["0", "101", "x"],
    "orders_sync_interval": ["-1", "86401", "nan"], "history_sync_interval": ["-1"], "listings_sync_interval": ["-1"],
    "market_refresh_interval": ["-1", "x"], "reconcile_interval": ["-1", "86401"],
    "price_floor": ["20", "EUR", "EUR=0", "EUR=-1", "EUR=x", "EUR=NaN", "BRL=5", "EUR=1,EUR=2", '{"EUR": 1}'],
    "price_ceiling": ["EUR=Infinity"], "largest_price_move": ["0", "-0.1", "NaN"], "daily_writes": ["-1", "1.5"],
    "daily_value": ["EUR:5"],
    "cors_origins": ["*", "a.example", "https://a.example/", "https://a.example,*"], "open_on_loopback": ["perhaps"],
    "private_targets": ["perhaps"],
}  # fmt: skip


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of this machine, and no `.env`."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"SOLEGATE_{name.upper()}", raising=False)


@pytest.mark.parametrize(("name", "text", "value"), [(name, *case) for name, cases in GOOD.items() for case in cases])
def test_each_setting_is_read_from_the_environment(
    name: str, text: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"SOLEGATE_{name.upper()}", text)
    assert getattr(Settings(), name) == value


def test_every_setting_is_tested_and_described() -> None:
    assert set(GOOD) == set(Settings.model_fields)
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in BAD.items() for text in texts])
def test_a_wrong_value_is_an_error_that_names_the_setting(
    name: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"SOLEGATE_{name.upper()}", text)
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert name in str(caught.value) or "StockX URLs" in str(caught.value)


def test_the_defaults_are_safe() -> None:
    settings = Settings()
    assert settings.stockx_api_url == "https://api.stockx.com/v2"
    assert settings.stockx_auth_url == "https://accounts.stockx.com"
    assert (settings.limit_profile, settings.requests_per_second, settings.requests_per_day) == ("official", None, None)
    assert (settings.host, settings.port, settings.currency) == ("127.0.0.1", 8000, "EUR")
    assert (settings.market_data_ttl, settings.catalog_ttl) == (300.0, 86_400.0)
    assert not settings.has_credentials


@pytest.mark.parametrize("missing", ["stockx_client_id", "stockx_client_secret", "stockx_api_key", None])
def test_credentials_are_all_or_nothing(missing: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stockx_client_id", "stockx_client_secret", "stockx_api_key"):
        if name != missing:
            monkeypatch.setenv(f"SOLEGATE_{name.upper()}", "x")
    assert Settings().has_credentials is (missing is None)


def test_a_dotenv_file_is_read_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("SOLEGATE_CURRENCY=GBP\nSOLEGATE_PORT=9000\nUNRELATED=1\n", encoding="utf-8")
    monkeypatch.setenv("SOLEGATE_PORT", "9001")
    assert (Settings().currency, Settings().port) == ("GBP", 9001)


def test_the_database_is_a_file_of_the_user_unless_named() -> None:
    assert Settings().resolved_database_url() == f"sqlite+aiosqlite:///{data_directory() / 'solegate.db'}"
    assert Settings(database_url="sqlite+aiosqlite:///x.db").resolved_database_url() == "sqlite+aiosqlite:///x.db"


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        Settings().currency = "USD"  # type: ignore[misc]


def test_no_secret_is_shown() -> None:
    settings = Settings(
        stockx_client_secret=SecretStr(CANARY), stockx_api_key=SecretStr(CANARY), secret_key=SecretStr(CANARY),
        database_url=f"postgresql+asyncpg://user:{CANARY}@host/db",
    )  # fmt: skip
    assert CANARY not in repr(settings) + str(settings)


@pytest.mark.parametrize("name", ["stockx_api_url", "currency", "port"])
def test_no_secret_is_shown_when_something_else_is_wrong(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for secret in ("stockx_client_secret", "stockx_api_key", "secret_key"):
        monkeypatch.setenv(f"SOLEGATE_{secret.upper()}", CANARY)
    monkeypatch.setenv(f"SOLEGATE_{name.upper()}", f"https://user:{CANARY}@host" if "url" in name else "wrong")
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert CANARY not in str(caught.value)


def test_the_listing_currencies_are_the_12_of_stockx() -> None:
    assert sorted(LISTING_CURRENCIES) == list(LISTING_CURRENCIES)
    assert len(set(LISTING_CURRENCIES)) == 12


@pytest.mark.parametrize("name", ["stockx_client_id", "stockx_client_secret", "stockx_api_key"])
def test_credentials_are_trimmed_and_have_to_fit_into_a_header(name: str) -> None:
    trimmed = Settings.model_validate({name: f" {CANARY}\n"})
    value = getattr(trimmed, name)
    assert (value.get_secret_value() if isinstance(value, SecretStr) else value) == CANARY

    for wrong in (f"{CANARY}\nX: y", f"{CANARY}\u00fc"):
        with pytest.raises(ValidationError, match="plain ASCII") as caught:
            Settings.model_validate({name: wrong})
        assert CANARY not in str(caught.value)


@pytest.mark.parametrize("url", ["http://", "http://a b", "http://h:999999", "http://[", "ftp://h", "http://h\n"])
@pytest.mark.parametrize("name", ["stockx_api_url", "stockx_auth_url", "stockx_redirect_uri"])
def test_addresses_have_to_be_web_addresses(name: str, url: str) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({name: url})


@pytest.mark.parametrize(
    ("name", "value"), [("catalog_ttl", "inf"), ("market_data_ttl", "1e300"), ("shipping_fee", "1e500")]
)
def test_numbers_stay_within_reason(name: str, value: str) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({name: value})
