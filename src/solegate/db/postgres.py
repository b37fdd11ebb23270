"""PostgreSQL's own ways: a pool of connections that outlives the server's restarts."""

from __future__ import annotations

from typing import Any

CONNECT_TIMEOUT = 10.0
"""Seconds to wait for the server; then the command or request fails with its reason instead of hanging."""


def engine_options(pool: int) -> dict[str, Any]:
    """How the engine keeps its connections.

    Each is asked for a sign of life before it is used again (0.1-0.2 ms), so that a restarted server costs no failed
    transaction. The server sees who we are (`pg_stat_activity`), and compiles nothing: our statements are short.
    """
    return {
        "pool_size": pool,
        "max_overflow": 2 * pool,
        "pool_pre_ping": True,
        "connect_args": {
            "timeout": CONNECT_TIMEOUT,
            "server_settings": {"application_name": "solegate", "jit": "off"},
        },
    }
