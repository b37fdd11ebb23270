"""Products, variants, searches and enrichments."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from solegate.api.schemas.base import AmountText, ProvenanceOut, Schema
from solegate.client.models.base import Provenance, Source
from solegate.client.models.catalog import (
    Gtin,
    Product,
    ProductVariant,
    ProductVariants,
    SearchProduct,
    VariantSizeConversion,
)
from solegate.domain.sku import Candidate
from solegate.services.results import EnrichmentResult, EnrichmentStatus, FilteredSearch

_PRODUCT_EXAMPLE: JsonDict = {
    "productId": "019bd1a4-3c86-7b1e-9f52-6c0e2f6f5a11",
    "urlKey": "adidas-ultra-boost-1-0-core-black",
    "styleId": "HQ4276",
    "productType": "sneakers",
    "title": "adidas Ultra Boost 1.0 Core Black",
    "brand": "adidas",
    "gender": "men",
    "releaseDate": "2023-02-01",
    "retailPrice": "190",
    "colorway": "Core Black/Core Black/Cloud White",
}


class ProductOut(Schema):
    """A product as search finds it."""

    model_config = ConfigDict(json_schema_extra={"example": _PRODUCT_EXAMPLE})

    product_id: str
    url_key: str = ""
    style_id: str | None = Field(None, description="As StockX writes it; may hold several codes, split by `/`.")
    product_type: str = ""
    title: str | None = None
    brand: str | None = None
    gender: str | None = None
    season: str | None = None
    release_date: str | None = Field(None, description="As StockX writes it.")
    retail_price: AmountText | None = Field(None, description="StockX names no currency for it.")
    color: str | None = None
    colorway: str | None = None

    @classmethod
    def of(cls, product: SearchProduct) -> Self:
        """A product of StockX."""
        about = product.product_attributes
        return cls(
            product_id=product.product_id,
            url_key=product.url_key,
            style_id=product.style_id,
            product_type=product.product_type,
            title=product.title,
            brand=product.brand,
            gender=about.gender,
            season=about.season,
            release_date=about.release_date,
            retail_price=about.retail_price,
            color=about.color,
            colorway=about.colorway,
        )


class ProductDetails(ProductOut):
    """A product with all StockX tells about it."""

    size_systems: tuple[str, ...] = Field((), description="Size systems its variants are given in.")
    default_size_system: str | None = None
    is_flex_eligible: bool | None = None
    is_direct_eligible: bool | None = None
    provenance: ProvenanceOut

    @classmethod
    def of_details(cls, product: Product) -> Self:
        """A product of StockX, with its details."""
        chart = product.size_chart
        default = chart.default_conversion
        return cls(
            **ProductOut.of(product).model_dump(),
            size_systems=tuple(each.type or each.name or "" for each in chart.available_conversions),
            default_size_system=(default.type or default.name) if default else None,
            is_flex_eligible=product.is_flex_eligible,
            is_direct_eligible=product.is_direct_eligible,
            provenance=ProvenanceOut.of(product.provenance),
        )


class Looked(Schema):
    """How far a search looked: StockX filters nothing, so its pages are read and filtered here."""

    pages_read: int = Field(description="StockX pages read, some perhaps from the cache.")
    looked_at: int = Field(description="Products that were looked at.")
    matched: int = Field(description="Those of them that passed every filter.")
    total: int = Field(description="Products StockX found for the text alone.")
    complete: bool = Field(description="Whether all of them were looked at.")


class SearchResult(Schema):
    """One page of a search."""

    products: tuple[ProductOut, ...]
    count: int = Field(description="Products StockX found for the text alone, before any filter.")
    page_number: int
    page_size: int
    has_next_page: bool
    looked: Looked
    provenance: ProvenanceOut = Field(description="Of the oldest StockX page that was read for this one.")

    @classmethod
    def of(cls, found: FilteredSearch) -> Self:
        """A page of StockX, or one put together from several of them."""
        return cls(
            products=tuple(ProductOut.of(each) for each in found.products),
            count=found.total,
            page_number=found.page,
            page_size=found.page_size,
            has_next_page=found.has_next_page,
            looked=Looked(
                pages_read=found.pages_read,
                looked_at=found.looked_at,
                matched=found.matched,
                total=found.total,
                complete=found.complete,
            ),
            provenance=ProvenanceOut.of(found.provenance),
        )


class SizeOut(Schema):
    """A variant's size in one system."""

    system: str | None = Field(None, examples=["eu"])
    size: str | None = Field(None, examples=["EU 42.5"])

    @classmethod
    def of(cls, conversion: VariantSizeConversion) -> Self:
        """One conversion of a variant's own size chart."""
        return cls(system=conversion.type, size=conversion.size)


