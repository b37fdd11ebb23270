"""One loop works for many accounts: each gets its turn, whoever comes is worked for, whoever goes is left alone."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from solegate.clock import SystemClock
from solegate.db.repositories.tasks import TaskRepository
from solegate.domain.leases import Lease
from solegate.domain.tasks import Progress, Task
from solegate.errors import NoSuchAccountError
from solegate.jobs.handlers import PerAccount
from solegate.jobs.local import LocalLoop
from solegate.jobs.roster import Everybody
from solegate.jobs.steps import StepRunner
from solegate.metrics import Metrics
from support.steps import LONG_AGO, job, put, running, until


@dataclass
class Accounts:
    """The accounts of a house, and what is done for them."""

    names: list[str]
    closed: set[str] = field(default_factory=set)
    seconds: float = 0.0
    welcomed: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    metrics: dict[str, Metrics] = field(default_factory=dict)

    async def list(self) -> list[str]:
        return list(self.names)

    async def welcome(self, account: str) -> None:
        self.welcomed.append(account)

    async def handlers(self, account: str) -> dict[str, Accounts]:
        if account in self.closed:
            raise NoSuchAccountError("It cannot be opened.")
        return {"job": self}

    async def step(self, task: Task, _lease: Lease) -> Progress:
        await asyncio.sleep(self.seconds)
        self.done.append(task.account)
        return Progress(None)

    def metrics_of(self, account: str) -> Metrics:
        return self.metrics.setdefault(account, Metrics())


def loop_for(database, accounts: Accounts, **changes) -> LocalLoop:
    clock = SystemClock()
    runner = StepRunner(
        TaskRepository(database, clock=clock),
        {"job": PerAccount("job", accounts.handlers)},
        worker="w",
        clock=clock,
        metrics=accounts.metrics_of,
    )
    roster = Everybody(accounts.list, welcome=accounts.welcome, clock=clock, every=0.05)
    return LocalLoop(runner, roster=roster, clock=clock, **({"poll": 0.05} | changes))


async def test_a_crowd_of_one_account_keeps_no_other_waiting(database):
    accounts = Accounts(["busy", "calm"])
    crowd = [job(f"crowd-{number}", account="busy", lane=3) for number in range(60)]
    await put(database, [*crowd, job("only", account="calm", lane=3, due_at=SystemClock().now())])

    await loop_for(database, accounts).run(until_done=True)

    assert accounts.done.count("busy") == 60
    assert accounts.done.index("calm") <= 4


async def test_steps_that_take_long_hold_the_places_of_their_own_account_only(database):
    accounts = Accounts(["busy", "calm"], seconds=30)
    await put(database, [job(str(number), account="busy", lane=3) for number in range(20)])
    async with running(loop_for(database, accounts, grace=0.05)) as loop:
        await asyncio.sleep(0.2)
        accounts.seconds = 0
        await put(database, [job("only", account="calm", lane=3)])
        loop.wake()
        await until(lambda: accounts.done == ["calm"], seconds=5)


async def test_an_account_that_is_added_is_worked_for_and_one_that_is_removed_is_not(database):
    accounts = Accounts(["old"])
    async with running(loop_for(database, accounts)):
        await put(database, [job(account="new")])
        await until(lambda: accounts.welcomed == ["old"])
        await asyncio.sleep(0.2)
        assert accounts.done == []

        accounts.names.append("new")
        await until(lambda: accounts.done == ["new"], seconds=5)
        assert accounts.welcomed == ["old", "new"]

        accounts.names.remove("old")
        await asyncio.sleep(0.2)
        await put(database, [job(account="old"), job("b", account="new")])
        await until(lambda: accounts.done == ["new", "new"], seconds=5)
        await asyncio.sleep(0.2)
        assert accounts.done == ["new", "new"]


async def test_an_account_that_cannot_be_opened_delays_nobody_else(database):
    accounts = Accounts(["broken", "whole"], closed={"broken"})
    tasks = [job(str(number), account=name, lane=0) for number in range(10) for name in accounts.names]
    await put(database, tasks)
    async with running(loop_for(database, accounts)):
        await until(lambda: accounts.done == ["whole"] * 10, seconds=10)

        failed = accounts.metrics_of("broken").steps.labels("job", "failed")
        await until(lambda: failed._value.get() == 10, seconds=10)
    assert accounts.metrics_of("whole").steps.labels("job", "done")._value.get() == 10


async def test_what_is_due_is_known_for_each_account_and_lane(database):
    turns = TaskRepository(database, clock=SystemClock()).turns
    await put(database, [job("a", account="eu", lane=0), job("b", account="eu", lane=3, due_at=None)])
    await put(database, [job("c", account="us", lane=2), job("d", account="us", lane=2, kind="sync")])
    await put(database, [job("e", account="else", lane=0, due_at=LONG_AGO)])

    found = await turns.outlook(["eu", "us", "none"], [0, 1, 2, 3], ["job"])

    assert found == {("eu", 0): 0.0, ("us", 2): 0.0}
    assert await turns.outlook([], [0], ["job"]) == {}
    assert await turns.outlook(["us"], [2], ["job"], "zzz") == {}
