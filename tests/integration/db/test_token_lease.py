"""One token refresh among the processes that share a database, of either kind (design 4.5)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from cryptography.fernet import Fernet

from solegate.client.auth import TokenManager
from solegate.client.policy.oauth import LEASE
from solegate.clock import LoopClock
from solegate.db import Database, SecretBox
from solegate.db.repositories import SqlTokenStore
from solegate.errors import UpstreamError
from solegate.metrics import Metrics
from solegate.testing import ScriptedTransport, run_virtual
from support.account import access
from support.client import CREDENTIALS, FAILING, grant, tokens_of

KEY = Fernet.generate_key().decode()


class Processes:
    """Processes that share a database, and a login server that takes half a second."""

    def __init__(self, database: Database, clock: LoopClock) -> None:
        self.clock = clock
        self.login = ScriptedTransport([grant()], latency=0.5)
        self.store = SqlTokenStore(database, SecretBox([KEY]))

    def start(self, name: str) -> TokenManager:
        return TokenManager(
            CREDENTIALS, account="default", owner=name, auth_url="http://login.test", store=self.store,
            transport=self.login, clock=self.clock, metrics=Metrics(),
        )  # fmt: skip


def play(url: str, story: Callable[[Processes], Awaitable[None]]) -> None:
    """Run a story in virtual time; the account's token has just expired."""

    async def run() -> None:
        clock = LoopClock()
        async with Database(url, clock=clock) as database:
            processes = Processes(database, clock)
            await processes.store.save(tokens_of(clock, expires_in=0), expected_version=None)
            await story(processes)

    run_virtual(run())


def test_many_callers_of_many_processes_cost_one_token_call(upgraded_url: str) -> None:
    async def story(processes: Processes) -> None:
        managers = [processes.start(f"process {number}") for number in range(4)]

        tokens = await asyncio.gather(*(each.token() for each in managers * 100))

        assert {each.value for each in tokens} == {access(2)}
        assert len(processes.login.requests) == 1

    play(upgraded_url, story)


def test_the_lease_of_a_process_that_died_lapses_and_the_others_take_over(upgraded_url: str) -> None:
    async def story(processes: Processes) -> None:
        record = await processes.store.load("default")
        assert record is not None
        assert await processes.store.lease(record, owner="dead", seconds=LEASE)
        managers = [processes.start(f"process {number}") for number in range(3)]

        await asyncio.gather(*(each.token() for each in managers))

        assert LEASE <= asyncio.get_running_loop().time() < LEASE + 1
        assert len(processes.login.requests) == 1

    play(upgraded_url, story)


def test_a_renewal_that_fails_gives_the_lease_back(upgraded_url: str) -> None:
    async def story(processes: Processes) -> None:
        processes.login.script.insert(0, FAILING)
        first, second = processes.start("first"), processes.start("second")

        results = await asyncio.gather(first.token(), second.token(), return_exceptions=True)

        assert sorted(type(each).__name__ for each in results) == ["AccessToken", UpstreamError.__name__]
        assert asyncio.get_running_loop().time() < 2

    play(upgraded_url, story)


def test_one_process_at_a_time_has_the_lease_and_only_for_the_version_it_knows(upgraded_url: str) -> None:
    async def story(processes: Processes) -> None:
        store = processes.store
        record = await store.load("default")
        assert record is not None

        given = await asyncio.gather(*(store.lease(record, owner=f"p{n}", seconds=LEASE) for n in range(8)))
        assert sum(given) == 1
        await store.release("default", owner="somebody else")
        assert not await store.lease(record, owner="late", seconds=LEASE)
        await store.release("default", owner=f"p{given.index(True)}")
        assert await store.lease(record, owner="late", seconds=LEASE)

        await store.save(replace(record, version=2), expected_version=1)
        assert not await store.lease(record, owner="later", seconds=LEASE)
        assert await store.lease(replace(record, version=2), owner="later", seconds=LEASE)

    play(upgraded_url, story)
