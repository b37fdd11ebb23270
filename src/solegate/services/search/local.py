"""Search over the local catalog; StockX is asked only for the freshness that somebody wants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from solegate.client.inputs import checked_currency
from solegate.client.models import Source
from solegate.clock import Clock
from solegate.db.engine import Database
from solegate.db.repositories.catalog import CatalogRepository
from solegate.db.repositories.search import SearchRepository
from solegate.db.repositories.search_backlog import SearchBacklog
from solegate.db.tables import SearchOfferRow
from solegate.domain.catalog import StoredProduct
from solegate.domain.payout import STANDARD_TERMS, SellerTerms
from solegate.domain.search.documents import datetime_of, money_of
from solegate.domain.search.net import NetTerms, net_payout, net_terms
from solegate.domain.search.query import SearchQuery, key_of
from solegate.domain.search.results import Facets, Hit, MarketView, Total, cursor_at, place_at
from solegate.errors import InvalidInputError
from solegate.services.catalog import StockXCatalogService
from solegate.services.market_data import MarketDataService

MOST_REFRESHED = 25
"""Markets that one search reads anew, one request each."""
MOST_ADDED = 5
"""Products that one search brings in, up to four requests each."""
_LIVE_PAGE = 50
_INDEXED_AT_ONCE = 100
"""Products that a search indexes first, while some are waiting."""


@dataclass(frozen=True, slots=True)
class Freshening:
    """What was done for freshness, and what is left of it.

    Attributes:
        requests: what it cost at StockX.
        refreshed: markets that were read anew.
        still_old: hits of the page whose market is older than was wanted: search again for them.
        added: products that StockX's search found and that are in the catalog now.
        not_added: those that this search did not bring in.
    """

    requests: int = 0
    refreshed: int = 0
    still_old: int = 0
    added: int = 0
    not_added: int = 0


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A page of a search.

    Attributes:
        hits: the products, in order.
        total: how many there are, as far as they are counted.
        facets: those asked for.
        next_cursor: where the next page begins; `None` on the last.
        freshening: what was asked of StockX.
        unindexed: products in the catalog that no search finds yet.
        at: when it was searched.
    """

    hits: tuple[Hit, ...]
    total: Total
    facets: Facets
    next_cursor: str | None
    freshening: Freshening
    unindexed: int
    at: datetime


