"""Which orders of the mirror are wanted, and in which order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from solegate.domain.sorting import SortOrder


class OrderSort(SortOrder):
    """Orders of a list of orders. Amounts are compared as numbers, whatever their currencies."""

    CREATED = "createdAt"
    CREATED_DESCENDING = "-createdAt"
    SHIP_BY = "shipBy"
    SHIP_BY_DESCENDING = "-shipBy"
    AMOUNT = "amount"
    AMOUNT_DESCENDING = "-amount"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderQuery:
    """Which orders are wanted; what is left out lets everything through.

    Attributes:
        statuses: any of these.
        active: whether they are under way, by the list that held them last.
        style_id: a style code, which one of several codes may be.
        created_from: sold at that moment or later.
        created_before: sold before that moment.
        ship_by_before: to be shipped before that moment; their date is known.
        needs_label: whether they have to be sent and StockX has made no label yet.
    """

    statuses: tuple[str, ...] = ()
    active: bool | None = None
    style_id: str | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None
    ship_by_before: datetime | None = None
    needs_label: bool | None = None
