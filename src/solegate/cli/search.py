"""`solegate search`: StockX's catalog by text, style code or barcode, with filters and orders."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from solegate.bootstrap import Services
from solegate.cli.failures import ExitCode
from solegate.cli.output import Json, JsonFlag, Output, codes, counted
from solegate.cli.run import with_services
from solegate.client.models import SearchProduct
from solegate.domain.search_filter import SearchFilter, Sort
from solegate.services.results import FilteredSearch

HIGHEST_PRICE = 1_000_000_000


def a_price(text: str) -> Decimal:
    """An amount of an option."""
    try:
        price = Decimal(text)
    except InvalidOperation:
        raise typer.BadParameter(f"'{text}' is no number.") from None
    if not price.is_finite() or not 0 <= price < HIGHEST_PRICE:
        raise typer.BadParameter(f"'{text}' is no price.")
    return price


def a_day(text: str) -> date:
    """A date of an option."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"'{text}' is no date; write it like 2021-03-10.") from None


def search(
    query: Annotated[str, typer.Argument(help="Words, a style code or a barcode.")],
    *,
    page: Annotated[int, typer.Option(min=1, help="Which page of the results.")] = 1,
    page_size: Annotated[int, typer.Option(min=1, max=50, help="Products on a page.")] = 10,
    brand: Annotated[str | None, typer.Option(help="Only this brand.")] = None,
    product_type: Annotated[str | None, typer.Option("--type", help="Only this type, such as sneakers.")] = None,
    gender: Annotated[str | None, typer.Option(help="Only men, women, youth, child, ...")] = None,
    released_from: Annotated[
        date | None, typer.Option(parser=a_day, metavar="DATE", help="Released then or later.")
    ] = None,
    released_to: Annotated[
        date | None, typer.Option(parser=a_day, metavar="DATE", help="Released then or earlier.")
    ] = None,
    retail_min: Annotated[
        Decimal | None, typer.Option(parser=a_price, metavar="AMOUNT", help="Retail price at least.")
    ] = None,
    retail_max: Annotated[
        Decimal | None, typer.Option(parser=a_price, metavar="AMOUNT", help="Retail price at most.")
    ] = None,
    color: Annotated[str | None, typer.Option(help="Occurs in the colour or the colorway.")] = None,
    sort: Annotated[Sort, typer.Option(help="Order of the results; - turns it round.")] = Sort.RELEVANCE,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Search the StockX catalog.

    StockX itself filters and sorts nothing. With a filter or an order, up to five of its pages (250 products) are read
    and sifted here; the last line says how far was looked.
    """
    output = Output(as_json=as_json)
    filters = SearchFilter(
        brand=brand,
        product_type=product_type,
        gender=gender,
        released_from=released_from,
        released_to=released_to,
        retail_min=retail_min,
        retail_max=retail_max,
        color=color,
    )

    async def work(services: Services) -> FilteredSearch:
        return await services.catalog.search(query, filters, sort=sort, page=page, page_size=page_size)

    found = with_services(work)
    _show(output, found)
    return ExitCode.OK


def _show(output: Output, found: FilteredSearch) -> None:
    output.document(
        {
            "query": found.query,
            "page": found.page,
            "pageSize": found.page_size,
            "hasNextPage": found.has_next_page,
            "matched": found.matched,
            "lookedAt": found.looked_at,
            "total": found.total,
            "complete": found.complete,
            "products": [_document(product) for product in found.products],
        }
    )
    if not found.products:
        place = f"on page {found.page} " if found.page > 1 else ""
        output.line(f"Nothing found {place}for '{found.query}'{_depth(found)}")
        return
    output.table(
        ("Style code", "Title", "Type", "Released", "Retail"),
        [
            (
                codes(product.style_id),
                product.title,
                product.product_type,
                product.product_attributes.release_date,
                product.product_attributes.retail_price,
            )
            for product in found.products
        ],
        right=("Retail",),
        wide=("Title",),
    )
    output.line()
    output.line(f"Page {found.page}: {counted(len(found.products), 'product')}{_depth(found)}", style="dim")


def _depth(found: FilteredSearch) -> str:
    """How far was looked."""
    more = f" `--page {found.page + 1}` shows more." if found.has_next_page and found.products else ""
    if found.looked_at == len(found.products) or found.matched == found.total:
        return f"; StockX finds {found.total:,}.{more}"
    return f"; {found.matched:,} of the first {found.looked_at:,} pass, StockX finds {found.total:,}.{more}"


def _document(product: SearchProduct) -> dict[str, Json]:
    attributes = product.product_attributes
    return {
        "productId": product.product_id,
        "styleId": product.style_id,
        "title": product.title,
        "brand": product.brand,
        "productType": product.product_type,
        "gender": attributes.gender,
        "releaseDate": attributes.release_date,
        "retailPrice": None if attributes.retail_price is None else str(attributes.retail_price),
        "colorway": attributes.colorway,
        "urlKey": product.url_key,
    }