class LocalSearch:
    """Searches of one StockX account: the catalog is that of all accounts, what is paid depends on the seller's terms.

    Args:
        database: the catalog.
        catalog: brings new products in.
        market_data: reads markets anew.
        clock: tells how old they are.
        terms: the seller's conditions.
    """

    def __init__(
        self,
        database: Database,
        catalog: StockXCatalogService,
        market_data: MarketDataService,
        *,
        clock: Clock,
        terms: SellerTerms = STANDARD_TERMS,
    ) -> None:
        self._database = database
        self._catalog = catalog
        self._market_data = market_data
        self._clock = clock
        self._terms = terms

    async def search(
        self,
        query: SearchQuery,
        *,
        cursor: str | None = None,
        limit: int = 50,
        max_age: float | None = None,
        live: bool = False,
    ) -> SearchResult:
        """One page of hits.

        Args:
            query: what is searched for.
            cursor: `next_cursor` of the page before.
            limit: most hits of the page.
            max_age: read the markets of hits anew that are older, in seconds (1 request each, `MOST_REFRESHED` of
                them); the page is searched again with the new prices.
            live: ask StockX's search for the text first (1 request), and bring in what the catalog lacks
                (up to 4 requests each, `MOST_ADDED` of them).

        Raises:
            InvalidInputError: StockX has no such currency, or there is no text to ask StockX for.
            NoSuchRecordError: it is no cursor of this search.
            StockXError: StockX was to be asked and could not be.
            DatabaseError: the database cannot be read or written.
        """
        checked_currency(query.currency)
        added = await self._add(query) if live else Freshening()
        unindexed = await self._index_some()
        page = await self._page(query, cursor, limit)
        if max_age is None:
            return self._result(page, added, unindexed)
        old = [each for each in page.hits if self._is_old(each, max_age)]
        requests = [await self._refresh(each.stored, query.currency, max_age) for each in old[:MOST_REFRESHED]]
        done = Freshening(
            added.requests + sum(requests), len(requests), len(old) - len(requests), added.added, added.not_added
        )
        return self._result(await self._page(query, cursor, limit) if old else page, done, unindexed)

    async def _index_some(self) -> int:
        """Index some of what is waiting, so that a catalog from before there was a search finds its way in."""
        async with self._database.reading() as session:
            if not (waiting := await SearchBacklog(session).size()):
                return 0
        async with self._database.transaction() as session:
            return waiting - await SearchBacklog(session).work_off(_INDEXED_AT_ONCE)

    async def _page(self, query: SearchQuery, cursor: str | None, limit: int) -> _FoundPage:
        after = None if cursor is None else place_at(cursor, query.sort)
        terms = net_terms(self._terms, query.currency)
        async with self._database.reading() as session:
            found = SearchRepository(session, query, terms)
            places = await found.page(after, limit)
            ids = [each.id for each in places.found]
            products = await CatalogRepository(session).find_by_ids(ids)
            offers = await found.offers(ids)
            facets = await found.facets()
        hits = tuple(Hit(products[each], _market(products[each], offers.get(each), terms)) for each in ids)
        ends = cursor_at(places.found[-1], query.sort) if places.more else None
        return _FoundPage(hits, places.total, facets, ends)

    def _result(self, page: _FoundPage, done: Freshening, unindexed: int) -> SearchResult:
        return SearchResult(page.hits, page.total, page.facets, page.next_cursor, done, unindexed, at=self._clock.now())

    def _is_old(self, hit: Hit, max_age: float) -> bool:
        return hit.market is None or self._clock.now() - hit.market.seen_at > timedelta(seconds=max_age)

    async def _refresh(self, stored: StoredProduct, currency: str, max_age: float) -> int:
        """Read a market anew; what it cost: nothing, where another one has just read it."""
        read = await self._market_data.read(stored.product.product_id, currency, max_age=max_age)
        return 1 if read.source is Source.LIVE else 0

    async def _add(self, query: SearchQuery) -> Freshening:
        """Bring in products that StockX's search finds and the catalog lacks, if their codes tell them apart."""
        if not query.text.strip():
            raise InvalidInputError("StockX searches for a text only.", hint="Give one, or search without `live`.")
        page = await self._catalog.search_catalog(query.text, page_size=_LIVE_PAGE)
        brands = {key_of(each) for each in query.brands}
        wanted = [each for each in page.products if not brands or key_of(each.brand) in brands]
        missing = [each for each in wanted if await self._catalog.find_product(each.product_id) is None]
        codes = dict.fromkeys(each.style_id for each in missing if each.style_id)
        requests, added = page.provenance.attempts, 0
        for code in list(codes)[:MOST_ADDED]:
            result = await self._catalog.try_enrich(code, currency=query.currency)
            requests += result.requests
            added += result.success
        return Freshening(requests, added=added, not_added=len(missing) - added)


@dataclass(frozen=True, slots=True)
class _FoundPage:
    hits: tuple[Hit, ...]
    total: Total
    facets: Facets
    next_cursor: str | None


def _market(stored: StoredProduct, offer: SearchOfferRow | None, terms: NetTerms) -> MarketView | None:
    if offer is None:
        return None
    paid = None if offer.ask is None else net_payout(offer.ask, key_of(stored.product.product_type), terms)
    share = None if offer.spread_share is None else Decimal(offer.spread_share) / 100
    return MarketView(
        lowest_ask=money_of(offer.ask, offer.currency),
        highest_bid=money_of(offer.bid, offer.currency),
        spread=money_of(offer.spread, offer.currency),
        spread_percent=share,
        net_payout=money_of(paid, offer.currency),
        seen_at=datetime_of(offer.seen_at),
    )
