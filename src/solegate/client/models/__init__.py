"""Typed answers of StockX, one file per thing."""

from solegate.client.models.base import Answer, Provenance, Source
from solegate.client.models.catalog import (
    Gtin,
    Product,
    ProductAttributes,
    ProductVariant,
    ProductVariants,
    SearchPage,
    SearchProduct,
    VariantSizeConversion,
)
from solegate.client.models.market_data import ChannelMarketData, ProductMarketData, VariantMarketData

__all__ = [
    "Answer",
    "ChannelMarketData",
    "Gtin",
    "Product",
    "ProductAttributes",
    "ProductMarketData",
    "ProductVariant",
    "ProductVariants",
    "Provenance",
    "SearchPage",
    "SearchProduct",
    "Source",
    "VariantMarketData",
    "VariantSizeConversion",
]
