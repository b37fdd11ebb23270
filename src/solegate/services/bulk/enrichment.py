"""Enriches the SKUs of a job, one in each step, in the background lane."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from solegate.client.policy.call import Lane
from solegate.domain.jobs import Job, JobItem, JobState, RowState
from solegate.domain.tasks import Progress
from solegate.errors import (
    AuthenticationError,
    CircuitOpenError,
    ConfigurationError,
    QuotaExhaustedError,
    RateLimitedError,
    SolegateError,
    StockXError,
    UpstreamError,
)
from solegate.services.bulk.book import ChunkBook
from solegate.services.bulk.desk import SHORTEST_PAUSE, Desk
from solegate.services.catalog import StockXCatalogService
from solegate.services.results import EnrichmentResult, EnrichmentStatus

_WAITING = (AuthenticationError, CircuitOpenError, ConfigurationError, QuotaExhaustedError, RateLimitedError)
"""Failures that every further SKU would meet too: the row is not to blame, and is done later."""
_PAUSE = timedelta(seconds=60)
_MOST_TRIES = 5
"""With the breaker's pauses between them they outlast an outage of half an hour."""


class Enricher:
    """Works off the rows of jobs that send no batches."""

    def __init__(self, desk: Desk, catalog: StockXCatalogService) -> None:
        self._desk = desk
        self._catalog = catalog

    async def enrich_next(self, job: Job) -> Progress | None:
        """Enrich the first SKU that is READY; `None` when there is none.

        A SKU is written whole or not at all, so one that was cut off is done again.
        """
        database = self._desk.database
        async with database.reading() as session:
            now = await database.now(session)
            ready = await ChunkBook(session, job, now).jobs.items(job.id, limit=1, states=[RowState.READY])
        if not ready:
            return None
        result = await self._catalog.try_enrich(
            ready[0].sku or "", currency=job.options.get("currency") or None, lane=Lane.BACKGROUND
        )
        row = ready[0]
        if isinstance(result.error, _WAITING) or (
            isinstance(result.error, UpstreamError) and _tries(row) < _MOST_TRIES
        ):
            return await self._wait(job, row, result.error)
        async with database.transaction() as session:
            now = await database.now(session)
            book = ChunkBook(session, job, now)
            stored = await book.jobs.get(job.id, lock=True)
            if stored is not None and stored.state is JobState.RUNNING:
                await book.jobs.save_items([_outcome(row, result, now)])
                await book.jobs.started(job.id, now)
        return Progress(now, f"row {row.number}: {result.status}")

    async def _wait(self, job: Job, row: JobItem, error: SolegateError) -> Progress:
        """Do the row later. What may be about this SKU alone is tried a few times, and then counts."""
        database = self._desk.database
        async with database.transaction() as session:
            now = await database.now(session)
            jobs = ChunkBook(session, job, now).jobs
            await jobs.annotate(job.id, str(error))
            if isinstance(error, UpstreamError):
                await jobs.save_items([replace(row, reason=f"{error.message} (try {_tries(row) + 1})", updated_at=now)])
        retry_at = error.retry_at if isinstance(error, StockXError) else None
        return Progress(max(retry_at, now + SHORTEST_PAUSE) if retry_at else now + _PAUSE, "waiting")


def _tries(row: JobItem) -> int:
    """How often StockX failed on this SKU: its reason says so until it has its result."""
    told = re.search(r"\(try (\d+)\)$", row.reason)
    return int(told[1]) if told else 0


def _outcome(item: JobItem, result: EnrichmentResult, now: datetime) -> JobItem:
    """What came of a SKU, for people."""
    if result.success:
        reason = "up to date already" if result.status is EnrichmentStatus.FRESH else ""
        return replace(item, state=RowState.DONE, reason=reason, updated_at=now)
    reason, advice = f"{result.status}", "Run the failed rows again later."
    if result.error is not None:
        reason, advice = result.error.message, result.error.hint or advice
    elif result.alternatives:
        codes = ", ".join(each.label for each in result.alternatives[:5])
        reason, advice = "StockX knows similar products only.", f"Choose one of: {codes}."
    return replace(item, state=RowState.FAILED, reason=reason, advice=advice, updated_at=now)
