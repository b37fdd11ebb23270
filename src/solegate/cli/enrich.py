"""`solegate enrich`: bring products into the database by SKU, one or thousands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from solegate.bootstrap import Services
from solegate.cli.enrich_report import NEEDS_A_PERSON, Journal, show_results, show_summary
from solegate.cli.failures import ExitCode, describe
from solegate.cli.output import JsonFlag, Output, counted
from solegate.cli.run import with_services
from solegate.errors import InvalidInputError
from solegate.services.csv_input import count_skus, read_skus
from solegate.services.results import EnrichmentResult, EnrichmentSummary


def enrich(
    skus: Annotated[list[str] | None, typer.Argument(metavar="SKU", help="Style codes.")] = None,
    *,
    csv: Annotated[Path | None, typer.Option("--csv", help="File with a column `sku` or `style_id`.")] = None,
    currency: Annotated[str | None, typer.Option(help="Currency of the prices.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Ask StockX even for what is fresh.")] = False,
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="SKUs worked on at once.")] = 4,
    results: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Append a JSON line for every SKU as it ends.")
    ] = None,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Store products with sizes, barcodes and prices, by SKU.

    A SKU costs 4 requests when it is new, 3 when it was stored over a day ago, 1 when only its prices are old and none
    when all is fresh. So a run that was stopped goes on where it was when you start it again.

    Of a file, only the SKUs that need a person are shown, at most 200 of them; `--results` has them all.
    """
    output = Output(as_json=as_json)
    wanted, total = _wanted(skus or [], csv)
    with _journal(results, csv) as journal:

        async def work(services: Services) -> EnrichmentSummary:
            with output.progress("Enriching", total) as bar:

                def note(result: EnrichmentResult) -> None:
                    journal.note(result)
                    bar.advance()

                return await services.enrichment.enrich_many(
                    wanted, concurrency=concurrency, on_result=note, currency=currency, force=force
                )

        summary = with_services(work, kept=lambda: _kept(journal))
    show_results(output, journal)
    show_summary(output, journal, summary)
    return _exit_code(output, summary)


@contextmanager
def _journal(results: Path | None, csv: Path | None) -> Iterator[Journal]:
    """What is kept of the run; of SKUs that were named one by one, whatever became of them.

    Raises:
        InvalidInputError: the results would be written into the list itself.
        OSError: they cannot be written there.
    """
    if results is None:
        yield Journal(keeps_all=csv is None)
        return
    if csv is not None and results.exists() and results.samefile(csv):
        raise InvalidInputError("The results cannot go into the list of SKUs.", hint="Name another file.")
    with results.open("a", encoding="utf-8") as file:
        yield Journal(keeps_all=csv is None, file=file)


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


def _kept(journal: Journal) -> str:
    return f"{counted(journal.stored, 'SKU')} stored and complete; run it again to go on from there."


def _exit_code(output: Output, summary: EnrichmentSummary) -> ExitCode:
    """What stopped the run decides; else whether every SKU succeeded."""
    if summary.stopped_by is not None:
        failure = describe(summary.stopped_by)
        failure.show(output)
        return failure.exit_code
    return ExitCode.INCOMPLETE if any(summary.counts[status] for status in NEEDS_A_PERSON) else ExitCode.OK
