"""`solegate watches`: prices that are watched; each crossing of a threshold is an event."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from solegate.bootstrap import Services
from solegate.cli.failures import CommandError, ExitCode
from solegate.cli.output import Json, JsonFlag, Output
from solegate.cli.run import with_services
from solegate.domain.cursors import Page
from solegate.domain.events.watches import Direction, PriceWatch, WatchedPrice
from solegate.domain.money import Money

_PAGE = 200
_COLUMNS = ("Watch", "Product", "Size", "Price", "Is", "Threshold", "Seen", "Crossed", "Note")

app = typer.Typer(name="watches", help="Watched prices: an event each time one crosses its threshold.")


@app.command()
def add(
    product_id: Annotated[str, typer.Argument(metavar="PRODUCT", help="StockX's id of the product.")],
    *,
    below: Annotated[str | None, typer.Option(metavar="AMOUNT", help="Tell when it comes down to this.")] = None,
    above: Annotated[str | None, typer.Option(metavar="AMOUNT", help="Tell when it comes up to this.")] = None,
    price: Annotated[WatchedPrice, typer.Option(help="Which price.")] = WatchedPrice.LOWEST_ASK,
    variant: Annotated[
        str | None, typer.Option(metavar="ID", help="StockX's id of the size. [default: the best of all sizes]")
    ] = None,
    currency: Annotated[str | None, typer.Option(help="Of the amount. [default: the account's]")] = None,
    note: Annotated[str, typer.Option(help="For people; the event repeats it.")] = "",
    as_json: JsonFlag = False,
) -> ExitCode:
    """Watch a price. It costs no request: what is looked at is what is read of the market anyway.

    The market is read for what you have for sale, and whenever somebody asks, as with `solegate market`.
    """
    output = Output(as_json=as_json)
    direction, amount = _threshold(below, above)

    async def work(services: Services) -> PriceWatch:
        return await services.watches.add(
            product_id,
            variant_id=variant,
            price=price,
            direction=direction,
            amount=amount,
            currency=currency or services.settings.currency,
            note=note,
        )

    watch = with_services(work)
    output.document(_document(watch))
    output.line(f"Watch {watch.id} tells when the {_name(watch)} is {direction} {_money(watch)}.")
    return ExitCode.OK


@app.command("list")
def list_watches(
    *,
    cursor: Annotated[str | None, typer.Option(help="`nextCursor` of the page before.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=_PAGE, help="Most watches shown.")] = 50,
    as_json: JsonFlag = False,
) -> ExitCode:
    """List the watched prices, the oldest first, and on which side each was seen last."""
    output = Output(as_json=as_json)

    async def work(services: Services) -> Page[PriceWatch]:
        return await services.watches.page(cursor=cursor, limit=limit)

    page = with_services(work)
    output.document({"watches": [_document(each) for each in page.rows], "nextCursor": page.next_cursor})
    if page.rows:
        output.table(_COLUMNS, [_row(each) for each in page.rows], right=("Threshold", "Crossed"), wide=("Note",))
    else:
        output.line("No price is watched: `solegate watches add PRODUCT --below 140` does.")
    if page.next_cursor:
        output.note(f"There are more: --cursor {page.next_cursor}")
    return ExitCode.OK


@app.command()
def remove(
    watch_id: Annotated[str, typer.Argument(metavar="WATCH", help="Id of the watch.")], *, as_json: JsonFlag = False
) -> ExitCode:
    """Watch a price no more; its events are kept."""
    output = Output(as_json=as_json)

    async def work(services: Services) -> None:
        await services.watches.remove(watch_id)

    with_services(work)
    output.document({"removed": watch_id})
    output.line(f"Watch {watch_id} is removed.")
    return ExitCode.OK


def _threshold(below: str | None, above: str | None) -> tuple[Direction, Decimal]:
    """The side and the amount that the options name.

    Raises:
        CommandError: not exactly one is given, or it is no amount.
    """
    given = [(side, text) for side, text in ((Direction.BELOW, below), (Direction.ABOVE, above)) if text is not None]
    if len(given) != 1:
        raise CommandError("Give --below AMOUNT or --above AMOUNT.", exit_code=ExitCode.BAD_INPUT)
    side, text = given[0]
    try:
        return side, Decimal(text)
    except InvalidOperation:
        raise CommandError(f"'{text}' is no amount.", exit_code=ExitCode.BAD_INPUT) from None


def _document(watch: PriceWatch) -> dict[str, Json]:
    return {
        "id": watch.id,
        "productId": watch.product_id,
        "variantId": watch.variant_id,
        "price": watch.price.value,
        "direction": watch.direction.value,
        "amount": f"{watch.amount.normalize():f}",
        "currency": watch.currency,
        "note": watch.note,
        "side": watch.side.value if watch.side else None,
        "crossings": watch.crossings,
        "createdAt": watch.created_at.isoformat(),
        "lookedAt": watch.looked_at.isoformat() if watch.looked_at else None,
    }


def _row(watch: PriceWatch) -> tuple[object, ...]:
    return (
        watch.id,
        watch.product_id,
        watch.variant_id or "all",
        _name(watch),
        watch.direction.value,
        _money(watch),
        watch.side.value if watch.side else "not yet",
        watch.crossings,
        watch.note,
    )


def _name(watch: PriceWatch) -> str:
    return watch.price.value.replace("_", " ")


def _money(watch: PriceWatch) -> Money:
    return Money(watch.amount.normalize(), watch.currency)
