"""Pairs that are for sale or sold on the practice market, behind Solegate's back; and syncs that see them."""

from __future__ import annotations

from decimal import Decimal

from solegate.simulator.state.records import Listing, NewListing
from support.api import RunningApi


def offer(api: RunningApi, *, price: int = 150, sku: str = "DD1391-100", size: int = 8) -> Listing:
    """A pair that is for sale."""
    product = api.simulator.catalog.by_style(sku)
    assert product is not None
    wanted = NewListing(variant_id=product.variants[size].id, amount=Decimal(price), currency="EUR")
    for _ in range(20):  # an activation may fail by chance
        listing = api.simulator.listings.create(wanted, api.clock.now())
        api.clock.advance(600)
        api.simulator.advance(0)
        if listing.is_live(api.clock.now()):
            return listing
    raise AssertionError("nothing could be put up for sale")


def sell(api: RunningApi, *, price: int = 150) -> str:
    """A pair that was just sold; returns the order's number."""
    return api.simulator.sell(offer(api, price=price).id)


async def run_to_the_end(api: RunningApi, name: str) -> None:
    """Run a sync."""
    while (await api.services.syncs.step(name)).next_due is not None:
        pass
