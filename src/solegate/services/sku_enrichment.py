"""One SKU: find it, fetch it, write it; the order of steps and nothing else."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from solegate.client.models import Answer
from solegate.client.policy.call import Lane
from solegate.client.policy.paging import SEARCH_PAGE_SIZE
from solegate.client.service import CallOptions, StockXService
from solegate.db.engine import Database
from solegate.db.repositories import CatalogRepository, MarketDataRepository
from solegate.domain.catalog import EnrichedProduct, MarketQuote, StoredProduct
from solegate.domain.sku import Exact, NeedsReview, NotFound, StyleMatch, carries, is_style, match_style, split_codes
from solegate.errors import NotFoundError, ProductNotFoundError, StockXError
from solegate.services.conversion import candidate, enriched_product, quotes
from solegate.services.results import EnrichmentResult, EnrichmentStatus
from solegate.services.tasks import together

AnswerT = TypeVar("AnswerT", bound=Answer)


@dataclass(frozen=True, slots=True)
class EnrichmentRules:
    """How an enrichment is made.

    Attributes:
        currency: of the quotes.
        catalog_age: oldest catalog data that counts as fresh.
        market_age: oldest quotes that count as fresh.
        lane: priority under the account's limit.
        force: ask StockX even for what is fresh.
    """

    currency: str
    catalog_age: timedelta
    market_age: timedelta
    lane: Lane = Lane.INTERACTIVE
    force: bool = False

    def options(self, oldest: timedelta) -> CallOptions:
        """Options of a call that may be answered from the cache up to an age."""
        return CallOptions(lane=self.lane, max_age=0.0 if self.force else oldest.total_seconds())


@dataclass(frozen=True, slots=True)
class _Known:
    """What the database knows of a SKU's product."""

    stored: StoredProduct
    variants: int
    quotes: int
    quoted_at: datetime | None


