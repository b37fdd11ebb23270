"""Tokens: encrypted at rest, changed by compare-and-swap."""

from __future__ import annotations

import asyncio
import stat
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from solegate.db import Database, SecretBox, load_or_create_key
from solegate.db.repositories import SqlTokenStore
from solegate.domain.accounts import AccountState, TokenRecord
from solegate.errors import ConfigurationError, DatabaseError
from support.postgres import SQLITE_ONLY

KEY, OTHER = Fernet.generate_key().decode(), Fernet.generate_key().decode()
RECORD = TokenRecord("default", 1, "access-canary", "refresh-canary", datetime(2026, 1, 1, 12, tzinfo=UTC))


@pytest.fixture
def store(database: Database) -> SqlTokenStore:
    return SqlTokenStore(database, SecretBox([KEY]))


def everything_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


async def test_an_unknown_account_has_no_tokens(store: SqlTokenStore) -> None:
    assert await store.load("default") is None


async def test_a_record_is_read_back_as_it_was_stored(store: SqlTokenStore) -> None:
    record = replace(RECORD, state=AccountState.NEEDS_REAUTH, access_token="")

    assert await store.save(record, expected_version=None)
    assert await store.load("default") == record


@SQLITE_ONLY
async def test_no_token_is_readable_in_the_file(store: SqlTokenStore, database: Database, tmp_path: Path) -> None:
    await store.save(RECORD, expected_version=None)
    await database.close()

    written = everything_in(tmp_path)
    assert b"default" in written
    assert b"canary" not in written


async def test_a_record_is_written_only_over_the_expected_version(store: SqlTokenStore) -> None:
    second = replace(RECORD, version=2, access_token="second")

    assert not await store.save(second, expected_version=1)
    assert await store.save(RECORD, expected_version=None)
    assert not await store.save(second, expected_version=None)
    assert not await store.save(second, expected_version=7)
    assert await store.load("default") == RECORD
    assert await store.save(second, expected_version=1)
    assert not await store.save(replace(second, version=3), expected_version=1)
    assert await store.load("default") == second


async def test_of_many_writers_exactly_one_wins(store: SqlTokenStore, database_url: str) -> None:
    await store.save(RECORD, expected_version=None)
    async with Database(database_url) as other:
        stores = [store, SqlTokenStore(other, SecretBox([KEY]))] * 8
        changes = [replace(RECORD, version=2, access_token=f"token {n}") for n in range(len(stores))]

        won = await asyncio.gather(
            *(each.save(change, expected_version=1) for each, change in zip(stores, changes, strict=True))
        )

    assert sum(won) == 1
    assert await store.load("default") == changes[won.index(True)]


async def test_accounts_do_not_see_each_other(store: SqlTokenStore) -> None:
    await store.save(RECORD, expected_version=None)

    assert await store.load("other") is None
    assert await store.save(replace(RECORD, account="other"), expected_version=None)


async def test_another_key_cannot_read_and_says_what_to_do(store: SqlTokenStore, database: Database) -> None:
    await store.save(RECORD, expected_version=None)

    with pytest.raises(DatabaseError, match=r"another key.*solegate auth login"):
        await SqlTokenStore(database, SecretBox([OTHER])).load("default")


async def test_a_rotated_key_reads_what_the_old_one_wrote(store: SqlTokenStore, database: Database) -> None:
    await store.save(RECORD, expected_version=None)

    assert await SqlTokenStore(database, SecretBox([OTHER, KEY])).load("default") == RECORD


def test_secrets_are_sealed_differently_each_time() -> None:
    box = SecretBox([f" {KEY} ", ""])

    assert box.seal("canary") != box.seal("canary")
    assert box.open(box.seal("canary")) == "canary"


@pytest.mark.parametrize("keys", [[], [""], ["short"], [KEY, "short"]])
def test_a_malformed_key_is_refused(keys: list[str]) -> None:
    with pytest.raises(ConfigurationError, match="SOLEGATE_SECRET_KEY") as caught:
        SecretBox(keys)

    assert KEY not in str(caught.value)


def test_a_key_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "secret.key"

    key = load_or_create_key(path)

    assert load_or_create_key(path) == key
    assert SecretBox([key]).open(SecretBox([key]).seal("canary")) == "canary"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


async def test_starting_at_once_gives_one_key(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"

    keys = await asyncio.gather(*(asyncio.to_thread(load_or_create_key, path) for _ in range(16)))

    assert len(set(keys)) == 1
    assert len(keys[0]) == 44


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_key_file_that_cannot_be_read_is_explained(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "secret.key"
    path.mkdir() if content is None else path.write_bytes(content)

    with pytest.raises(DatabaseError, match=r"secret\.key.*SOLEGATE_SECRET_KEY"):
        load_or_create_key(path)
