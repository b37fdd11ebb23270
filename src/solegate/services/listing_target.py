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
        found = [each for each in variants.each() if any(_same(wanted, one) for one in sizes_of(each))]
        if len(found) == 1:
            return Target(product_id, found[0].variant_id, own_size(found[0]))
        known = ", ".join(own_size(each) for each in (found or variants.each()))
        raise InvalidInputError(
            f"'{size}' is {'several sizes' if found else 'no size'} of {sku}; one of: {known}.",
            hint=f"`solegate sizes {sku}` shows every size in every system.",
        )


def own_size(variant: ProductVariant) -> str:
    """A variant's size in the system it is sold in, such as `US M 9`."""
    own = variant.size_chart.default_conversion
    if own is None or not own.size:
        return variant.variant_value or "one size"
    return str(parse_size(own.size, own.type or ""))


def sizes_of(variant: ProductVariant) -> tuple[SizeValue, ...]:
    """A variant's sizes in every system of its own chart."""
    chart = variant.size_chart
    entries = (*((chart.default_conversion,) if chart.default_conversion else ()), *chart.available_conversions)
    sizes = [parse_size(each.size, each.type or "") for each in entries if each.size]
    return (*sizes, *([parse_size(variant.variant_value)] if variant.variant_value else []))


def _same(wanted: SizeValue, size: SizeValue) -> bool:
    """Whole equality; a wish without a system means the system a variant is sold in, and a note may be left out."""
    noted = not wanted.note or wanted.note == size.note
    return (
        wanted.value == size.value
        and noted
        and wanted.system in {size.system, ""}
        and (bool(wanted.system) or size.system.startswith("US") or not size.system)
    )
