"""Buyers: they come to a variant while the account has a live ask there, and take the lowest if it is worth it to them.

Each visit is an entry of the agenda, so that time alone moves the market. What a buyer would pay is drawn around the
market's own price; an ask within reach is matched, the lowest first and of equal ones the oldest.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from solegate.simulator.state.agenda import Agenda
from solegate.simulator.state.listings import ListingBook
from solegate.simulator.state.orders import OrderBook
from solegate.simulator.state.records import Listing
from solegate.simulator.world.catalog import Catalog
from solegate.simulator.world.currencies import CURRENCIES
from solegate.simulator.world.dice import dice
from solegate.simulator.world.market import one_variant_market

DAY = 86_400.0
LEAST, MOST = 0.86, 1.1
"""What buyers would pay, as shares of the market's price."""


class Buyers:
    """The demand for what the account sells."""

    def __init__(
        self, seed: int, agenda: Agenda, catalog: Catalog, *, listings: ListingBook, orders: OrderBook
    ) -> None:
        self._seed = seed
        self._agenda = agenda
        self._catalog = catalog
        self._listings = listings
        self._orders = orders
        self._visits: dict[str, int] = {}
        self._expected: set[str] = set()

    def attract(self, listing: Listing, at: datetime) -> None:
        """An ask went live: from now on somebody may come."""
        if listing.variant_id not in self._expected:
            self._expect(listing.variant_id, at)

    def look_around(self, at: datetime) -> None:
        """The pace has changed: where nobody came, somebody may come now."""
        for listing in self._listings.all():
            if listing.is_live(at):
                self.attract(listing, at)

    def _expect(self, variant_id: str, at: datetime) -> None:
        rate = self._listings.pace.buyers_per_day
        if rate <= 0:
            return
        count = self._visits[variant_id] = self._visits.get(variant_id, 0) + 1
        chance = dice(self._seed, "buyer", variant_id, count)[0]
        self._expected.add(variant_id)
        wait = timedelta(seconds=-math.log(1 - chance) * DAY / rate)
        self._agenda.at(at + wait, lambda due: self._visit(variant_id, count, due))

    def _visit(self, variant_id: str, count: int, at: datetime) -> None:
        self._expected.discard(variant_id)
        asks = self._listings.live_asks(variant_id, at)
        if not asks:
            return  # nobody comes to an empty shelf; the next ask attracts somebody again
        lowest = min(asks, key=lambda each: (_dollars(each), each.number))
        if self._worth(variant_id, count, at) >= _dollars(lowest):
            self._orders.sell(lowest, at)
        if self._listings.live_asks(variant_id, at):
            self._expect(variant_id, at)

    def _worth(self, variant_id: str, count: int, at: datetime) -> float:
        """What this buyer would pay, in dollars."""
        product, variant = self._catalog.known_variant(variant_id)
        market = one_variant_market(self._seed, product, variant, at, self._catalog.price_factor(product.id)).standard
        fair = market.sell_faster or market.highest_bid or product.design.fair_value * variant.weight
        return fair * (LEAST + (MOST - LEAST) * dice(self._seed, "worth", variant_id, count)[0])


def _dollars(listing: Listing) -> float:
    return float(listing.amount) / CURRENCIES[listing.currency].rate
