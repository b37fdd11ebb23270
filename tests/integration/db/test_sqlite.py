"""What is SQLite's own: its file, its lock and its settings."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text

from solegate.db import Database
from solegate.db.tables import BrandRow
from solegate.errors import DatabaseError
from support.postgres import SQLITE_ONLY


@pytest.fixture
def read_only_folder(tmp_path: Path) -> Iterator[Path]:
    tmp_path.chmod(0o500)
    yield tmp_path
    tmp_path.chmod(0o700)


@pytest.fixture
def read_only_file(tmp_path: Path) -> Path:
    file = tmp_path / "solegate.db"
    file.touch(mode=0o400)
    return file


async def brands(database: Database) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(BrandRow)) or 0


@SQLITE_ONLY
@pytest.mark.parametrize(
    ("pragma", "expected"),
    [("journal_mode", "wal"), ("foreign_keys", 1), ("synchronous", 1), ("busy_timeout", 10_000)],
)
async def test_sqlite_is_set_up_on_every_connection(database: Database, pragma: str, expected: object) -> None:
    async with database.reading() as one, database.reading() as two:
        for session in (one, two):
            assert await session.scalar(text(f"PRAGMA {pragma}")) == expected


async def test_folder_and_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with Database(f"sqlite+aiosqlite:///{folder / 'solegate.db'}") as database:
        await database.upgrade()

        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


@SQLITE_ONLY
async def test_a_writer_holds_the_lock_from_its_start(database: Database, database_url: str) -> None:
    """Read-then-write never meets "database is locked", whichever process writes in between."""

    async def add(each: Database) -> None:
        async with each.transaction() as session:
            count = await session.scalar(select(func.count()).select_from(BrandRow))
            await asyncio.sleep(0)
            await session.execute(insert(BrandRow).values(key=f"brand {count}", name=""))

    async with Database(database_url) as other:
        await asyncio.gather(*(add(each) for each in [database, other] * 15))

    assert await brands(database) == 30


async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_bytes(b"\0not a database" * 200)

    async with Database(f"sqlite+aiosqlite:///{file}") as database:
        with pytest.raises(DatabaseError, match=r"notes\.txt.*not a database.*move it away"):
            await database.upgrade()


async def test_a_folder_that_cannot_be_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    async with Database(f"sqlite+aiosqlite:///{tmp_path}/file/solegate.db") as database:
        with pytest.raises(DatabaseError, match="SOLEGATE_DATABASE_URL"):
            await database.ping()


async def test_a_folder_in_place_of_the_file_is_explained(tmp_path: Path) -> None:
    async with Database(f"sqlite+aiosqlite:///{tmp_path}") as database:
        with pytest.raises(DatabaseError, match=r"Not a file.*SOLEGATE_DATABASE_URL"):
            await database.ping()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
async def test_a_read_only_folder_is_explained(read_only_folder: Path) -> None:
    async with Database(f"sqlite+aiosqlite:///{read_only_folder}/solegate.db") as database:
        with pytest.raises(DatabaseError, match=r"Permission denied.*may write"):
            await database.upgrade()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
async def test_a_read_only_file_is_explained(read_only_file: Path) -> None:
    async with Database(f"sqlite+aiosqlite:///{read_only_file}") as database:
        with pytest.raises(DatabaseError, match="may write the file"):
            await database.upgrade()


async def test_a_plain_sqlite_url_finds_its_driver(tmp_path: Path) -> None:
    async with Database(f"sqlite:///{tmp_path}/solegate.db") as database:
        await database.ping()
        assert database.location == f"{tmp_path}/solegate.db"
