"""Which variant a person means by a style code and a size: exactly one, or an error that names the candidates."""

from __future__ import annotations

from dataclasses import dataclass

from solegate.client.models import ProductVariant
from solegate.client.service import StockXService
from solegate.domain.sizes import SizeValue, parse_size
from solegate.errors import InvalidInputError
from solegate.services.catalog import StockXCatalogService


@dataclass(frozen=True, slots=True)
class Target:
    """A variant to be listed, and its size as people call it."""

    product_id: str
    variant_id: str
    size: str


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

    async def find(self, sku: str, size: str) -> Target:
        """The variant of this size.

        Raises:
            ProductNotFoundError: no such product.
            InvalidInputError: no variant has this size, or several do.
        """
        product_id = await self.product_id(sku)
        variants = await self._stockx.get_all_product_variants(product_id)
        wanted = parse_size(size)
        found = [each for each in variants.each() if _means(wanted, each)]
        if len(found) == 1:
            return Target(product_id, found[0].variant_id, own_size(found[0]))
        known = ", ".join(own_size(each) for each in (found or variants.each()))
        raise InvalidInputError(
            f"'{size}' is {'several sizes' if found else 'no size'} of {sku}; one of: {known}.",
            hint=f"`solegate sizes {sku}` shows every size in every system.",
        )


def own_size(variant: ProductVariant) -> str:
    """A variant's size in the system it is sold in, such as `US M 9`."""
    return str(_own(variant)) or "one size"


def sizes_of(variant: ProductVariant) -> tuple[SizeValue, ...]:
    """A variant's sizes in every system of its own chart, the one it is sold in first."""
    conversions = variant.size_chart.available_conversions
    return (_own(variant), *(parse_size(each.size, each.type or "") for each in conversions if each.size))


def _own(variant: ProductVariant) -> SizeValue:
    own = variant.size_chart.default_conversion
    if own is not None and own.size:
        return parse_size(own.size, own.type or "")
    return parse_size(variant.variant_value or "")


def _means(wanted: SizeValue, variant: ProductVariant) -> bool:
    """Whole equality, never by prefix; a wish without a system means the one the variant is sold in."""
    if not wanted.system:
        return wanted.value == _own(variant).value
    return any(
        (wanted.system, wanted.value) == (size.system, size.value) and wanted.note in {"", size.note}
        for size in sizes_of(variant)
    )
