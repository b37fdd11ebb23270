"""Many SKUs: streamed, bounded, resumable.

Nothing is held in memory but the SKUs in flight and, to do duplicates once, each distinct SKU's text. A run that was
stopped is resumed by starting it again: what is fresh costs no request.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from solegate.client.policy.call import Lane
from solegate.domain.sku import split_codes
from solegate.errors import (
    AuthenticationError,
    CircuitOpenError,
    ConfigurationError,
    DatabaseError,
    InvalidInputError,
    QuotaExhaustedError,
    SolegateError,
)
from solegate.services.catalog import StockXCatalogService
from solegate.services.results import EnrichmentResult, EnrichmentStatus, EnrichmentSummary
from solegate.services.tasks import together

OnResult = Callable[[EnrichmentResult], None]

_STOPPING = (AuthenticationError, CircuitOpenError, ConfigurationError, QuotaExhaustedError)
"""Failures that every further SKU would meet too."""


class EnrichmentService:
    """Enriches lists of SKUs in the background lane, which leaves the day's reserve alone."""

    def __init__(self, catalog: StockXCatalogService) -> None:
        self._catalog = catalog

    async def enrich_many(
        self,
        skus: Iterable[str] | AsyncIterable[str],
        *,
        concurrency: int = 4,
        on_result: OnResult | None = None,
        currency: str | None = None,
        force: bool = False,
    ) -> EnrichmentSummary:
        """Enrich every SKU once; a SKU that fails does not stop the rest.

        A lost login, an exhausted quota or an open breaker ends the run: the summary says by what, and the SKUs then
        under way are left for the next run. Cancelling it leaves every SKU written whole or not at all.

        Args:
            skus: read only as fast as they are worked off.
            concurrency: most SKUs in flight.
            on_result: called for every SKU as it ends, in no particular order.
            currency: of the quotes.
            force: ask StockX even for what is fresh.

        Raises:
            InvalidInputError: `skus` itself cannot be read, StockX has no such currency, or `concurrency` is below 1.
        """
        if concurrency < 1:
            raise InvalidInputError(f"At least one SKU has to be in flight, not {concurrency}.")

        async def enrich(sku: str) -> EnrichmentResult:
            return await self._catalog.try_enrich(sku, currency=currency, force=force, lane=Lane.BACKGROUND)

        run = _Run(aiter(_stream(skus)), enrich, on_result or _say_nothing)
        async with together() as group:
            for _ in range(concurrency):
                group.create_task(run.work())
        return run.summary


@dataclass(slots=True)
class _Run:
    """One list under way, shared by its workers."""

    skus: AsyncIterator[str]
    enrich: Callable[[str], Awaitable[EnrichmentResult]]
    report: OnResult
    summary: EnrichmentSummary = field(default_factory=EnrichmentSummary)
    seen: set[str] = field(default_factory=set)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def work(self) -> None:
        """Take one SKU after the other until there is none, or going on is useless."""
        while self.summary.stopped_by is None:
            async with self.turn:
                sku = await anext(self.skus, None)
            if sku is None:
                return
            try:
                self._note(await self._one(sku))
            except DatabaseError as error:
                self._stop(error)

    async def _one(self, sku: str) -> EnrichmentResult:
        key = "/".join(sorted(split_codes(sku)))
        if key and key in self.seen:
            return EnrichmentResult(sku, EnrichmentStatus.DUPLICATE)
        self.seen.add(key)
        return await self.enrich(sku)

    def _note(self, result: EnrichmentResult) -> None:
        if isinstance(result.error, _STOPPING):
            self.summary.requests += result.requests
            self._stop(result.error)
            return
        self.summary.add(result)
        self.report(result)

    def _stop(self, error: SolegateError) -> None:
        self.summary.stopped_by = self.summary.stopped_by or error


def _say_nothing(_result: EnrichmentResult) -> None:
    """What a caller hears who does not listen."""


async def _stream(skus: Iterable[str] | AsyncIterable[str]) -> AsyncIterator[str]:
    if isinstance(skus, AsyncIterable):
        async for sku in skus:
            yield sku
    else:
        for sku in skus:
            yield sku
