"""`solegate orders payouts`: what has been paid and what will be, by month. It asks StockX nothing."""

from __future__ import annotations

from typing import Annotated

import typer

from solegate.bootstrap import Services
from solegate.cli.failures import ExitCode
from solegate.cli.output import Json, JsonFlag, Output, amount
from solegate.cli.run import with_services
from solegate.domain.moments import parse_since
from solegate.domain.payouts import PayoutQuery, PayoutState, PayoutSum


def show_payouts(
    *,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Sold since then, such as 90d or 2026-01-01.")
    ] = None,
    state: Annotated[list[PayoutState] | None, typer.Option(help="Only these; may come several times.")] = None,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Show what is paid for your orders, by month of the sale, as the last sync saw them.

    StockX's API has no payouts: how far one is follows from the order's status; when the money came is not known.
    """
    output = Output(as_json=as_json)

    async def work(services: Services) -> tuple[PayoutSum, ...]:
        sold_from = parse_since(since, services.clock.now()) if since else None
        return await services.payouts.sums(PayoutQuery(states=tuple(state or ()), sold_from=sold_from))

    found = with_services(work)
    output.document({"sums": [_document(each) for each in found]})
    if not found:
        output.line("No orders. `solegate sync run orders` brings them here.")
        return ExitCode.OK
    output.table(
        ("Month", "Payout", "Orders", "Total"),
        [(each.month, each.state.value, f"{each.orders:,}", each.total or "not known") for each in found],
        right=("Orders", "Total"),
    )
    if any(each.total is None and each.state is not PayoutState.NONE for each in found):
        output.line("Not known: the details of these orders were not read.", style="dim")
    return ExitCode.OK


def _document(each: PayoutSum) -> dict[str, Json]:
    return {"month": each.month, "state": each.state.value, "orders": each.orders, "total": amount(each.total)}
