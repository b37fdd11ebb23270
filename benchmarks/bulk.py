"""10,000 pairs from one job: how long at StockX's limits, how much memory, and what kills do to it."""

from __future__ import annotations

import asyncio
import math
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.bulk_days import Day, day
from benchmarks.bulk_kills import Fight, Outcome, fight
from benchmarks.databases import databases
from benchmarks.table import Row
from solegate.domain.jobs import RowState

PAIRS, FEW = 10_000, 1_000
ITEMS_PER_WINDOW, WINDOW = 500, 300.0
"""FACTS 1.1."""


def measure() -> list[Row]:
    """The day at the official limits, memory, then the kills on SQLite and on PostgreSQL."""
    return [*_time(day(PAIRS)), *_memory(), *_kills()]


def _time(official: Day) -> list[Row]:
    least = (math.ceil(PAIRS / ITEMS_PER_WINDOW) - 1) * WINDOW
    factor = official.seconds / least
    report = official.report
    clean = not (report.double_asks or report.refused or report.items_refused)
    ended = sum(official.rows.get(state, 0) for state in (RowState.DONE, RowState.FAILED))
    return [
        Row(
            f"{PAIRS:,} pairs at the official limits (virtual time), against the least the item limit allows",
            f"{factor:.3f}",
            f"{official.seconds:,.0f} s of {least:,.0f} s, the last listing read back",
            "<= 1.02",
            factor <= 1.02,
        ),
        Row(
            "of them with a result, over a limit, listed twice",
            f"{ended:,}, {report.refused + report.items_refused}, {sum(report.double_asks.values())}",
            f"{report.total:,} requests: {report.total / (PAIRS / 100):.1f} for each 100 pairs",
            f"{PAIRS:,}, 0, 0",
            clean and ended == PAIRS,
        ),
    ]


def _memory() -> list[Row]:
    with _sqlite() as (url, folder):
        few = asyncio.run(fight(Fight(FEW, url, every=None), folder))
    with _sqlite() as (url, folder):
        many = asyncio.run(fight(Fight(PAIRS, url, every=None), folder))
    more = many.worker_megabytes - few.worker_megabytes
    return [
        Row(
            f"memory of the worker, {FEW:,} and {PAIRS:,} pairs",
            f"{few.worker_megabytes:.0f} MB, {many.worker_megabytes:.0f} MB",
            f"{PAIRS / many.seconds:,.0f} pairs/s without kills, limits scaled up",
            "flat: +20 MB at most",
            more <= 20,
        )
    ]


def _kills() -> list[Row]:
    with _sqlite() as (url, folder):
        one = asyncio.run(fight(Fight(PAIRS, url), folder))
    rows = _told("1 worker on SQLite", one)
    with _postgres() as (url, folder):
        several = asyncio.run(fight(Fight(PAIRS, url, workers=3, apis=2), folder))
    return [*rows, *_told("2 APIs and 3 workers on PostgreSQL", several)]


def _told(where: str, outcome: Outcome) -> list[Row]:
    report = outcome.report
    doubles = sum(report.double_asks.values()) if report else 0
    ended = outcome.rows.get(RowState.DONE, 0) + outcome.rows.get(RowState.FAILED, 0)
    return [
        Row(
            f"{PAIRS:,} pairs, {where}, one of them killed 1 to 5 s after all are at work: with a result, listed twice",
            f"{ended:,}, {doubles}",
            f"{outcome.kills} kills in {outcome.seconds:,.0f} s; {outcome.listed:,} listed",
            f"{PAIRS:,}, 0",
            outcome.is_clean and ended == PAIRS,
        ),
        Row(
            f"from the kill of a worker to the job's next step, {where}",
            f"{outcome.median_takeover:.1f} s",
            f"{min(outcome.took_over, default=0):.1f} to {max(outcome.took_over, default=0):.1f} s, start included",
        ),
    ]


@contextmanager
def _sqlite() -> Iterator[tuple[str, Path]]:
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite+aiosqlite:///{folder}/bulk.db", Path(folder)


@contextmanager
def _postgres() -> Iterator[tuple[str, Path]]:
    with tempfile.TemporaryDirectory() as folder, databases() as urls:
        yield urls["PostgreSQL"], Path(folder)
