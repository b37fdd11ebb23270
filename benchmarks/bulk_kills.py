"""A bulk job whose processes are killed again and again: real processes, a real socket, a real database.

The practice StockX runs in this process. The workers, and on PostgreSQL the APIs, are processes of the product; one of
them is killed with SIGKILL every 1 to 5 seconds, and a new one is started in its place, as a service manager does.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from cryptography.fernet import Fernet

from benchmarks.company import Company
from solegate.bootstrap import Services, open_services
from solegate.clock import SystemClock
from solegate.db import SecretBox
from solegate.db.repositories import SqlTokenStore
from solegate.db.repositories.jobs import JobRepository
from solegate.db.repositories.task_overview import TaskOverview
from solegate.domain.jobs import JobKind, RowState
from solegate.settings import Settings
from solegate.simulator import Limits, Pace, Report, ServerHandle, Simulator, SimulatorConfig, running_server
from solegate.testing import fresh_tokens

SIZES = 500
FAST = Pace(batch_items_per_second=100.0, batch_start_seconds=(0.2, 1.0), settle_failure=0.01, buyers_per_day=20.0)
REQUESTS_PER_SECOND, ITEMS_PER_SECOND = 50, 5_000
_TICK = 0.1


@dataclass(frozen=True)
class Fight:
    """What is done to a job.

    Attributes:
        rows: pairs to list.
        database_url: where the processes share it; SQLite or PostgreSQL.
        workers, apis: processes.
        every: the shortest and the longest time from when all are at work to the next kill, in seconds; `None` for no
            kills.
        most_kills: after so many it is left alone.
        deadline: seconds after which it has failed to finish by itself.
        seed: of the kills and the market.
    """

    rows: int
    database_url: str
    workers: int = 1
    apis: int = 0
    every: tuple[float, float] | None = (1.0, 5.0)
    most_kills: int = 1_000_000
    deadline: float = 1_200.0
    seed: int = 1


@dataclass
class Outcome:
    """How it went.

    Attributes:
        seconds: from the start of the job to its end.
        kills: processes killed.
        took_over: seconds from the kill of a worker to the job's next step, where no other kill came in between.
        rows: by state.
        report: StockX's.
        listed: live or sold pairs, by StockX's books.
        failed_without_reason: rows that do not say why.
        worker_megabytes: the largest memory of a worker.
    """

    seconds: float = 0.0
    kills: int = 0
    took_over: list[float] = field(default_factory=list)
    rows: dict[RowState, int] = field(default_factory=dict)
    report: Report | None = None
    listed: int = 0
    failed_without_reason: int = 0
    worker_megabytes: float = 0.0

    @property
    def median_takeover(self) -> float:
        """Seconds, in the middle."""
        return statistics.median(self.took_over) if self.took_over else 0.0

    @property
    def is_clean(self) -> bool:
        """Whether every row has its result, every pair that counts as listed is listed once, and no limit was hit."""
        report = self.report
        ended = not set(self.rows) - {RowState.DONE, RowState.FAILED}
        once = report is not None and not report.double_asks and self.listed == self.rows.get(RowState.DONE, 0)
        return ended and once and report is not None and not (report.refused or report.items_refused)

    def told(self) -> dict[str, Any]:
        """It as JSON."""
        report = self.report
        return {
            "seconds": self.seconds,
            "kills": self.kills,
            "took_over": self.took_over,
            "rows": {str(state): count for state, count in self.rows.items()},
            "listed": self.listed,
            "failed_without_reason": self.failed_without_reason,
            "double_asks": dict(report.double_asks) if report else {},
            "refused": report.refused + report.items_refused if report else 0,
            "creates": report.count("CreateListings") if report else 0,
            "requests": report.total if report else 0,
            "worker_megabytes": self.worker_megabytes,
        }


async def fight(what: Fight, folder: Path) -> Outcome:
    """List the pairs while processes are killed.

    Raises:
        RuntimeError: the job did not end by itself.
    """
    limits = Limits(
        per_second=REQUESTS_PER_SECOND, per_day=None, items_per_window=ITEMS_PER_SECOND, items_window=1.0,
        items_per_day=None,
    )  # fmt: skip
    simulator = Simulator(SimulatorConfig(seed=what.seed, limits=limits, pace=FAST, products=200))
    async with running_server(simulator) as server:
        environment = _environment(what, simulator, server)
        async with _opened(environment) as services:
            store = SqlTokenStore(services.database, SecretBox([environment["SOLEGATE_SECRET_KEY"]]))
            await store.save(fresh_tokens(simulator, SystemClock()), expected_version=None)
            company = Company({**os.environ, **environment}, folder)
            try:
                await company.hire(what.workers, what.apis)
                job_id = await _start_job(services, simulator, what)
                outcome = await _watch(what, services, company, job_id)
            finally:
                await company.close()
            outcome.worker_megabytes = company.megabytes
            await asyncio.sleep(2.0)  # whatever a killed process sent last has arrived by now
            await _take_stock(outcome, services, simulator, job_id)
    return outcome


async def _watch(what: Fight, services: Services, company: Company, job_id: str) -> Outcome:
    """Kill, replace, and wait until the job has ended."""
    dice, outcome, began = Random(what.seed), Outcome(), time.monotonic()
    next_kill = began + dice.uniform(*(what.every or (0.0, 0.0)))
    waiting: tuple[float, int] | None = None
    while True:
        if company.is_short_of(what.workers, what.apis):
            await company.hire(what.workers, what.apis)
            next_kill = time.monotonic() + dice.uniform(*(what.every or (0.0, 0.0)))
        company.check()
        steps, is_over = await _progress(services, job_id)
        now = time.monotonic()
        if waiting is not None and steps > waiting[1]:
            outcome.took_over.append(now - waiting[0])
            waiting = None
        if is_over:
            outcome.seconds = now - began
            return outcome
        if now - began > what.deadline:
            raise RuntimeError(f"the job did not end in {what.deadline:g} s")
        if what.every is not None and now >= next_kill and outcome.kills < what.most_kills:
            outcome.kills += 1
            if await company.kill_one(dice):
                waiting = time.monotonic(), (await _progress(services, job_id))[0]
        await asyncio.sleep(_TICK)


async def _progress(services: Services, job_id: str) -> tuple[int, bool]:
    """Steps done for the job, and whether it has ended."""
    async with services.database.reading() as session:
        job = await JobRepository(session).get(job_id)
    statuses = await TaskOverview(services.database).statuses(services.settings.account)
    steps = next((each.steps for each in statuses if each.task.subject == job_id), 0)
    return steps, job is not None and job.finished_at is not None


async def _take_stock(outcome: Outcome, services: Services, simulator: Simulator, job_id: str) -> None:
    async with services.database.reading() as session:
        jobs = JobRepository(session)
        outcome.rows = dict((await jobs.progress(job_id)).rows)
        failed = await jobs.items(job_id, limit=1_000_000, states=[RowState.FAILED])
    outcome.failed_without_reason = sum(not (row.reason and row.advice) for row in failed)
    outcome.report = simulator.report()
    gone = ("INACTIVE", "DELETED")
    outcome.listed = sum(each.status not in gone for each in simulator.listings.all())


async def _start_job(services: Services, simulator: Simulator, what: Fight) -> str:
    """Start the job as a caller does."""
    variants = [each.id for product in simulator.catalog.products for each in product.variants][:SIZES]
    rows = [
        {"variant_id": variants[n % SIZES], "price": str(150 + n % 90), "currency": "EUR", "unit": f"pair {n}"}
        for n in range(what.rows)
    ]
    simulator.declare_units(Counter(row["variant_id"] for row in rows))
    started = await services.jobs.start(JobKind.CREATE, rows, name="pairs", actor="benchmark")
    return started.job.id


@asynccontextmanager
async def _opened(environment: dict[str, str]) -> AsyncIterator[Services]:
    """The services of this process, which only starts the job and watches it."""
    given: dict[str, Any] = {name.removeprefix("SOLEGATE_").lower(): value for name, value in environment.items()}
    async with open_services(Settings(**given)) as services:
        yield services


def _environment(what: Fight, simulator: Simulator, server: ServerHandle) -> dict[str, str]:
    """The settings of every process."""
    key = Fernet.generate_key().decode()
    return {
        "SOLEGATE_STOCKX_API_URL": server.api_url,
        "SOLEGATE_STOCKX_AUTH_URL": server.auth_url,
        "SOLEGATE_STOCKX_CLIENT_ID": simulator.config.client_id,
        "SOLEGATE_STOCKX_CLIENT_SECRET": simulator.config.client_secret,
        "SOLEGATE_STOCKX_API_KEY": simulator.config.api_key,
        "SOLEGATE_REQUESTS_PER_SECOND": str(REQUESTS_PER_SECOND),
        "SOLEGATE_REQUESTS_PER_DAY": "100000000",
        "SOLEGATE_ITEMS_PER_WINDOW": str(ITEMS_PER_SECOND),
        "SOLEGATE_ITEMS_WINDOW": "1",
        "SOLEGATE_ITEMS_PER_DAY": "100000000",
        "SOLEGATE_DATABASE_URL": what.database_url,
        "SOLEGATE_SECRET_KEY": key,
    }


def main(arguments: list[str]) -> None:
    """One fight, from the command line; prints what came of it as JSON: for the tests, which do it in small."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bulk_kills")
    parser.add_argument("--rows", type=int, default=1_000)
    parser.add_argument("--database-url", default="")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--apis", type=int, default=0)
    parser.add_argument("--kills", type=int, default=4)
    parser.add_argument("--deadline", type=float, default=300.0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        what = Fight(
            rows=given.rows,
            database_url=given.database_url or f"sqlite+aiosqlite:///{folder}/bulk.db",
            workers=given.workers,
            apis=given.apis,
            most_kills=given.kills,
            deadline=given.deadline,
            seed=given.seed,
        )
        print(json.dumps(asyncio.run(fight(what, Path(folder))).told()))


if __name__ == "__main__":
    main(sys.argv[1:])
