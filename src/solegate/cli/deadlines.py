"""`solegate orders due`: what has to leave, and in how many hours. It asks StockX nothing."""

from __future__ import annotations

from typing import Annotated

import typer

from solegate.bootstrap import Services
from solegate.cli.failures import ExitCode
from solegate.cli.output import Json, JsonFlag, Output, age, amount, counted, styled
from solegate.cli.run import with_services
from solegate.domain.moments import parse_moment
from solegate.domain.order_deadlines import Deadline, Urgency
from solegate.services.syncs import DueOrders

STYLES = {Urgency.OVERDUE: "bold red", Urgency.DUE: "yellow", Urgency.UNKNOWN: "yellow", Urgency.LATER: ""}


def due_orders(
    *,
    within: Annotated[
        str | None, typer.Option(metavar="TIME", help="Only what is due within, such as 48h or 2d; all otherwise.")
    ] = None,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Show the orders that have to leave, the most urgent first, as the last sync saw them.

    It asks StockX nothing; `solegate sync run orders` brings it up to date.
    """
    output = Output(as_json=as_json)

    async def work(services: Services) -> DueOrders:
        now = services.clock.now()
        return await services.deadlines.due(parse_moment(within, now) - now if within else None)

    found = with_services(work)
    output.document(_document(found))
    if found.synced_at is None:
        output.line("Orders were never read in full: `solegate sync run orders` does so.", style="yellow")
    if found.orders:
        output.table(
            ("Order", "Left", "Ship by (UTC)", "Status", "Style code", "Size", "Price", "Label"),
            [_row(each) for each in found.orders],
            right=("Left", "Price"),
        )
    seen = f", as of {age(found.age)} ago" if found.age is not None else ""
    output.line(f"{counted(len(found.orders), 'order has', 'orders have')} to leave{seen}.", style="dim")
    return ExitCode.OK


def _row(due: Deadline) -> tuple[object, ...]:
    order = due.order
    return (
        order.order_number,
        styled(_left(due), STYLES[due.urgency]),
        f"{order.ship_by:%Y-%m-%d %H:%M}" if order.ship_by else None,
        order.status,
        order.style_id,
        order.variant_value,
        order.price,
        "wait" if order.waits_for_label else "ready" if order.shipping_id else None,
    )


def _left(due: Deadline) -> str:
    if due.hours_left is None:
        return "unknown"
    late = f"{age(-due.hours_left * 3_600)} LATE"
    return late if due.urgency is Urgency.OVERDUE else age(due.hours_left * 3_600)


def _document(found: DueOrders) -> dict[str, Json]:
    return {
        "syncedAt": found.synced_at.isoformat() if found.synced_at else None,
        "ageSeconds": None if found.age is None else round(found.age, 3),
        "orders": [
            {
                "orderNumber": each.order.order_number,
                "status": each.order.status,
                "urgency": each.urgency.value,
                "shipBy": each.order.ship_by.isoformat() if each.order.ship_by else None,
                "hoursLeft": None if each.hours_left is None else round(each.hours_left, 2),
                "waitsForLabel": each.order.waits_for_label,
                "shippingId": each.order.shipping_id,
                "listingId": each.order.listing_id,
                "styleId": each.order.style_id,
                "size": each.order.variant_value,
                "price": amount(each.order.price),
            }
            for each in found.orders
        ],
    }
