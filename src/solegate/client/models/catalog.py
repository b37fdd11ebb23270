"""Answers of the catalog operations: search, product, variants (portal pages "Catalog", FACTS 1.9 and 1.10)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from solegate.client.models.base import Amount, Answer, Part, null_as


class ProductAttributes(Part):
    """Descriptive attributes; StockX may leave out any of them."""

    gender: str | None = None
    season: str | None = None
    release_date: str | None = None
    retail_price: Amount = None
    colorway: str | None = None
    color: str | None = None


class ProductSizeConversion(Part):
    """A size system that a product knows, such as `US M`."""

    name: str | None = None
    type: str | None = None


class ProductSizeChart(Part):
    """Size systems of a product and the one its variants are named in."""

    available_conversions: Annotated[tuple[ProductSizeConversion, ...], null_as(tuple)] = ()
    default_conversion: ProductSizeConversion | None = None


class SearchProduct(Answer):
    """A product as search returns it: without size chart and eligibility.

    `style_id` may be empty, and may hold several codes (`315122-111/CW2288-111`). `product_type` is an open set:
    sneakers, shoes, streetwear, collectibles, handbags, watches, ...
    """

    product_id: str
    url_key: Annotated[str, null_as(str)] = ""
    style_id: str | None = None
    product_type: Annotated[str, null_as(str)] = ""
    title: str | None = None
    brand: str | None = None
    product_attributes: Annotated[ProductAttributes, null_as(ProductAttributes)] = Field(
        default_factory=ProductAttributes
    )


class Product(SearchProduct):
    """A product with everything StockX tells about it."""

    size_chart: Annotated[ProductSizeChart, null_as(ProductSizeChart)] = Field(default_factory=ProductSizeChart)
    is_flex_eligible: bool | None = None
    is_direct_eligible: bool | None = None


class SearchPage(Answer):
    """One page of search results. Search is fuzzy: `count` says how many StockX found alike (FACTS 1.10)."""

    count: int
    page_size: int
    page_number: int
    has_next_page: bool
    products: tuple[SearchProduct, ...]


class VariantSizeConversion(Part):
    """A variant's size in one system: `size` may be bare (`3.5`) or prefixed (`US M 3.5`)."""

    size: str | None = None
    type: str | None = None


class VariantSizeChart(Part):
    """A variant's own sizes. Always use this chart: brand charts differ (FACTS 5.4)."""

    available_conversions: Annotated[tuple[VariantSizeConversion, ...], null_as(tuple)] = ()
    default_conversion: VariantSizeConversion | None = None


class Gtin(Part):
    """A barcode of a variant; `type` is UPC, EAN-13, ITF-14 or GTIN-8."""

    identifier: str
    type: Annotated[str, null_as(str)] = ""


class ProductVariant(Answer):
    """One size of a product."""

    product_id: str
    variant_id: str
    variant_name: Annotated[str, null_as(str)] = ""
    variant_value: str | None = None
    size_chart: Annotated[VariantSizeChart, null_as(VariantSizeChart)] = Field(default_factory=VariantSizeChart)
    gtins: Annotated[tuple[Gtin, ...], null_as(tuple)] = ()
    is_flex_eligible: bool | None = None
    is_direct_eligible: bool | None = None


class ProductVariants(Answer):
    """All variants of a product. StockX sends a bare array; this adds the product and its provenance."""

    product_id: str
    variants: tuple[ProductVariant, ...]

    def __len__(self) -> int:
        return len(self.variants)

    def each(self) -> Iterator[ProductVariant]:
        """The variants, in StockX's order."""
        return iter(self.variants)
