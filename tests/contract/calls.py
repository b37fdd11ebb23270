"""One call of the client for each of StockX's operations: a new operation needs a row here, and nothing else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

from solegate.client.models.base import Answer
from solegate.client.models.batches import BatchRef
from solegate.client.models.ingestion import IngestionStatus
from solegate.client.requests.ingestion import NewProduct
from solegate.client.requests.listings import ListingChange, ListingFilter, NewListing
from solegate.client.requests.orders import ActiveOrderFilter, OrderHistoryFilter, OrderSort
from solegate.client.service import StockXService
from solegate.domain.batches import BatchItemStatus, BatchKind
from solegate.domain.money import Money

PRICE = Money(Decimal(250), "EUR")
LATER = datetime(2035, 1, 1, 12, 30, tzinfo=UTC)
SOME_ID = "98e2e748-8000-45bf-a624-5531d6a68318"
OFFERED = {
    "productTitle": "Jordan 4 Retro", "brand": "Jordan", "productImages": ["https://pictures.test/4.png"],
    "variants": ["10"], "retailPrice": "215", "releaseDate": "2026-01-31", "countryOfOrigin": "US",
    "colorway": "Violet Ore", "gtin": "195866789012", "gender": "men", "styleCode": "AQ9129-500",
    "tags": ["retro"], "productDescription": "The fourth Jordan.",
}  # fmt: skip
"""Fields of a pair of sneakers offered to the catalog, without its category."""
TRADING_CARD = {name: value for name, value in OFFERED.items() if name != "gender"} | {
    "productCode": {"code": "Y0133892", "name": "mpn"}
}


@dataclass(frozen=True)
class Known:
    """What the calls are about: ids that the other side knows."""

    product_id: str = SOME_ID
    variant_id: str = SOME_ID
    gtin: str = "195866789012"
    listing_id: str = SOME_ID
    operation_id: str = SOME_ID
    order_number: str = "323314425-323214184"
    shipping_id: str = "S-123"
    ingestion_id: str = SOME_ID
    batches: Mapping[BatchKind, str] = field(default_factory=lambda: dict.fromkeys(BatchKind, SOME_ID))

    def batch(self, kind: BatchKind) -> BatchRef:
        """The batch of a kind."""
        return BatchRef(kind, self.batches[kind])


Ask = Callable[[StockXService, Known], Awaitable[Answer]]


def _new(known: Known, quantity: int = 1) -> NewListing:
    return NewListing(known.variant_id, PRICE, active=True, expires_at=LATER, quantity=quantity)


EVERY_LISTING_FILTER = ListingFilter(
    product_ids=(SOME_ID, "p2"),
    variant_ids=(SOME_ID,),
    batch_ids=(SOME_ID,),
    from_date=date(2026, 1, 1),
    to_date=date(2026, 12, 31),
    listing_statuses=("ACTIVE", "INACTIVE"),
    inventory_types=("STANDARD", "FLEX"),
    initiated_shipment_display_ids=("S-1",),
    include_expired=True,
)
EVERY_ACTIVE_FILTER = ActiveOrderFilter(
    order_status="CREATED",
    product_id=SOME_ID,
    variant_id=SOME_ID,
    sort=OrderSort.SHIP_BY_DATE,
    inventory_types=("STANDARD",),
    initiated_shipment_display_ids=("S-1",),
)
EVERY_HISTORY_FILTER = OrderHistoryFilter(
    order_status="COMPLETED",
    product_id=SOME_ID,
    variant_id=SOME_ID,
    from_date=date(2026, 1, 1),
    to_date=date(2026, 12, 31),
    inventory_types=("STANDARD",),
    initiated_shipment_display_ids=("S-1",),
)

CALLS: Mapping[str, tuple[Ask, ...]] = {
    "Search": (lambda s, k: s.search_stockx_catalog("DD1391-100", 1, 50),),
    "GetProduct": (lambda s, k: s.get_product_details(k.product_id),),
    "GetVariants": (lambda s, k: s.get_all_product_variants(k.product_id),),
    "GetVariant": (lambda s, k: s.get_product_variant(k.product_id, k.variant_id),),
    "GetVariantsByGtin": (lambda s, k: s.get_variants_by_gtin(k.gtin),),
    "GetProductMarketData": (lambda s, k: s.get_market_data_from_stockx(k.product_id, "JPY"),),
    "GetVariantMarketData": (lambda s, k: s.get_variant_market_data(k.product_id, k.variant_id, "VND"),),
    "Ingestion": (
        lambda s, k: s.create_catalog_ingestion([NewProduct("sneakers", OFFERED)]),
        lambda s, k: s.create_catalog_ingestion([NewProduct("trading cards", TRADING_CARD)]),
    ),
    "IngestionItems": (
        lambda s, k: s.get_catalog_ingestion(k.ingestion_id),
        lambda s, k: s.get_catalog_ingestion(k.ingestion_id, IngestionStatus.IN_REVIEW),
    ),
    "Create": (
        lambda s, k: s.create_listing(_new(k)),
        lambda s, k: s.create_listing(NewListing(k.variant_id, PRICE, active=False, inventory_type="DIRECT")),
    ),
    "GetAllListings": (
        lambda s, k: s.get_all_listings(),
        lambda s, k: s.get_all_listings(EVERY_LISTING_FILTER, 1, 100),
    ),
    "FindById": (lambda s, k: s.get_listing(k.listing_id),),
    "Update": (
        lambda s, k: s.update_listing(k.listing_id, PRICE),
        lambda s, k: s.update_listing(k.listing_id, expires_at=LATER),
    ),
    "DeactivateListing": (lambda s, k: s.deactivate_listing(k.listing_id),),
    "ActivateListing": (
        lambda s, k: s.activate_listing(k.listing_id),
        lambda s, k: s.activate_listing(k.listing_id, PRICE, expires_at=LATER),
    ),
    "GetListingOperations": (
        lambda s, k: s.get_listing_operations(k.listing_id),
        lambda s, k: s.get_listing_operations(k.listing_id, "c29tZS1jdXJzb3ItZGF0YQ==", 1),
    ),
    "FindOperationById": (lambda s, k: s.get_listing_operation(k.listing_id, k.operation_id),),
    "DeleteListing": (lambda s, k: s.delete_listing(k.listing_id),),
    "CreateListings": (lambda s, k: s.create_listings([_new(k, quantity=2), NewListing(k.variant_id, PRICE)]),),
    "GetListingCreateBatch": (lambda s, k: s.get_batch(k.batch(BatchKind.CREATE)),),
    "GetListingCreateBatchItems": (
        lambda s, k: s.get_batch_items(k.batch(BatchKind.CREATE)),
        lambda s, k: s.get_batch_items(k.batch(BatchKind.CREATE), BatchItemStatus.COMPLETED),
    ),
    "UpdateListings": (
        lambda s, k: s.update_listings([ListingChange(k.listing_id, PRICE, LATER, active=True)]),
        lambda s, k: s.update_listings([ListingChange(k.listing_id, active=False)]),
    ),
    "GetListingUpdateBatch": (lambda s, k: s.get_batch(k.batch(BatchKind.UPDATE)),),
    "GetListingUpdateBatchItems": (
        lambda s, k: s.get_batch_items(k.batch(BatchKind.UPDATE), BatchItemStatus.FAILED),
        lambda s, k: s.get_batch_items(k.batch(BatchKind.UPDATE)),
    ),
    "DeleteListings": (lambda s, k: s.delete_listings([k.listing_id]),),
    "GetListingDeleteBatch": (lambda s, k: s.get_batch(k.batch(BatchKind.DELETE)),),
    "GetListingDeleteBatchItems": (
        lambda s, k: s.get_batch_items(k.batch(BatchKind.DELETE), BatchItemStatus.QUEUED),
        lambda s, k: s.get_batch_items(k.batch(BatchKind.DELETE)),
    ),
    "GetOrders": (
        lambda s, k: s.get_active_orders(),
        lambda s, k: s.get_active_orders(EVERY_ACTIVE_FILTER, 1, 100),
    ),
    "GetHistoricalOrders": (
        lambda s, k: s.get_historical_orders(),
        lambda s, k: s.get_historical_orders(EVERY_HISTORY_FILTER, 1, 100),
    ),
    "GetOrder": (lambda s, k: s.get_order_details(k.order_number),),
    "GetOrderShipment": (lambda s, k: s.get_shipping_document(k.order_number, k.shipping_id),),
    "GetOrderShipmentDocuments": (lambda s, k: s.get_shipping_documents(k.order_number),),
}
"""By operationId, and in an order in which one after another makes sense on one listing."""
