"""What an enrichment keeps and shows of its results: a few rows and counts, however long the list is."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TextIO

from solegate.cli.failures import describe
from solegate.cli.output import Json, Output, codes, counted, styled
from solegate.services.results import EnrichmentResult, EnrichmentStatus, EnrichmentSummary

STATUS_STYLES = {
    EnrichmentStatus.ENRICHED: "green",
    EnrichmentStatus.FRESH: "green",
    EnrichmentStatus.NEEDS_REVIEW: "yellow",
    EnrichmentStatus.NOT_FOUND: "yellow",
    EnrichmentStatus.FAILED: "red",
    EnrichmentStatus.DUPLICATE: "dim",
}
NEEDS_A_PERSON = frozenset({EnrichmentStatus.NEEDS_REVIEW, EnrichmentStatus.NOT_FOUND, EnrichmentStatus.FAILED})
MOST_ROWS = 200
"""Results that are kept to be shown; the others are only counted."""


@dataclass(slots=True)
class Journal:
    """What is kept of a run, in bounded memory.

    Attributes:
        keeps_all: whether what went well is kept too.
        file: gets every result as a JSON line, at once.
        rows: the results to show, at most 200.
        omitted: how many more there were to show.
        stored: how many SKUs are in the database and up to date.
    """

    keeps_all: bool
    file: TextIO | None = None
    rows: list[EnrichmentResult] = field(default_factory=list)
    omitted: int = 0
    stored: int = 0

    def note(self, result: EnrichmentResult) -> None:
        """Take one result, as it ends."""
        self.stored += result.success
        if self.file is not None:
            self.file.write(json.dumps(_document(result)) + "\n")
            self.file.flush()
        if not self.keeps_all and result.status not in NEEDS_A_PERSON:
            return
        if len(self.rows) < MOST_ROWS:
            self.rows.append(result)
        else:
            self.omitted += 1


def show_results(output: Output, journal: Journal) -> None:
    """A table with what became of the SKUs that were kept."""
    if journal.rows:
        output.table(
            ("SKU", "Result", "Product", "Sizes", "Prices", "Requests"),
            [_row(result) for result in journal.rows],
            right=("Sizes", "Prices", "Requests"),
            wide=("Product",),
        )
        output.line()
    if journal.omitted:
        output.line(f"{journal.omitted:,} more are not shown; `--results FILE` writes every one.")


def show_summary(output: Output, journal: Journal, summary: EnrichmentSummary) -> None:
    """The tally, and everything at once as JSON."""
    stopped = describe(summary.stopped_by) if summary.stopped_by else None
    output.document(
        {
            "counts": {status.value: count for status, count in summary.counts.items()},
            "requests": summary.requests,
            "stoppedBy": {"code": stopped.code, "message": stopped.message} if stopped else None,
            "results": [_document(result) for result in journal.rows],
            "omitted": journal.omitted,
        }
    )
    tally = ", ".join(f"{count} {_words(status)}" for status, count in summary.counts.items() if count)
    output.line(f"{counted(summary.total, 'SKU')}: {tally or 'none done'}; {counted(summary.requests, 'request')}.")


def _row(result: EnrichmentResult) -> tuple[object, ...]:
    return (
        codes(result.sku),
        styled(_words(result.status), STATUS_STYLES[result.status]),
        _explanation(result),
        result.variants or None,
        result.quotes or None,
        result.requests,
    )


def _words(status: EnrichmentStatus) -> str:
    return status.value.replace("_", " ")


def _explanation(result: EnrichmentResult) -> str | None:
    """The product, or why there is none and what to do."""
    if result.alternatives:
        return "similar: " + ", ".join(each.label for each in result.alternatives[:3])
    if result.status is EnrichmentStatus.NOT_FOUND and result.error:
        return result.error.hint
    return str(result.error) if result.error else result.title


def _document(result: EnrichmentResult) -> dict[str, Json]:
    error = describe(result.error) if result.error else None
    return {
        "sku": result.sku,
        "status": result.status.value,
        "productId": result.stockx_product_id,
        "title": result.title,
        "variants": result.variants,
        "quotes": result.quotes,
        "requests": result.requests,
        "alternatives": [
            {"productId": each.product_id, "styleId": each.style_id, "title": each.title}
            for each in result.alternatives
        ],
        "error": {"code": error.code, "message": error.message} if error else None,
    }
