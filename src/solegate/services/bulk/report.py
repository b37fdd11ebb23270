"""The report of a job: what came of every row, why, and what to do next; as CSV or JSON, streamed row by row."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterable, AsyncIterator
from enum import StrEnum

from solegate.domain.jobs import JobItem

FIELDS = (
    "line", "sku", "size", "unit", "variant_id", "listing_id", "state", "reason", "advice", "price", "currency",
    "expires", "intent",
)  # fmt: skip
"""Columns of a report. They are named like those of a job's rows, so that failed rows can be mended and started."""

_PIECE = 32_768
"""Characters that are written at once."""


class ReportFormat(StrEnum):
    """How a report is written."""

    CSV = "csv"
    JSON = "json"


def report_row(item: JobItem) -> dict[str, str | int | None]:
    """One row of a report, by column."""
    price = item.price
    return {
        "line": item.line,
        "sku": item.sku,
        "size": item.size,
        "unit": item.unit or None,
        "variant_id": item.variant_id,
        "listing_id": item.listing_id,
        "state": item.state.value,
        "reason": item.reason or None,
        "advice": item.advice or None,
        "price": None if price is None else f"{price.amount.normalize():f}",
        "currency": None if price is None else price.currency,
        "expires": None if item.expires_at is None else item.expires_at.isoformat(),
        "intent": item.intent_id,
    }


def write_report(items: AsyncIterable[JobItem], form: ReportFormat) -> AsyncIterator[str]:
    """The report as text, piece by piece."""
    return _csv(items) if form is ReportFormat.CSV else _json(items)


async def _csv(items: AsyncIterable[JobItem]) -> AsyncIterator[str]:
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, FIELDS, lineterminator="\r\n")
    writer.writeheader()
    async for item in items:
        writer.writerow({name: _harmless(value) for name, value in report_row(item).items()})
        if buffer.tell() >= _PIECE:
            yield _taken(buffer)
    yield _taken(buffer)


async def _json(items: AsyncIterable[JobItem]) -> AsyncIterator[str]:
    buffer, opening = io.StringIO(), "[\n"
    async for item in items:
        buffer.write(f"{opening}{json.dumps(report_row(item), ensure_ascii=False)}")
        opening = ",\n"
        if buffer.tell() >= _PIECE:
            yield _taken(buffer)
    buffer.write("[]\n" if opening == "[\n" else "\n]\n")
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def _harmless(value: str | int | None) -> str | int | None:
    """A cell that a spreadsheet does not take for a formula: StockX's sentences and typed texts stand in a report."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
