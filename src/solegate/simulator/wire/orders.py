"""Bodies of orders. List rows carry less than details: no shipment and no payout (FACTS 1.10)."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from solegate.simulator.state.orders import Order
from solegate.simulator.wire.answer import Json
from solegate.simulator.wire.payouts import payout
from solegate.simulator.wire.times import timestamp
from solegate.simulator.world.models import Product, Variant

DOCUMENT_URL = "https://api.stockx.io/v1/selling/orders/{}/shipping-document/{}"
LABEL_URL = "https://logistics-assets.stockx.com/labels/{}.png?Expires={}&Signature={}"
"""A signed link that ends soon (FACTS 1.10). The practice market does not serve it: fetch the document."""
LABEL_LIFE = timedelta(hours=1)


def order_row(order: Order, product: Product, variant: Variant) -> dict[str, Json]:
    """An order in a list."""
    return {**_order(order, product, variant), "condition": None, "conditionDescription": None}


def order_details(order: Order, product: Product, variant: Variant, now: datetime) -> Json:
    """One order with shipment and payout."""
    shown = order.label_at <= now
    return {
        **_order(order, product, variant),
        "shipment": {
            "shipByDate": timestamp(order.ship_by),
            "trackingNumber": order.tracking,
            "trackingUrl": f"https://wwwapps.ups.com/etracking/tracking.cgi?tracknum={order.tracking}",
            "carrierCode": "UPS",
            "shippingLabelUrl": _label_url(order, now) if shown else None,
            "shippingDocumentUrl": DOCUMENT_URL.format(order.number, order.shipping_id) if shown else None,
        },
        "initiatedShipments": {"inbound": {"displayId": order.shipping_id}} if shown else None,
        "payout": payout(order.amount, order.currency),
    }


def documents(order: Order) -> Json:
    """The papers of a Direct order."""
    document = DOCUMENT_URL.format(order.number, order.shipping_id)
    return {
        "shippingDocuments": {
            "requiredDocuments": {"shippingLabel": document, "packingSlip": f"{document}/packing-slip"},
            "message": "Put the packing slip inside and the label outside.",
            "additionalDocumentsRequired": False,
            "thermalLabelOnly": None,
            "sellerShippingInstructions": {"normalLabel": {"en": document}, "thermalLabel": {}},
        }
    }


def _order(order: Order, product: Product, variant: Variant) -> dict[str, Json]:
    failed = order.status == "AUTHFAILED"
    return {
        "askId": order.ask_id,
        "orderNumber": order.number,
        "listingId": order.listing.id,
        "amount": f"{order.amount:f}",
        "currencyCode": order.currency,
        "createdAt": timestamp(order.created_at),
        "updatedAt": timestamp(order.updated_at),
        "variant": {"variantId": variant.id, "variantName": variant.name, "variantValue": variant.value},
        "product": {"productId": product.id, "productName": product.title, "styleId": product.style_id},
        "status": order.status,
        "initiatedShipments": None,
        "inventoryType": order.listing.inventory_type,
        "authenticationDetails": {"status": "FAILED", "failureNotes": order.failure} if failed else None,
    }


def _label_url(order: Order, now: datetime) -> str:
    expires = int((now + LABEL_LIFE).timestamp())
    signature = hashlib.sha256(f"{order.number}/{expires}".encode()).hexdigest()[:32]
    return LABEL_URL.format(order.shipping_id, expires, signature)
