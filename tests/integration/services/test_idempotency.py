"""Idempotency keys at work, in several processes that share a database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest

from solegate.clock import SystemClock
from solegate.db import Database
from solegate.db.repositories.idempotency import IdempotencyRepository
from solegate.domain.idempotency import Answer, KeyRecord
from solegate.errors import DatabaseError, IdempotencyConflictError, IdempotencyMismatchError
from solegate.services.idempotency import IdempotencyPolicy, IdempotencyService

CREATED = Answer(201, {"content-type": "application/json", "location": "/x"}, b'{"id": "1"}')
IMPATIENT = IdempotencyPolicy(lease=15.0, patience=0.2)


class Hands:
    """A clock that is moved by hand; waiting is real."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return SystemClock().monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def service(database: Database, policy: IdempotencyPolicy = IMPATIENT, scope: str = "default") -> IdempotencyService:
    return IdempotencyService(database, scope=scope, clock=SystemClock(), policy=policy)


@pytest.fixture
def keys(database: Database) -> IdempotencyService:
    return service(database)


@pytest.fixture
async def processes(database_url: str, database: Database) -> AsyncIterator[list[Database]]:
    """The same database, as five processes have it open."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(Database(database_url)) for _ in range(5)]


async def begin(keys: IdempotencyService, key: str = "k", request: str = "f") -> KeyRecord:
    found = await keys.begin(key, request)
    assert isinstance(found, KeyRecord)
    return found


async def test_a_kept_answer_is_given_again_byte_for_byte(keys: IdempotencyService):
    await keys.keep(await begin(keys), CREATED)
    assert await keys.begin("k", "f") == CREATED


async def test_keys_of_two_scopes_do_not_meet(database: Database, keys: IdempotencyService):
    await keys.keep(await begin(keys), CREATED)
    assert (await begin(service(database, scope="second"), request="other")).fence == 1


async def test_another_request_with_the_key_is_refused(keys: IdempotencyService):
    record = await begin(keys)
    with pytest.raises(IdempotencyMismatchError):
        await keys.begin("k", "other")
    await keys.keep(record, CREATED)
    with pytest.raises(IdempotencyMismatchError):
        await keys.begin("k", "other")


async def test_a_repetition_waits_for_the_answer(database: Database):
    keys = service(database, IdempotencyPolicy(patience=10.0))
    record = await begin(keys)
    waiting = asyncio.create_task(keys.begin("k", "f"))
    await asyncio.sleep(0.3)
    assert not waiting.done()
    await keys.keep(record, CREATED)
    assert await waiting == CREATED


async def test_a_repetition_is_refused_once_its_patience_ends(keys: IdempotencyService):
    await begin(keys)
    with pytest.raises(IdempotencyConflictError):
        await keys.begin("k", "f")


async def test_what_failed_may_begin_again_at_once_with_the_same_caller_key(keys: IdempotencyService):
    first = await begin(keys)
    await keys.keep(first, Answer(503))
    again = await begin(keys)
    assert (again.fence, again.caller_key) == (2, first.caller_key)


async def test_who_died_is_succeeded_when_the_lease_lapses_and_keeps_nothing_any_more(database: Database):
    keys = service(database, IdempotencyPolicy(lease=0.4, patience=5.0))
    dead = await begin(keys)
    successor = await begin(keys)
    assert successor.caller_key == dead.caller_key

    await keys.keep(dead, Answer(200, {}, b"late"))
    await keys.keep(successor, CREATED)
    await keys.keep(dead, Answer(200, {}, b"later"))

    assert await keys.begin("k", "f") == CREATED


async def test_who_works_longer_than_a_lease_keeps_the_key(database: Database):
    keys = service(database, IdempotencyPolicy(lease=0.6, patience=0.1))
    record = await begin(keys)
    async with keys.held(record):
        for _ in range(4):
            await asyncio.sleep(0.3)
            with pytest.raises(IdempotencyConflictError):
                await keys.begin("k", "f")
    await keys.keep(record, CREATED)
    assert await keys.begin("k", "f") == CREATED


async def test_of_a_hundred_at_once_in_five_processes_one_works_and_all_get_its_answer(processes: list[Database]):
    worked: list[KeyRecord] = []

    async def ask(database: Database) -> Answer:
        keys = service(database, IdempotencyPolicy(patience=30.0))
        found = await keys.begin("k", "f")
        if isinstance(found, Answer):
            return found
        worked.append(found)
        async with keys.held(found):
            await asyncio.sleep(0.3)
        await keys.keep(found, CREATED)
        return CREATED

    answers = await asyncio.gather(*(ask(database) for database in processes * 20))

    assert len(worked) == 1
    assert answers == [CREATED] * 100


async def test_of_many_successors_one_begins(processes: list[Database]):
    await begin(service(processes[0], IdempotencyPolicy(lease=0.01)))
    await asyncio.sleep(0.05)

    found = await asyncio.gather(
        *(service(database).begin("k", "f") for database in processes * 4), return_exceptions=True
    )

    assert sum(isinstance(each, KeyRecord) for each in found) == 1
    assert sum(isinstance(each, IdempotencyConflictError) for each in found) == 19


async def test_a_key_is_forgotten_after_72_hours(upgraded_url: str):
    clock = Hands()
    async with Database(upgraded_url, clock=clock) as database:
        keys = IdempotencyService(database, scope="default", clock=clock, policy=IMPATIENT)
        first = await begin(keys)
        await keys.keep(first, CREATED)
        clock.moment += timedelta(hours=72, microseconds=-1)
        assert await keys.begin("k", "f") == CREATED
        assert await keys.forget_expired() == 0
        clock.moment += timedelta(microseconds=1)
        second = await begin(keys, request="other")
        assert second.caller_key != first.caller_key
        clock.moment += timedelta(hours=72)
        assert await keys.forget_expired() == 1
        async with database.reading() as session:
            assert await IdempotencyRepository(session).get("default", "k") is None


async def test_an_answer_that_cannot_be_kept_is_no_error(keys: IdempotencyService, database: Database):
    record = await begin(keys)
    await database.close()

    class Broken(Database):
        def transaction(self):
            raise DatabaseError("gone")

    await IdempotencyService(
        Broken("sqlite+aiosqlite:///x.db"), scope="default", clock=SystemClock(), policy=IMPATIENT
    ).keep(record, CREATED)
