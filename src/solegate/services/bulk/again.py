"""Rows of a job as rows of another one: what failed, to be done again; what is for sale now, to be taken back."""

from __future__ import annotations

from collections.abc import Iterable

from solegate.domain.job_rows import Column, RawRow
from solegate.domain.jobs import Job, JobItem, JobKind

UNDOABLE = frozenset({JobKind.CREATE, JobKind.ACTIVATE})
"""Jobs after which pairs are for sale that were not before."""


def rows_to_repeat(job: Job, items: Iterable[JobItem]) -> list[RawRow]:
    """What failed rows asked for, as rows of a new job. A pair keeps its unit, so that it is listed once."""
    for_all = {Column.INVENTORY_TYPE: job.options.get("inventory_type", "")}
    return [RawRow(item.line, for_all | _cells(item)) for item in items]


def rows_to_take_back(items: Iterable[JobItem]) -> list[RawRow]:
    """The listings of rows, as rows of a job that takes them off sale."""
    return [RawRow(item.line, {Column.LISTING_ID: item.listing_id}) for item in items if item.listing_id]


def _cells(item: JobItem) -> dict[Column, str]:
    price = item.price
    cells = {
        Column.SKU: item.sku,
        Column.SIZE: item.size,
        Column.VARIANT_ID: item.variant_id,
        Column.LISTING_ID: item.listing_id,
        Column.PRICE: None if price is None else f"{price.amount:f}",
        Column.CURRENCY: None if price is None else price.currency,
        Column.EXPIRES: None if item.expires_at is None else item.expires_at.isoformat(),
        Column.UNIT: item.unit,
    }
    return {column: text for column, text in cells.items() if text}
