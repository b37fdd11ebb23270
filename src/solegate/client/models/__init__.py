"""Typed answers of StockX, one file per thing."""

from solegate.client.models.base import Answer, Provenance, Source
from solegate.client.models.batches import Batch, BatchItem, BatchItems, BatchRef
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
from solegate.client.models.ingestion import Ingestion, IngestionItem, IngestionItems, IngestionStatus
from solegate.client.models.listings import (
    Ask,
    Listing,
    ListingOperation,
    ListingOperationsPage,
    ListingPage,
    ListingSummary,
)
from solegate.client.models.market_data import ChannelMarketData, ProductMarketData, VariantMarketData
from solegate.client.models.orders import (
    Order,
    OrderDocuments,
    OrderPage,
    OrderSummary,
    Shipment,
    ShippingDocument,
    ShippingDocuments,
)
from solegate.client.models.payout import Adjustment, Payout

__all__ = [
    "Adjustment",
    "Answer",
    "Ask",
    "Batch",
    "BatchItem",
    "BatchItems",
    "BatchRef",
    "ChannelMarketData",
    "Gtin",
    "Ingestion",
    "IngestionItem",
    "IngestionItems",
    "IngestionStatus",
    "Listing",
    "ListingOperation",
    "ListingOperationsPage",
    "ListingPage",
    "ListingSummary",
    "Order",
    "OrderDocuments",
    "OrderPage",
    "OrderSummary",
    "Payout",
    "Product",
    "ProductAttributes",
    "ProductMarketData",
    "ProductVariant",
    "ProductVariants",
    "Provenance",
    "SearchPage",
    "SearchProduct",
    "Shipment",
    "ShippingDocument",
    "ShippingDocuments",
    "Source",
    "VariantMarketData",
    "VariantSizeConversion",
]
