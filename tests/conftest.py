"""What every test shares."""

from __future__ import annotations

import pytest

from support.postgres import (
    database,
    database_url,
    postgres_server,
    postgres_url,
    sqlite_template,
    sqlite_url,
    transactions_take_no_virtual_time,
    upgraded_url,
)

__all__ = [
    "database",
    "database_url",
    "postgres_server",
    "postgres_url",
    "sqlite_template",
    "sqlite_url",
    "transactions_take_no_virtual_time",
    "upgraded_url",
]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Async tests run on asyncio, the loop the product is built for."""
    return "asyncio"