@dataclass(slots=True)
class SkuEnrichment:
    """The enrichment of one SKU under way; `requests` counts what it has cost so far."""

    stockx: StockXService
    database: Database
    sku: str
    rules: EnrichmentRules
    requests: int = field(default=0, init=False)

    async def run(self, now: datetime) -> EnrichmentResult:
        """Find the product, here or at StockX, and do only what is needed.

        Raises:
            StockXError: StockX could not be asked; nothing was written.
            DatabaseError: it could not be written; nothing was.
        """
        known = await self._find_here()
        if known is None:
            return await self._search(now)
        return await self._refresh(known, now) or await self._search(now, instead_of=known.stored)

    async def _find_here(self) -> _Known | None:
        """The one stored product that is this SKU. One that only carries it may be a set: StockX has to say."""
        async with self.database.reading() as session:
            catalog = CatalogRepository(session)
            found = await catalog.find_by_style_code(self.sku)
            match [each for each in found if is_style(self.sku, each.product.style_id)]:
                case [only]:
                    return await self._describe(only, catalog, MarketDataRepository(session))
        return None

    async def _find_hit(self, product_id: str) -> _Known | None:
        """The stored product that StockX's search found, if it carried the SKU when it was stored."""
        async with self.database.reading() as session:
            catalog = CatalogRepository(session)
            stored = await catalog.find_by_stockx_id(product_id)
            if stored is None or not carries(self.sku, stored.product.style_id):
                return None
            return await self._describe(stored, catalog, MarketDataRepository(session))

    async def _describe(
        self, stored: StoredProduct, catalog: CatalogRepository, market: MarketDataRepository
    ) -> _Known:
        product_id, currency = stored.product.product_id, self.rules.currency
        quoted_at = await market.read_at(product_id, currency)
        latest = (await market.latest(product_id, currency)).values()
        quoted = sum(each.fetched_at == quoted_at for each in latest)
        return _Known(stored, await catalog.count_variants(stored.id), quoted, quoted_at)

    async def _refresh(self, known: _Known, now: datetime) -> EnrichmentResult | None:
        """Nothing, prices only, or everything but the search; `None` when it vanished or now means another style."""
        try:
            if self.rules.force or now - known.stored.enriched_at >= self.rules.catalog_age:
                renewed = await self._fetch(known.stored.product.product_id)
                return await self._write(renewed) if carries(self.sku, renewed.product.style_id) else None
            if known.quoted_at is not None and now - known.quoted_at < self.rules.market_age:
                return self._result(EnrichmentStatus.FRESH, known.stored, known.variants, known.quotes)
            return await self._renew_quotes(known)
        except NotFoundError:
            return None

    async def _renew_quotes(self, known: _Known) -> EnrichmentResult:
        product_id = known.stored.product.product_id
        options = self.rules.options(self.rules.market_age)
        market = await self._ask(
            self.stockx.get_market_data_from_stockx(product_id, self.rules.currency, options=options)
        )
        found = quotes(market)
        async with self.database.transaction() as session:
            await self._keep_quotes(MarketDataRepository(session), product_id, found, market.provenance.fetched_at)
        return self._result(EnrichmentStatus.ENRICHED, known.stored, known.variants, self._wanted(found))

    async def _keep_quotes(
        self, market: MarketDataRepository, product_id: str, found: tuple[MarketQuote, ...], quoted_at: datetime | None
    ) -> None:
        await market.append(found)
        if quoted_at is not None:
            await market.note_read(product_id, self.rules.currency, quoted_at)

    def _wanted(self, found: tuple[MarketQuote, ...]) -> int:
        """How many of them are in the wanted currency; StockX may answer in another one (FACTS 1.9)."""
        return sum(each.currency == self.rules.currency for each in found)

    async def _search(self, now: datetime, instead_of: StoredProduct | None = None) -> EnrichmentResult:
        """Find the product; `instead_of` is the one the database took for it, which StockX no longer has."""
        page = await self._ask(
            self.stockx.search_stockx_catalog(
                split_codes(self.sku)[0],
                page_size=SEARCH_PAGE_SIZE,
                options=self.rules.options(self.rules.catalog_age),
            )
        )
        decided: StyleMatch = match_style(self.sku, map(candidate, page.products))
        match decided:
            case Exact(found):
                return await self._take(found.product_id, now, instead_of)
            case NeedsReview(alternatives):
                return EnrichmentResult(
                    self.sku, EnrichmentStatus.NEEDS_REVIEW, requests=self.requests, alternatives=alternatives
                )
            case NotFound():
                return EnrichmentResult(
                    self.sku,
                    EnrichmentStatus.NOT_FOUND,
                    requests=self.requests,
                    error=ProductNotFoundError(self.sku),
                )

    async def _take(self, product_id: str, now: datetime, instead_of: StoredProduct | None) -> EnrichmentResult:
        known = None if instead_of is not None else await self._find_hit(product_id)
        refreshed = None if known is None else await self._refresh(known, now)
        return refreshed or await self._write(await self._fetch(product_id), instead_of)

    async def _fetch(self, product_id: str) -> EnrichedProduct:
        catalog, market = self.rules.options(self.rules.catalog_age), self.rules.options(self.rules.market_age)
        async with together() as group:
            details = group.create_task(self._ask(self.stockx.get_product_details(product_id, options=catalog)))
            variants = group.create_task(self._ask(self.stockx.get_all_product_variants(product_id, options=catalog)))
            prices = group.create_task(
                self._ask(self.stockx.get_market_data_from_stockx(product_id, self.rules.currency, options=market))
            )
        return enriched_product(details.result(), variants.result(), prices.result())

    async def _write(self, enriched: EnrichedProduct, instead_of: StoredProduct | None = None) -> EnrichmentResult:
        async with self.database.transaction() as session:
            catalog = CatalogRepository(session)
            if instead_of is not None:
                await catalog.release_codes(instead_of.id)
            product_id = await catalog.save_enriched(enriched)
            await self._keep_quotes(
                MarketDataRepository(session), enriched.product.product_id, enriched.quotes, enriched.quoted_at
            )
        stored = StoredProduct(product_id, enriched.product, enriched.enriched_at)
        return self._result(EnrichmentStatus.ENRICHED, stored, len(enriched.variants), self._wanted(enriched.quotes))

    async def _ask(self, call: Awaitable[AnswerT]) -> AnswerT:
        """Make a call and count its requests, also those of a call that fails."""
        try:
            answer = await call
        except StockXError as error:
            self.requests += error.attempts
            raise
        self.requests += answer.provenance.attempts
        return answer

    def _result(
        self, status: EnrichmentStatus, stored: StoredProduct, variants: int, quote_count: int
    ) -> EnrichmentResult:
        return EnrichmentResult(
            self.sku,
            status,
            product_id=stored.id,
            stockx_product_id=stored.product.product_id,
            title=stored.product.title,
            variants=variants,
            quotes=quote_count,
            requests=self.requests,
            as_of=stored.enriched_at,
        )
