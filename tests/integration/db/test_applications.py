"""Applications and logins of many accounts: kept encrypted, one in use, a login good for one redirect."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from solegate.db import Database, SecretBox
from solegate.db.repositories import SqlTokenStore
from solegate.db.repositories.applications import SqlApplications
from solegate.db.repositories.logins import SqlLogins
from solegate.domain.accounts import LOGIN_LIFE, Application, LiveWork, PendingLogin, TokenRecord
from support.postgres import SQLITE_ONLY

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
BOX = SecretBox([Fernet.generate_key().decode()])


@pytest.fixture
def applications(database: Database) -> SqlApplications:
    return SqlApplications(database, BOX)


@pytest.fixture
def logins(database: Database) -> SqlLogins:
    return SqlLogins(database, BOX)


def everything_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


def application(account: str, *, in_use: bool = False) -> Application:
    return Application(
        account=account,
        client_id=f"{account}-id",
        client_secret=f"{account}-canary-secret",
        api_key=f"{account}-canary-key",
        redirect_uri="https://shop.test/back",
        currency="JPY",
        in_use=in_use,
        created_at=NOW,
        updated_at=NOW,
    )


def login(account: str = "a", begun: datetime = NOW) -> PendingLogin:
    return PendingLogin(
        account=account,
        code_verifier="canary-verifier",
        return_to="/docs",
        created_at=begun,
        expires_at=begun + LOGIN_LIFE,
    )


async def in_use(applications: SqlApplications) -> list[str]:
    return [each.account for each in await applications.all() if each.in_use]


async def test_an_application_is_read_back_as_it_was_kept(applications: SqlApplications) -> None:
    assert await applications.add(application("a", in_use=True))

    assert await applications.find("a") == application("a", in_use=True)


async def test_a_second_one_of_the_same_name_changes_nothing(applications: SqlApplications) -> None:
    await applications.add(application("a"))
    other = Application(account="a", client_id="x", client_secret="y", api_key="z", created_at=NOW, updated_at=NOW)

    assert not await applications.add(other)
    assert await applications.find("a") == application("a")


async def test_one_is_in_use_however_many_are_chosen_at_once(applications: SqlApplications) -> None:
    names = ["a", "b", "c", "d"]
    for each in names:
        await applications.add(application(each, in_use=True))
    assert await in_use(applications) == ["d"]

    await asyncio.gather(*(applications.use(each) for each in names))

    assert len(await in_use(applications)) == 1
    assert await applications.chosen() in names
    await applications.use(None)
    assert await applications.chosen() is None


async def test_rotation_changes_what_is_given_and_tells_when(applications: SqlApplications) -> None:
    await applications.add(application("a"))
    later = NOW + timedelta(days=1)

    assert await applications.rotate("a", later, client_id="", client_secret="", api_key="new-key", redirect_uri="")
    assert not await applications.rotate("b", later, client_id="", client_secret="", api_key="k", redirect_uri="")

    found = await applications.find("a")
    assert found is not None
    assert (found.api_key, found.client_secret, found.client_id) == ("new-key", "a-canary-secret", "a-id")
    assert (found.created_at, found.updated_at) == (NOW, later)


async def test_removal_takes_tokens_and_logins_of_that_account_alone(
    applications: SqlApplications, logins: SqlLogins, database: Database
) -> None:
    tokens = SqlTokenStore(database, BOX)
    for each in ("a", "b"):
        await applications.add(application(each))
        await tokens.save(TokenRecord(each, 1, "access", "refresh", NOW), expected_version=None)
        await logins.begin(f"state-{each}", login(each))

    async with database.transaction() as session:
        assert await applications.live_work(session, "a") == LiveWork(0, 0)
        assert await applications.remove(session, "a")
    async with database.transaction() as session:
        assert not await applications.remove(session, "a")

    assert [each.account for each in await applications.all()] == ["b"]
    assert [each.account for each in await tokens.standings()] == ["b"]
    assert await logins.take("state-a", NOW) is None
    assert await logins.take("state-b", NOW) == login("b")


async def test_a_login_is_taken_once_even_by_many_at_once(logins: SqlLogins) -> None:
    await logins.begin("state", login())

    taken = await asyncio.gather(*(logins.take("state", NOW) for _ in range(5)))

    assert [each for each in taken if each is not None] == [login()]


async def test_a_login_ends_after_ten_minutes_and_goes_with_the_next_one(logins: SqlLogins) -> None:
    await logins.begin("old", login())
    await logins.begin("older", login())

    assert await logins.take("old", NOW + LOGIN_LIFE) is None
    await logins.begin("new", login(begun=NOW + LOGIN_LIFE))
    assert await logins.take("older", NOW) is None


@SQLITE_ONLY
async def test_neither_secret_nor_state_nor_verifier_is_readable_in_the_file(
    applications: SqlApplications, logins: SqlLogins, database: Database, tmp_path: Path
) -> None:
    await applications.add(application("a"))
    await logins.begin("canary-state", login())
    await database.close()

    written = everything_in(tmp_path)
    assert b"a-id" in written
    assert b"canary" not in written
