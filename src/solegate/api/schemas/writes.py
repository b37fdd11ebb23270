"""Writes on the wire: what is wanted, how far it is, and what is known of its effect."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, ConfigDict, Field, model_validator

from solegate.api.schemas.base import LINE_PATTERN, Money, Schema
from solegate.domain import money
from solegate.domain.audit import AuditEntry
from solegate.domain.cursors import Page
from solegate.domain.intents import Action, Intent, IntentState, Knowledge
from solegate.domain.listings import InventoryType

Price = Annotated[
    Decimal,
    Field(
        gt=0,
        allow_inf_nan=False,
        description="What a buyer pays: a whole amount, as StockX wants it. A string or a number.",
        examples=["150"],
    ),
]
Currency = Annotated[
    str | None,
    Field(min_length=3, max_length=3, description="ISO 4217 code; the configured currency if left out."),
]
Expiry = Annotated[
    AwareDatetime | None, Field(description="When the ask ends, with its time zone; a year from now if left out.")
]


class NewListingIn(Schema):
    """A pair to be listed: its size by StockX's variant id, or by style code and size."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"sku": "DD1391-100", "size": "US M 9", "price": "150", "currency": "EUR"}},
    )

    variant_id: str | None = Field(None, description="StockX's id of the size; or `sku` and `size`.")
    sku: str | None = Field(None, description="Style code.", examples=["DD1391-100"])
    size: str | None = Field(None, description="The size in any system.", examples=["US M 9"])
    price: Price
    currency: Currency = None
    unit: str | None = Field(
        None,
        min_length=1,
        max_length=200,
        pattern=LINE_PATTERN,
        description="Your name of this very pair, such as a shelf number. It is never listed twice at a time.",
    )
    active: bool = Field(True, description="Whether it is for sale at once; otherwise it is a draft.")
    expires_at: Expiry = None
    inventory_type: InventoryType = InventoryType.STANDARD

    @model_validator(mode="after")
    def _names_one_size(self) -> Self:
        by_id, by_code = self.variant_id is not None, self.sku is not None
        if by_id == by_code or by_code != (self.size is not None):
            raise ValueError("give variantId, or sku and size")
        return self


class ListingChangeIn(Schema):
    """What shall be different; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"price": "145", "currency": "EUR"}})

    price: Price | None = None
    currency: Currency = None
    expires_at: Expiry = None

    @model_validator(mode="after")
    def _currency_has_a_price(self) -> Self:
        if self.currency is not None and self.price is None:
            raise ValueError("a currency without a price changes nothing")
        return self


class WriteOut(Schema):
    """One write of the ledger."""

    id: str = Field(description="Ours.")
    action: Action
    knowledge: Knowledge = Field(
        description="What is known of its effect. `unknown` is being resolved; nothing is sent twice meanwhile."
    )
    state: IntentState
    reason: str = Field(description="Why it ended as it did, or what it waits for.")
    listing_id: str | None = Field(description="StockX's id; of a new listing known once StockX took it.")
    variant_id: str | None
    unit: str = Field(description="The pair, or the listing, that it is done to.")
    price: Money | None
    active: bool | None
    expires_at: datetime | None
    inventory_type: str
    attempts: int = Field(description="How often it was sent to StockX.")
    operation_id: str | None = Field(description="StockX's id of the operation.")
    job_id: str | None
    row: int | None
    actor: str
    cause: str
    created_at: datetime
    updated_at: datetime
    sent_at: datetime | None
    audit: str = Field(
        description="Where everything that happened to it is told.", examples=["/api/v1/audit?writeId=x"]
    )

    @classmethod
    def of(cls, intent: Intent) -> Self:
        """An intent of the ledger."""
        return cls(**_shown(intent))


class AuditOut(Schema):
    """One line of the audit trail."""

    at: datetime
    write_id: str | None
    listing_id: str | None
    job_id: str | None
    actor: str = Field(description="Who: a person, a rule, a job.")
    what: str = Field(description="What was done.")
    why: str
    evidence: Mapping[str, Any] = Field(description="What was seen that led to it.")
    result: str

    @classmethod
    def of(cls, entry: AuditEntry) -> Self:
        """A line as the database has it."""
        return cls(
            at=entry.at,
            write_id=entry.intent_id,
            listing_id=entry.listing_id,
            job_id=entry.job_id,
            actor=entry.actor,
            what=entry.what,
            why=entry.why,
            evidence=dict(entry.evidence),
            result=entry.result,
        )


class WriteDetails(WriteOut):
    """A write with everything that happened to it, oldest first."""

    trail: tuple[AuditOut, ...]

    @classmethod
    def with_trail(cls, intent: Intent, entries: Iterable[AuditEntry]) -> Self:
        """An intent and the lines about it."""
        return cls(**_shown(intent), trail=tuple(AuditOut.of(each) for each in entries))


class WritesOut(Schema):
    """A page of writes, newest first."""

    items: tuple[WriteOut, ...]
    next_cursor: str | None = Field(description="Give it back as `cursor` for the next page; null on the last.")

    @classmethod
    def of(cls, page: Page[Intent]) -> Self:
        """A page of the ledger."""
        return cls(items=tuple(WriteOut.of(each) for each in page.rows), next_cursor=page.next_cursor)


class AuditPageOut(Schema):
    """A page of the audit trail, newest first."""

    items: tuple[AuditOut, ...]
    next_cursor: str | None = Field(description="Give it back as `cursor` for the next page; null on the last.")

    @classmethod
    def of(cls, page: Page[AuditEntry]) -> Self:
        """A page of the trail."""
        return cls(items=tuple(AuditOut.of(each) for each in page.rows), next_cursor=page.next_cursor)


def _price(price: money.Money | None) -> Money | None:
    """Without the zeros that the database adds: prices of listings are whole."""
    return None if price is None else Money(amount=price.amount.normalize(), currency=price.currency)


def _shown(intent: Intent) -> dict[str, Any]:
    return {
        "id": intent.id,
        "action": intent.action,
        "knowledge": intent.knowledge,
        "state": intent.state,
        "reason": intent.reason,
        "listing_id": intent.listing_id,
        "variant_id": intent.variant_id or None,
        "unit": intent.unit,
        "price": _price(intent.price),
        "active": intent.active,
        "expires_at": intent.expires_at,
        "inventory_type": intent.inventory_type,
        "attempts": intent.attempts,
        "operation_id": intent.operation_id,
        "job_id": intent.job_id,
        "row": intent.row,
        "actor": intent.actor,
        "cause": intent.cause,
        "created_at": intent.created_at,
        "updated_at": intent.updated_at,
        "sent_at": intent.sent_at,
        "audit": f"/api/v1/audit?writeId={intent.id}",
    }
