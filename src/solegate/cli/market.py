"""`solegate market`: what a product trades for, size by size, and what a seller would be paid."""

from __future__ import annotations

from typing import Annotated

import typer

from solegate.bootstrap import Services
from solegate.cli.failures import CommandError, ExitCode
from solegate.cli.output import Json, JsonFlag, Output, age, amount, bare
from solegate.cli.run import with_services
from solegate.domain.catalog import is_uuid
from solegate.domain.payout import Payout
from solegate.services.market_data import MarketReading, PricedQuote


def market(
    product: Annotated[str, typer.Argument(help="StockX product id, or style code.")],
    *,
    currency: Annotated[str | None, typer.Option(help="Currency of the prices.")] = None,
    level: Annotated[int | None, typer.Option(min=1, max=5, help="Your seller level, for the payout.")] = None,
    as_json: JsonFlag = False,
) -> ExitCode:
    """Show lowest ask, highest bid, StockX's guidance and your payout for every size.

    The payout is an estimate: sale price less StockX's fees at your seller level. A style code that is new here is
    stored on the way, which costs 4 requests; a product id costs 1.
    """
    output = Output(as_json=as_json)

    async def work(services: Services) -> MarketReading:
        product_id = product.strip()
        if not is_uuid(product_id):
            product_id = await _identify(services, product, currency)
        return await services.market_data.read(product_id, currency)

    changes = {} if level is None else {"seller_level": level}
    reading = with_services(work, changes=changes)
    output.document(_document(reading))
    show_market(output, reading)
    return ExitCode.OK


async def _identify(services: Services, sku: str, currency: str | None) -> str:
    """The id of the product a style code means.

    Raises:
        CommandError: several products may be meant, and only a person can tell.
        ProductNotFoundError: none is.
    """
    result = await services.catalog.enrich_product_by_sku(sku, currency=currency)
    if result.stockx_product_id is None:
        similar = ", ".join(each.label for each in result.alternatives)
        raise CommandError(
            f"No product is exactly '{sku}'.",
            exit_code=ExitCode.INCOMPLETE,
            hint=f"StockX found similar ones; choose one of: {similar}.",
        )
    return result.stockx_product_id


def show_market(output: Output, reading: MarketReading, *, limit: int | None = None) -> None:
    """The market as a table, with its age and source below; at most `limit` sizes."""
    output.heading(f"{reading.title or reading.product_id} ({reading.currency})")
    shown = reading.rows[:limit]
    output.table(
        ("Size", "Ask", "Bid", "Sell faster", "Earn more", "Paid at ask", "Paid at bid"),
        [_row(each) for each in shown],
        right=("Ask", "Bid", "Sell faster", "Earn more", "Paid at ask", "Paid at bid"),
    )
    stale = ", STALE: StockX could not be asked" if reading.stale else ""
    rest = f"{len(reading.rows) - len(shown)} more sizes; " if len(shown) < len(reading.rows) else ""
    output.line(f"{rest}{reading.source.value}, {age(reading.age)} old{stale}.", style="dim")


def _row(each: PricedQuote) -> tuple[object, ...]:
    quote = each.quote
    prices = (quote.highest_bid, quote.sell_faster, quote.earn_more)
    paid = (each.payout_at_ask, each.payout_at_bid)
    return (
        each.size,
        bare(each.lowest_ask),
        *(bare(quote.money(price)) for price in prices),
        *(bare(payout.total) if payout else None for payout in paid),
    )


def _document(reading: MarketReading) -> dict[str, Json]:
    return {
        "productId": reading.product_id,
        "title": reading.title,
        "currency": reading.currency,
        "source": reading.source.value,
        "fetchedAt": reading.fetched_at.isoformat(),
        "ageSeconds": round(reading.age, 3),
        "stale": reading.stale,
        "variants": [_variant(each) for each in reading.rows],
    }


def _variant(each: PricedQuote) -> dict[str, Json]:
    quote = each.quote
    return {
        "variantId": quote.variant_id,
        "size": each.size,
        "lowestAsk": amount(each.lowest_ask),
        "highestBid": amount(quote.money(quote.highest_bid)),
        "sellFaster": amount(quote.money(quote.sell_faster)),
        "earnMore": amount(quote.money(quote.earn_more)),
        "payoutAtAsk": _payout(each.payout_at_ask),
        "payoutAtBid": _payout(each.payout_at_bid),
    }


def _payout(payout: Payout | None) -> dict[str, Json] | None:
    if payout is None:
        return None
    lines = [{"kind": line.kind.value, "amount": amount(line.amount)} for line in payout.lines]
    return {"total": amount(payout.total), "estimate": payout.estimate, "lines": lines}
