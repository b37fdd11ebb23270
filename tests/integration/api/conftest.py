"""Started applications."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.api import JumpClock, RunningApi, running_api
from support.cli import market
from support.writing import Stage

__all__ = ["api", "door", "idle_api", "market", "one_api", "stage", "ticking_api"]


@pytest.fixture
async def api(tmp_path: Path, upgraded_url: str) -> AsyncIterator[RunningApi]:
    """One for this test, on a database of either kind."""
    async with running_api(tmp_path, database_url=upgraded_url) as running:
        yield running


@pytest.fixture
async def one_api(tmp_path: Path, sqlite_url: str) -> AsyncIterator[RunningApi]:
    """One for this test, on SQLite: where SQL is not the point."""
    async with running_api(tmp_path, database_url=sqlite_url) as running:
        yield running


@pytest.fixture
async def door(tmp_path: Path, sqlite_url: str) -> AsyncIterator[RunningApi]:
    """One that asks for an API key with every request, as it does unless told otherwise."""
    async with running_api(tmp_path, database_url=sqlite_url, open_on_loopback=False) as running:
        yield running


@pytest.fixture
async def ticking_api(tmp_path: Path, upgraded_url: str) -> AsyncIterator[RunningApi]:
    """One whose time goes on between two jumps too: for calls that fail and wait for another turn at the limit."""
    async with running_api(tmp_path, clock=JumpClock(ticking=True), database_url=upgraded_url) as running:
        yield running


@pytest.fixture(scope="module")
async def idle_api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningApi]:
    """One for every test of a module whose requests never reach StockX."""
    async with running_api(tmp_path_factory.mktemp("idle")) as running:
        yield running
        assert running.requests_sent() == 0


@pytest.fixture
def stage(tmp_path: Path, upgraded_url: str) -> Stage:
    """Where stories of writes are played, on a database of either kind."""
    return Stage(tmp_path, upgraded_url)
