"""Answers of the listing operations (FACTS 1.7 to 1.10). A listing is what StockX's pages call an ask."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from solegate.client.models.base import Amount, Answer, Open, Part, Time, money, null_as
from solegate.client.models.payout import Payout
from solegate.domain.listings import (
    InventoryType,
    ListingStatus,
    OperationInitiatedBy,
    OperationInitiatedVia,
    OperationStatus,
    OperationType,
    is_live,
    is_settled,
)
from solegate.domain.money import Money
from solegate.errors import OperationFailedError, Outcome

Changed = Mapping[str, Any]


class Changes(Part):
    """What an operation changed, by field; StockX describes these as free objects."""

    additions: Annotated[Changed, null_as(dict)] = Field(default_factory=dict)
    updates: Annotated[Changed, null_as(dict)] = Field(default_factory=dict)
    removals: Annotated[Changed, null_as(dict)] = Field(default_factory=dict)


class ListingOperation(Answer):
    """An asynchronous change of a listing. A write answers with one that is PENDING."""

    listing_id: str
    operation_id: str
    operation_type: Open[OperationType]
    operation_status: Open[OperationStatus]
    operation_url: str | None = None
    operation_initiated_by: Open[OperationInitiatedBy] | None = None
    operation_initiated_via: Open[OperationInitiatedVia] | None = None
    created_at: Time | None = None
    updated_at: Time | None = None
    changes: Changes | None = None
    error: str | None = None

    @property
    def is_settled(self) -> bool:
        """Whether it came to its end."""
        return is_settled(self.operation_status)

    def ensure_succeeded(self) -> None:
        """Do nothing if it succeeded.

        Raises:
            OperationFailedError: it failed, or has not settled yet.
        """
        if self.operation_status == OperationStatus.SUCCEEDED:
            return
        said = f": {self.error.rstrip('.')}" if self.error else ""
        raise OperationFailedError(
            f"{self.operation_type} of listing {self.listing_id} is {self.operation_status}{said}.",
            operation=str(self.operation_type),
            outcome=Outcome.NOT_APPLIED if self.is_settled else Outcome.UNKNOWN,
        )


class ListingOperationsPage(Answer):
    """Operations of one listing; `next_cursor` is `None` on the last page."""

    next_cursor: str | None = None
    operations: Annotated[tuple[ListingOperation, ...], null_as(tuple)] = ()


class Ask(Part):
    """The offer behind a listing. `ask_id` is a number larger than 2^63, as text."""

    ask_id: str
    ask_created_at: Time | None = None
    ask_updated_at: Time | None = None
    ask_expires_at: Time | None = None


class ListingBatch(Part):
    """The batch that touched a listing."""

    batch_id: str | None = None
    task_id: str | None = None


class ListingOrder(Part):
    """The sale of a listing."""

    order_number: str | None = None
    order_created_at: Time | None = None
    order_status: str | None = None


class ListedProduct(Part):
    """The product of a listing or order."""

    product_id: str
    product_name: str | None = None
    style_id: str | None = None


class ListedVariant(Part):
    """The size of a listing or order; `variant_value` such as `10` or `5W`."""

    variant_id: str
    variant_name: Annotated[str, null_as(str)] = ""
    variant_value: str | None = None


class AuthenticationDetails(Part):
    """What came of the authentication."""

    status: str | None = None
    failure_notes: str | None = None


class InboundShipment(Part):
    """A shipment on its way to StockX; its id names the shipping document of a fresh order (FACTS 1.10)."""

    display_id: str | None = None


class InitiatedShipments(Part):
    """Shipments that the seller has started."""

    inbound: InboundShipment | None = None


class LastOperation(Part):
    """The newest operation of a listing; a failed ACTIVATE tells here why the listing is not for sale (FACTS 1.7)."""

    operation_id: str
    operation_type: Open[OperationType]
    operation_status: Open[OperationStatus]
    operation_initiated_by: Open[OperationInitiatedBy] | None = None
    operation_initiated_via: Open[OperationInitiatedVia] | None = None
    operation_created_at: Time | None = None
    operation_updated_at: Time | None = None
    changes: Changes | None = None
    error: str | None = None


class ListingSummary(Answer):
    """A listing as lists show it: without payout and last operation (FACTS 1.10)."""

    listing_id: str
    status: Open[ListingStatus]
    amount: Amount = None
    currency_code: str | None = None
    inventory_type: Open[InventoryType] | None = None
    created_at: Time
    updated_at: Time | None = None
    batch: ListingBatch | None = None
    ask: Ask | None = None
    order: ListingOrder | None = None
    product: ListedProduct | None = None
    variant: ListedVariant | None = None
    authentication_details: AuthenticationDetails | None = None
    initiated_shipments: InitiatedShipments | None = None
    condition: str | None = None
    condition_description: str | None = None

    @property
    def price(self) -> Money | None:
        """What it is listed for, with its currency."""
        return money(self.amount, self.currency_code) if self.currency_code else None

    def is_live(self, now: datetime) -> bool:
        """Whether a buyer can take it now: an expired ask stays ACTIVE (FACTS 1.8)."""
        return is_live(self.status, self.ask.ask_expires_at if self.ask else None, now)


class Listing(ListingSummary):
    """A listing with everything StockX tells about it."""

    payout: Payout | None = None
    last_operation: LastOperation | None = None


class ListingPage(Answer):
    """One page of listings."""

    count: int
    page_size: int
    page_number: int
    has_next_page: bool
    listings: tuple[ListingSummary, ...]
