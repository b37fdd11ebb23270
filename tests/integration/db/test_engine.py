"""Opening, upgrading and transactions, on a real SQLite file and a real PostgreSQL."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, func, insert, select, text
from sqlalchemy.exc import DBAPIError

from solegate.db import Database
from solegate.db.engine import head_revision
from solegate.db.tables import Base, BrandRow
from solegate.errors import DatabaseError


async def brands(database: Database) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(BrandRow)) or 0


def a_brand(name: str):
    return insert(BrandRow).values(key=name, name=name)


async def test_the_schema_is_upgraded_once_and_again_without_harm(database_url: str) -> None:
    async with Database(database_url) as database:
        assert await database.revision() is None
        await database.upgrade()
        await database.upgrade()

        assert await database.revision() == head_revision()
        await database.ping()


async def test_migrations_and_tables_agree(database: Database) -> None:
    def is_table_of_ours(_object: object, name: str | None, *_about: object) -> bool:
        """The index of words is each database's own (migration 0014)."""
        return not (name or "").startswith(("search_text", "ix_search_products_words"))

    def difference(connection: Connection) -> list[object]:
        opts = {"compare_server_default": True, "include_object": is_table_of_ours}
        context = MigrationContext.configure(connection, opts=opts)
        return list(compare_metadata(context, Base.metadata))

    async with database.reading() as session:
        assert await (await session.connection()).run_sync(difference) == []


async def test_several_processes_may_create_and_upgrade_it_at_once(database_url: str) -> None:
    async with AsyncExitStack() as stack:
        processes = [await stack.enter_async_context(Database(database_url)) for _ in range(6)]

        await asyncio.gather(*(each.upgrade() for each in processes))

        assert {await each.revision() for each in processes} == {head_revision()}


async def test_a_schema_of_a_newer_version_is_left_alone(database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(DatabaseError, match="newer Solegate"):
        await database.upgrade()


async def test_what_fails_in_a_transaction_leaves_nothing(database: Database) -> None:
    async def fail_in_the_middle() -> None:
        async with database.transaction() as session:
            await session.execute(a_brand("nike"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_in_the_middle()

    assert await brands(database) == 0


async def test_a_cancelled_transaction_leaves_nothing_and_frees_the_writer(database: Database) -> None:
    started = asyncio.Event()

    async def hang() -> None:
        async with database.transaction() as session:
            await session.execute(a_brand("nike"))
            started.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(hang())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    async with database.transaction() as session:
        await session.execute(a_brand("asics"))
    assert await brands(database) == 1


async def test_a_reader_writes_nothing(database: Database) -> None:
    async with database.reading() as session:
        await session.execute(a_brand("nike"))

    assert await brands(database) == 0


async def test_readers_see_the_last_commit_while_somebody_writes(database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(a_brand("nike"))
        assert await asyncio.create_task(brands(database)) == 0

    assert await brands(database) == 1


async def test_a_transaction_inside_a_transaction_is_refused_instead_of_waiting_for_ever(database: Database) -> None:
    async with database.transaction():
        with pytest.raises(RuntimeError, match="already in a transaction"):
            async with database.transaction():
                pass


async def test_a_violated_constraint_is_a_database_error_and_foreign_keys_are_on(database: Database) -> None:
    with pytest.raises(DatabaseError, match=r"(?i)foreign key constraint") as caught:
        async with database.transaction() as session:
            await session.execute(text("INSERT INTO product_style_codes VALUES (7, 'A1')"))

    assert isinstance(caught.value.__cause__, DBAPIError)


async def test_a_database_that_was_never_upgraded_says_what_to_do(database_url: str) -> None:
    async with Database(database_url) as database:
        with pytest.raises(
            DatabaseError, match=r"(no such table: brands|\"brands\" does not exist).*solegate db upgrade"
        ):
            await brands(database)


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", "mysql://root:hunter2@host/x", "oracle+what://x", "sqlite://", "sqlite:///:memory:"],
)
def test_a_url_that_cannot_be_used_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(DatabaseError, match="SOLEGATE_DATABASE_URL") as caught:
        Database(url)

    assert "hunter2" not in str(caught.value)


async def test_a_server_that_does_not_answer_is_explained_without_its_password() -> None:
    async with Database("postgresql://seller:hunter2@127.0.0.1:1/solegate?passfile=hunter3") as database:
        with pytest.raises(DatabaseError, match=r"seller:\*\*\*@127\.0\.0\.1:1/solegate failed") as caught:
            await database.ping()

    assert "hunter" not in str(caught.value)
