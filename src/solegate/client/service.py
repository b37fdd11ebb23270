"""`StockXService`: one typed method per StockX operation.

    async with StockXService(ClientConfig(Credentials(...), refresh_token="...")) as stockx:
        page = await stockx.search_stockx_catalog("DD1391-100")

Every method checks its input before anything is sent, waits for its turn under the account's limit, and returns an
immutable model whose `provenance` says where it came from and how old it is. It raises `StockXError` or, for bad
input, `InvalidInputError`; it never returns `None` for a failure.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Self, TypeVar

from pydantic import TypeAdapter, ValidationError

from solegate.client.assembly import ClientConfig, Pipeline
from solegate.client.auth import TokenStore
from solegate.client.cache import CacheKey, CacheStore
from solegate.client.inputs import checked_currency, checked_gtin, checked_id, checked_page, checked_query
from solegate.client.limiter import LimitStatus
from solegate.client.models.base import Answer, Provenance, Source
from solegate.client.models.catalog import Product, ProductVariant, ProductVariants, SearchPage, SearchProduct
from solegate.client.models.market_data import ProductMarketData, VariantMarketData
from solegate.client.policy import call as operations
from solegate.client.policy.call import Call, Lane, Reply
from solegate.client.policy.freshness import FreshnessPolicy
from solegate.client.policy.paging import SEARCH_PAGE_SIZE, next_page
from solegate.client.quota import LimitStore
from solegate.client.transport import Transport
from solegate.clock import Clock
from solegate.errors import UnexpectedResponseError
from solegate.metrics import Metrics

AnswerT = TypeVar("AnswerT", bound=Answer)

_VARIANTS = TypeAdapter(tuple[ProductVariant, ...])
_MARKET = TypeAdapter(tuple[VariantMarketData, ...])


@dataclass(frozen=True, slots=True)
class CallOptions:
    """How one call is made.

    Attributes:
        lane: its priority while calls wait for the limit.
        deadline: seconds for everything together.
        max_age: oldest answer accepted from the cache, in seconds; 0 asks StockX, `None` follows the kind's rule.
        max_attempts: most requests that may fail; a renewed token or a recycled connection is no failure. `None`
            follows the retry policy.
    """

    lane: Lane = Lane.INTERACTIVE
    deadline: float = 60.0
    max_age: float | None = None
    max_attempts: int | None = None


_DEFAULT = CallOptions()


class StockXService:
    """The StockX API of one account. Use it as an async context manager; it owns its connection pool."""

    def __init__(
        self,
        config: ClientConfig,
        *,
        token_store: TokenStore | None = None,
        limit_store: LimitStore | None = None,
        cache_store: CacheStore | None = None,
        transport: Transport | None = None,
        clock: Clock | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self._pipeline = Pipeline(
            config,
            token_store=token_store,
            limit_store=limit_store,
            cache_store=cache_store,
            transport=transport,
            clock=clock,
            metrics=metrics,
        )
        self.config = config
        self.metrics = self._pipeline.metrics
        self.tokens = self._pipeline.tokens
        self.cache = self._pipeline.cache
        self.breaker = self._pipeline.breaker

    async def __aenter__(self) -> Self:
        try:
            await self._pipeline.limiter.refresh()
        except BaseException:
            await self.aclose()
            raise
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections and put the unused quota back."""
        await self._pipeline.aclose()

    def limits(self) -> LimitStatus:
        """How the limiter stands: rate in force, quota used and left, callers waiting."""
        return self._pipeline.limiter.status()

    async def execute(self, call: Call) -> Reply:
        """Carry out any call and return the raw answer, past models and cache."""
        return await self._pipeline.executor.execute(call)

    async def search_stockx_catalog(
        self, query: str, page: int = 1, page_size: int = 10, *, options: CallOptions = _DEFAULT
    ) -> SearchPage:
        """Search by text, style code or GTIN. The search is fuzzy: compare `style_id` before you trust a hit."""
        text = checked_query(query)
        checked_page(page, page_size)
        params = {"query": text, "pageNumber": str(page), "pageSize": str(page_size)}
        call = _call(operations.SEARCH, options, query=params)
        key = self._key(call, text, str(page), str(page_size))
        freshness = self.config.market_data_freshness
        return await self._read(key, call, SearchPage.model_validate_json, freshness, options)

    async def iter_search(
        self,
        query: str,
        *,
        page_size: int = SEARCH_PAGE_SIZE,
        limit: int | None = None,
        options: CallOptions = _DEFAULT,
    ) -> AsyncIterator[SearchProduct]:
        """Every product a search finds, page by page, each once; at most `limit` of them."""
        seen: set[str] = set()
        page: int | None = 1
        while page is not None:
            found = await self.search_stockx_catalog(query, page, page_size, options=options)
            known = len(seen)
            for product in found.products:
                if product.product_id not in seen:
                    seen.add(product.product_id)
                    yield product
                if limit is not None and len(seen) >= limit:
                    return
            page = next_page(page, received=len(seen) - known, has_next=found.has_next_page)

    async def get_product_details(self, product_id: str, *, options: CallOptions = _DEFAULT) -> Product:
        """One product with all StockX tells about it."""
        product_id = checked_id("product id", product_id)
        call = _call(operations.GET_PRODUCT, options, productId=product_id)
        return await self._read(
            self._key(call, product_id), call, Product.model_validate_json, self.config.catalog_freshness, options
        )

    async def get_all_product_variants(self, product_id: str, *, options: CallOptions = _DEFAULT) -> ProductVariants:
        """All variants (sizes) of a product, with their size charts and GTINs."""
        product_id = checked_id("product id", product_id)
        call = _call(operations.GET_VARIANTS, options, productId=product_id)

        def parse(body: bytes) -> ProductVariants:
            return ProductVariants(product_id=product_id, variants=_VARIANTS.validate_json(body))

        return await self._read(self._key(call, product_id), call, parse, self.config.catalog_freshness, options)

    async def get_product_variant(
        self, product_id: str, variant_id: str, *, options: CallOptions = _DEFAULT
    ) -> ProductVariant:
        """One variant. A variant of another product is rejected by StockX."""
        product_id, variant_id = checked_id("product id", product_id), checked_id("variant id", variant_id)
        call = _call(operations.GET_VARIANT, options, productId=product_id, variantId=variant_id)
        key = self._key(call, product_id, variant_id)
        return await self._read(key, call, ProductVariant.model_validate_json, self.config.catalog_freshness, options)

    async def get_variants_by_gtin(self, gtin: str, *, options: CallOptions = _DEFAULT) -> ProductVariant:
        """The variant with this barcode (UPC, EAN-13, ITF-14 or GTIN-8)."""
        gtin = checked_gtin(gtin)
        call = _call(operations.GET_VARIANTS_BY_GTIN, options, gtin=gtin)
        return await self._read(
            self._key(call, gtin), call, ProductVariant.model_validate_json, self.config.catalog_freshness, options
        )

    async def get_market_data_from_stockx(
        self, product_id: str, currency_code: str = "EUR", use_cache: bool = True, *, options: CallOptions = _DEFAULT
    ) -> ProductMarketData:
        """Lowest ask and highest bid of every variant of a product, in one request (guide section 6).

        Args:
            product_id: StockX product id.
            currency_code: one of the 30 market currencies. The answer's own currency may differ.
            use_cache: `False` asks StockX now; the answer is remembered all the same.
            options: lane, deadline, `max_age` and attempts.
        """
        product_id, currency = checked_id("product id", product_id), checked_currency(currency_code)
        call = _call(
            operations.GET_PRODUCT_MARKET_DATA, options, query={"currencyCode": currency}, productId=product_id
        )

        def parse(body: bytes) -> ProductMarketData:
            variants = _MARKET.validate_json(body)
            answered = variants[0].currency_code if variants else currency
            return ProductMarketData(product_id=product_id, currency_code=answered, variants=variants)

        key = self._key(call, product_id, currency=currency)
        return await self._read(key, call, parse, self.config.market_data_freshness, options, asks_stockx=not use_cache)

    async def get_variant_market_data(
        self,
        product_id: str,
        variant_id: str,
        currency_code: str = "EUR",
        use_cache: bool = True,
        *,
        options: CallOptions = _DEFAULT,
    ) -> VariantMarketData:
        """The market of one variant; unlike the product call it takes your own live asks into account."""
        product_id, variant_id = checked_id("product id", product_id), checked_id("variant id", variant_id)
        currency = checked_currency(currency_code)
        call = _call(
            operations.GET_VARIANT_MARKET_DATA,
            options,
            query={"currencyCode": currency},
            productId=product_id,
            variantId=variant_id,
        )
        return await self._read(
            self._key(call, product_id, variant_id, currency=currency),
            call,
            VariantMarketData.model_validate_json,
            self.config.market_data_freshness,
            options,
            asks_stockx=not use_cache,
        )

    def _key(self, call: Call, *ids: str, currency: str = "") -> CacheKey:
        return CacheKey(self.config.account, call.operation.name, ids, currency)

    async def _read(
        self,
        key: CacheKey,
        call: Call,
        parse: Callable[[bytes], AnswerT],
        freshness: FreshnessPolicy,
        options: CallOptions,
        *,
        asks_stockx: bool = False,
    ) -> AnswerT:
        """Read through the cache; `parse` turns the body into the model."""

        async def load() -> AnswerT:
            reply = await self._pipeline.executor.execute(call)
            provenance = Provenance(Source.LIVE, reply.fetched_at, 0.0, reply.attempts, reply.request_id)
            return _parsed(parse, reply, call).with_provenance(provenance)

        max_age = 0.0 if asks_stockx else options.max_age
        return await self._pipeline.cache.read(key, load, freshness, max_age=max_age)


def _call(
    operation: operations.Operation,
    options: CallOptions,
    *,
    query: dict[str, str] | None = None,
    **path_params: str,
) -> Call:
    return Call(
        operation,
        path_params,
        query or {},
        lane=options.lane,
        deadline=options.deadline,
        max_attempts=options.max_attempts,
    )


def _parsed(parse: Callable[[bytes], AnswerT], reply: Reply, call: Call) -> AnswerT:
    """The model of an answer; what cannot be understood is a typed error with the first reason in it."""
    try:
        return parse(reply.body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise UnexpectedResponseError(
            f"{call.operation.name} got an answer that cannot be understood ({where}: {first['msg']}).",
            operation=call.operation.name,
            status=reply.status,
            attempts=reply.attempts,
            request_id=reply.request_id,
        ) from None
