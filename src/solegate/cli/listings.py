"""`solegate listings list` and `show`: what is listed, and one listing whole. The writes are in `listing_writes.py`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from solegate.bootstrap import Services
from solegate.cli.failures import ExitCode
from solegate.cli.output import Json, JsonFlag, Output, amount, bare, counted
from solegate.cli.run import with_services
from solegate.client.models import Adjustment, Listing, ListingSummary
from solegate.client.requests import ListingFilter
from solegate.domain.listings import ListingStatus


def list_listings(
    *,
    status: Annotated[list[str] | None, typer.Option(help="Only this state; may be given several times.")] = None,
    sku: Annotated[str | None, typer.Option(help="Only this style code.")] = None,
    variant: Annotated[list[str] | None, typer.Option(help="Only this variant id; may be given several times.")] = None,
    expired: Annotated[bool, typer.Option("--expired", help="Also those whose ask has expired.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")] = 100,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Show your listings, newest first. A hundred cost one request; a style code that is new here costs four more."""
    output = Output(as_json=as_json)

    async def work(services: Services) -> tuple[list[ListingSummary], datetime]:
        products = (await services.targets.product_id(sku),) if sku else ()
        selection = ListingFilter(
            product_ids=products,
            variant_ids=tuple(variant or ()),
            listing_statuses=tuple(each.upper() for each in status or ()),
            include_expired=expired,
        )
        with output.progress("Reading", None) as bar:
            found = []
            async for row in services.stockx.iter_listings(selection, limit=limit):
                found.append(row)
                bar.advance()
        return found, services.clock.now()

    rows, now = with_services(work)
    output.document({"listings": [listing_document(each) for each in rows]})
    if not rows:
        output.line("No listings. `solegate listings create SKU --size SIZE --price PRICE` makes one.")
        return ExitCode.OK
    output.table(
        ("Listing", "Status", "Style code", "Size", "Price", "Expires"),
        [_row(each, now) for each in rows],
        right=("Price",),
    )
    more = f" There may be more: `--limit {limit * 10}`." if len(rows) == limit else ""
    output.line(f"{counted(len(rows), 'listing')}.{more}", style="dim")
    return ExitCode.OK


def show_listing(
    listing_id: Annotated[str, typer.Argument(metavar="LISTING", help="Listing id.")],
    *,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Show one listing with its payout and its last operation, which tells why it may not be for sale."""
    output = Output(as_json=as_json)
    found = with_services(lambda services: services.stockx.get_listing(listing_id))
    output.document(_whole(found))
    show_facts(output, _facts(found))
    if found.payout:
        show_payout(output, found.payout.adjustments)
        output.line(f"Paid out: {found.payout.total}.")
    return ExitCode.OK


def show_facts(output: Output, facts: list[tuple[str, object]]) -> None:
    """Names and values, those that are known."""
    output.table(("", ""), [(name, value) for name, value in facts if value is not None], wide=("",))


def show_payout(output: Output, adjustments: tuple[Adjustment, ...]) -> None:
    """The lines of a payout, by StockX's own account."""
    output.table(
        ("Adjustment", "Amount"), [(each.adjustment_type, each.amount) for each in adjustments], right=("Amount",)
    )


def listing_document(listing: ListingSummary) -> dict[str, Json]:
    """A listing as JSON."""
    return {
        "listingId": listing.listing_id,
        "status": str(listing.status),
        "price": amount(listing.price),
        "productId": listing.product.product_id if listing.product else None,
        "styleId": listing.product.style_id if listing.product else None,
        "variantId": listing.variant.variant_id if listing.variant else None,
        "size": listing.variant.variant_value if listing.variant else None,
        "createdAt": listing.created_at.isoformat(),
        "expiresAt": _time(listing.ask.ask_expires_at if listing.ask else None),
        "orderNumber": listing.order.order_number if listing.order else None,
    }


def _whole(listing: Listing) -> dict[str, Json]:
    operation = listing.last_operation
    return listing_document(listing) | {
        "payout": amount(listing.payout.total) if listing.payout else None,
        "lastOperation": None
        if operation is None
        else {
            "type": str(operation.operation_type),
            "status": str(operation.operation_status),
            "error": operation.error,
        },
    }


def _facts(listing: Listing) -> list[tuple[str, object]]:
    operation, product, variant = listing.last_operation, listing.product, listing.variant
    told = f": {operation.error}" if operation and operation.error else ""
    return [
        ("Listing", listing.listing_id),
        ("Status", str(listing.status)),
        ("Product", product.product_name if product else None),
        ("Style code", product.style_id if product else None),
        ("Size", variant.variant_value if variant else None),
        ("Price", listing.price),
        ("Expires", _day(listing.ask.ask_expires_at if listing.ask else None)),
        ("Order", listing.order.order_number if listing.order else None),
        ("Last operation", f"{operation.operation_type} {operation.operation_status}{told}" if operation else None),
    ]


def _row(listing: ListingSummary, now: datetime) -> tuple[object, ...]:
    expires = listing.ask.ask_expires_at if listing.ask else None
    expired = listing.status == ListingStatus.ACTIVE and not listing.is_live(now)
    price = f"{listing.currency_code} {bare(listing.price)}" if listing.price else None
    return (
        listing.listing_id,
        f"{listing.status}{' (expired)' if expired else ''}",
        listing.product.style_id if listing.product else None,
        listing.variant.variant_value if listing.variant else None,
        price,
        _day(expires),
    )


def _day(at: datetime | None) -> str | None:
    return at.strftime("%Y-%m-%d") if at else None


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
