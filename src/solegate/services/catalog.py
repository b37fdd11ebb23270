"""The catalog's use cases: search StockX, filter what it finds, enrich the local database by SKU."""

from __future__ import annotations

from datetime import timedelta

from solegate.client.inputs import checked_currency
from solegate.client.models import SearchPage
from solegate.client.policy.call import Lane
from solegate.client.service import StockXService
from solegate.clock import Clock
from solegate.db.engine import Database
from solegate.db.repositories import CatalogRepository, MasterRepository
from solegate.domain.catalog import StoredProduct, VariantData
from solegate.domain.search_filter import EVERYTHING, SearchFilter, Sort
from solegate.domain.sizes import parse_size
from solegate.domain.sku import checked_sku, is_style
from solegate.errors import InvalidInputError, StockXError
from solegate.metrics import Metrics
from solegate.services.filtered_search import search
from solegate.services.results import EnrichmentResult, EnrichmentStatus, FilteredSearch, KnownProduct
from solegate.services.sku_enrichment import EnrichmentRules, SkuEnrichment


class StockXCatalogService:
    """Search and enrichment of one StockX account.

    Args:
        stockx: the client.
        database: where products and quotes are kept.
        clock: tells how old they are.
        currency: of quotes, when a call names none.
        catalog_ttl: seconds for which catalog data counts as fresh.
        market_data_ttl: seconds for which quotes count as fresh.
    """

    def __init__(
        self,
        stockx: StockXService,
        database: Database,
        *,
        clock: Clock,
        metrics: Metrics | None = None,
        currency: str = "EUR",
        catalog_ttl: float = 86_400.0,
        market_data_ttl: float = 300.0,
    ) -> None:
        self._stockx = stockx
        self._database = database
        self._clock = clock
        self._metrics = metrics or Metrics()
        self._currency = currency
        self._catalog_age = timedelta(seconds=catalog_ttl)
        self._market_age = timedelta(seconds=market_data_ttl)

    async def search_catalog(self, query: str, page: int = 1, page_size: int = 10) -> SearchPage:
        """One page of StockX's fuzzy search, as it comes (1 request, 0 when cached).

        Raises:
            InvalidInputError: the query is empty or too long, or there is no such page.
            StockXError: StockX could not be asked.
        """
        return await self._stockx.search_stockx_catalog(query, page=page, page_size=page_size)

    async def search(
        self,
        query: str,
        filters: SearchFilter = EVERYTHING,
        *,
        sort: Sort = Sort.RELEVANCE,
        page: int = 1,
        page_size: int = 10,
        max_pages: int = 5,
    ) -> FilteredSearch:
        """A search with the filters and orders that StockX lacks; the answer says how far it looked.

        Without any, StockX's page is passed through (1 request, 0 when cached). With them its pages of 50 are read
        until the page is full, `max_pages` at most. Any order but relevance has to read that far at once, and sorts
        what it saw.

        Raises:
            InvalidInputError: query, page or filters cannot be used.
            StockXError: StockX could not be asked.
        """
        return await search(
            self._stockx, query, filters, sort=sort, page=page, page_size=page_size, max_pages=max_pages
        )

    async def enrich_product_by_sku(
        self, sku: str, *, currency: str | None = None, force: bool = False
    ) -> EnrichmentResult:
        """Bring one SKU's product into the database, with sizes, barcodes and a market snapshot.

        It costs 4 requests cold (search, details, variants, market data), 3 when the product is known but old, 1 when
        only its quotes are old, 0 when all is fresh. Everything is written in one transaction, or nothing.

        Args:
            sku: a style code, or several joined by `/`; case, spaces and kinds of dashes do not matter.
            currency: of the quotes.
            force: ask StockX even for what is fresh.

        Returns:
            What was written; or, with status `needs_review`, similar products to choose from and nothing written.

        Raises:
            InvalidInputError: the SKU is empty or too long.
            ProductNotFoundError: StockX finds nothing for it.
            StockXError: StockX could not be asked.
            DatabaseError: the database cannot be read or written.
        """
        result = await self.try_enrich(sku, currency=currency, force=force)
        if result.error is not None:
            raise result.error
        return result

    async def try_enrich(
        self, sku: str, *, currency: str | None = None, force: bool = False, lane: Lane = Lane.INTERACTIVE
    ) -> EnrichmentResult:
        """The same, with StockX's failures and a bad SKU inside the result, so that its cost is known all the same.

        Raises:
            InvalidInputError: StockX has no market data in this currency.
            DatabaseError: the database cannot be read or written.
        """
        wanted = _readable(sku.strip())
        rules = EnrichmentRules(
            checked_currency(currency or self._currency), self._catalog_age, self._market_age, lane, force
        )
        enrichment = SkuEnrichment(self._stockx, self._database, wanted, rules)
        try:
            checked_sku(sku)
            result = await enrichment.run(self._clock.now())
        except (StockXError, InvalidInputError) as error:
            result = EnrichmentResult(wanted, EnrichmentStatus.FAILED, requests=enrichment.requests, error=error)
        self._metrics.enrichments.labels(result.status.value).inc()
        return result

    async def find_product(self, stockx_id: str) -> StoredProduct | None:
        """A product that was enriched before; asks the database only."""
        async with self._database.reading() as session:
            return await CatalogRepository(session).find_by_stockx_id(stockx_id)

    async def find_by_sku(self, sku: str) -> KnownProduct | None:
        """The one enriched product that is this SKU, with its sizes; asks the database only."""
        async with self._database.reading() as session:
            catalog = CatalogRepository(session)
            found = await catalog.find_by_style_code(sku)
            match [each for each in found if is_style(sku, each.product.style_id)]:
                case [only]:
                    age = self._clock.now() - only.enriched_at
                    return KnownProduct(only, await catalog.variants(only.id), is_fresh=age < self._catalog_age)
        return None

    async def find_variants(self, product_id: int) -> tuple[VariantData, ...]:
        """The variants of an enriched product, by our own id; asks the database only."""
        async with self._database.reading() as session:
            return await CatalogRepository(session).variants(product_id)

    async def _get_or_create_size_master(self, value: str, system: str = "") -> int:
        """The id of a size in the master table, made when it is missing (guide section 3)."""
        async with self._database.transaction() as session:
            return await MasterRepository(session).size(parse_size(value, system))


def _readable(text: str) -> str:
    """The text with what is no text replaced, so that every answer can be written down."""
    return text.encode(errors="replace").decode()
