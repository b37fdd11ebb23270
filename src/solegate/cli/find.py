"""`solegate find`: the local catalog by words, attributes, sizes and prices, in any order, with counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

import typer

from solegate.api.schemas.search import ProductsFound
from solegate.bootstrap import Services
from solegate.cli.failures import ExitCode
from solegate.cli.output import JsonFlag, Output, age, codes, counted
from solegate.cli.run import with_services
from solegate.cli.search import a_day, a_price
from solegate.domain.search.query import Facet, SearchQuery, SearchSort, Window
from solegate.domain.search.results import Hit
from solegate.services.search.local import SearchResult


def _amount(text: str) -> object:
    """The type of an option that takes an amount."""
    return typer.Option(parser=a_price, metavar="AMOUNT", help=text)


def _day(text: str) -> object:
    """The type of an option that takes a date."""
    return typer.Option(parser=a_day, metavar="DATE", help=text)


Text = Annotated[str, typer.Argument(help="Words, a style code or a barcode; nothing for every product.")]
Brands = Annotated[list[str] | None, typer.Option(help="One of these brands; repeat for more.")]
Types = Annotated[list[str] | None, typer.Option("--type", help="One of these types, as sneakers.")]
Genders = Annotated[list[str] | None, typer.Option(help="One of men, women, youth, child, ...")]
Colors = Annotated[list[str] | None, typer.Option(help="One of these colours.")]
Size = Annotated[str | None, typer.Option(help="Has this size, as 'EU 42.5' or 'US M 9'; prices are of it.")]
Currency = Annotated[str | None, typer.Option(help="Of the prices. [default: the setting's]")]
InStock = Annotated[
    bool | None, typer.Option("--in-stock/--out-of-stock", help="Whether somebody sells it. [default: either]")
]
Order = Annotated[SearchSort, typer.Option(help="Order of the products; - turns it round.")]
Facets = Annotated[list[Facet] | None, typer.Option(help="Count what is found by this; repeat for more.")]
MaxAge = Annotated[
    float | None, typer.Option(min=0, metavar="SECONDS", help="Read older prices anew: a request each, at most 25.")
]
Live = Annotated[bool, typer.Option("--live", help="Ask StockX for the text first: at most 5 new products.")]
Cursor = Annotated[str | None, typer.Option(help="Where the page before ended.")]
Limit = Annotated[int, typer.Option(min=1, max=200, help="Most products shown.")]


def find(
    text: Text = "",
    *,
    brand: Brands = None,
    product_type: Types = None,
    gender: Genders = None,
    color: Colors = None,
    released_from: Annotated[date | None, _day("Released then or later.")] = None,
    released_to: Annotated[date | None, _day("Released then or earlier.")] = None,
    retail_min: Annotated[Decimal | None, _amount("Retail price at least.")] = None,
    retail_max: Annotated[Decimal | None, _amount("Retail price at most.")] = None,
    size: Size = None,
    currency: Currency = None,
    ask_min: Annotated[Decimal | None, _amount("Lowest ask at least.")] = None,
    ask_max: Annotated[Decimal | None, _amount("Lowest ask at most.")] = None,
    bid_min: Annotated[Decimal | None, _amount("Highest bid at least.")] = None,
    bid_max: Annotated[Decimal | None, _amount("Highest bid at most.")] = None,
    payout_min: Annotated[Decimal | None, _amount("Net payout at the lowest ask at least.")] = None,
    payout_max: Annotated[Decimal | None, _amount("Net payout at the lowest ask at most.")] = None,
    in_stock: InStock = None,
    sort: Order = SearchSort.RELEVANCE,
    facet: Facets = None,
    max_age: MaxAge = None,
    live: Live = False,
    cursor: Cursor = None,
    limit: Limit = 20,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Find products in the local catalog, with the newest prices known of them.

    It holds what was enriched. StockX is asked nothing, unless `--max-age` or `--live` wants it.
    """

    def query(services: Services) -> SearchQuery:
        return SearchQuery(
            text=text,
            brands=tuple(brand or ()),
            product_types=tuple(product_type or ()),
            genders=tuple(gender or ()),
            colors=tuple(color or ()),
            released=Window(released_from, released_to),
            retail=Window(retail_min, retail_max),
            size=size,
            currency=(currency or services.settings.currency).upper(),
            lowest_ask=Window(ask_min, ask_max),
            highest_bid=Window(bid_min, bid_max),
            net_payout=Window(payout_min, payout_max),
            in_stock=in_stock,
            sort=sort,
            facets=tuple(facet or ()),
        )

    return _find(query, cursor, limit, max_age, live=live, output=Output(as_json=as_json))


def _find(
    query: Callable[[Services], SearchQuery],
    cursor: str | None,
    limit: int,
    max_age: float | None,
    *,
    live: bool,
    output: Output,
) -> ExitCode:
    async def work(services: Services) -> SearchResult:
        return await services.search.search(query(services), cursor=cursor, limit=limit, max_age=max_age, live=live)

    found = with_services(work)
    output.document(ProductsFound.of(found).model_dump(mode="json", by_alias=True))
    _show(output, found)
    return ExitCode.OK


def _show(output: Output, found: SearchResult) -> None:
    if found.hits:
        columns = ("Style code", "Title", "Ask", "Bid", "Payout", "Seen")
        rows = [_row(hit, found.at) for hit in found.hits]
        output.table(columns, rows, right=("Ask", "Bid", "Payout", "Seen"), wide=("Title",))
        output.line()
    for facet, counts in found.facets.items():
        output.line(f"{facet.value}: {', '.join(f'{each.value} {each.count:,}' for each in counts) or 'nothing'}")
    total = f"{'' if found.total.exact else 'more than '}{counted(found.total.count, 'product')}"
    if not found.hits:
        output.line(
            "Nothing in the local catalog is like that. `solegate enrich` brings products in, `--live` looks now."
        )
    elif found.next_cursor:
        output.line(f"{len(found.hits)} of {total}. `--cursor {found.next_cursor}` shows more.", style="dim")
    else:
        output.line(f"{total}.", style="dim")
    spent = found.freshening
    if spent.requests:
        did = f"{counted(spent.refreshed, 'market')} read anew, {counted(spent.added, 'product')} new"
        output.line(f"{counted(spent.requests, 'request')} to StockX: {did}.", style="dim")
    if spent.still_old or found.unindexed:
        left = f"{counted(spent.still_old, 'market')} still old, {counted(found.unindexed, 'product')} not indexed yet"
        output.line(f"{left}: search again, or run `solegate db reindex`.", style="dim")


def _row(hit: Hit, now: datetime) -> tuple[object, ...]:
    product, market = hit.stored.product, hit.market
    if market is None:
        return (codes(product.style_id), product.title, None, None, None, "never")
    seen = f"{age((now - market.seen_at).total_seconds())} ago"
    return (codes(product.style_id), product.title, market.lowest_ask, market.highest_bid, market.net_payout, seen)
