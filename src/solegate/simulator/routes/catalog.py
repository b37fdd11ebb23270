"""The catalog operations of SPEC26, except ingestion (beta, by approval)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from solegate.simulator.routes.paging import whole_number
from solegate.simulator.state.listings import ListingBook
from solegate.simulator.wire import catalog as wire
from solegate.simulator.wire.answer import Answer, Call, json_answer
from solegate.simulator.wire.errors import api_error
from solegate.simulator.wire.market_data import variant_market_data
from solegate.simulator.wire.own_asks import with_own_asks
from solegate.simulator.world import gtins
from solegate.simulator.world.catalog import Catalog
from solegate.simulator.world.currencies import CURRENCIES
from solegate.simulator.world.market import one_variant_market, product_market
from solegate.simulator.world.models import Product, Variant

Handler = Callable[[Call], Answer]

MAX_QUERY, MAX_PAGE_SIZE, DEFAULT_PAGE_SIZE = 100, 50, 10


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of the API: its operationId, method, path below `/v2`, and what answers it."""

    name: str
    method: str
    path: str
    handler: Handler


@dataclass(frozen=True, slots=True)
class CatalogRoutes:
    """Answers catalog calls from the practice catalog."""

    catalog: Catalog
    listings: ListingBook

    def operations(self) -> tuple[Operation, ...]:
        """The operations; the GTIN path stands before the variant path that would swallow it."""
        product = "/catalog/products/{productId}"
        one = product + "/variants/{variantId}"
        return (
            Operation("Search", "GET", "/catalog/search", self.search),
            Operation("GetVariantsByGtin", "GET", "/catalog/products/variants/gtins/{gtin}", self.by_gtin),
            Operation("GetProduct", "GET", product, self.product),
            Operation("GetVariants", "GET", product + "/variants", self.variants),
            Operation("GetVariant", "GET", one, self.variant),
            Operation("GetProductMarketData", "GET", product + "/market-data", self.product_market_data),
            Operation("GetVariantMarketData", "GET", one + "/market-data", self.variant_market_data),
        )

    def search(self, call: Call) -> Answer:
        """A page of everything alike; nothing alike is not an error (FACTS 1.10)."""
        query = call.query.get("query", "").strip()
        page = whole_number(call.query.get("pageNumber", "1"))
        size = whole_number(call.query.get("pageSize", str(DEFAULT_PAGE_SIZE)))
        if not 1 <= len(query) <= MAX_QUERY:
            return api_error(400, f"query must be between 1 and {MAX_QUERY} characters long")
        if page is None or page < 1:
            return api_error(400, "pageNumber must be a whole number from 1")
        if size is None or not 1 <= size <= MAX_PAGE_SIZE:
            return api_error(400, f"pageSize must be a whole number from 1 to {MAX_PAGE_SIZE}")
        return json_answer(wire.search_page(self.catalog.search(query), page, size))

    def product(self, call: Call) -> Answer:
        """One product."""
        product = self.catalog.by_id(call.path["productId"])
        return json_answer(wire.product_details(product)) if product else api_error(404, "Product not found")

    def variants(self, call: Call) -> Answer:
        """Every variant of a product, as a bare array (FACTS 1.2)."""
        product = self.catalog.by_id(call.path["productId"])
        if product is None:
            return api_error(404, "Product not found")
        return json_answer([wire.variant(product, one) for one in product.variants])

    def variant(self, call: Call) -> Answer:
        """One variant of a product."""
        found = self._variant(call)
        return found if isinstance(found, Answer) else json_answer(wire.variant_details(*found))

    def by_gtin(self, call: Call) -> Answer:
        """The variant with a barcode."""
        gtin = call.path["gtin"]
        if not gtins.is_valid(gtin):
            return api_error(400, "Invalid GTIN")
        found = self.catalog.by_gtin(gtin)
        return json_answer(wire.variant_details(*found)) if found else api_error(404, "Variant not found")

    def product_market_data(self, call: Call) -> Answer:
        """The market of every variant of a product, as a bare array; it ignores the account's own asks (FACTS 1.10)."""
        currency = _currency(call)
        if currency is None:
            return _bad_currency()
        product = self.catalog.by_id(call.path["productId"])
        if product is None:
            return _no_market(call.path["productId"])
        markets = product_market(self.catalog.seed, product, call.at, self.catalog.price_factor(product.id))
        pairs = zip(product.variants, markets, strict=True)
        return json_answer([variant_market_data(product.id, one.id, currency, market) for one, market in pairs])

    def variant_market_data(self, call: Call) -> Answer:
        """The market of one variant, the account's own asks among it (FACTS 1.10)."""
        currency = _currency(call)
        if currency is None:
            return _bad_currency()
        for name in ("productId", "variantId"):
            if not _is_uuid(call.path[name]):
                return _no_market(call.path[name])
        found = self._variant(call)
        if isinstance(found, Answer):
            return found
        product, one = found
        bare = one_variant_market(self.catalog.seed, product, one, call.at, self.catalog.price_factor(product.id))
        market = with_own_asks(bare, self.listings.live_asks(one.id, call.at))
        return json_answer(variant_market_data(product.id, one.id, currency, market))

    def _variant(self, call: Call) -> tuple[Product, Variant] | Answer:
        """The variant the path names, or the refusal."""
        if self.catalog.by_id(call.path["productId"]) is None:
            return api_error(404, "Product not found")
        found = self.catalog.by_variant(call.path["variantId"])
        if found is None:
            return api_error(404, "Variant not found")
        if found[0].id != call.path["productId"]:
            return api_error(400, "Variant does not belong to the product.")
        return found


def _currency(call: Call) -> str | None:
    """The requested currency, US dollars by default; `None` if StockX does not know it."""
    code = call.query.get("currencyCode", "USD")
    return code if code in CURRENCIES else None


def _bad_currency() -> Answer:
    return api_error(400, "currencyCode is not supported")


def _no_market(identifier: str) -> Answer:
    """404; its text is known for anything that is not an id, such as a SKU (FACTS 1.4)."""
    return api_error(404, "Product not found" if _is_uuid(identifier) else "Could not decode market data")


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
