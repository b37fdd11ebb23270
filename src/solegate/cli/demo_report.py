"""What the demo shows: its steps, what was found, what it cost, and what to try next."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.text import Text

from solegate.cli.demo_deals import closest_spreads
from solegate.cli.demo_sale import Sale, sale_document, show_sale
from solegate.cli.output import Json, Output, amount, counted
from solegate.client.models import Source
from solegate.services.market_data import MarketReading
from solegate.services.results import EnrichmentResult, EnrichmentStatus, EnrichmentSummary
from solegate.simulator import Limits, Report


@dataclass(frozen=True, slots=True)
class Stored:
    """What the database holds after the enrichment."""

    products: int
    variants: int
    sizes: int
    gtins: int
    quotes: int


@dataclass(frozen=True, slots=True)
class Demo:
    """What happened.

    Attributes:
        results: of the first run, SKU by SKU.
        summary: its tally.
        stored: what it left in the database.
        readings: every market, priced.
        sources: where those came from.
        reading_requests: what reading them cost, by the market's own count.
        second_run: tally of the same file once more.
        second_run_requests: what that cost, by the market's own count.
        sale: a pair's way from the shelf to the money.
        report: the market's books at the end.
        seconds: from start to end.
    """

    results: tuple[EnrichmentResult, ...]
    summary: EnrichmentSummary
    stored: Stored
    readings: tuple[MarketReading, ...]
    sources: Mapping[Source, int]
    reading_requests: int
    second_run: EnrichmentSummary
    second_run_requests: int
    sale: Sale
    report: Report
    seconds: float

    @property
    def is_clean(self) -> bool:
        """Whether it went as it has to: nothing refused, nothing failed, nothing asked twice."""
        failed = self.summary.counts[EnrichmentStatus.FAILED]
        wrong = self.report.refused or failed or self.summary.stopped_by or self.second_run_requests
        return not wrong and self.sale.paid is not None

    @property
    def api_requests(self) -> Mapping[str, int]:
        """Requests to the API by operation; the login's pages have no limit."""
        login = ("authorize", "token")
        return {name: self.report.count(name) for name in self.report.requests if name not in login}


def show_report(output: Output, demo: Demo, *, kept: Path | None) -> None:
    """The summary."""
    output.document(_document(demo, kept))
    _show_found(output, demo)
    _show_prices(output, demo)
    show_sale(output, demo.sale)
    _show_cost(output, demo)
    _show_next(output, kept)


def _show_found(output: Output, demo: Demo) -> None:
    output.heading("What was found")
    counts = demo.summary.counts
    output.table(
        ("SKUs", "", "What it means"),
        [
            (counts[status], status.value.replace("_", " "), meaning)
            for status, meaning in (
                (EnrichmentStatus.ENRICHED, "stored whole, each in one transaction"),
                (EnrichmentStatus.NEEDS_REVIEW, f"{_unclear(demo)}; a person decides, nothing was stored"),
                (EnrichmentStatus.NOT_FOUND, "StockX knows nothing like it"),
                (EnrichmentStatus.DUPLICATE, "the same SKU written differently, done once"),
                (EnrichmentStatus.FAILED, "an error, told SKU by SKU"),
            )
            if counts[status]
        ],
        right=("SKUs",),
        wide=("What it means",),
    )
    stored = demo.stored
    output.line(
        f"In the database now: {counted(stored.products, 'product')}, {counted(stored.variants, 'variant')}, "
        f"{counted(stored.sizes, 'size')} in all systems, {counted(stored.gtins, 'barcode')}, "
        f"{counted(stored.quotes, 'quote')}."
    )


def _unclear(demo: Demo) -> str:
    unclear = next((each for each in demo.results if each.alternatives), None)
    return f"StockX has {unclear.alternatives[0].label}, not {unclear.sku}" if unclear else "similar products only"


