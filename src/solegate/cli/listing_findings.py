"""`solegate listings check`: listings that are not as they should be, as the last sync found them."""

from __future__ import annotations

from typing import Annotated

import typer

from solegate.bootstrap import Services
from solegate.cli.failures import ExitCode
from solegate.cli.output import Json, JsonFlag, Output, age, amount, counted
from solegate.cli.run import with_services
from solegate.domain.listing_findings import MirroredListing
from solegate.domain.sync import SyncName


def check_listings(
    *,
    sold: Annotated[bool, typer.Option("--sold", help="Also those that were sold.")] = False,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Show listings that are not as they should be: gone, run out, at another price, not for sale, listed twice.

    It asks StockX nothing; `solegate sync run listings` looks anew. The exit code is 3 when there are any.
    """
    output = Output(as_json=as_json)

    async def work(services: Services) -> tuple[tuple[MirroredListing, ...], float | None]:
        run = await services.syncs.run(SyncName.LISTINGS)
        return await services.syncs.findings(usual=sold), run.age(services.clock.now())

    found, seen = with_services(work)
    output.document({"ageSeconds": seen, "listings": [_document(each) for each in found]})
    if seen is None:
        output.line("Listings were never read in full: `solegate sync run listings` does so.", style="yellow")
    if found:
        output.table(
            ("Listing", "Found", "Style code", "Size", "Price", "What it is"),
            [
                (each.listing_id, each.finding, each.style_id, each.variant_value, each.price, each.note)
                for each in found
            ],
            right=("Price",),
            wide=("What it is",),
        )
    when = f", as of {age(seen)} ago" if seen is not None else ""
    output.line(f"{counted(len(found), 'finding')}{when}.", style="dim")
    return ExitCode.INCOMPLETE if found else ExitCode.OK


def _document(listing: MirroredListing) -> dict[str, Json]:
    return {
        "listingId": listing.listing_id,
        "finding": listing.finding.value,
        "note": listing.note,
        "status": listing.status,
        "price": amount(listing.price),
        "styleId": listing.style_id,
        "variantId": listing.variant_id,
        "size": listing.variant_value,
        "expiresAt": listing.ask_expires_at.isoformat() if listing.ask_expires_at else None,
        "orderNumber": listing.order_number,
        "missingSince": listing.missing_since.isoformat() if listing.missing_since else None,
        "seenAt": listing.seen_at.isoformat(),
    }
