"""Which listings of the mirror are wanted, and in which order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from solegate.domain.listing_findings import Finding
from solegate.domain.sorting import SortOrder


class ListingSort(SortOrder):
    """Orders of a list of listings. Amounts are compared as numbers, whatever their currencies."""

    CREATED = "createdAt"
    CREATED_DESCENDING = "-createdAt"
    UPDATED = "updatedAt"
    UPDATED_DESCENDING = "-updatedAt"
    EXPIRES = "expiresAt"
    EXPIRES_DESCENDING = "-expiresAt"
    AMOUNT = "amount"
    AMOUNT_DESCENDING = "-amount"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingQuery:
    """Which listings are wanted; what is left out lets everything through.

    Attributes:
        statuses: any of these.
        style_id: a style code, which one of several codes may be.
        product_id, variant_id: StockX's ids.
        currency: of their prices.
        amount_min, amount_max: prices between these, both included.
        findings: a sync found any of these about them.
        expiring_before: their ask ends before that moment.
        live: whether a buyer can take them now.
    """

    statuses: tuple[str, ...] = ()
    style_id: str | None = None
    product_id: str | None = None
    variant_id: str | None = None
    currency: str | None = None
    amount_min: Decimal | None = None
    amount_max: Decimal | None = None
    findings: tuple[Finding, ...] = ()
    expiring_before: datetime | None = None
    live: bool | None = None