def _show_prices(output: Output, demo: Demo) -> None:
    output.heading("Where ask and bid are closest")
    output.table(
        ("Product", "Size", "Lowest ask", "Highest bid", "Gap", "Paid at bid"),
        [
            (
                each.title,
                each.row.size,
                each.ask,
                each.bid,
                f"{each.spread:.0%}",
                each.row.payout_at_bid.total if each.row.payout_at_bid else None,
            )
            for each in closest_spreads(demo.readings)
        ],
        right=("Lowest ask", "Highest bid", "Gap", "Paid at bid"),
        wide=("Product",),
    )
    output.line("Payouts are estimates: price less StockX's fees for a new seller (level 1).", style="dim")


def _show_cost(output: Output, demo: Demo) -> None:
    output.heading("What it cost, by the practice StockX's own books")
    requests = demo.api_requests
    output.table(("Requests", "Operation"), [(count, name) for name, count in requests.items()], right=("Requests",))
    report, permitted = demo.report, demo.report.limits.per_second
    refused = Text(f"{report.refused} refused", style="bold green" if report.refused == 0 else "bold red")
    cached = demo.sources.get(Source.CACHE, 0)
    total, sizes = sum(requests.values()), sum(len(each.rows) for each in demo.readings)
    output.line()
    output.table(
        ("In short", ""),
        [
            (
                refused,
                f"of {counted(total, 'request')}; busiest second {report.busiest_window_requests} of {permitted}",
            ),
            (
                f"{demo.reading_requests} for pricing",
                f"{sizes} sizes; {cached} of {len(demo.readings)} markets from cache",
            ),
            (f"{demo.second_run_requests} for the second run", "the same file again: what is fresh is skipped"),
            (f"{demo.seconds:.1f} s for everything", f"real StockX permits {_official()}/s: {_there(total)} there"),
        ],
        wide=("",),
    )


def _official() -> int:
    return Limits.official().per_second or 1


def _there(requests: int) -> str:
    seconds = requests // _official()
    return f"{seconds // 60} min {seconds % 60} s" if seconds >= 60 else f"{seconds} s"


def _show_next(output: Output, kept: Path | None) -> None:
    command = command_name()
    output.heading("Try next")
    csv = kept / "skus.csv" if kept else Path("examples/skus.csv")
    output.line(f"  {command} simulator --limits guide    # in one shell; it prints the settings for the other")
    for words in (
        "auth login",
        'search "dunk low"',
        f"enrich --csv {shlex.quote(str(csv))}",
        "market DD1391-100",
        "orders list",
    ):
        output.line(f"  {command} {words}")
    output.line(f"  {command} doctor")
    if kept:
        output.line(f"\nKept in {kept}: skus.csv, solegate.db and the label of the sale.")


def command_name() -> str:
    """How this command can be called from here."""
    if shutil.which("solegate"):
        return "solegate"
    beside = Path(sys.executable).parent / "solegate"
    here = Path.cwd()
    if beside.exists():
        return str(beside.relative_to(here) if beside.is_relative_to(here) else beside)
    return f"{sys.executable} -m solegate"


def _document(demo: Demo, kept: Path | None) -> dict[str, Json]:
    report = demo.report
    return {
        "counts": {status.value: count for status, count in demo.summary.counts.items()},
        "stored": {name: getattr(demo.stored, name) for name in ("products", "variants", "sizes", "gtins", "quotes")},
        "requests": {
            "byOperation": dict(demo.api_requests),
            "total": sum(demo.api_requests.values()),
            "refused": report.refused,
            "busiestSecond": report.busiest_window_requests,
            "limitPerSecond": report.limits.per_second,
        },
        "secondRead": {"requests": demo.reading_requests, "sources": {k.value: v for k, v in demo.sources.items()}},
        "secondRun": {
            "requests": demo.second_run_requests,
            "counts": {status.value: count for status, count in demo.second_run.counts.items()},
        },
        "closestSpreads": [
            {
                "title": each.title,
                "size": each.row.size,
                "lowestAsk": amount(each.ask),
                "highestBid": amount(each.bid),
                "payoutAtBid": amount(each.row.payout_at_bid.total if each.row.payout_at_bid else None),
            }
            for each in closest_spreads(demo.readings)
        ],
        "sale": sale_document(demo.sale),
        "seconds": round(demo.seconds, 3),
        "kept": str(kept) if kept else None,
    }
