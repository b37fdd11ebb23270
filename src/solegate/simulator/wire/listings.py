"""Bodies of listings and operations. List rows carry less than details: no payout, no lastOperation (FACTS 1.10)."""

from __future__ import annotations

from collections.abc import Mapping

from solegate.simulator.state.operations import Operation
from solegate.simulator.state.records import Listing
from solegate.simulator.wire.answer import Json
from solegate.simulator.wire.payouts import WITHOUT_CENTS, payout
from solegate.simulator.wire.times import optional_timestamp, timestamp
from solegate.simulator.world.models import Product, Variant

URL = "https://api.stockx.com/v2/selling/listings/{}/operations/{}"
"""StockX's own address: what a client polls must not depend on where the practice market runs."""


def listing_row(listing: Listing, product: Product, variant: Variant) -> dict[str, Json]:
    """A listing in a list; its amount is whole."""
    return _listing(listing, product, variant, f"{listing.amount:f}")


def listing_details(listing: Listing, product: Product, variant: Variant) -> Json:
    """One listing. Yen and won come back with four decimals (FACTS 1.9); without an ask there is no payout."""
    four = listing.currency in WITHOUT_CENTS
    sellable = listing.ask is not None or listing.order_number is not None
    return {
        **_listing(listing, product, variant, f"{listing.amount:.4f}" if four else f"{listing.amount:f}"),
        "payout": payout(listing.amount, listing.currency) if sellable else None,
        "lastOperation": _last_operation(listing.operations[-1]),
    }


def accepted(listing: Listing, operation: Operation) -> Json:
    """The answer to a write, at once: an operation that is still to be carried out, and where to follow it."""
    return {**operation_body(listing, operation), "operationUrl": URL.format(listing.id, operation.id)}


def operation_body(listing: Listing, operation: Operation) -> dict[str, Json]:
    """One operation."""
    return {
        "listingId": listing.id,
        "operationId": operation.id,
        "operationType": operation.type,
        "operationStatus": operation.status,
        "operationInitiatedBy": operation.initiated_by,
        "operationInitiatedVia": operation.via,
        "createdAt": timestamp(operation.created_at),
        "updatedAt": timestamp(operation.updated_at),
        "changes": _changes(operation),
        "error": operation.error,
    }


def _listing(listing: Listing, product: Product, variant: Variant, amount: str) -> dict[str, Json]:
    batch, ask = listing.batch, listing.ask
    return {
        "listingId": listing.id,
        "status": listing.status,
        "amount": amount,
        "currencyCode": listing.currency,
        "inventoryType": listing.inventory_type,
        "createdAt": timestamp(listing.created_at),
        "updatedAt": timestamp(listing.updated_at),
        "batch": {"batchId": batch.batch_id, "taskId": batch.item_id} if batch else None,
        "ask": {
            "askId": ask.id,
            "askCreatedAt": timestamp(ask.created_at),
            "askUpdatedAt": timestamp(ask.updated_at),
            "askExpiresAt": timestamp(ask.expires_at),
        }
        if ask
        else None,
        "authenticationDetails": None,
        "order": _order(listing),
        "product": {"productId": product.id, "productName": product.title, "styleId": product.style_id},
        "initiatedShipments": None,
        "variant": {"variantId": variant.id, "variantName": variant.name, "variantValue": variant.value},
        "condition": None,
        "conditionDescription": None,
    }


def _order(listing: Listing) -> Json:
    if listing.order_number is None:
        return None
    return {
        "orderNumber": listing.order_number,
        "orderCreatedAt": optional_timestamp(listing.order_created_at),
        "orderStatus": listing.order_status,
    }


def _last_operation(operation: Operation) -> Json:
    return {
        "operationId": operation.id,
        "operationType": operation.type,
        "operationStatus": operation.status,
        "operationInitiatedBy": operation.initiated_by,
        "operationInitiatedVia": operation.via,
        "operationCreatedAt": timestamp(operation.created_at),
        "operationUpdatedAt": timestamp(operation.updated_at),
        "changes": _changes(operation),
        "error": operation.error,
    }


def _changes(operation: Operation) -> Mapping[str, Json]:
    """A copy: an answer must not change after it was given."""
    return {
        "additions": dict(operation.additions),
        "updates": dict(operation.updates),
        "removals": dict(operation.removals),
    }
