"""Inboxes: one on a database of either kind, one where SQL is not the point."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.webhooks import Inbox, inbox


@pytest.fixture
async def box(tmp_path: Path, upgraded_url: str) -> AsyncIterator[Inbox]:
    """One on a database of either kind."""
    async with inbox(tmp_path, upgraded_url) as opened:
        yield opened


@pytest.fixture
async def one_box(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Inbox]:
    """One on SQLite."""
    async with inbox(tmp_path, sqlite_url) as opened:
        yield opened
