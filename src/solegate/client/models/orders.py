"""Answers of the order operations (FACTS 1.8 to 1.10)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from pydantic import Field, field_validator

from solegate.client.models.base import Amount, Answer, Open, Part, Time, money, null_as
from solegate.client.models.listings import AuthenticationDetails, InitiatedShipments, ListedProduct, ListedVariant
from solegate.client.models.payout import Payout
from solegate.domain.listings import InventoryType
from solegate.domain.money import Money
from solegate.domain.orders import OrderGroup, OrderStatus, group


class OrderSummary(Answer):
    """An order as lists show it: without shipment and, as a rule, without payout (FACTS 1.10)."""

    order_number: str
    listing_id: str | None = None
    ask_id: str | None = None
    amount: Amount = None
    currency_code: str | None = None
    status: Open[OrderStatus]
    created_at: Time | None = None
    updated_at: Time | None = None
    product: ListedProduct
    variant: ListedVariant
    authentication_details: AuthenticationDetails | None = None
    payout: Payout | None = None
    initiated_shipments: InitiatedShipments | None = None
    inventory_type: Open[InventoryType] | None = None
    condition: str | None = None
    condition_description: str | None = None

    @property
    def price(self) -> Money | None:
        """What it was sold for, with its currency."""
        return money(self.amount, self.currency_code) if self.currency_code else None

    @property
    def group(self) -> OrderGroup:
        """What the seller has to do about it."""
        return group(self.status)


class OrderPage(Answer):
    """One page of orders."""

    count: int
    page_size: int
    page_number: int
    has_next_page: bool
    orders: tuple[OrderSummary, ...]


class Shipment(Part):
    """How an order travels. `shipping_label_url` is signed and expires: fetch the document, do not keep the link."""

    ship_by_date: Time | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None
    carrier_code: str | None = None
    shipping_label_url: str | None = Field(default=None, repr=False)
    shipping_document_url: str | None = None


class Order(OrderSummary):
    """An order with its shipment and payout."""

    shipment: Shipment | None = None

    @property
    def ship_by(self) -> datetime | None:
        """When it has to be shipped."""
        return self.shipment.ship_by_date if self.shipment else None

    @property
    def shipping_id(self) -> str | None:
        """The id of its shipping document: the inbound shipment's, else the tail of the document's address."""
        shipments = self.initiated_shipments
        if shipments and shipments.inbound and shipments.inbound.display_id:
            return shipments.inbound.display_id
        address = self.shipment.shipping_document_url if self.shipment else None
        return address.rstrip("/").rpartition("/")[2] if address else None


class ShippingDocument(Answer):
    """A shipping document: a PDF, ready to be printed. Anything else is refused: errors come as JSON (FACTS 1.10)."""

    order_number: str
    shipping_id: str
    content: bytes = Field(repr=False)

    @field_validator("content")
    @classmethod
    def _is_pdf(cls, content: bytes) -> bytes:
        if not content.startswith(b"%PDF-"):
            raise ValueError("not a PDF")
        return content


class SellerShippingInstructions(Part):
    """Labels by language code."""

    normal_label: Mapping[str, str] | None = None
    thermal_label: Mapping[str, str] | None = None


class ShippingDocuments(Part):
    """Links to what belongs on and into the parcel."""

    required_documents: Annotated[Mapping[str, str], null_as(dict)] = Field(default_factory=dict)
    message: str | None = None
    additional_documents_required: bool | None = None
    thermal_label_only: str | None = None
    seller_shipping_instructions: SellerShippingInstructions | None = None


class OrderDocuments(Answer):
    """The shipping documents of a Direct order."""

    shipping_documents: ShippingDocuments | None = None
