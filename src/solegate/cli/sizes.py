"""`solegate sizes`: every size of a product in every system of its own chart."""

from __future__ import annotations

from typing import Annotated

import typer

from solegate.bootstrap import Services
from solegate.cli.failures import CommandError, ExitCode
from solegate.cli.output import Json, JsonFlag, Output, counted
from solegate.cli.run import with_services
from solegate.domain.sizes import SizeChart


def sizes(
    product: Annotated[str, typer.Argument(help="StockX product id, or style code.")],
    *,
    system: Annotated[list[str] | None, typer.Option(help="Only this system, such as EU; repeatable.")] = None,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Show the sizes of a product in every system: US, UK, EU, CM and so on.

    They come from each size's own chart: charts differ from brand to brand, and a retailer's label often disagrees.
    """
    output = Output(as_json=as_json)

    async def work(services: Services) -> dict[str, SizeChart]:
        return await services.targets.charts(product)

    charts = with_services(work)
    wanted = [each.strip().upper() for each in system or ()] or _systems(charts)
    unknown = [each for each in wanted if all(chart.in_system(each) is None for chart in charts.values())]
    if unknown:
        known = ", ".join(_systems(charts)) or "none"
        raise CommandError(
            f"No size of {product} is told in {unknown[0]}.", exit_code=ExitCode.INCOMPLETE, hint=f"There is {known}."
        )
    output.document({"sizes": [_document(variant, chart) for variant, chart in charts.items()]})
    output.table(
        ("Size", *wanted, "Variant"),
        [
            (str(chart.own) or "one size", *(_shown(chart, each) for each in wanted), variant)
            for variant, chart in charts.items()
        ],
    )
    output.line(f"{counted(len(charts), 'size')}.", style="dim")
    return ExitCode.OK


def _systems(charts: dict[str, SizeChart]) -> list[str]:
    """Every system that any size is told in."""
    return list(dict.fromkeys(each.system for chart in charts.values() for each in chart.every if each.system))


def _shown(chart: SizeChart, system: str) -> str | None:
    size = chart.in_system(system)
    return None if size is None else f"{size.value} ({size.note})" if size.note else size.value


def _document(variant: str, chart: SizeChart) -> dict[str, Json]:
    return {
        "variantId": variant,
        "size": str(chart.own),
        "systems": {each.system: each.value for each in reversed(chart.every) if each.system},
    }
