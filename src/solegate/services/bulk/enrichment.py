"""Enriches the SKUs of a job, one in each step, in the background lane."""

from __future__ import annotations

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
)
from solegate.services.bulk.book import ChunkBook
from solegate.services.bulk.desk import Desk
from solegate.services.catalog import StockXCatalogService
from solegate.services.results import EnrichmentResult, EnrichmentStatus

_WAITING = (AuthenticationError, CircuitOpenError, ConfigurationError, QuotaExhaustedError, RateLimitedError)
"""Failures that every further SKU would meet too: the row is not to blame, and is done later."""
_PAUSE = timedelta(seconds=60)


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
        if isinstance(result.error, _WAITING):
            return await self._wait(job, result.error, now)
        async with database.transaction() as session:
            now = await database.now(session)
            book = ChunkBook(session, job, now)
            stored = await book.jobs.get(job.id, lock=True)
            if stored is not None and stored.state is JobState.RUNNING:
                await book.jobs.save_items([_outcome(ready[0], result, now)])
                await book.jobs.started(job.id, now)
        return Progress(now, f"row {ready[0].number}: {result.status}")

    async def _wait(self, job: Job, error: SolegateError, now: datetime) -> Progress:
        database = self._desk.database
        async with database.transaction() as session:
            await ChunkBook(session, job, now).jobs.annotate(job.id, str(error))
        retry_at = error.retry_at if isinstance(error, StockXError) else None
        return Progress(retry_at or now + _PAUSE, "waiting")


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
