"""Sealing everything anew with the newest key, and knowing where everything is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import String, Text

from solegate.db import Database, SecretBox
from solegate.db.repositories import SqlTokenStore
from solegate.db.repositories.applications import SqlApplications
from solegate.db.repositories.logins import SqlLogins
from solegate.db.repositories.sealed import SEALED, seal_anew
from solegate.db.tables import Base
from solegate.domain.accounts import LOGIN_LIFE, Application, PendingLogin, TokenRecord
from solegate.errors import DatabaseError

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
OLD, NEW, OTHER = (Fernet.generate_key().decode() for _ in range(3))
TOKENS = TokenRecord("a", 1, "access", "refresh", NOW)
APPLICATION = Application(
    account="a", client_id="id", client_secret="secret", api_key="key", created_at=NOW, updated_at=NOW
)
LOGIN = PendingLogin(account="a", code_verifier="verifier", return_to="", created_at=NOW, expires_at=NOW + LOGIN_LIFE)


async def fill(database: Database) -> None:
    box = SecretBox([OLD])
    await SqlTokenStore(database, box).save(TOKENS, expected_version=None)
    await SqlApplications(database, box).add(APPLICATION)
    await SqlLogins(database, box).begin("state", LOGIN)


async def test_everything_opens_with_the_new_key_alone_afterwards(database: Database) -> None:
    await fill(database)

    assert await seal_anew(database, SecretBox([NEW, OLD])) == 5

    new = SecretBox([NEW])
    assert await SqlTokenStore(database, new).load("a") == TOKENS
    assert await SqlApplications(database, new).find("a") == APPLICATION
    assert await SqlLogins(database, new).take("state", NOW) == LOGIN


async def test_nothing_is_changed_where_one_value_opens_with_none_of_the_keys(database: Database) -> None:
    await fill(database)
    foreign = TokenRecord("b", 1, "access", "refresh", NOW)
    await SqlTokenStore(database, SecretBox([OTHER])).save(foreign, expected_version=None)

    with pytest.raises(DatabaseError, match="another key"):
        await seal_anew(database, SecretBox([NEW, OLD]))

    assert await SqlTokenStore(database, SecretBox([OLD])).load("a") == TOKENS


def test_every_column_that_sounds_like_a_secret_is_known() -> None:
    words = ("secret", "token", "verifier", "api_key")
    found = {
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, String | Text) and any(word in column.name for word in words)
    }

    assert found <= {(each.class_.__tablename__, each.key) for each in SEALED}
