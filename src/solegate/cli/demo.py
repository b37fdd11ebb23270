"""`solegate demo`: the main job from start to end, on the practice market."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from solegate.bootstrap import Services, open_services
from solegate.cli.demo_deals import show_step
from solegate.cli.demo_report import Demo, Stored, show_report
from solegate.cli.demo_sale import sell_a_pair
from solegate.cli.failures import CommandError, ExitCode
from solegate.cli.output import JsonFlag, Output
from solegate.cli.practice import practice_settings, press_allow
from solegate.cli.run import run, set_up_logging
from solegate.clock import SystemClock
from solegate.services.csv_input import count_skus, read_skus
from solegate.services.market_data import MarketReading
from solegate.services.results import EnrichmentResult, EnrichmentSummary
from solegate.simulator import Limits, Pace, ServerHandle, Simulator, SimulatorConfig, running_server

UNKNOWN, UNCLEAR = "ZZ0000-000", "DD1391-999"
"""A SKU nobody sells, and one that is like several others."""
NETWORK = (0.005, 0.03)
"""Least and most seconds a practice request takes."""
MARKET = SimulatorConfig(
    limits=Limits.guide(),
    latency=NETWORK,
    pace=Pace(buyers_per_day=0.0, settle_failure=0.0),
    access_token_seconds=90 * 86_400,
)
"""Only the demo's own buyer comes, and weeks pass in a moment: the login has to last."""


def demo(
    *,
    skus: Annotated[int, typer.Option(min=3, max=200, help="How many products to enrich.")] = 24,
    keep: Annotated[Path | None, typer.Option(metavar="DIR", help="Keep the CSV and the database there.")] = None,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Watch Solegate do its main job on the practice market.

    A practice StockX starts on this machine, an account logs in, a CSV of SKUs is enriched into a database and priced,
    a pair is listed, sold and shipped, and the market's own books show what it cost. It ends by itself and touches
    nothing of yours: no settings, no database, no login.
    """
    output = Output(as_json=as_json)
    # A proxy of yours has no business between two ends of this machine.
    os.environ["NO_PROXY"] = ",".join(filter(None, (os.environ.get("NO_PROXY"), "127.0.0.1")))
    with _folder(keep) as folder:
        result = run(_story(output, folder, skus), kept=lambda: "The practice market is closed.")
        show_report(output, result, kept=folder if keep else None)
    return ExitCode.OK if result.is_clean else ExitCode.INCOMPLETE


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """Where the demo works: the folder to keep, which must be empty, or one that is gone afterwards."""
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="solegate-demo-") as folder:
            yield Path(folder)
        return
    keep.mkdir(parents=True, exist_ok=True)
    if any(keep.iterdir()):
        raise CommandError(f"{keep} is not empty.", exit_code=ExitCode.BAD_INPUT, hint="Name a new folder.")
    yield keep.resolve()


async def _story(output: Output, folder: Path, skus: int) -> Demo:
    market = Simulator(MARKET)
    clock = SystemClock()
    began = clock.monotonic()
    csv = folder / "skus.csv"
    write_skus(csv, market.catalog.sample_style_ids(skus))
    async with _connected(output, market, folder) as services:
        show_step(output, f"Enriching {count_skus(csv)} rows of {csv.name}: one unknown, one unclear, one twice ...")
        results, summary = await _enrich(output, services, csv)
        cold = market.report()
        show_step(output, "Reading every market again and pricing each size ...")
        readings = await _read_markets(output, services, results)
        read_again = market.report().total - cold.total
        show_step(output, "Running the same file once more ...")
        _, again = await _enrich(output, services, csv)
        second_run = market.report().total - cold.total - read_again
        sale = await sell_a_pair(output, services, market, readings, folder)
        return Demo(
            results=tuple(results),
            summary=summary,
            stored=await _count(services, results),
            readings=readings,
            sources=Counter(each.source for each in readings),
            reading_requests=read_again,
            second_run=again,
            second_run_requests=second_run,
            sale=sale,
            report=market.report(),
            seconds=clock.monotonic() - began,
        )


def write_skus(csv: Path, codes: tuple[str, ...]) -> None:
    """A file like one from a spreadsheet, not without flaws."""
    middle = len(codes) // 2
    rows = (*codes[:middle], UNKNOWN, *codes[middle:], UNCLEAR, codes[0].lower())
    csv.write_text("\n".join(("sku", *rows, "")), encoding="utf-8")


@asynccontextmanager
async def _connected(output: Output, market: Simulator, folder: Path) -> AsyncIterator[Services]:
    """Solegate, logged in at a practice market that listens on a real socket."""
    async with running_server(market) as server:
        settings = practice_settings(market.config, server, folder / "solegate.db")
        set_up_logging(settings, level="CRITICAL")
        async with open_services(settings) as services:
            _introduce(output, market, server)
            attempt = services.accounts.start_login()
            await services.accounts.finish_login(attempt, await press_allow(settings, attempt.url))
            show_step(output, "The account is connected: login page opened, Allow pressed, code exchanged for tokens.")
            yield services


def _introduce(output: Output, market: Simulator, server: ServerHandle) -> None:
    products, permitted = len(market.catalog.products), market.config.limits.per_second
    show_step(output, f"A practice StockX listens on {server.base_url}: {products} products, {permitted} requests/s.")


async def _enrich(output: Output, services: Services, csv: Path) -> tuple[list[EnrichmentResult], EnrichmentSummary]:
    results: list[EnrichmentResult] = []
    with output.progress("Enriching", count_skus(csv)) as bar:

        def take(result: EnrichmentResult) -> None:
            results.append(result)
            bar.advance()

        return results, await services.enrichment.enrich_many(read_skus(csv), on_result=take)


async def _read_markets(
    output: Output, services: Services, results: list[EnrichmentResult]
) -> tuple[MarketReading, ...]:
    ids = [each.stockx_product_id for each in results if each.success and each.stockx_product_id]
    readings = []
    with output.progress("Pricing", len(ids)) as bar:
        for product_id in ids:
            readings.append(await services.market_data.read(product_id))
            bar.advance()
    return tuple(readings)


async def _count(services: Services, results: list[EnrichmentResult]) -> Stored:
    """What the database holds now, read back from it."""
    found = [
        variant
        for each in results
        if each.success and each.product_id is not None
        for variant in await services.catalog.find_variants(each.product_id)
    ]
    return Stored(
        products=sum(each.success for each in results),
        variants=len(found),
        sizes=sum(len(each.sizes) for each in found),
        gtins=sum(len(each.gtins) for each in found),
        quotes=sum(each.quotes for each in results),
    )