class GtinOut(Schema):
    """A barcode."""

    identifier: str = Field(examples=["0195866137646"])
    type: str = Field("", examples=["EAN-13"])

    @classmethod
    def of(cls, gtin: Gtin) -> Self:
        """One barcode of a variant."""
        return cls(identifier=gtin.identifier, type=gtin.type)


class VariantOut(Schema):
    """One size of a product."""

    variant_id: str
    name: str = ""
    value: str | None = Field(None, description="The size StockX names it by.", examples=["9.5"])
    default_size: SizeOut | None = None
    sizes: tuple[SizeOut, ...] = ()
    gtins: tuple[GtinOut, ...] = ()
    is_flex_eligible: bool | None = None
    is_direct_eligible: bool | None = None

    @classmethod
    def of(cls, variant: ProductVariant) -> Self:
        """A variant of StockX."""
        chart = variant.size_chart
        return cls(
            variant_id=variant.variant_id,
            name=variant.variant_name,
            value=variant.variant_value,
            default_size=SizeOut.of(chart.default_conversion) if chart.default_conversion else None,
            sizes=tuple(SizeOut.of(each) for each in chart.available_conversions),
            gtins=tuple(GtinOut.of(each) for each in variant.gtins),
            is_flex_eligible=variant.is_flex_eligible,
            is_direct_eligible=variant.is_direct_eligible,
        )


class VariantsOut(Schema):
    """All sizes of a product."""

    product_id: str
    variants: tuple[VariantOut, ...]
    provenance: ProvenanceOut

    @classmethod
    def of(cls, found: ProductVariants) -> Self:
        """All variants of a product of StockX."""
        return cls(
            product_id=found.product_id,
            variants=tuple(VariantOut.of(each) for each in found.each()),
            provenance=ProvenanceOut.of(found.provenance),
        )


class Enrich(Schema):
    """What to enrich."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"sku": "HQ4276", "currency": "EUR"}})

    sku: str = Field(description="Style code as on the box label; several codes of one product are joined by `/`.")
    currency: str | None = Field(None, description="Currency of the market snapshot; the configured one if left out.")
    force: bool = Field(False, description="Ask StockX even for what is fresh.")


class AlternativeOut(Schema):
    """A product to choose from."""

    product_id: str
    style_id: str | None
    title: str | None

    @classmethod
    def of(cls, candidate: Candidate) -> Self:
        """A product StockX found similar."""
        return cls(product_id=candidate.product_id, style_id=candidate.style_id, title=candidate.title)


class EnrichmentOut(Schema):
    """What became of an enrichment.

    With `needs_review` nothing was written: no product, or more than one, carries exactly this code, and a person has
    to choose from the alternatives.
    """

    sku: str
    status: EnrichmentStatus
    success: bool = Field(description="Whether the product is in the database and up to date.")
    product_id: str | None = Field(None, description="StockX's id, as the other routes take it.")
    local_id: int | None = Field(None, description="Id in the local database.")
    title: str | None = None
    variants: int = Field(0, description="Sizes known.")
    quotes: int = Field(0, description="Sizes with a quote in the last market snapshot.")
    requests: int = Field(0, description="Requests to StockX it cost.")
    alternatives: tuple[AlternativeOut, ...] = ()
    provenance: ProvenanceOut | None = Field(None, description="Of the catalog data; `null` when nothing is known.")

    @classmethod
    def of(cls, result: EnrichmentResult, *, now: datetime) -> Self:
        """The result of an enrichment; `now` tells the age of its data."""
        return cls(
            sku=result.sku,
            status=result.status,
            success=result.success,
            product_id=result.stockx_product_id,
            local_id=result.product_id,
            title=result.title,
            variants=result.variants,
            quotes=result.quotes,
            requests=result.requests,
            alternatives=tuple(AlternativeOut.of(each) for each in result.alternatives),
            provenance=_provenance(result, now),
        )


def _provenance(result: EnrichmentResult, now: datetime) -> ProvenanceOut | None:
    if result.as_of is None:
        return None
    source = Source.LIVE if result.requests else Source.CACHE
    return ProvenanceOut.of(Provenance(source, result.as_of, max(0.0, (now - result.as_of).total_seconds())))
