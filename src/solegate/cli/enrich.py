"""`solegate enrich`: bring products into the database by SKU, one or thousands."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from solegate.bootstrap import Services
from solegate.cli.failures import ExitCode, describe
from solegate.cli.output import Json, JsonFlag, Output, ProgressBar, codes, counted, styled
from solegate.cli.run import with_services
from solegate.errors import InvalidInputError
from solegate.services.csv_input import count_skus, read_skus
from solegate.services.results import EnrichmentResult, EnrichmentStatus, EnrichmentSummary

STATUS_STYLES = {
    EnrichmentStatus.ENRICHED: "green",
    EnrichmentStatus.FRESH: "green",
    EnrichmentStatus.NEEDS_REVIEW: "yellow",
    EnrichmentStatus.NOT_FOUND: "yellow",
    EnrichmentStatus.FAILED: "red",
    EnrichmentStatus.DUPLICATE: "dim",
}


def enrich(
    skus: Annotated[list[str] | None, typer.Argument(metavar="SKU", help="Style codes.")] = None,
    *,
    csv: Annotated[Path | None, typer.Option("--csv", help="File with a column `sku` or `style_id`.")] = None,
    currency: Annotated[str | None, typer.Option(help="Currency of the prices.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Ask StockX even for what is fresh.")] = False,
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="SKUs worked on at once.")] = 4,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Store products with sizes, barcodes and prices, by SKU.

    A SKU costs 4 requests when it is new, 3 when it was stored over a day ago, 1 when only its prices are old and none
    when all is fresh. So a run that was stopped goes on where it was when you start it again.
    """
    output = Output(as_json=as_json)
    wanted, total = _wanted(skus or [], csv)
    results: list[EnrichmentResult] = []

    async def work(services: Services) -> EnrichmentSummary:
        with output.progress("Enriching", total) as bar:
            return await services.enrichment.enrich_many(
                wanted,
                concurrency=concurrency,
                on_result=lambda result: _take(results, result, bar),
                currency=currency,
                force=force,
            )

    summary = with_services(work, kept=lambda: _kept(results))
    show_results(output, results)
    _show_summary(output, results, summary)
    return _exit_code(output, summary)


def _wanted(skus: list[str], csv: Path | None) -> tuple[Iterable[str], int]:
    """The SKUs and how many there are; a file is read through before anything is sent.

    Raises:
        InvalidInputError: there are none, or they come from two places, or the file is wrong.
    """
    if csv is not None:
        if skus:
            raise InvalidInputError("Give SKUs or a file, not both.")
        return read_skus(csv), count_skus(csv)
    if not skus:
        raise InvalidInputError("No SKU given.", hint="`solegate enrich DD1391-100`, or `--csv FILE`.")
    return skus, len(skus)


def _take(results: list[EnrichmentResult], result: EnrichmentResult, bar: ProgressBar) -> None:
    results.append(result)
    bar.advance()


def _kept(results: list[EnrichmentResult]) -> str:
    stored = sum(result.success for result in results)
    return f"{counted(stored, 'SKU')} stored and complete; run it again to go on from there."


def show_results(output: Output, results: Iterable[EnrichmentResult]) -> None:
    """A table with what became of each SKU."""
    output.table(
        ("SKU", "Result", "Product", "Sizes", "Prices", "Requests"),
        [
            (
                codes(result.sku),
                styled(_words(result.status), STATUS_STYLES[result.status]),
                _explanation(result),
                result.variants or None,
                result.quotes or None,
                result.requests,
            )
            for result in results
        ],
        right=("Sizes", "Prices", "Requests"),
        wide=("Product",),
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


def _show_summary(output: Output, results: list[EnrichmentResult], summary: EnrichmentSummary) -> None:
    stopped = describe(summary.stopped_by) if summary.stopped_by else None
    output.document(
        {
            "counts": {status.value: count for status, count in summary.counts.items()},
            "requests": summary.requests,
            "stoppedBy": {"code": stopped.code, "message": stopped.message} if stopped else None,
            "results": [_document(result) for result in results],
        }
    )
    tally = ", ".join(f"{count} {_words(status)}" for status, count in summary.counts.items() if count)
    output.line()
    output.line(f"{counted(summary.total, 'SKU')}: {tally or 'none done'}; {counted(summary.requests, 'request')}.")


def _exit_code(output: Output, summary: EnrichmentSummary) -> ExitCode:
    """What stopped the run decides; else whether every SKU succeeded."""
    if summary.stopped_by is not None:
        failure = describe(summary.stopped_by)
        failure.show(output)
        return failure.exit_code
    unsuccessful = (EnrichmentStatus.NEEDS_REVIEW, EnrichmentStatus.NOT_FOUND, EnrichmentStatus.FAILED)
    return ExitCode.INCOMPLETE if any(summary.counts[status] for status in unsuccessful) else ExitCode.OK


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
