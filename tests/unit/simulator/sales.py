"""A market whose sales the tests follow, in virtual time."""

from __future__ import annotations

from decimal import Decimal

from solegate import NewListing
from solegate.client.models import Order
from solegate.clock import LoopClock
from solegate.domain.money import Money
from solegate.simulator import Limits
from solegate.simulator.config import Pace, SimulatorConfig
from solegate.simulator.simulator import Simulator
from solegate.testing import PracticeMarket

DAY = 86_400.0
QUIET = Pace(buyers_per_day=0.0, settle_failure=0.0)


def market_of(pace: Pace, seed: int = 1) -> Simulator:
    """A market in virtual time, whose tokens outlive every story."""
    config = SimulatorConfig(limits=Limits.off(), pace=pace, seed=seed, access_token_seconds=1_000 * DAY)
    return Simulator(config, clock=LoopClock())


async def listed(
    market: PracticeMarket, count: int = 1, price: int = 150, inventory_type: str = "STANDARD"
) -> list[str]:
    """Listings of the first landmark, for sale."""
    product = market.simulator.catalog.products[0]
    ids = []
    for number in range(count):
        variant = product.variants[number % len(product.variants)]
        new = NewListing(variant.id, Money(Decimal(price), "USD"), inventory_type=inventory_type)
        ids.append((await market.service.create_listing(new)).listing_id)
    market.simulator.advance(60)
    return ids


async def label(market: PracticeMarket, number: str) -> Order:
    """The order, once its document is fetched."""
    market.simulator.advance(900)
    order = await market.service.get_order_details(number)
    await market.service.get_shipping_document(number, order.shipping_id)
    return order
