"""The database's URL as libpq reads it."""

from __future__ import annotations

import pytest

from solegate.db.libpq import libpq_url


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("postgresql+asyncpg://me:pa%40ss@db:5433/shop", "postgresql://me:pa%40ss@db:5433/shop"),
        ("postgres://db/shop", "postgresql://db/shop"),
        ("postgresql+asyncpg://db/shop?ssl=require", "postgresql://db/shop?sslmode=require"),
        ("postgresql://db/shop?sslmode=verify-full", "postgresql://db/shop?sslmode=verify-full"),
        ("postgresql+asyncpg:///shop?host=/tmp&prepared_statement_cache_size=0", "postgresql:///shop?host=%2Ftmp"),
    ],
)
def test_a_url_is_translated(ours, theirs):
    assert libpq_url(ours) == theirs
