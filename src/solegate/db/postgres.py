"""PostgreSQL's own ways: a pool of connections that outlives the server's restarts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import PoolProxiedConnection

CONNECT_TIMEOUT = 10.0
"""Seconds to wait for the server; then the command or request fails with its reason instead of hanging."""


def engine_options(pool: int) -> dict[str, Any]:
    """How the engine opens its connections.

    The server sees who we are (`pg_stat_activity`), and compiles nothing: our statements are short.
    """
    return {
        "pool_size": pool,
        "max_overflow": 2 * pool,
        "connect_args": {
            "timeout": CONNECT_TIMEOUT,
            "server_settings": {"application_name": "solegate", "jit": "off"},
        },
    }


def prepare(engine: AsyncEngine) -> None:
    """Let a restarted server cost no failed transaction.

    The driver notices by itself that a connection was closed, so nobody has to ask the server before each use, as
    SQLAlchemy's own check does (three round trips).
    """

    @event.listens_for(engine.sync_engine, "checkout")
    def _check(_connection: object, _record: object, proxy: PoolProxiedConnection) -> None:
        driver = proxy.driver_connection
        if driver is None or driver.is_closed():
            raise DisconnectionError
