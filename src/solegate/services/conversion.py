"""From StockX's answers to the catalog's own values. Pure."""

from __future__ import annotations

from datetime import datetime

from solegate.client.models import (
    Product,
    ProductMarketData,
    ProductVariant,
    ProductVariants,
    SearchProduct,
    VariantMarketData,
    VariantSizeConversion,
)
from solegate.domain.catalog import EnrichedProduct, GtinData, MarketQuote, ProductData, SizeData, VariantData
from solegate.domain.search_filter import ProductFacts, parse_release_date
from solegate.domain.sizes import SizeValue, parse_size
from solegate.domain.sku import Candidate


def enriched_product(details: Product, variants: ProductVariants, market: ProductMarketData) -> EnrichedProduct:
    """Everything three answers say of a product. Its age is that of the older catalog answer."""
    unique = {each.variant_id: each for each in variants.each()}
    return EnrichedProduct(
        product_data(details),
        variants=tuple(variant_data(each) for each in unique.values()),
        quotes=quotes(market),
        enriched_at=min(details.provenance.fetched_at, variants.provenance.fetched_at),
        quoted_at=market.provenance.fetched_at,
    )


def product_data(product: Product) -> ProductData:
    """A product; empty texts count as missing."""
    attributes = product.product_attributes
    return ProductData(
        product_id=product.product_id,
        url_key=product.url_key,
        style_id=product.style_id or None,
        title=product.title or None,
        brand=product.brand or None,
        product_type=product.product_type,
        gender=attributes.gender,
        season=attributes.season,
        release_date=parse_release_date(attributes.release_date),
        retail_price=attributes.retail_price,
        color=attributes.color,
        colorway=attributes.colorway,
        is_flex_eligible=product.is_flex_eligible,
        is_direct_eligible=product.is_direct_eligible,
    )


def variant_data(variant: ProductVariant) -> VariantData:
    """A variant with the sizes of its own chart."""
    return VariantData(
        variant_id=variant.variant_id,
        name=variant.variant_name,
        value=variant.variant_value,
        sizes=_sizes(variant),
        gtins=tuple(GtinData(each.identifier, each.type) for each in variant.gtins),
        is_flex_eligible=variant.is_flex_eligible,
        is_direct_eligible=variant.is_direct_eligible,
    )


def quotes(market: ProductMarketData) -> tuple[MarketQuote, ...]:
    """The market of every variant, in the currency StockX answered in."""
    fetched_at = market.provenance.fetched_at
    return tuple(_quote(each, market, fetched_at=fetched_at) for each in market.variants)


def candidate(product: SearchProduct) -> Candidate:
    """A search hit as a candidate for a SKU."""
    return Candidate(product.product_id, product.style_id, product.title)


def product_facts(product: SearchProduct) -> ProductFacts:
    """What filters and orders look at."""
    attributes = product.product_attributes
    return ProductFacts(
        title=product.title,
        brand=product.brand,
        product_type=product.product_type,
        gender=attributes.gender,
        release_date=parse_release_date(attributes.release_date),
        retail_price=attributes.retail_price,
        color=attributes.color,
        colorway=attributes.colorway,
    )


def _sizes(variant: ProductVariant) -> tuple[SizeData, ...]:
    """Each size once; the default conversion is usually one of the others, written bare (FACTS 1.10)."""
    chart = variant.size_chart
    default = _size(chart.default_conversion)
    found = dict.fromkeys(_size(each) for each in (chart.default_conversion, *chart.available_conversions))
    return tuple(SizeData(size, is_default=size == default) for size in found if size is not None)


def _size(conversion: VariantSizeConversion | None) -> SizeValue | None:
    if conversion is None or not (conversion.size or "").strip():
        return None
    return parse_size(conversion.size or "", conversion.type or "")


def _quote(variant: VariantMarketData, market: ProductMarketData, *, fetched_at: datetime) -> MarketQuote:
    return MarketQuote(
        product_id=market.product_id,
        variant_id=variant.variant_id,
        currency=variant.currency_code,
        fetched_at=fetched_at,
        lowest_ask=variant.lowest_ask_amount,
        highest_bid=variant.highest_bid_amount,
        sell_faster=variant.sell_faster_amount,
        earn_more=variant.earn_more_amount,
        flex_lowest_ask=variant.flex_lowest_ask_amount,
    )
