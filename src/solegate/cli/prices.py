"""`solegate prices`: what a product's sizes were asked and bid for before. It asks StockX nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import typer

from solegate.bootstrap import Services
from solegate.cli.failures import ExitCode
from solegate.cli.output import Json, JsonFlag, Output, counted
from solegate.cli.run import with_services
from solegate.domain.cursors import Page
from solegate.domain.price_history import HistoryQuery, HistorySort, Interval, PricePoint, Span
from solegate.errors import InvalidInputError


def prices(
    product: Annotated[str, typer.Argument(metavar="PRODUCT", help="StockX product id.")],
    *,
    variant: Annotated[str | None, typer.Option(metavar="ID", help="One size alone, by StockX's variant id.")] = None,
    currency: Annotated[str | None, typer.Option(help="Currency of the prices.")] = None,
    interval: Annotated[Interval, typer.Option(help="Every reading, or a row for each hour or day.")] = Interval.DAY,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many rows.")] = 30,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Show past prices of a product, the newest first: what was ever read here, as StockX tells none.

    `solegate market`, `solegate enrich` and the market sync read them.
    """
    output = Output(as_json=as_json)
    code = currency.strip().upper() if currency else None
    if code is not None and not (len(code) == 3 and code.isascii() and code.isalpha()):
        raise InvalidInputError(f"'{currency}' is no currency code, such as EUR.")

    async def work(services: Services) -> tuple[str, Page[PricePoint]]:
        wanted = HistoryQuery(
            product_id=product.strip(),
            variant_id=variant,
            currency=code or services.settings.currency,
            interval=interval,
        )
        return wanted.currency, await services.price_history.page(wanted, HistorySort.AT_DESCENDING, limit=limit)

    shown_in, page = with_services(work)
    output.document(
        {"currency": shown_in, "interval": interval.value, "items": [_document(each) for each in page.rows]}
    )
    if not page.rows:
        output.line(f"No prices of it in {shown_in} were read. `solegate market {product}` reads them.")
        return ExitCode.OK
    output.table(
        (f"When (UTC, {shown_in})", "Variant", "Readings", "Ask", "lowest", "highest", "Bid", "highest bid"),
        [_row(each, interval) for each in page.rows],
        right=("Readings", "Ask", "lowest", "highest", "Bid", "highest bid"),
    )
    more = f" There are more: `--limit {limit * 10}`." if page.next_cursor else ""
    output.line(f"{counted(len(page.rows), 'row')}.{more}", style="dim")
    return ExitCode.OK


def _row(point: PricePoint, interval: Interval) -> tuple[object, ...]:
    at = f"{point.at:%Y-%m-%d}" if interval is Interval.DAY else f"{point.at:%Y-%m-%d %H:%M}"
    ask, bid = point.ask, point.bid
    prices_of = (ask.last, ask.lowest, ask.highest, bid.last, bid.highest)
    return (at, point.variant_id, f"{point.readings:,}", *map(_plain, prices_of))


def _plain(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount.normalize():f}"


def _document(point: PricePoint) -> dict[str, Json]:
    return {
        "at": point.at.isoformat(),
        "variantId": point.variant_id,
        "readings": point.readings,
        "lowestAsk": _span(point.ask),
        "highestBid": _span(point.bid),
    }


def _span(span: Span) -> dict[str, Json] | None:
    if span.is_empty:
        return None
    parts = {"first": span.first, "last": span.last, "lowest": span.lowest, "highest": span.highest}
    return {name: _plain(each) for name, each in parts.items()}
