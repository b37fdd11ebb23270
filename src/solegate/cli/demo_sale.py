"""The demo's second act: a pair is listed, sold, labelled, shipped and paid out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from solegate.bootstrap import Services
from solegate.cli.demo_deals import closest_spreads, show_step
from solegate.cli.output import Json, Output, amount
from solegate.client.models import Order
from solegate.client.requests import NewListing
from solegate.domain.money import Money
from solegate.domain.orders import OrderStatus, is_terminal
from solegate.domain.payout import estimate_payout
from solegate.services.market_data import MarketReading
from solegate.simulator import Simulator

HOUR, DAY = 3_600, 86_400
LONGEST_SALE = 21
"""Days after which a sale that has not ended counts as failed."""


@dataclass(frozen=True, slots=True)
class Sale:
    """One pair's way from the shelf to the money.

    Attributes:
        title, size: what was sold.
        price: what it was listed for and sold at.
        estimate: what the payout was expected to be.
        order_number: StockX's number of the sale.
        ship_by: when it had to leave.
        label_bytes: size of the shipping document.
        statuses: the order's states, in the order they were seen.
        paid: what StockX pays out, by its own account; `None` if the sale fell through.
        days: from the sale to the money.
    """

    title: str
    size: str
    price: Money
    estimate: Money
    order_number: str
    ship_by: datetime | None
    label_bytes: int
    statuses: tuple[str, ...]
    paid: Money | None
    days: int


async def sell_a_pair(
    output: Output, services: Services, market: Simulator, readings: Sequence[MarketReading], folder: Path
) -> Sale:
    """List the size that changes hands most easily, and follow it until the money is paid."""
    deal = closest_spreads(readings, 1)[0]
    price = Money(deal.bid.amount.to_integral_value(), deal.bid.currency)
    created = await services.stockx.create_listing(NewListing(deal.row.quote.variant_id, price))
    settled = await services.stockx.wait_for_new_listing(created)
    settled.ensure_succeeded()
    show_step(output, f"Listed: {deal.title}, {deal.row.size}, for {price}. StockX has settled it.")
    number = market.sell(created.listing_id)
    market.advance(HOUR)
    order = await services.stockx.get_order_details(number)
    document = await services.stockx.get_shipping_document(number, order.shipping_id)
    (folder / f"label-{number}.pdf").write_bytes(document.content)
    leave = f", to be shipped by {order.ship_by:%d %b}" if order.ship_by else ""
    show_step(
        output, f"Sold: order {number}{leave}. Its shipping document is a PDF of {len(document.content):,} bytes."
    )
    market.ship(number)
    statuses, days, order = await _follow(services, market, order)
    paid = order.payout.total if order.payout and order.status != OrderStatus.AUTHFAILED else None
    show_step(output, f"Shipped, and followed for {days} days of the market's time: {' > '.join(statuses)}.")
    return Sale(
        title=deal.title,
        size=deal.row.size,
        price=price,
        estimate=estimate_payout(price).total,
        order_number=number,
        ship_by=order.ship_by,
        label_bytes=len(document.content),
        statuses=statuses,
        paid=paid,
        days=days,
    )


async def _follow(services: Services, market: Simulator, order: Order) -> tuple[tuple[str, ...], int, Order]:
    """Look once a day of the market's time until nothing can change any more."""
    statuses = [str(order.status)]
    days = 0
    while not is_terminal(order.status) and days < LONGEST_SALE:
        market.advance(DAY)
        days += 1
        order = await services.stockx.get_order_details(order.order_number)
        if order.status != statuses[-1]:
            statuses.append(str(order.status))
    return tuple(statuses), days, order


def show_sale(output: Output, sale: Sale) -> None:
    """The sale in a table."""
    output.heading("A pair listed, sold and shipped")
    output.table(
        ("Order", "Pair", "Size", "Sold for", "Expected", "Paid out"),
        [(sale.order_number, sale.title, sale.size, sale.price, sale.estimate, sale.paid)],
        right=("Sold for", "Expected", "Paid out"),
        wide=("Pair",),
    )


def sale_document(sale: Sale) -> dict[str, Json]:
    """The sale as JSON."""
    return {
        "orderNumber": sale.order_number,
        "title": sale.title,
        "size": sale.size,
        "price": amount(sale.price),
        "expectedPayout": amount(sale.estimate),
        "paid": amount(sale.paid),
        "shipBy": sale.ship_by.isoformat() if sale.ship_by else None,
        "labelBytes": sale.label_bytes,
        "statuses": list(sale.statuses),
        "days": sale.days,
    }
