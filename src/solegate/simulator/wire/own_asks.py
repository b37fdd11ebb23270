"""The account's own live asks in the market of a variant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from solegate.simulator.state.records import Listing
from solegate.simulator.world.currencies import CURRENCIES
from solegate.simulator.world.market import Channel, VariantMarket

UNDERCUT = 0.98


def with_own_asks(market: VariantMarket, asks: Iterable[Listing]) -> VariantMarket:
    """The market with these asks in it, each in its channel."""
    standard, direct = market.standard, market.direct
    for listing in asks:
        dollars = float(listing.amount) / CURRENCIES[listing.currency].rate
        if listing.inventory_type == "DIRECT":
            direct = _with(direct, dollars)
        else:
            standard = _with(standard, dollars)
    return replace(market, standard=standard, direct=direct)


def _with(channel: Channel, ask: float) -> Channel:
    """A channel with one more ask; the advice to beat the lowest one does not spare the own (FACTS 1.10)."""
    if channel.lowest_ask is not None and channel.lowest_ask <= ask:
        return channel
    return replace(channel, lowest_ask=ask, beat_us=ask * UNDERCUT)
