"""What is PostgreSQL's own: its connections, and what it says when something is wrong."""

from __future__ import annotations

import asyncio

import psycopg
import pytest
from sqlalchemy import make_url, text

from solegate.db import Database
from solegate.errors import DatabaseError

OWN = "application_name = 'solegate' AND datname = current_database()"


def ask(url: str, statement: str) -> list[tuple[object, ...]]:
    """Ask the server past the product."""
    with psycopg.connect(url) as connection:
        return connection.execute(statement.encode()).fetchall()


async def sleep(database: Database, seconds: float) -> None:
    async with database.reading() as session:
        await session.execute(text(f"SELECT pg_sleep({seconds})"))


async def test_a_restarted_server_costs_no_failed_transaction(postgres_url: str) -> None:
    async with Database(postgres_url) as database:
        await asyncio.gather(*(sleep(database, 0.05) for _ in range(4)))
        killed = ask(postgres_url, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {OWN}")
        assert len(killed) == 4
        await asyncio.sleep(0.05)

        await asyncio.gather(*(database.ping() for _ in range(8)))


async def test_many_callers_wait_for_few_connections(postgres_url: str) -> None:
    async with Database(postgres_url, pool=2) as database:
        await asyncio.gather(*(sleep(database, 0.02) for _ in range(40)))
        working = [asyncio.create_task(sleep(database, 1.0)) for _ in range(10)]
        await asyncio.sleep(0.5)
        ((busy,),) = ask(postgres_url, f"SELECT count(*) FROM pg_stat_activity WHERE {OWN}")
        await asyncio.gather(*working)
        ((idle,),) = ask(postgres_url, f"SELECT count(*) FROM pg_stat_activity WHERE {OWN}")

    assert (busy, idle) == (6, 2)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"database": "nowhere"}, r'"nowhere" does not exist.*Create that database first'),
        ({"username": "nobody"}, r'"nobody" does not exist.*Check the user'),
    ],
)
async def test_a_wrong_url_is_explained(postgres_url: str, change: dict[str, str], says: str) -> None:
    url = make_url(postgres_url).set(**change)  # type: ignore[arg-type]
    async with Database(url.render_as_string(hide_password=False)) as database:
        with pytest.raises(DatabaseError, match=says):
            await database.ping()


async def test_two_transactions_in_each_others_way_fail_one_of_them_and_say_to_try_again(postgres_url: str) -> None:
    async with Database(postgres_url) as database:
        async with database.transaction() as session:
            await session.execute(text("CREATE TABLE rows AS SELECT 1 AS id UNION SELECT 2"))
        both = asyncio.Barrier(2)

        async def lock(*ids: int) -> None:
            async with database.transaction() as session:
                for number in ids:
                    await session.execute(text("SELECT 1 FROM rows WHERE id = :id FOR UPDATE"), {"id": number})
                    if number == ids[0]:
                        await both.wait()

        results = await asyncio.gather(lock(1, 2), lock(2, 1), return_exceptions=True)

    (failed,) = (each for each in results if each is not None)
    assert isinstance(failed, DatabaseError)
    assert "deadlock" in failed.message
    assert "try again" in failed.hint
