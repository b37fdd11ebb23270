"""`solegate orders list|show|label`: what was sold, when it has to leave, and its papers."""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from solegate.bootstrap import Services
from solegate.cli.deadlines import due_orders
from solegate.cli.failures import CommandError, ExitCode
from solegate.cli.listings import show_facts, show_payout
from solegate.cli.output import Json, JsonFlag, Output, amount, counted
from solegate.cli.payouts import show_payouts
from solegate.cli.run import with_services
from solegate.client.models import Order, OrderSummary, ShippingDocument
from solegate.client.requests import ActiveOrderFilter, OrderHistoryFilter, OrderSort
from solegate.domain.orders import OrderGroup, time_left
from solegate.errors import InvalidInputError

app = typer.Typer(
    name="orders", help="Orders: what was sold, when it has to leave, and its papers.", no_args_is_help=True
)
app.command("due")(due_orders)
app.command("payouts")(show_payouts)


@app.command("list")
def list_orders(
    *,
    history: Annotated[bool, typer.Option("--history", help="Orders that have ended, well or not.")] = False,
    status: Annotated[str | None, typer.Option(help="Only this state.")] = None,
    first: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="With --history: sold from this day.")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="DAY", help="With --history: sold up to this day.")
    ] = None,
    sort: Annotated[str, typer.Option(help="`created` or `shipby`; without --history.")] = "created",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")] = 100,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Show your orders. A hundred cost one request. When one has to leave, `orders show` tells."""
    output = Output(as_json=as_json)
    state = status.upper() if status else None
    past = OrderHistoryFilter(order_status=state, from_date=_day(first), to_date=_day(last)) if history else None
    if past is None and (first or last):
        raise InvalidInputError("Days go with --history.")
    present = ActiveOrderFilter(order_status=state, sort=_sort(sort)) if past is None else ActiveOrderFilter()

    async def work(services: Services) -> list[OrderSummary]:
        stockx = services.stockx
        rows = (
            stockx.iter_historical_orders(past, limit=limit)
            if past
            else stockx.iter_active_orders(present, limit=limit)
        )
        found = []
        with output.progress("Reading", None) as bar:
            async for row in rows:
                found.append(row)
                bar.advance()
        return found

    found = with_services(work)
    output.document({"orders": [_document(each) for each in found]})
    if not found:
        output.line("No orders have ended." if history else "No orders under way. Sold pairs appear here.")
        return ExitCode.OK
    output.table(
        ("Order", "Status", "Sold", "Style code", "Size", "Price"),
        [_row(each) for each in found],
        right=("Price",),
    )
    waiting = sum(each.group is OrderGroup.TO_SHIP for each in found)
    output.line(f"{counted(len(found), 'order')}; {waiting} to ship.", style="dim")
    return ExitCode.OK


@app.command("show")
def show_order(
    number: Annotated[str, typer.Argument(metavar="ORDER", help="Order number.")], *, as_json: JsonFlag = False
) -> ExitCode:
    """Show one order: when it has to leave, how it travels, and what is paid for it."""
    output = Output(as_json=as_json)

    async def work(services: Services) -> tuple[Order, datetime]:
        return await services.stockx.get_order_details(number), services.clock.now()

    found, now = with_services(work)
    output.document(_whole(found))
    show_facts(output, _facts(found, now))
    if found.payout:
        show_payout(output, found.payout.adjustments)
        output.line(f"Paid out: {found.payout.total}.")
    return ExitCode.OK


@app.command("label")
def save_label(
    number: Annotated[str, typer.Argument(metavar="ORDER", help="Order number.")],
    *,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Where to save it; ORDER.pdf otherwise.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")] = False,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Save the shipping document of an order as a PDF."""
    output = Output(as_json=as_json)
    path = out or Path(f"{Path(number).name or 'order'}.pdf")
    if path.exists() and not force:
        raise CommandError(f"{path} exists.", exit_code=ExitCode.BAD_INPUT, hint="`--force` replaces it.")

    async def work(services: Services) -> ShippingDocument:
        order = await services.stockx.get_order_details(number)
        if order.shipping_id is None:
            raise CommandError(
                f"Order {number} has no label yet.",
                exit_code=ExitCode.INCOMPLETE,
                hint="StockX makes it some minutes after the sale, and none for Flex.",
            )
        return await services.stockx.get_shipping_document(order.order_number, order.shipping_id)

    document = with_services(work)
    _save(path, document.content)
    output.document({"orderNumber": number, "file": str(path), "bytes": len(document.content)})
    output.line(f"Saved {path} ({len(document.content):,} bytes).")
    return ExitCode.OK


def _save(path: Path, content: bytes) -> None:
    """Write it whole or not at all."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _sort(text: str) -> OrderSort:
    known = {"created": OrderSort.CREATED_AT, "shipby": OrderSort.SHIP_BY_DATE}
    if text.lower() not in known:
        raise InvalidInputError(f"'{text}' is no order to sort by; one of {', '.join(known)}.")
    return known[text.lower()]


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InvalidInputError(f"'{text}' is no day, such as 2026-11-24.") from None


def _row(order: OrderSummary) -> tuple[object, ...]:
    sold = f"{order.created_at:%Y-%m-%d}" if order.created_at else None
    return (
        order.order_number, str(order.status), sold, order.product.style_id, order.variant.variant_value, order.price,
    )  # fmt: skip


def _document(order: OrderSummary) -> dict[str, Json]:
    return {
        "orderNumber": order.order_number,
        "listingId": order.listing_id,
        "status": str(order.status),
        "group": order.group.value,
        "price": amount(order.price),
        "styleId": order.product.style_id,
        "size": order.variant.variant_value,
        "createdAt": order.created_at.isoformat() if order.created_at else None,
    }


def _whole(order: Order) -> dict[str, Json]:
    shipment = order.shipment
    return _document(order) | {
        "shipBy": order.ship_by.isoformat() if order.ship_by else None,
        "trackingNumber": shipment.tracking_number if shipment else None,
        "carrier": shipment.carrier_code if shipment else None,
        "shippingId": order.shipping_id,
        "payout": amount(order.payout.total) if order.payout else None,
    }


def _facts(order: Order, now: datetime) -> list[tuple[str, object]]:
    shipment, checked = order.shipment, order.authentication_details
    return [
        ("Order", order.order_number),
        ("Status", str(order.status)),
        ("Product", order.product.product_name),
        ("Style code", order.product.style_id),
        ("Size", order.variant.variant_value),
        ("Sold for", order.price),
        ("Ship by", _deadline(order, now)),
        ("Tracking", f"{shipment.carrier_code or ''} {shipment.tracking_number or ''}".strip() if shipment else None),
        ("Authentication", checked.failure_notes or checked.status if checked else None),
        ("Label", f"`solegate orders label {order.order_number}`" if order.group is OrderGroup.TO_SHIP else None),
    ]


def _deadline(order: Order, now: datetime) -> str | None:
    if order.ship_by is None:
        return None
    hours = time_left(order.ship_by, now) / timedelta(hours=1)
    left = f", {hours:.0f} h left" if order.group is OrderGroup.TO_SHIP and hours > 0 else ""
    late = ", LATE" if order.group is OrderGroup.TO_SHIP and hours <= 0 else ""
    return f"{order.ship_by:%Y-%m-%d %H:%M} UTC{left}{late}"
