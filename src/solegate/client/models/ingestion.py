"""Answers of catalog ingestion: new products offered to StockX (beta, by approval; FACTS 1.3)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from solegate.client.models.base import Answer, Open, Part, Time, null_as


class IngestionStatus(StrEnum):
    """How far an offered product is."""

    IN_REVIEW = "In Review"
    COMPLETED = "Completed"
    REJECTED = "Rejected"


class Ingestion(Answer):
    """A job that was accepted."""

    ingestion_id: str


class IngestionResult(Part):
    """The variant that came of an offered product."""

    brand: str | None = None
    title: str | None = None
    variant_id: str


class IngestionRejection(Part):
    """Why an offered product was not taken."""

    reason: str | None = None


class IngestionItem(Part):
    """An offered product. `input` is what was sent, as it was sent."""

    ingestion_id: str
    status: Open[IngestionStatus]
    input: Mapping[str, Any]
    result: IngestionResult | None = None
    partner_product_id: str | None = None
    rejection_details: IngestionRejection | None = None
    created_at: Time | None = None
    updated_at: Time | None = None


class IngestionItems(Answer):
    """The items of a job."""

    items: Annotated[tuple[IngestionItem, ...], null_as(tuple)] = ()
