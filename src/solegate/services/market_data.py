"""Read a product's market: age and source on it, kept as history, priced for the seller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from solegate.client.inputs import checked_currency
from solegate.client.models import Source
from solegate.client.options import DEFAULT_OPTIONS, CallOptions
from solegate.client.service import StockXService
from solegate.db.engine import Database
from solegate.db.repositories import CatalogRepository, MarketDataRepository
from solegate.domain.catalog import MarketQuote, StoredProduct
from solegate.domain.money import Money
from solegate.domain.payout import STANDARD_TERMS, Payout, SellerTerms, estimate_payout
from solegate.domain.pricing import plausible_ask
from solegate.services.conversion import quotes


@dataclass(frozen=True, slots=True)
class PricedQuote:
    """The market of one variant, and what the seller would be paid.

    Attributes:
        size: what the variant is sold by; its id while the product is not enriched.
        quote: as StockX gave it.
        lowest_ask: the lowest believable ask; placeholders count as none (FACTS 1.10).
        payout_at_ask: estimate for selling at the lowest ask.
        payout_at_bid: estimate for selling at once to the highest bid.
    """

    size: str
    quote: MarketQuote
    lowest_ask: Money | None
    payout_at_ask: Payout | None
    payout_at_bid: Payout | None


@dataclass(frozen=True, slots=True)
class MarketReading:
    """A product's market with its age and source.

    Attributes:
        product_id: StockX's id.
        title: known once the product is enriched.
        currency: the currency StockX answered in; it may differ from the one asked for (FACTS 1.9).
        source: live, cache or stale.
        fetched_at: when StockX gave it (UTC).
        age: seconds between then and now.
        rows: one for each variant, in StockX's order.
    """

    product_id: str
    title: str | None
    currency: str
    source: Source
    fetched_at: datetime
    age: float
    rows: tuple[PricedQuote, ...]

    @property
    def stale(self) -> bool:
        """Whether it is older than its freshness allows."""
        return self.source is Source.STALE


class MarketDataService:
    """Market data of one StockX account.

    Args:
        stockx: the client, whose cache answers most reads.
        database: keeps everything that was ever fetched.
        terms: the seller's conditions, for payout estimates.
        currency: when a call names none.
    """

    def __init__(
        self,
        stockx: StockXService,
        database: Database,
        *,
        terms: SellerTerms = STANDARD_TERMS,
        currency: str = "EUR",
    ) -> None:
        self._stockx = stockx
        self._database = database
        self._terms = terms
        self._currency = currency

    async def read(
        self,
        product_id: str,
        currency: str | None = None,
        *,
        max_age: float | None = None,
        options: CallOptions = DEFAULT_OPTIONS,
    ) -> MarketReading:
        """The market of every variant of a product (1 request, 0 when cached).

        Args:
            product_id: StockX's id.
            currency: to ask for.
            max_age: oldest answer accepted from the cache, in seconds; 0 asks StockX.
            options: how the call is made otherwise.

        Raises:
            InvalidInputError: the id or the currency cannot be.
            NotFoundError: StockX knows no such product.
            StockXError: StockX could not be asked and nothing is remembered.
            DatabaseError: the database cannot be read or written.
        """
        asked = checked_currency(currency or self._currency)
        made = replace(options, max_age=max_age)
        market = await self._stockx.get_market_data_from_stockx(product_id, asked, options=made)
        found = quotes(market)
        await self._keep(product_id, asked, found, market.provenance.fetched_at)
        stored, sizes = await self._names(product_id)
        category = stored.product.product_type if stored else ""
        return MarketReading(
            product_id=product_id,
            title=stored.product.title if stored else None,
            currency=market.currency_code,
            source=market.provenance.source,
            fetched_at=market.provenance.fetched_at,
            age=market.provenance.age,
            rows=tuple(
                priced(each, sizes.get(each.variant_id, each.variant_id), self._terms, category) for each in found
            ),
        )

    async def _keep(self, product_id: str, currency: str, found: tuple[MarketQuote, ...], fetched_at: datetime) -> None:
        """Keep what is newer than what is kept: live answers, and those the cache refreshed behind a stale one."""
        async with self._database.reading() as session:
            kept_at = await MarketDataRepository(session).read_at(product_id, currency)
        if kept_at is None or kept_at < fetched_at:
            async with self._database.transaction() as session:
                market = MarketDataRepository(session)
                await market.append(found)
                await market.note_read(product_id, currency, fetched_at)

    async def _names(self, product_id: str) -> tuple[StoredProduct | None, Mapping[str, str]]:
        async with self._database.reading() as session:
            catalog = CatalogRepository(session)
            stored = await catalog.find_by_stockx_id(product_id)
            variants = await catalog.variants(stored.id) if stored else ()
        return stored, {each.variant_id: each.label for each in variants}


def priced(quote: MarketQuote, size: str, terms: SellerTerms, category: str) -> PricedQuote:
    """A quote with payout estimates."""
    ask = plausible_ask(quote.money(quote.lowest_ask))
    bid = quote.money(quote.highest_bid)
    return PricedQuote(
        size=size,
        quote=quote,
        lowest_ask=ask,
        payout_at_ask=estimate_payout(ask, terms, category=category) if ask else None,
        payout_at_bid=estimate_payout(bid, terms, category=category) if bid else None,
    )
