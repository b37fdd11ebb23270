"""Listings, batches, orders and ingestion as models: every shape seen in the wild is read, and none is lost."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from solegate.client.models.base import Answer
from solegate.client.models.batches import Batch, BatchItems, BatchRef
from solegate.client.models.ingestion import IngestionItems, IngestionStatus
from solegate.client.models.listings import Listing, ListingOperation, ListingOperationsPage, ListingPage
from solegate.client.models.orders import Order, OrderDocuments, OrderPage, ShippingDocument
from solegate.domain.batches import BatchKind, BatchStatus
from solegate.domain.listings import ListingStatus, OperationInitiatedVia, OperationStatus, OperationType
from solegate.domain.money import Money
from solegate.domain.orders import OrderGroup, OrderStatus
from solegate.errors import OperationFailedError, Outcome

ASK_ID = "13658831621304650018"  # larger than 2^63 (FACTS 1.9)
EXPIRY = datetime(2024, 7, 10, 9, 0, tzinfo=UTC)

OPERATION = {
    "listingId": "l1", "operationId": "o1", "operationType": "CREATE", "operationStatus": "PENDING",
    "operationUrl": "https://api.stockx.com/v2/selling/listings/l1/operations/o1", "operationInitiatedBy": "USER",
    "operationInitiatedVia": "PUBLIC-API", "createdAt": "2021-11-09T12:44:31.000Z",
    "updatedAt": "2021-11-09T12:44:31.000Z", "error": None,
    "changes": {
        "additions": {"active": True, "askData": {"amount": "76.0000", "currency": "USD"}},
        "updates": {}, "removals": {},
    },
}  # fmt: skip

# FACTS 1.7 and 1.9: a create that succeeded and an ACTIVATE that failed, in the seller's language.
FAILED_LISTING = {
    "listingId": "l1", "status": "INACTIVE", "amount": "23500.0000", "currencyCode": "JPY", "inventoryType": "STANDARD",
    "createdAt": "2023-10-05T01:00:00.000Z", "updatedAt": "2023-10-05T01:00:00.700Z", "batch": None, "ask": None,
    "authenticationDetails": None, "order": None, "payout": None, "initiatedShipments": None,
    "product": {"productId": "p1", "productName": "Dunk Low", "styleId": None},
    "variant": {"variantId": "v1", "variantName": "Nike-Dunk-Low-Industrial-Blue-Sashiko:8", "variantValue": "10"},
    "lastOperation": {
        "operationId": "o2", "operationType": "ACTIVATE", "operationStatus": "FAILED", "operationInitiatedBy": "USER",
        "operationInitiatedVia": "PUBLIC-API", "operationCreatedAt": "2023-10-05T01:00:00.700Z",
        "operationUpdatedAt": "2023-10-05T01:00:00.700Z", "changes": {"additions": {}, "updates": {}, "removals": {}},
        "error": "该商品不可售",
    },
}  # fmt: skip

ORDER = {
    "askId": ASK_ID, "orderNumber": "04-KS7SCGSDFT", "listingId": None, "amount": "48.94", "currencyCode": "EUR",
    "createdAt": "2026-01-05T10:00:00.000Z", "updatedAt": None, "status": "CREATED", "inventoryType": "STANDARD",
    "product": {"productId": "p1", "productName": None, "styleId": None},
    "variant": {"variantId": "v1", "variantName": "Nike:8", "variantValue": None},
    "authenticationDetails": {"status": None, "failureNotes": None}, "initiatedShipments": None,
    "shipment": {
        "shipByDate": "2026-01-07", "trackingNumber": "1Z3983AF9121770825", "trackingUrl": None, "carrierCode": "UPS",
        "shippingLabelUrl": "https://logistics-assets.stockx.com/label.png?Expires=1",
        "shippingDocumentUrl": "https://api.stockx.io/v1/selling/orders/1/shipping-document/S-657138089",
    },
    "payout": {
        "totalPayout": "38.03", "salePrice": "48.94", "totalAdjustments": "-10.97", "currencyCode": "EUR",
        "adjustments": [
            {"adjustmentType": "MinTransactionFee", "amount": "-5", "percentage": "0.085"},
            {"adjustmentType": "Payment Proc. (3%)", "amount": "-1.47", "percentage": "0.03"},
            {"adjustmentType": "Shipping", "amount": "-4.5", "percentage": "0"},
        ],
    },
}  # fmt: skip

BATCH = {
    "kind": "create", "batchId": "b1", "status": "IN_PROGRESS", "completedAt": None,
    "createdAt": "2021-11-09T12:44:31.000Z", "updatedAt": "2021-11-09T12:44:31.000Z", "totalItems": 40,
    "itemStatuses": {"queued": "20", "failed": "1", "COMPLETED": 9},
}  # fmt: skip

SHAPES: list[tuple[type[Answer], dict[str, Any]]] = [
    (ListingOperation, OPERATION), (Listing, FAILED_LISTING), (Order, ORDER), (Batch, BATCH),
    (ListingOperationsPage, {"nextCursor": None, "operations": [OPERATION]}),
    (ListingPage, {
        "count": 266, "pageSize": 10, "pageNumber": 1, "hasNextPage": True,
        "listings": [{k: v for k, v in FAILED_LISTING.items() if k not in {"payout", "lastOperation"}}],
    }),
    (OrderPage, {
        "count": 1, "pageSize": 10, "pageNumber": 1, "hasNextPage": False,
        "orders": [{k: v for k, v in ORDER.items() if k not in {"payout", "shipment"}}],
    }),
    (BatchItems, {"items": [
        {"itemId": None, "status": None, "listingInput": {"variantId": "v1", "amount": "300", "active": None}},
        {"itemId": "i2", "status": "IN_PROGRESS", "listingInput": {"id": "l2"}},
        {"itemId": "i3", "status": "COMPLETED", "listingInput": {"listingId": "l3", "active": True},
         "result": {"askId": None, "listingId": "l3"}},
        {"itemId": "i4", "status": "FAILED", "listingInput": {"variantId": "v4"}, "error": "该商品不可售"},
    ]}),
    (OrderDocuments, {"shippingDocuments": {"requiredDocuments": {"invoice": "https://x/1"}, "message": "Print it."}}),
    (IngestionItems, {"items": [
        {"ingestionId": "g1", "status": "In Review", "input": {"category": "sneakers"},
         "createdAt": "2026-01-05T10:00:00Z"},
    ]}),
]  # fmt: skip


@pytest.mark.parametrize(("model", "wire"), SHAPES, ids=[each.__name__ for each, _ in SHAPES])
def test_every_shape_survives_the_way_there_and_back(model: type[Answer], wire: dict[str, Any]) -> None:
    read = model.model_validate_json(json.dumps(wire))

    assert model.model_validate_json(read.model_dump_json(by_alias=True)) == read
    assert read.unknown_fields == frozenset()


@pytest.mark.parametrize(("model", "wire"), SHAPES, ids=[each.__name__ for each, _ in SHAPES])
def test_a_field_nobody_knows_is_kept_and_named(model: type[Answer], wire: dict[str, Any]) -> None:
    read = model.model_validate_json(json.dumps(wire | {"brandNew": {"a": 1}}))

    assert read.unknown_fields == {"brandNew"}


def test_the_listing_whose_activation_failed_is_read() -> None:
    read = Listing.model_validate(FAILED_LISTING)

    assert (read.status, read.price) == (ListingStatus.INACTIVE, Money(Decimal(23_500), "JPY"))
    assert (read.ask, read.order, read.payout) == (None, None, None)
    assert read.last_operation is not None
    assert (read.last_operation.operation_type, read.last_operation.error) == (OperationType.ACTIVATE, "该商品不可售")
    assert not read.is_live(EXPIRY)


def test_an_expired_ask_is_active_and_not_live() -> None:
    ask = {"askId": ASK_ID, "askCreatedAt": None, "askUpdatedAt": None, "askExpiresAt": "2024-07-10T09:00:00.000Z"}
    read = Listing.model_validate(FAILED_LISTING | {"status": "ACTIVE", "ask": ask})

    assert read.ask is not None
    assert read.ask.ask_id == ASK_ID
    assert read.is_live(EXPIRY.replace(minute=0, hour=8))
    assert not read.is_live(EXPIRY)


def test_a_known_state_is_its_enum_and_an_unknown_one_stays_a_text() -> None:
    known = ListingOperation.model_validate_json(json.dumps(OPERATION))
    unknown = ListingOperation.model_validate_json(json.dumps(OPERATION | {"operationStatus": "ARGUED"}))

    assert known.operation_status is OperationStatus.PENDING
    assert known.operation_initiated_via is OperationInitiatedVia.PUBLIC_API
    assert (unknown.operation_status, type(unknown.operation_status)) == ("ARGUED", str)
    assert not unknown.is_settled


def test_an_operation_that_failed_says_why() -> None:
    failed = ListingOperation.model_validate(OPERATION | {"operationStatus": "FAILED", "error": "该商品不可售"})

    with pytest.raises(OperationFailedError, match="该商品不可售") as caught:
        failed.ensure_succeeded()
    assert caught.value.outcome is Outcome.NOT_APPLIED


def test_an_operation_under_way_has_not_succeeded_and_one_that_has_is_quiet() -> None:
    with pytest.raises(OperationFailedError) as caught:
        ListingOperation.model_validate(OPERATION).ensure_succeeded()
    assert caught.value.outcome is Outcome.UNKNOWN

    ListingOperation.model_validate(OPERATION | {"operationStatus": "SUCCEEDED"}).ensure_succeeded()


def test_the_order_of_a_fresh_sale_is_read() -> None:
    read = Order.model_validate_json(json.dumps(ORDER))

    assert (read.status, read.group, read.ask_id) == (OrderStatus.CREATED, OrderGroup.TO_SHIP, ASK_ID)
    assert read.price == Money(Decimal("48.94"), "EUR")
    assert read.ship_by == datetime(2026, 1, 7, tzinfo=UTC)
    assert read.payout is not None
    assert read.payout.total == Money(Decimal("38.03"), "EUR")
    assert sum(line.amount for line in read.payout.adjustments) == read.payout.total_adjustments == Decimal("-10.97")
    assert read.payout.adjustments[0].percentage == Decimal("0.085")


@pytest.mark.parametrize(
    ("changes", "shipping_id"),
    [
        ({}, "S-657138089"),
        ({"initiatedShipments": {"inbound": {"displayId": "S-1"}}}, "S-1"),
        ({"initiatedShipments": {"inbound": None}}, "S-657138089"),
        ({"shipment": None}, None),
        ({"shipment": {"shippingDocumentUrl": None}}, None),
        ({"shipment": {"shippingDocumentUrl": "https://x/shipping-document/S-9/"}}, "S-9"),
    ],
)
def test_the_shipping_id_is_found_where_it_is(changes: dict[str, Any], shipping_id: str | None) -> None:
    assert Order.model_validate(ORDER | changes).shipping_id == shipping_id


def test_a_signed_label_link_is_not_shown() -> None:
    assert "Expires=1" not in repr(Order.model_validate(ORDER))


def test_a_batch_counts_its_items_in_either_case() -> None:
    read = Batch.model_validate(BATCH)

    assert (read.status, read.done, read.is_settled) == (BatchStatus.IN_PROGRESS, 0.25, False)
    assert read.ref == BatchRef(BatchKind.CREATE, "b1")
    assert Batch.model_validate(BATCH | {"status": "COMPLETED"}).done == 1.0
    assert Batch.model_validate(BATCH | {"totalItems": 0}).done == 0.0
    assert Batch.model_validate(BATCH | {"itemStatuses": None}).done == 0.0


def test_a_batch_in_a_state_nobody_knows_is_not_finished() -> None:
    read = Batch.model_validate(BATCH | {"status": "PAUSED"})

    assert (read.status, read.is_settled) == ("PAUSED", False)


def test_items_name_their_listing_either_way() -> None:
    fresh, deleted, changed, failed = BatchItems.model_validate(dict(SHAPES)[BatchItems]).items

    assert (fresh.item_id, fresh.status) == (None, None)
    assert (deleted.listing_input.listing_id, changed.listing_input.listing_id) == ("l2", "l3")
    assert (failed.result, failed.error) == (None, "该商品不可售")


def test_an_offered_product_has_an_open_state() -> None:
    assert IngestionItems.model_validate(dict(SHAPES)[IngestionItems]).items[0].status is IngestionStatus.IN_REVIEW


@pytest.mark.parametrize("content", [b"", b'{"message":"not ready"}', b"<html>", b" %PDF-1.4"])
def test_only_a_pdf_is_a_shipping_document(content: bytes) -> None:
    assert ShippingDocument(order_number="n", shipping_id="s", content=b"%PDF-1.4 ...").content
    with pytest.raises(ValidationError):
        ShippingDocument(order_number="n", shipping_id="s", content=content)
