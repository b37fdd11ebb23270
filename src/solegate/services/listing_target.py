"""Which variant a person means by a style code and a size: exactly one, or an error that names the candidates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from solegate.client.models import ProductVariant
from solegate.client.service import StockXService
from solegate.domain.catalog import VariantData, is_uuid
from solegate.domain.sizes import SizeChart, matching, parse_size
from solegate.errors import InvalidInputError
from solegate.services.catalog import StockXCatalogService


@dataclass(frozen=True, slots=True)
class Target:
    """A variant to be listed, and its size as people call it."""

    variant_id: str
    size: str


@dataclass(frozen=True, slots=True)
class KnownSizes:
    """The size charts of a product by variant id; `is_fresh` when StockX need not be asked about them again."""

    charts: Mapping[str, SizeChart]
    is_fresh: bool


class ListingTargets:
    """Finds variants by style code and size, from the local database where it can and from StockX where it must."""

    def __init__(self, stockx: StockXService, catalog: StockXCatalogService) -> None:
        self._stockx = stockx
        self._catalog = catalog

    async def product_id(self, sku: str) -> str:
        """The id of the product a style code means.

        Raises:
            ProductNotFoundError: there is none.
            InvalidInputError: several may be meant.
        """
        found = await self._catalog.enrich_product_by_sku(sku)
        if found.stockx_product_id is None:
            similar = ", ".join(each.label for each in found.alternatives)
            raise InvalidInputError(f"No product is exactly '{sku}'; StockX found similar ones: {similar}.")
        return found.stockx_product_id

    async def charts(self, product: str) -> dict[str, SizeChart]:
        """The size chart of every variant of a product, by variant id; `product` is its id or a style code."""
        product_id = product.strip()
        if not is_uuid(product_id):
            product_id = await self.product_id(product)
        variants = await self._stockx.get_all_product_variants(product_id)
        return {each.variant_id: chart_of(each) for each in variants.each()}

    async def known(self, sku: str) -> KnownSizes | None:
        """The size charts of a style code as the database has them (no request); `None` when it does not know it."""
        product = await self._catalog.find_by_sku(sku)
        if product is None:
            return None
        return KnownSizes({each.variant_id: stored_chart(each) for each in product.variants}, product.is_fresh)

    async def find(self, sku: str, size: str) -> Target:
        """The variant of this size.

        Raises:
            ProductNotFoundError: no such product.
            InvalidInputError: no variant has this size, or several do.
        """
        known = await self.known(sku)
        if known is not None and (known.is_fresh or len(matching(size, known.charts)) == 1):
            return choose(sku, size, known.charts)
        return choose(sku, size, await self.charts(await self.product_id(sku)))


def choose(sku: str, size: str, charts: Mapping[str, SizeChart]) -> Target:
    """The one variant of a product that has a size.

    Raises:
        InvalidInputError: no variant has this size, or several do.
    """
    found = matching(size, charts)
    if len(found) == 1:
        return Target(found[0], str(charts[found[0]].own))
    known = ", ".join(str(charts[each].own) or "one size" for each in (found or charts))
    raise InvalidInputError(
        f"'{size}' is {'several sizes' if found else 'no size'} of {sku}; one of: {known}.",
        hint=f"`solegate sizes {sku}` shows every size in every system.",
    )


def stored_chart(variant: VariantData) -> SizeChart:
    """The chart of a variant as the database keeps it."""
    own = next((each.size for each in variant.sizes if each.is_default), None)
    others = tuple(each.size for each in variant.sizes if not each.is_default)
    return SizeChart(own or parse_size(variant.value or ""), others)


def chart_of(variant: ProductVariant) -> SizeChart:
    """A variant's own chart (FACTS 5.4)."""
    own, conversions = variant.size_chart.default_conversion, variant.size_chart.available_conversions
    sold_in = parse_size(own.size, own.type or "") if own is not None and own.size else None
    return SizeChart(
        sold_in or parse_size(variant.variant_value or ""),
        tuple(parse_size(each.size, each.type or "") for each in conversions if each.size),
    )
