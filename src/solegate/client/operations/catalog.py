"""The catalog: search, products, variants, barcodes."""

from __future__ import annotations

from collections.abc import AsyncIterator

from pydantic import TypeAdapter

from solegate.client.inputs import checked_gtin, checked_id, checked_page, checked_query
from solegate.client.models.catalog import Product, ProductVariant, ProductVariants, SearchPage, SearchProduct
from solegate.client.operations.base import OperationGroup
from solegate.client.options import DEFAULT_OPTIONS, CallOptions, build_call
from solegate.client.policy import call as operations
from solegate.client.policy.paging import SEARCH_PAGE_SIZE, next_page

_VARIANTS = TypeAdapter(tuple[ProductVariant, ...])


class CatalogOperations(OperationGroup):
    """Reads of the catalog; remembered for a day, as the configuration says."""

    async def search_stockx_catalog(
        self, query: str, page: int = 1, page_size: int = 10, *, options: CallOptions = DEFAULT_OPTIONS
    ) -> SearchPage:
        """Search by text, style code or GTIN. The search is fuzzy: compare `style_id` before you trust a hit."""
        text = checked_query(query)
        checked_page(page, page_size)
        params = {"query": text, "pageNumber": str(page), "pageSize": str(page_size)}
        call = build_call(operations.SEARCH, options, query=params)
        key = self._key(call, text, str(page), str(page_size))
        freshness = self.config.market_data_freshness
        return await self._read(key, call, SearchPage.model_validate_json, freshness, options)

    async def iter_search(
        self,
        query: str,
        *,
        page_size: int = SEARCH_PAGE_SIZE,
        limit: int | None = None,
        options: CallOptions = DEFAULT_OPTIONS,
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

    async def get_product_details(self, product_id: str, *, options: CallOptions = DEFAULT_OPTIONS) -> Product:
        """One product with all StockX tells about it."""
        product_id = checked_id("product id", product_id)
        call = build_call(operations.GET_PRODUCT, options, productId=product_id)
        return await self._read(
            self._key(call, product_id), call, Product.model_validate_json, self.config.catalog_freshness, options
        )

    async def get_all_product_variants(
        self, product_id: str, *, options: CallOptions = DEFAULT_OPTIONS
    ) -> ProductVariants:
        """All variants (sizes) of a product, with their size charts and GTINs."""
        product_id = checked_id("product id", product_id)
        call = build_call(operations.GET_VARIANTS, options, productId=product_id)

        def parse(body: bytes) -> ProductVariants:
            return ProductVariants(product_id=product_id, variants=_VARIANTS.validate_json(body))

        return await self._read(self._key(call, product_id), call, parse, self.config.catalog_freshness, options)

    async def get_product_variant(
        self, product_id: str, variant_id: str, *, options: CallOptions = DEFAULT_OPTIONS
    ) -> ProductVariant:
        """One variant. A variant of another product is rejected by StockX."""
        product_id, variant_id = checked_id("product id", product_id), checked_id("variant id", variant_id)
        call = build_call(operations.GET_VARIANT, options, productId=product_id, variantId=variant_id)
        key = self._key(call, product_id, variant_id)
        return await self._read(key, call, ProductVariant.model_validate_json, self.config.catalog_freshness, options)

    async def get_variants_by_gtin(self, gtin: str, *, options: CallOptions = DEFAULT_OPTIONS) -> ProductVariant:
        """The variant with this barcode (UPC, EAN-13, ITF-14 or GTIN-8)."""
        gtin = checked_gtin(gtin)
        call = build_call(operations.GET_VARIANTS_BY_GTIN, options, gtin=gtin)
        return await self._read(
            self._key(call, gtin), call, ProductVariant.model_validate_json, self.config.catalog_freshness, options
        )
